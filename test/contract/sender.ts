import { afterEach, describe, expect, test } from 'vitest'
import type { Consignment, Sender } from '../../src/core/ports.ts'

/** How a far side treats what reaches it. */
export type Manner =
  | 'accept'
  | 'refuse'
  | 'busy'
  | 'silent'
  /** Resets as soon as it has the message, having answered nothing. */
  | 'cut-before'
  /** Resets at the first bytes, with more to come. */
  | 'cut-during'
  /** Takes the whole message and ends in good order, without an answer. */
  | 'cut-after'
  /** A yes to another message. */
  | 'wrong-id'
  /** Keeps its yes until `release()`. */
  | 'late'
  /** A yes, a byte at a time. */
  | 'trickle'
  | 'garbage'
  /** Accepts the connection and closes it at once. */
  | 'hang-up'

/** The far side of a sender under test. */
export interface FakePeer {
  behave(manner: Manner): void
  /** Connections opened to it so far. */
  readonly connections: number
  /** Bytes that came on them, TLS taken off; where a conversation stands before a message, those of messages alone. */
  heardBytes(): number
  /** Whole messages received, oldest first. */
  received(): string[]
  /** Resolves when so many whole messages have come. */
  message(count: number): Promise<void>
  /** Says what `late` held back, wherever it still can be said. */
  release(): void
  close(): Promise<void>
}

export interface SenderUnderTest {
  readonly sender: Sender
  readonly peer: FakePeer
  /** A delivery whose message bears this name; `bytes` is its size at least. */
  consign(name: string, bytes?: number): Consignment
}

/** What not every protocol has. */
export interface SenderFeatures {
  /** Answers name the message they answer. */
  readonly namedAnswers: boolean
  /** What it may send twice without harm it sends again: nothing is unknown. */
  readonly repeats?: boolean
  /**
   * Nothing queues before it (absent: a queue does, whose lease is asked for before the first byte, whose breaker is told,
   * and which waits for what is under way when it closes). */
  readonly unqueued?: boolean
  /** The last bytes make the message: what was cut before them was taken by nobody, and may go again. */
  readonly endMarked?: boolean
  /** The far side is no peer on a line: it takes at once, refuses or cannot now, and nothing else. */
  readonly lineless?: boolean
}

const LARGE_BYTES = 4 * 1_024 * 1_024
const patience = () => AbortSignal.timeout(20_000)

/**
 * Every sender must pass this; a new sender's test file is one call. `make` gives a sender whose timeout is `timeoutMs`
 * (real time) and the far side it sends to. */
