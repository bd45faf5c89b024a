import { afterEach, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import type { Arrival, Receipt, Refusal } from '../../src/core/message.ts'
import { mllpEntrance } from '../../src/entrances/mllp/entrance.ts'
import { manualClock } from '../support/peers/clock.ts'
import { configOf, limitsOf, type OpenDoor, openDoor } from '../support/peers/door.ts'
import { acceptAll, answerTo, msa, order, receiptFor } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'

let door: OpenDoor | null = null
afterEach(async () => {
  await door?.entrance.close(0)
  door = null
})

/** A door whose time stands still until told. */
async function still(options: Parameters<typeof openDoor>[0] = {}) {
  const clock = manualClock()
  const opened = await openDoor({ clock, ...options })
  door = opened
  const { notes } = opened
  /** The limit was broken: counted once, logged once with the peer, nothing else said. */
  const broken = async (code: string): Promise<void> => {
    const line = await notes.line('mllp.limit', code)
    expect(line).toMatchObject({ entrance: 'mllp', peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) })
    expect(notes.counted('door_limit_total', { door: 'mllp', code })).toBe(1)
  }
  return { ...opened, clock, broken }
}

/** One exchange on a connection of its own: by its end the door has read whatever came before it on others. */
async function exchange({ call, entrance }: Pick<OpenDoor, 'call' | 'entrance'>): Promise<void> {
  const before = entrance.connections()
  const other = await call()
  other.post(order('OTHER'))
  expect(msa((await other.answer())!)).toBe('AA|OTHER')
  other.hangUp()
  await other.gone
  await left(entrance, before)
}

/** Waits until the door has seen connections end. */
async function left(entrance: OpenDoor['entrance'], count: number): Promise<void> {
  while (entrance.connections() > count) await new Promise<void>((resolve) => setImmediate(resolve))
}

test('an arrival says where it came from and when, and is counted', async () => {
  const seen: Arrival[] = []
  const { call, clock, notes } = await still({
    accept: async (arrival) => {
      seen.push(arrival)
      clock.advance(40)
      return acceptAll(arrival)
    },
  })
  const caller = await call()
  caller.post(order('M1'))
  expect(msa((await caller.answer())!)).toBe('AA|M1')
  expect(seen[0]).toEqual({
    entrance: 'mllp',
    peer: {
      address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      loopback: true,
      establishment: null,
      destination: null,
    },
    receivedAtMs: Date.UTC(2026, 0, 5, 8),
    bytes: order('M1'),
  })
  expect(notes.observed('answer_seconds')).toEqual([0.04])
  expect(notes.counted('door_connections_total', { door: 'mllp' })).toBe(1)
})

test('an application answer follows the commit answer; where none is asked nothing is said', async () => {
  const say: Record<string, (bytes: Buffer) => Receipt | Refusal> = {
    BOTH: (bytes) => receiptFor(answerTo(bytes, 'CA'), answerTo(bytes, 'AE')),
    NONE: () => receiptFor(null),
    LATER: (bytes) => receiptFor(null, answerTo(bytes, 'AA')),
  }
  const { call } = await still({ accept: async ({ bytes }) => say[bytes.toString('latin1').split('|')[9]!]!(bytes) })
  const caller = await call()
  for (const name of ['BOTH', 'NONE', 'LATER']) caller.post(order(name))
  const answers = [await caller.answer(), await caller.answer(), await caller.answer()].map((answer) => msa(answer!))
  expect(answers).toEqual(['CA|BOTH', 'AE|BOTH', 'AA|LATER'])
})

test.each<[sentence: string, says: string, waitMs: number, code: string]>([
  ['no first byte', '', 10_000, 'HANDSHAKE_TIMEOUT'],
  ['silence between messages', 'whole', 1_800_000, 'IDLE_TIMEOUT'],
  ['a gap inside a block', `\x0b${'A'.repeat(9_000)}`, 30_000, 'FRAME_TIMEOUT'],
])('limit of time: %s', async (_sentence, says, waitMs, code) => {
  const opened = await still()
  const caller = await opened.call()
  if (says === 'whole') {
    caller.post(order('M1'))
    await caller.answer()
  } else caller.write(says)
  await exchange(opened)
  opened.clock.advance(waitMs)
  expect(opened.notes.counted('door_limit_total')).toBe(0)
  opened.clock.advance(2_000)
  await caller.gone
  await opened.broken(code)
})

test('limit of rate: a crawl inside a block', async () => {
  const opened = await still()
  const caller = await opened.call()
  caller.write(`\x0b${'A'.repeat(500)}`)
  await exchange(opened)
  opened.clock.advance(9_000)
  expect(opened.notes.counted('door_limit_total')).toBe(0)
  opened.clock.advance(2_000)
  await caller.gone
  await opened.broken('FRAME_TIMEOUT')
})

