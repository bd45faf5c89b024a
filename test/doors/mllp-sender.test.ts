import { afterEach, describe, expect, test } from 'vitest'
import type { Arrival } from '../../src/core/message.ts'
import type { Outcome } from '../../src/core/outcome.ts'
import type { Sender } from '../../src/core/ports.ts'
import { mllpSender } from '../../src/senders/mllp/sender.ts'
import { manualClock, realClock } from '../support/peers/clock.ts'
import { destinationAt } from '../support/peers/destination.ts'
import { type Hospital, hospital } from '../support/peers/hospital.ts'
import { answerTo, bodyOf, consignmentOf, msa, order, receiptFor, timeRanOut } from '../support/peers/messages.ts'
import { type Notebook, notebook } from '../support/peers/notebook.ts'
import { authority } from '../support/peers/pki.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const never = () => new AbortController().signal
const framed = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([0x0b]), bytes, Buffer.from([0x1c, 0x0d])])

interface Options {
  readonly clock?: typeof realClock
  readonly accept?: (arrival: Arrival) => Promise<ReturnType<typeof receiptFor>>
  readonly to?: Parameters<typeof destinationAt>[1]
}

async function sending({ clock = realClock, accept = async () => receiptFor(null), to = {} }: Options = {}) {
  const peer: Hospital = await hospital()
  const notes: Notebook = notebook()
  const sender: Sender = mllpSender(destinationAt(peer.port, to), { accept, clock, log: notes.log, meter: notes.meter })
  closing.push(
    () => sender.close(),
    () => peer.close(),
  )
  const send = (name: string, wording = {}, lane: 'normal' | 'urgent' = 'normal'): Promise<Outcome> =>
    sender.send(consignmentOf(order(name, wording), lane), never())
  return { peer, notes, sender, send }
}

describe('connections', () => {
  test('one is kept for all messages', async () => {
    const { peer, send } = await sending()
    for (const name of ['M1', 'M2', 'M3']) expect(await send(name)).toEqual({ kind: 'delivered', proof: 'MSA-1 AA' })
    expect(peer.connections).toBe(1)
  })

  test('one that the peer closed while idle is replaced before a byte is written', async () => {
    const { peer, send } = await sending()
    for (let i = 1; i <= 5; i++) {
      expect((await send(`M${i}`)).kind).toBe('delivered')
      await peer.closeConnections()
    }
    expect(peer.received().length).toBe(5)
  })

  test('one whose end is here but not yet read is looked at before a byte is written', async () => {
    const clock = manualClock()
    const { peer, send } = await sending({ clock })
    await send('M1')
    clock.advance(1_000)
    for (const socket of peer.open) socket.resetAndDestroy()
    expect((await send('M2')).kind).toBe('delivered')
    expect(peer.connections).toBe(2)
  })

  test('a peer that closes after each answer gets one message on each connection', async () => {
    const { peer, send } = await sending()
    const answerAndEnd = (message: Buffer, socket: { end(bytes: Buffer): void }) =>
      socket.end(framed(answerTo(message, 'AA')))
    const outcomes: string[] = []
    for (let i = 1; i <= 12; i++) {
      peer.script.push(answerAndEnd)
      outcomes.push((await send(`M${i}`)).kind)
    }
    // Two at most are needed to learn the peer's habit, and each of those shows as unknown, never as lost or retried.
    expect(outcomes.filter((kind) => kind !== 'delivered').every((kind) => kind === 'unknown')).toBe(true)
    expect(outcomes.slice(4)).toEqual(Array(8).fill('delivered'))
  })

  test('maxInFlight connections, one message on each, and the next waits', async () => {
    const { peer, send } = await sending({ to: { maxInFlight: 2 } })
    peer.behave('late')
    const sent = ['M1', 'M2', 'M3'].map((name) => send(name))
    await peer.message(2)
    expect([peer.connections, peer.received().length]).toEqual([2, 2])
    peer.release()
    await peer.message(3)
    peer.release()
    expect((await Promise.all(sent)).map(({ kind }) => kind)).toEqual(['delivered', 'delivered', 'delivered'])
    expect(peer.connections).toBe(2)
  })

  test('an urgent message has its own connection, beside a stuck normal one', async () => {
    const { peer, send } = await sending()
    peer.behave('late')
    const stuck = send('STUCK')
    await peer.message(1)
    peer.behave('accept')
    expect((await send('URGENT', {}, 'urgent')).kind).toBe('delivered')
    peer.release()
    expect((await stuck).kind).toBe('delivered')
    expect(peer.connections).toBe(2)
  })

  test('without urgent connections, urgent messages go first on the normal one, in their order', async () => {
    const { peer, send } = await sending({ to: { urgentInFlight: 0 } })
    peer.behave('late')
    const sent = [send('M1')]
    await peer.message(1)
    sent.push(send('M2'), send('U1', {}, 'urgent'), send('U2', {}, 'urgent'))
    await new Promise<void>((resolve) => setImmediate(resolve))
    peer.behave('accept')
    peer.release()
    await Promise.all(sent)
    expect(peer.received().map((message) => message.split('|')[9])).toEqual(['M1', 'U1', 'U2', 'M2'])
    expect(peer.connections).toBe(1)
  })

  test('bytes on an idle connection that name nothing outstanding end it', async () => {
    const { peer, notes, send } = await sending()
    await send('M1')
    for (const socket of peer.open) socket.write(framed(answerTo(order('M1'), 'AE')))
    expect(await notes.line('mllp.unasked')).toMatchObject({ destination: 'chu-angers/unv' })
    expect((await send('M2')).kind).toBe('delivered')
    expect(peer.connections).toBe(2)
  })
})