export function senderContract(
  name: string,
  make: (timeoutMs: number) => Promise<SenderUnderTest>,
  features: SenderFeatures = { namedAnswers: true },
): void {
  const { namedAnswers, repeats = false, unqueued = false, endMarked = false, lineless = false } = features
  const unknown = repeats ? 'retry' : 'unknown'
  const onLine = test.skipIf(lineless)
  describe(`${name}: contract of senders`, () => {
    let made: SenderUnderTest | null = null
    const open = async (manner: Manner, timeoutMs = 10_000): Promise<SenderUnderTest> => {
      made = await make(timeoutMs)
      made.peer.behave(manner)
      return made
    }
    afterEach(async () => {
      await made?.sender.close()
      await made?.peer.close()
      made = null
    })

    // The hardest first: what if the line is cut after the last byte?
    const taken: readonly Manner[] = ['accept', 'refuse', 'busy']
    type Case = [sentence: string, manner: Manner, timeoutMs: number, kind: string, code: string | null, size: number]
    const cases: readonly Case[] = [
      [
        'a cut after the last byte is unknown, never retry unless it may be repeated',
        'cut-after',
        10_000,
        unknown,
        'CONNECTION_CUT',
        0,
      ],
      ['a reset after the last byte is unknown', 'cut-before', 10_000, unknown, 'CONNECTION_CUT', 0],
      [
        'a cut in the middle is unknown, or retry where only the end makes a message',
        'cut-during',
        10_000,
        endMarked ? 'retry|unknown' : unknown,
        'CONNECTION_CUT',
        LARGE_BYTES,
      ],
      ['silence is unknown', 'silent', 200, unknown, 'ANSWER_TIMEOUT', 0],
      ['garbage is unknown', 'garbage', 10_000, unknown, 'ANSWER_GARBAGE', 0],
      ['a yes is delivered', 'accept', 10_000, 'delivered', null, 0],
      ['a yes to a large message is delivered', 'accept', 10_000, 'delivered', null, LARGE_BYTES],
      ['a slow yes, byte by byte, is delivered', 'trickle', 10_000, 'delivered', null, 0],
      ['a no is refused', 'refuse', 10_000, 'refused', null, 0],
      ['a not-now is retry', 'busy', 10_000, 'retry', null, 0],
    ]
    test.each(cases.filter(([, manner]) => !lineless || taken.includes(manner)))(
      '%s',
      async (_sentence, manner, timeoutMs, kind, code, size) => {
        const { sender, consign } = await open(manner, timeoutMs)
        const outcome = await sender.send(consign('M1', size), patience())
        // How much had left by a cut is the network's to say.
        expect(kind.split('|')).toContain(outcome.kind)
        if (code !== null) expect(outcome).toMatchObject({ code })
      },
    )

    test.runIf(namedAnswers)('a yes to another message is unknown', async () => {
      const { sender, consign } = await open('wrong-id')
      expect(await sender.send(consign('M1'), patience())).toEqual({ kind: 'unknown', code: 'ANSWER_WRONG_ID' })
    })

    onLine('a late yes is never taken by the next message', async () => {
      const { sender, peer, consign } = await open('late', 200)
      expect((await sender.send(consign('M1'), patience())).kind).toBe(unknown)
      peer.behave('refuse')
      const next = sender.send(consign('M2'), patience())
      peer.release()
      expect((await next).kind).toBe('refused')
    })

    onLine('after any trouble the next message goes on a connection of its own', async () => {
      const { sender, peer, consign } = await open('garbage')
      for (const trouble of ['garbage', 'cut-after', 'cut-before'] as const) {
        peer.behave(trouble)
        expect((await sender.send(consign(trouble), patience())).kind).toBe(unknown)
        peer.behave('accept')
        expect((await sender.send(consign(`after-${trouble}`), patience())).kind).toBe('delivered')
      }
    })

    onLine('no listener is retry, and the destination cannot be reached', async () => {
      const { sender, peer, consign } = await open('accept')
      await peer.close()
      const outcome = await sender.send(consign('M1'), patience())
      expect(outcome).toMatchObject({ kind: 'retry', code: 'CONNECT_FAILED', ...(!unqueued && { breaker: true }) })
    })

    onLine('a far side that accepts the connection and closes it has neither taken nor refused', async () => {
      const { sender, peer, consign } = await open('hang-up')
      const outcome = await sender.send(consign('M1'), patience())
      expect(['retry', 'unknown']).toContain(outcome.kind)
      expect(peer.received()).toEqual([])
    })

    test('giving up before a byte has left is retry', async () => {
      const { sender, peer, consign } = await open('accept')
      expect((await sender.send(consign('M1'), AbortSignal.abort())).kind).toBe('retry')
      expect(peer.received()).toEqual([])
    })

    test.skipIf(unqueued)(
      'a message that may not begin leaves no byte, and is asked for once a connection stands',
      async () => {
        const { sender, peer, consign } = await open('accept')
        const asked: number[] = []
        const mayBegin = (): boolean => {
          asked.push(peer.connections)
          return false
        }
        const outcome = await sender.send({ ...consign('M1', LARGE_BYTES), mayBegin }, patience())
        expect(outcome).toEqual({ kind: 'retry', code: 'LEASE_LOST' })
        expect(asked).toEqual([lineless ? 0 : 1])
        expect((await sender.send({ ...consign('M2'), mayBegin: () => true }, patience())).kind).toBe('delivered')
        // What had left of the first one would have come before the second.
        expect(peer.received()).toHaveLength(1)
        expect(peer.received()[0]).toContain('M2')
        expect(peer.heardBytes()).toBeLessThan(LARGE_BYTES)
        const before = peer.heardBytes()
        expect(await sender.send({ ...consign('M3'), mayBegin }, patience())).toMatchObject({ code: 'LEASE_LOST' })
        await sender.close()
        await peer.close()
        expect(peer.heardBytes()).toBe(before)
      },
    )

    onLine('giving up on an answer is unknown', async () => {
      const { sender, peer, consign } = await open('silent')
      const stop = new AbortController()
      const sent = sender.send(consign('M1'), stop.signal)
      await peer.message(1)
      stop.abort()
      expect((await sent).kind).toBe(unknown)
    })

    test('the far side gets the very bytes, whatever their number', async () => {
      const { sender, peer, consign } = await open('accept')
      for (const size of [0, 65_535, 65_536, 300_000]) await sender.send(consign(`S${size}`, size), patience())
      for (const [i, size] of [0, 65_535, 65_536, 300_000].entries()) {
        const chunks: Uint8Array[] = []
        for await (const chunk of consign(`S${size}`, size).body.open()) chunks.push(chunk)
        expect(peer.received()[i] === Buffer.concat(chunks).toString('latin1')).toBe(true)
      }
    })

    test.skipIf(unqueued || lineless)('closing waits for what is being sent, and twice is harmless', async () => {
      const { sender, peer, consign } = await open('late')
      const sent = sender.send(consign('M1'), patience())
      await peer.message(1)
      const closed = sender.close()
      peer.release()
      expect((await sent).kind).toBe('delivered')
      await closed
      await sender.close()
      expect((await sender.send(consign('M2'), patience())).kind).toBe('retry')
    })

    test.runIf(unqueued && !lineless)('closing ends what is being sent, and twice is harmless', async () => {
      const { sender, peer, consign } = await open('late')
      const sent = sender.send(consign('M1'), patience())
      await peer.message(1)
      await sender.close()
      expect((await sent).kind).toBe(unknown)
      await sender.close()
      expect((await sender.send(consign('M2'), patience())).kind).toBe('retry')
    })
  })
}