test('time in which we do not read is not counted against the peer', async () => {
  const held: (() => void)[] = []
  let arrived = (): void => {}
  const opened = await still({
    limits: { budgetBytes: 1, maxFrameBytes: 1_000 },
    accept: async (arrival) => {
      await new Promise<void>((resolve) => {
        held.push(resolve)
        arrived()
      })
      return acceptAll(arrival)
    },
  })
  const begun = await opened.call()
  begun.write('\x0bMSH|')
  const busy = await opened.call()
  const both = new Promise<void>((resolve) => {
    arrived = () => held.length === 2 && resolve()
  })
  // Two messages and their overhead are above the budget of 2,000 bytes: the door stops reading.
  busy.post(order('M1'))
  busy.post(order('M2'))
  await both
  await opened.notes.line('mllp.full')
  opened.clock.advance(3_600_000)
  expect(opened.notes.counted('door_limit_total')).toBe(0)
  for (const release of held.splice(0)) release()
  expect(msa((await busy.answer())!)).toBe('AA|M1')
  expect(msa((await busy.answer())!)).toBe('AA|M2')
  opened.clock.advance(9_000)
  expect(opened.notes.counted('door_limit_total')).toBe(0)
  opened.clock.advance(3_000)
  await begun.gone
  await opened.broken('FRAME_TIMEOUT')
})

test('junk: a little is dropped, one limit full between two messages closes', async () => {
  const opened = await still()
  const caller = await opened.call()
  for (let i = 0; i < 3; i++) {
    caller.write('~'.repeat(1_000))
    caller.post(order(`M${i}`))
    expect(msa((await caller.answer())!)).toBe(`AA|M${i}`)
  }
  caller.write('~'.repeat(1_025))
  await caller.gone
  await opened.broken('JUNK_LIMIT')
})

test('junk is told once a minute and connection, with all that was dropped since', async () => {
  const opened = await still()
  const caller = await opened.call()
  const dropped = () => opened.notes.lines.filter(({ event }) => event === 'mllp.junk').map(({ bytes }) => bytes)
  const send = async (junk: string, id: string): Promise<void> => {
    caller.write(junk)
    caller.post(order(id))
    expect(msa((await caller.answer())!)).toBe(`AA|${id}`)
  }
  await send('\x0bMSH|^~', 'M1')
  expect(dropped()).toEqual([7])
  await send('~', 'M2')
  await send('~~', 'M3')
  expect(dropped()).toEqual([7])
  opened.clock.advance(60_000)
  await send('~', 'M4')
  expect(dropped()).toEqual([7, 4])
})

test('a message beyond the limit is cut before it is held, and what came before is answered', async () => {
  const opened = await still({ limits: { maxFrameBytes: 10_000 } })
  const caller = await opened.call()
  caller.post(order('M1'))
  caller.write(`\x0b${'A'.repeat(20_000)}`)
  expect(msa((await caller.answer())!)).toBe('AA|M1')
  caller.write('A')
  await caller.gone
  await opened.broken('FRAME_TOO_LONG')
})

test.each([
  ['CONNECTION_LIMIT', { maxConnections: 2 }],
  ['PEER_CONNECTION_LIMIT', { maxConnectionsPerPeer: 2 }],
] as const)('limit of connections: %s', async (code, limits) => {
  const opened = await still({ limits })
  const [first] = [await opened.call(), await opened.call()]
  for (let i = 0; i < 3; i++) expect(await (await opened.call()).answer()).toBeNull()
  expect(opened.notes.counted('door_limit_total', { code })).toBe(3)
  opened.clock.advance(1_000)
  const lines = opened.notes.lines.filter((line) => line.event === 'mllp.turned-away')
  expect(lines.map((line) => [line.code, line.count])).toEqual([
    [code, undefined],
    [code, 2],
  ])
  first.destroy()
  await first.gone
  await left(opened.entrance, 1)
  await exchange(opened)
})