describe('time', () => {
  test('the answer may take the timeout, counted from the last byte, and no longer', async () => {
    const clock = manualClock()
    const { peer, send } = await sending({ clock, to: { timeoutMs: 30_000 } })
    peer.behave('silent')
    const sent = send('M1')
    await peer.message(1)
    clock.advance(29_999)
    peer.behave('accept')
    clock.advance(1)
    expect(await sent).toEqual({ kind: 'unknown', code: 'ANSWER_TIMEOUT' })
    expect(clock.timers).toBe(0)
  })

  test('a message nobody answers is delivered when the connection has stood 500 ms', async () => {
    const clock = manualClock()
    const { peer, send } = await sending({ clock })
    peer.behave('silent')
    let settled = false
    const sent = send('M1', { acceptAck: 'NE', applicationAck: 'NE' }).then((outcome) => {
      settled = true
      return outcome
    })
    await peer.message(1)
    clock.advance(499)
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(settled).toBe(false)
    clock.advance(1)
    expect(await sent).toEqual({ kind: 'delivered', proof: 'no answer asked' })
  })

  const combinations: [acceptAck: string, applicationAck: string, waitsMs: number, outcome: object][] = [
    ['ER', 'NE', 2_000, { kind: 'delivered', proof: 'no error answered' }],
    ['NE', 'ER', 2_000, { kind: 'delivered', proof: 'no error answered' }],
    ['ER', 'ER', 2_000, { kind: 'delivered', proof: 'no error answered' }],
    ['ER', '', 2_000, { kind: 'delivered', proof: 'no error answered' }],
    ['NE', '', 2_000, { kind: 'delivered', proof: 'no error answered' }],
    ['AL', 'NE', 30_000, { kind: 'unknown', code: 'ANSWER_TIMEOUT' }],
    ['SU', 'NE', 30_000, { kind: 'unknown', code: 'ANSWER_TIMEOUT' }],
    ['NE', 'AL', 30_000, { kind: 'unknown', code: 'ANSWER_TIMEOUT' }],
    ['NE', 'SU', 30_000, { kind: 'unknown', code: 'ANSWER_TIMEOUT' }],
    ['ER', 'AL', 30_000, { kind: 'unknown', code: 'ANSWER_TIMEOUT' }],
    ['', '', 30_000, { kind: 'unknown', code: 'ANSWER_TIMEOUT' }],
  ]
  test.each(combinations)(
    'MSH-15 %j, MSH-16 %j: silence of %i ms',
    async (acceptAck, applicationAck, waitsMs, outcome) => {
      const clock = manualClock()
      const { peer, send } = await sending({ clock, to: { timeoutMs: 30_000 } })
      peer.behave('silent')
      let settled = false
      const sent = send('M1', { acceptAck, applicationAck }).then((got) => {
        settled = true
        return got
      })
      await peer.message(1)
      clock.advance(waitsMs - 1)
      await new Promise<void>((resolve) => setImmediate(resolve))
      expect(settled).toBe(false)
      clock.advance(1)
      expect(await sent).toEqual(outcome)
    },
  )

  test('asked for errors alone: one that comes in time decides, one that comes later is passed on', async () => {
    const clock = manualClock()
    const late = Promise.withResolvers<string>()
    const { peer, send } = await sending({
      clock,
      accept: async ({ bytes }) => {
        late.resolve(msa(bytes))
        return receiptFor(null)
      },
    })
    const onError = { acceptAck: 'ER', applicationAck: 'NE' }
    peer.script.push((message, socket) => void socket.write(framed(answerTo(message, 'CR'))))
    expect(await send('M1', onError)).toMatchObject({ kind: 'refused', code: 'ACK_REJECT' })
    peer.behave('silent')
    const sent = send('M2', onError)
    await peer.message(2)
    clock.advance(2_000)
    expect(await sent).toEqual({ kind: 'delivered', proof: 'no error answered' })
    for (const socket of peer.open) socket.write(framed(answerTo(order('M2'), 'CE')))
    expect(await late.promise).toBe('CE|M2')
  })

  test('a reset within those 500 ms is unknown', async () => {
    const { peer, send } = await sending({ clock: manualClock() })
    peer.behave('cut-before')
    const outcome = await send('M1', { acceptAck: 'NE', applicationAck: 'NE' })
    expect(outcome).toEqual({ kind: 'unknown', code: 'CONNECTION_CUT' })
  })

  test('time that runs out on the caller is ANSWER_TIMEOUT, a wish to stop CONNECTION_CUT', async () => {
    const { peer, sender } = await sending()
    peer.behave('silent')
    const ask = (signal: AbortSignal) => sender.send(consignmentOf(order('M1')), signal)
    const patience = new AbortController()
    const late = ask(patience.signal)
    await peer.message(1)
    patience.abort(timeRanOut())
    expect(await late).toEqual({ kind: 'unknown', code: 'ANSWER_TIMEOUT' })
    const stop = new AbortController()
    const sent = ask(stop.signal)
    await peer.message(2)
    stop.abort()
    expect(await sent).toEqual({ kind: 'unknown', code: 'CONNECTION_CUT' })
  })
})

