import { afterEach, describe, expect, test } from 'vitest'
import type { Arrival, Receipt, Refusal } from '../../src/core/message.ts'
import type { Accept, Entrance } from '../../src/core/ports.ts'

/** A client of the door under test, with no code of the door. */
export interface DoorCaller {
  /** A whole message. */
  post(bytes: Uint8Array): void
  /** Anything at all, as it is. */
  write(bytes: Uint8Array): void
  /** The next answer, or null when the connection ended first. */
  answer(): Promise<Buffer | null>
  /** Ends this half: everything has been said. */
  hangUp(): void
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>
  destroy(): void
}

export interface EntranceUnderTest {
  readonly entrance: Entrance
  call(): Promise<DoorCaller>
}

export interface EntranceWishes {
  readonly accept: Accept
  readonly maxMessageBytes: number
  /** Bytes the door may hold unanswered. */
  readonly budgetBytes: number
}

/** The messages and answers of the protocol under test. */
export interface EntranceWords {
  /** A message that bears this name; `bytes` is its size at least. */
  message(name: string, bytes?: number): Buffer
  /** The name that an arrival, or an answer to it, bears. */
  nameIn(bytes: Buffer): string
  yes(arrival: Arrival): Receipt
  /** A no that is said. */
  no(arrival: Arrival, close: boolean): Refusal
  /** A refusal is its request's alone: none closes the connection. Absent: some do. */
  readonly refusalsStay?: boolean
  /** Bodies pass through without being held: there is no budget of theirs. Absent: whole messages are held. */
  readonly streams?: boolean
  /**
   * Both sides speak in turns, the door first: a message is read once the one before it has been answered, one that is too
   * large is told so and the talk goes on, and whoever has begun nothing is told when the door closes. Absent: messages
   * come as they like, and nothing is said but answers. */
  readonly dialogue?: boolean
  /** Bytes that are none of this protocol: each is answered, or the connection closed. */
  readonly hostile: readonly (readonly [what: string, bytes: Buffer])[]
}

const MAX_BYTES = 200_000
const BUDGET_BYTES = 1_000_000
const DRAIN_MS = 20_000

/** An accept that waits to be told, and says what reached it. */
function deferred(words: EntranceWords) {
  const waiting = new Map<string, () => void>()
  const held = new Set<string>()
  const accepted: string[] = []
  let told = (): void => {}
  let bytesHeld = 0
  return {
    accepted,
    bytesHeld: () => bytesHeld,
    hold: (...names: string[]) => {
      for (const name of names) held.add(name)
    },
    release(name: string) {
      held.delete(name)
      waiting.get(name)?.()
      waiting.delete(name)
    },
    waiting: () => [...waiting.keys()],
    async reached(name: string) {
      while (!accepted.includes(name)) await new Promise<void>((resolve) => void (told = resolve))
    },
    accept: async (arrival: Arrival): Promise<Receipt | Refusal> => {
      const name = words.nameIn(arrival.bytes)
      accepted.push(name)
      told()
      if (held.has(name) || held.has('*')) {
        bytesHeld += arrival.bytes.length
        await new Promise<void>((resolve) => void waiting.set(name, resolve))
        bytesHeld -= arrival.bytes.length
      }
      if (name.startsWith('NO')) return words.no(arrival, name.startsWith('NO-CLOSE'))
      return words.yes(arrival)
    },
  }
}