test('a peer that does not read its answers is not read, then closed', async () => {
  const answer = Buffer.concat([order('BIG', { fill: 1_000_000 })])
  const opened = await still({ accept: async () => receiptFor(answer) })
  const caller = await opened.call()
  caller.socket.pause()
  let sent = 0
  // Our messages stay unread in the end: then the socket takes no more.
  while (caller.socket.writableLength < 1_000_000 && sent < 1_000) {
    caller.post(order(`M${sent++}`, { fill: 50_000 }))
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  expect(sent).toBeLessThan(1_000)
  opened.clock.advance(29_000)
  expect(opened.notes.counted('door_limit_total')).toBe(0)
  opened.clock.advance(3_000)
  await opened.broken('FRAME_TIMEOUT')
  caller.socket.resume()
  await caller.gone
})

test('blocks begun that fill the door do not stop it: the largest is cut off', async () => {
  const opened = await still({ limits: { maxFrameBytes: 100_000, budgetBytes: 200_000 } })
  const callers = await Promise.all([opened.call(), opened.call(), opened.call()])
  callers.forEach((caller, i) => void caller.write(`\x0b${'A'.repeat(70_000 + i)}`))
  await opened.notes.line('mllp.full')
  opened.clock.advance(1_000)
  expect(await opened.notes.line('mllp.shed')).toMatchObject({ code: 'FRAME_TIMEOUT' })
  await Promise.race(callers.map((caller) => caller.gone))
  await exchange(opened)
  expect(opened.entrance.connections()).toBeGreaterThanOrEqual(2)
})

test('an accept that fails, against its promise, is logged and closes without a word', async () => {
  const opened = await still({
    accept: async () => {
      throw new GatewayError('STORE_FAILED')
    },
  })
  const caller = await opened.call()
  caller.post(order('M1'))
  expect(await caller.answer()).toBeNull()
  expect(await opened.notes.line('mllp.accept-failed')).toMatchObject({ code: 'STORE_FAILED' })
})

test.each([
  ['0.0.0.0', false, false],
  ['0.0.0.0', true, true],
  ['127.0.0.1', false, true],
] as const)('plain on %s with allowPlain %s opens: %s', async (host, allowPlain, opens) => {
  const { log, meter } = notebook()
  const plain = { name: 'mllp', host, port: 0, allowPlain, tls: null, limits: limitsOf() } as const
  const config = () => configOf(1, {})
  const entrance = mllpEntrance({ door: plain, accept: acceptAll, config, clock: manualClock(), log, meter })
  if (opens) expect((await entrance.open()).port).toBeGreaterThan(0)
  else await expect(entrance.open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await entrance.close(0)
})

test('a port taken by another is an error of open, and no timer stays', async () => {
  const first = await still()
  const notes = notebook()
  const { log, meter } = notes
  const clock = manualClock()
  const taken = {
    name: 'mllp',
    host: '127.0.0.1',
    port: first.port,
    allowPlain: false,
    tls: null,
    limits: limitsOf(),
  } as const
  const entrance = mllpEntrance({ door: taken, accept: acceptAll, config: () => configOf(1, {}), clock, log, meter })
  await expect(entrance.open()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(notes.lines).toEqual([])
  await entrance.close(0)
  expect(clock.timers).toBe(0)
})

test('four hundred connections cost one timer, and each is answered', async () => {
  const opened = await still({ limits: { maxConnectionsPerPeer: 400 } })
  const callers = await Promise.all(Array.from({ length: 400 }, () => opened.call()))
  callers.forEach((caller, i) => void caller.post(order(`M${i}`)))
  const answers = await Promise.all(callers.map((caller) => caller.answer()))
  expect(answers.map((answer) => msa(answer!))).toEqual(callers.map((_, i) => `AA|M${i}`))
  expect(opened.clock.timers).toBe(1)
})

const IN_HAND = 16
/** A door that decides on nothing until told; `seen` are the control ids that reached it, in order. */
async function holding() {
  const seen: string[] = []
  const deciding: ((close: boolean) => void)[] = []
  const opened = await still({
    accept: ({ bytes }) => {
      seen.push(bytes.toString('latin1').split('|')[9] ?? '')
      return new Promise((resolve) =>
        deciding.push((close) => resolve({ code: 'NOT_HL7', answer: answerTo(bytes, 'AE'), close })),
      )
    },
  })
  return { ...opened, seen, deciding }
}
const many = Array.from({ length: 1_000 }, (_, n) => `N${n}`)

test('of a thousand messages written at once sixteen are in hand; each answer lets in the next, in order', async () => {
  const { call, entrance, seen, deciding } = await holding()
  const [flooder, other] = [await call(), await call()]
  for (const name of many) flooder.post(order(name))
  while (seen.length < IN_HAND) await new Promise((resolve) => setImmediate(resolve))
  other.post(order('OTHER'))
  while (!seen.includes('OTHER')) await new Promise((resolve) => setImmediate(resolve))
  expect(seen).toEqual([...many.slice(0, IN_HAND), 'OTHER'])
  for (let n = 0; n <= many.length; n++) {
    while (deciding.length <= n) await new Promise((resolve) => setImmediate(resolve))
    expect(seen.length).toBeLessThanOrEqual(n + IN_HAND + 1)
    deciding[n]!(false)
  }
  for (const name of many) expect(msa((await flooder.answer())!)).toBe(`AE|${name}`)
  expect(msa((await other.answer())!)).toBe('AE|OTHER')
  expect(seen.filter((name) => name !== 'OTHER')).toEqual(many)
  expect(entrance.connections()).toBe(2)
})

test('a refusal that closes is the last: what was written behind it reaches nobody', async () => {
  const { call, entrance, seen, deciding } = await holding()
  const flooder = await call()
  for (const name of many) flooder.post(order(name))
  while (seen.length < IN_HAND) await new Promise((resolve) => setImmediate(resolve))
  deciding[0]?.(true)
  expect(msa((await flooder.answer())!)).toBe('AE|N0')
  for (const decide of deciding.slice(1)) decide(false)
  await flooder.gone
  await left(entrance, 0)
  expect(seen).toEqual(many.slice(0, IN_HAND))
})