describe('answers', () => {
  test.each([
    [
      'by default hl7base: AE three times is a refusal',
      {},
      {},
      'AE',
      { kind: 'retry', code: 'ACK_ERROR', refusedAfter: 3 },
    ],
    ['PAM FR is ans: AE refuses', {}, { version: '2.5^FRA' }, 'AE', { kind: 'refused', code: 'ACK_REJECT' }],
    ['PAM FR is ans: AR is not now', {}, { version: '2.5^FRA' }, 'AR', { kind: 'retry', code: 'ACK_ERROR' }],
    ['the destination says ans for this kind', { 'ORM^O01': 'ans' }, {}, 'AR', { kind: 'retry', code: 'ACK_ERROR' }],
    ['the destination says hl7base', { default: 'hl7base' }, { version: '2.5^FRA' }, 'AR', { kind: 'refused' }],
  ] as const)('%s', async (_sentence, ackPolicy, wording, code, outcome) => {
    const { peer, send } = await sending({ to: { ackPolicy } })
    peer.script.push((message, socket) => void socket.write(framed(answerTo(message, code))))
    const got = await send('M1', wording)
    expect(got).toMatchObject(outcome)
    expect('refusedAfter' in got).toBe('refusedAfter' in outcome)
  })

  test.each([
    [
      'a code of no table',
      (message: Buffer) => framed(Buffer.from(answerTo(message, 'AA').toString().replace('MSA|AA', 'MSA|OK'))),
    ],
    ['a message that is no answer', (message: Buffer) => framed(message)],
    ['a block of no HL7', () => framed(Buffer.from('hello'))],
    ['an endless answer', () => Buffer.alloc(2_000_000, 0x0b).fill(0x41, 1)],
  ])('garbage: %s', async (_sentence, write) => {
    const { peer, send } = await sending()
    peer.script.push((message, socket) => void socket.write(write(message)))
    expect(await send('M1')).toEqual({ kind: 'unknown', code: 'ANSWER_GARBAGE' })
    expect((await send('M2')).kind).toBe('delivered')
    expect(peer.connections).toBe(2)
  })

  test('line ends after an answer are let pass', async () => {
    const { peer, send } = await sending()
    for (let i = 0; i < 50; i++) {
      peer.script.push(
        (message, socket) => void socket.write(Buffer.concat([framed(answerTo(message, 'AA')), Buffer.from('\r\n')])),
      )
      expect((await send(`M${i}`)).kind).toBe('delivered')
    }
    expect(peer.connections).toBe(1)
  })

  test('a yes before the last byte is sent is no yes to this message', async () => {
    const { peer, send } = await sending({ to: { timeoutMs: 5_000 } })
    const sent = send('M1', { fill: 15_000_000 })
    while (peer.open.size === 0) await new Promise<void>((resolve) => setImmediate(resolve))
    for (const socket of peer.open) {
      socket.once('data', () => {
        socket.pause()
        socket.write(framed(answerTo(order('M1'), 'AA')))
      })
    }
    expect(await sent).toEqual({ kind: 'unknown', code: 'ANSWER_GARBAGE' })
  })
})