/** Every entrance must pass this; a new entrance's test file is one call. */
export function entranceContract(
  name: string,
  words: EntranceWords,
  make: (wishes: EntranceWishes) => Promise<EntranceUnderTest>,
): void {
  describe(`${name}: contract of entrances`, () => {
    let made: EntranceUnderTest | null = null
    const callers: DoorCaller[] = []
    const open = async () => {
      const decisions = deferred(words)
      const under = await make({ accept: decisions.accept, maxMessageBytes: MAX_BYTES, budgetBytes: BUDGET_BYTES })
      made = under
      const call = async (): Promise<DoorCaller> => {
        const caller = await under.call()
        callers.push(caller)
        return caller
      }
      /** A whole exchange on another connection: by its end, whatever else was on its way has come. */
      const exchange = async (said: string): Promise<void> => {
        const other = await call()
        other.post(words.message(said))
        const answer = await other.answer()
        expect(answer && words.nameIn(answer)).toBe(said)
        other.destroy()
        await other.gone
      }
      return { ...under, decisions, call, exchange }
    }
    afterEach(async () => {
      for (const caller of callers.splice(0)) caller.destroy()
      await made?.entrance.close(0)
      made = null
    })

    test('nothing is said before accept has decided', async () => {
      const { decisions, call, exchange } = await open()
      const caller = await call()
      const order: string[] = []
      decisions.hold('M1')
      caller.post(words.message('M1'))
      const answered = caller.answer().then(() => order.push('answered'))
      await decisions.reached('M1')
      await exchange('M2')
      await exchange('M3')
      order.push('decided')
      decisions.release('M1')
      await answered
      expect(order).toEqual(['decided', 'answered'])
    })

    test.runIf(words.dialogue)('a message is read once the one before it has been answered', async () => {
      const { decisions, call, exchange } = await open()
      const caller = await call()
      decisions.hold('M1')
      for (const said of ['M1', 'M2']) caller.post(words.message(said))
      await decisions.reached('M1')
      await exchange('X1')
      expect(decisions.accepted).toEqual(['M1', 'X1'])
      decisions.release('M1')
      for (const said of ['M1', 'M2']) expect(words.nameIn((await caller.answer())!)).toBe(said)
    })

    const pipelined = test.skipIf(words.dialogue)
    pipelined('answers keep the order of the messages, whatever the order of the decisions', async () => {
      const { decisions, call } = await open()
      const caller = await call()
      decisions.hold('M1', 'M3')
      for (const said of ['M1', 'M2', 'M3', 'M4']) caller.post(words.message(said))
      await decisions.reached('M4')
      decisions.release('M3')
      decisions.release('M1')
      const names: string[] = []
      for (let i = 0; i < 4; i++) names.push(words.nameIn((await caller.answer()) ?? Buffer.alloc(0)))
      expect(names).toEqual(['M1', 'M2', 'M3', 'M4'])
    })

    test('a refusal is said, and the connection goes on', async () => {
      const { call } = await open()
      const caller = await call()
      caller.post(words.message('NO1'))
      caller.post(words.message('M2'))
      expect(words.nameIn((await caller.answer())!)).toBe('NO1')
      expect(words.nameIn((await caller.answer())!)).toBe('M2')
    })

    test.skipIf(words.refusalsStay)('a refusal that closes is said first', async () => {
      const { call } = await open()
      const caller = await call()
      caller.post(words.message('NO-CLOSE'))
      expect(words.nameIn((await caller.answer())!)).toBe('NO-CLOSE')
      expect(await caller.answer()).toBeNull()
      await caller.gone
    })

    test('a message beyond the limit reaches nobody, and the others are served', async () => {
      const { decisions, call, exchange } = await open()
      const caller = await call()
      caller.post(words.message('LARGE', MAX_BYTES + 1))
      if (words.dialogue) expect(await caller.answer()).not.toBeNull()
      else await caller.gone
      await exchange('M1')
      expect(decisions.accepted).toEqual(['M1'])
    })

    test('a peer that ends its half still gets its answers', async () => {
      const { decisions, call, exchange } = await open()
      const caller = await call()
      decisions.hold('M1')
      caller.post(words.message('M1'))
      // In turns there is nothing to say behind a message before its answer.
      if (words.dialogue) await decisions.reached('M1')
      else caller.post(words.message('M2'))
      caller.hangUp()
      if (!words.dialogue) await decisions.reached('M2')
      // By the end of these the door has seen the half close.
      await exchange('X1')
      await exchange('X2')
      decisions.release('M1')
      expect(words.nameIn((await caller.answer())!)).toBe('M1')
      if (!words.dialogue) expect(words.nameIn((await caller.answer())!)).toBe('M2')
      expect(await caller.answer()).toBeNull()
    })

    test('a drain answers what is in hand, then ends every connection', async () => {
      const { entrance, decisions, call } = await open()
      const [busy, idle] = [await call(), await call()]
      decisions.hold('M1')
      busy.post(words.message('M1'))
      await decisions.reached('M1')
      const closed = entrance.close(DRAIN_MS)
      await idle.gone
      await expect(call()).rejects.toThrow()
      decisions.release('M1')
      expect(words.nameIn((await busy.answer())!)).toBe('M1')
      await closed
      expect(entrance.connections()).toBe(0)
      await entrance.close(DRAIN_MS)
    })

    test.runIf(words.dialogue)('who has come to a door that closes and said nothing yet is told so', async () => {
      const { entrance, call, exchange } = await open()
      const newcomer = await call()
      await exchange('X1')
      const closed = entrance.close(DRAIN_MS)
      expect(await newcomer.answer()).not.toBeNull()
      expect(await newcomer.answer()).toBeNull()
      await closed
      expect(entrance.connections()).toBe(0)
    })

    pipelined('who has come to a door that closes and said nothing yet is heard once, and answered', async () => {
      const { entrance, call, exchange } = await open()
      const newcomer = await call()
      // By the end of it the door has taken the newcomer too.
      await exchange('X1')
      const closed = entrance.close(DRAIN_MS)
      newcomer.post(words.message('M1'))
      expect(words.nameIn((await newcomer.answer())!)).toBe('M1')
      expect(await newcomer.answer()).toBeNull()
      await closed
      expect(entrance.connections()).toBe(0)
    })

    test('a drain ends at its limit, whatever is in hand', async () => {
      const { entrance, decisions, call } = await open()
      const caller = await call()
      decisions.hold('M1')
      caller.post(words.message('M1'))
      await decisions.reached('M1')
      await entrance.close(50)
      expect(await caller.answer()).toBeNull()
      decisions.release('M1')
      expect(entrance.connections()).toBe(0)
    })

    test.skipIf(words.streams)('the door holds no more than its budget, and all is answered in the end', async () => {
      const { decisions, call, exchange } = await open()
      const count = 30
      const size = 150_000
      decisions.hold('*')
      const caller = await call()
      const other = await call()
      for (let i = 0; i < count / 2; i++) {
        caller.post(words.message(`A${i}`, size))
        other.post(words.message(`B${i}`, size))
      }
      await decisions.reached('A0')
      let most = 0
      let answered = 0
      const answers = [caller, other].map(async (each) => {
        for (let i = 0; i < count / 2; i++) {
          expect(await each.answer()).not.toBeNull()
          answered++
        }
      })
      while (answered < count) {
        most = Math.max(most, decisions.bytesHeld())
        for (const said of decisions.waiting().slice(0, 1)) decisions.release(said)
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
      await Promise.all(answers)
      expect(most).toBeGreaterThan(size)
      // One chunk of the network may complete one message more on each connection.
      expect(most).toBeLessThanOrEqual(BUDGET_BYTES + 2 * (size + 1_000))
      decisions.release('*')
      await exchange('M1')
    })

    test.each(words.hostile.map(([what, bytes]) => [what, bytes] as const))('hostile: %s', async (_what, bytes) => {
      const { call, exchange } = await open()
      const caller = await call()
      caller.write(bytes)
      caller.hangUp()
      while ((await caller.answer()) !== null) {
        // Any answer is well; what matters is that the connection ends and the door lives.
      }
      await caller.gone
      await exchange('M1')
    })
  })
}