describe('enhanced mode', () => {
  const asked = { acceptAck: 'AL', applicationAck: 'AL' }

  test('the commit answer delivers; the application answer that follows is an arrival, and is answered', async () => {
    const arrivals: Arrival[] = []
    const { peer, send } = await sending({
      accept: async (arrival) => {
        arrivals.push(arrival)
        return receiptFor(answerTo(arrival.bytes, 'CA', 'R'))
      },
    })
    const replies: string[] = []
    peer.script.push((message, socket) => {
      socket.write(framed(answerTo(message, 'CA')))
      socket.write(framed(answerTo(message, 'AE')))
    })
    const replied = new Promise<void>((resolve) =>
      peer.script.push((message) => {
        replies.push(msa(message))
        resolve()
      }),
    )
    expect(await send('M1', asked)).toEqual({ kind: 'delivered', proof: 'MSA-1 CA' })
    await replied
    expect(replies).toEqual(['CA|R'])
    expect(
      arrivals.map(({ entrance, peer: { destination, establishment, loopback } }) => [
        entrance,
        destination,
        establishment,
        loopback,
      ]),
    ).toEqual([['mllp', 'chu-angers/unv', 'chu-angers', true]])
    expect(msa(arrivals[0]!.bytes)).toBe('AE|M1')
    expect((await send('M2')).kind).toBe('delivered')
    expect(peer.connections).toBe(1)
  })

  test('an application answer that comes while the next message waits for its own does not answer that', async () => {
    const late: string[] = []
    const { peer, send } = await sending({
      accept: async ({ bytes }) => {
        late.push(msa(bytes))
        return receiptFor(null)
      },
    })
    peer.script.push((message, socket) => void socket.write(framed(answerTo(message, 'CA'))))
    await send('M1', asked)
    peer.script.push((message, socket) => {
      socket.write(framed(answerTo(order('M1'), 'AR')))
      socket.write(framed(answerTo(message, 'AA')))
    })
    expect(await send('M2')).toEqual({ kind: 'delivered', proof: 'MSA-1 AA' })
    expect(late).toEqual(['AR|M1'])
  })

  test('an application answer nobody asked for is wrong', async () => {
    const { peer, send } = await sending()
    peer.script.push((message, socket) => void socket.write(framed(answerTo(message, 'CA'))))
    await send('M1', { acceptAck: 'AL', applicationAck: 'NE' })
    peer.script.push((_message, socket) => void socket.write(framed(answerTo(order('M1'), 'AA'))))
    expect(await send('M2')).toEqual({ kind: 'unknown', code: 'ANSWER_WRONG_ID' })
  })
})

describe('bodies', () => {
  test('one that cannot be read leaves no byte and may be tried again', async () => {
    const { peer, sender } = await sending()
    const broken = {
      ...bodyOf(order('M1')),
      open: () => {
        throw new Error('gone')
      },
    }
    const outcome = await sender.send({ ...consignmentOf(order('M1')), body: broken }, never())
    expect(outcome).toEqual({ kind: 'retry', code: 'INTERNAL' })
    expect(peer.connections).toBe(0)
  })

  test.each([
    ['no HL7', Buffer.from('hello'), 'NOT_HL7'],
    ['a block end inside', Buffer.concat([order('M1'), Buffer.from('NTE|1||\x1c\rMSH|')]), 'NOT_HL7'],
    ['too large', order('M1', { fill: 17_000_000 }), 'FRAME_TOO_LONG'],
  ])('refused unsent: %s', async (_sentence, bytes, code) => {
    const { peer, sender } = await sending()
    expect(await sender.send(consignmentOf(bytes), never())).toMatchObject({ kind: 'refused', code })
    expect(peer.connections).toBe(0)
  })
})

describe('TLS', () => {
  const ca = authority('CA ESSAI')
  const other = authority('CA AUTRE')
  const client = ca.issue('passerelle.region.test')
  const tls = { key: client.key, cert: client.cert, ca: ca.cert, crl: [] }

  test.each([
    ['a server of another authority', other.issue('x.test', { host: 'localhost' }), tls, 'localhost'],
    [
      'a server whose certificate is over',
      ca.issue('x.test', { host: 'localhost', fromDays: -9, toDays: -1 }),
      tls,
      'localhost',
    ],
    ['a server of another name', ca.issue('x.test', { host: 'other.test' }), tls, 'localhost'],
    [
      'a client certificate of another authority',
      ca.issue('x.test'),
      { ...tls, ...other.issue('y.test') },
      '127.0.0.1',
    ],
    ['no client certificate', ca.issue('x.test'), { ...tls, key: '', cert: '' }, '127.0.0.1'],
    ['a key that cannot be read', ca.issue('x.test'), { ...tls, key: 'no key' }, '127.0.0.1'],
  ])('failed, so retry: %s', async (_sentence, server, files, host) => {
    const peer = await hospital({ ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true })
    const { log, meter } = notebook()
    const to = destinationAt(peer.port, { tls: files, host })
    const sender = mllpSender(to, { accept: async () => receiptFor(null), clock: realClock, log, meter })
    closing.push(
      () => sender.close(),
      () => peer.close(),
    )
    const outcome = await sender.send(consignmentOf(order('M1')), never())
    expect(outcome).toEqual({ kind: 'retry', code: 'TLS_FAILED', breaker: true })
    expect(peer.received()).toEqual([])
  })

  test('a server named by the certificate is let pass by its host name', async () => {
    const peer = await hospital({ ...ca.issue('x.test', { host: 'localhost' }) })
    const { log, meter } = notebook()
    const to = destinationAt(peer.port, { tls, host: 'localhost' })
    const sender = mllpSender(to, { accept: async () => receiptFor(null), clock: realClock, log, meter })
    closing.push(
      () => sender.close(),
      () => peer.close(),
    )
    expect((await sender.send(consignmentOf(order('M1')), never())).kind).toBe('delivered')
  })
})
