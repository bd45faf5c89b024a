import type { Socket } from 'node:net'
import { Hl7Server } from '@medplum/hl7'
import { afterEach, describe, expect, test } from 'vitest'
import { skewOf, skewOfDate, skewOfStamp } from '../../src/conformity/probes/skew.ts'
import { testMessage } from '../../src/conformity/probes/test-message.ts'
import type { Use } from '../../src/core/config.ts'
import { acknowledgement, answerSource } from '../../src/formats/hl7v2/answer.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { findingsIn } from '../formats/hl7v2-rules/prove.ts'
import { type Hospital, hospital } from '../support/peers/hospital.ts'
import { answerTo } from '../support/peers/messages.ts'
import { authority } from '../support/peers/pki.ts'
import { freePort } from '../support/world/ports.ts'
import { asked, endpointOf, expiringClock, words } from './asking.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function far(): Promise<Hospital> {
  const opened = await hospital()
  closing.push(() => opened.close())
  return opened
}
const at = (port: number, use: Use = 'qualification') =>
  endpointOf({ type: 'mllp', host: '127.0.0.1', port, tls: null }, use)
const framed = (bytes: Uint8Array | string): Buffer =>
  Buffer.concat([Buffer.from([0x0b]), Buffer.from(bytes), Buffer.from([0x1c, 0x0d])])
const limits = { totalMs: 10_000, maxBytes: 8_192 }

type Says = (message: Buffer, socket: Socket, enough: () => void) => void
const good = (message: Buffer): string => answerTo(message, 'AA').toString('latin1')

test.each<[name: string, says: Says, settings: object, faults: string[]]>([
  ['AA', (message, socket) => socket.write(framed(answerTo(message, 'AA'))), {}, []],
  ['CA', (message, socket) => socket.write(framed(answerTo(message, 'CA'))), {}, []],
  ['AE', (message, socket) => socket.write(framed(answerTo(message, 'AE'))), {}, ['ACK_CODE']],
  [
    'AR, which is what is asked',
    (message, socket) => socket.write(framed(answerTo(message, 'AR'))),
    { codes: ['AR'] },
    [],
  ],
  [
    'AA to another message',
    (message, socket) => socket.write(framed(answerTo(message, 'AA', 'X'))),
    {},
    ['WRONG_MSA2'],
  ],
  [
    'its own header back',
    (message, socket) =>
      socket.write(framed(good(message).replace(/^MSH.*\r/, `${message.toString().split('\r')[0]}\r`))),
    {},
    ['MSH_NOT_SWAPPED'],
  ],
  ['nothing', (_message, _socket, enough) => enough(), {}, ['NO_ANSWER']],
  [
    'half a block, and nothing more',
    (message, socket, enough) => socket.write(framed(good(message)).subarray(0, 40), enough),
    {},
    ['NO_ANSWER'],
  ],
  ['a cut', (_message, socket) => socket.destroy(), {}, ['CONNECTION_CUT']],
  ['a goodbye', (_message, socket) => socket.end(), {}, ['CONNECTION_CUT']],
  ['HTTP', (_message, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), {}, ['ANSWER_GARBAGE']],
  ['a block of nonsense', (_message, socket) => socket.write(framed('PID|||1\r')), {}, ['ANSWER_GARBAGE']],
  ['a message that is no answer', (message, socket) => socket.write(framed(message)), {}, ['ANSWER_GARBAGE']],
  ['a block without end', (_message, socket) => socket.write(framed('M'.repeat(20_000))), {}, ['ANSWER_TOO_LONG']],
])('a system in qualification that answers %s', async (_name, says, settings, faults) => {
  const system = await far()
  const clock = expiringClock()
  system.script.push((message, socket) => says(message, socket, () => clock.expire()))
  const result = await asked(at(system.port), 'mllp', { ...settings }, { limits, clock })
  expect(words(result)).toEqual(faults)
  expect(result.outcome).toBe(faults.length === 0 ? 'pass' : 'fail')
})

test('an answer that takes longer than it may is late, and an answer nevertheless', async () => {
  const system = await far()
  let ms = 0
  const clock = { nowMs: () => Date.now(), monotonicMs: () => ms, after: () => () => {} }
  system.script.push((message, socket) => {
    ms = 3_200
    socket.write(framed(answerTo(message, 'AA')))
  })
  const result = await asked(at(system.port), 'mllp', { withinMs: 3_000 }, { clock })
  expect(result.faults).toEqual([{ fault: 'LATE', params: { ms: '3200', within: '3000' } }])
})

test('what is sent is a test of an invented patient, and follows the rules of PAM', () => {
  for (const kind of ['ADT^A28', 'ADT^A31'] as const) {
    const about = { kind, controlId: 'SONDE1', atMs: Date.now(), timeZone: 'Europe/Paris', establishment: 'ch-laval' }
    const read = readMessage(testMessage({ ...about, finess: '530000371' }))
    if (!read.ok) throw new Error(read.at)
    const { message } = read
    expect(['MSH-11', 'MSH-6.2', 'PID-3(2).4.2'].map((path) => message.text(path))).toEqual([
      'T',
      '530000371',
      '1.2.250.1.213.1.4.10',
    ])
    expect(findingsIn(message.bytes.toString('latin1').trimEnd().split('\r'))).toEqual([])
  }
})

test('a system in production is never sent a message', async () => {
  const system = await far()
  expect(words(await asked(at(system.port, 'production'), 'mllp'))).toEqual([])
  expect(words(await asked(at(system.port, 'production'), 'clock'))).toEqual(['NOT_QUALIFICATION'])
  expect(system.heardBytes()).toBe(0)
  system.behave('hang-up')
  const clock = expiringClock()
  expect(words(await asked(at(system.port, 'production'), 'mllp', {}, { clock }))).toEqual(['CONNECTION_CUT'])
})

test('nobody listens', async () => {
  const result = await asked(at(await freePort()), 'mllp')
  expect(result).toMatchObject({ outcome: 'unreachable', faults: [{ fault: 'NO_CONNECTION' }] })
})

test('over TLS of another authority nothing is sent', async () => {
  const [ca, other] = [authority('CA ESSAI'), authority('CA AUTRE')]
  const theirs = other.issue('x', { host: 'localhost' })
  const system = await hospital({ key: theirs.key, cert: theirs.cert })
  closing.push(() => system.close())
  const us = ca.issue('passerelle')
  const tls = { key: us.key, cert: us.cert, ca: ca.cert, crl: [] }
  const result = await asked(endpointOf({ type: 'mllp', host: 'localhost', port: system.port, tls }), 'mllp')
  expect(words(result)).toEqual(['TLS_FAILED'])
  expect(system.heardBytes()).toBe(0)
})

test('@medplum/hl7, which nobody here wrote', async () => {
  const server = new Hl7Server((connection) => {
    connection.addEventListener('message', ({ message }) => connection.send(message.buildAck()))
  })
  const port = await freePort()
  await server.start(port)
  closing.push(() => server.stop())
  const result = await asked(at(port), 'mllp', { message: 'ADT^A31' })
  expect(result).toMatchObject({ outcome: 'pass', faults: [] })
  const clock = await asked(at(port), 'clock')
  expect(clock.facts.skewMs).toBeDefined()
})

describe('clocks', () => {
  const answering =
    (offMs: number): Says =>
    (message, socket) => {
      const answer = { code: 'AA', controlId: 'R1', atMs: Date.now() + offMs, timeZone: 'Europe/Paris' } as const
      socket.write(framed(acknowledgement(answerSource(message)!, answer)))
    }

  test.each<[number, string[]]>([
    [0, []],
    [-2_000, []],
    [-60_000, ['CLOCK_SKEW']],
    [60_000, ['CLOCK_SKEW']],
  ])('a system whose MSH-7 is off by %i ms', async (offMs, faults) => {
    const system = await far()
    const says = answering(offMs)
    system.script.push((message, socket) => says(message, socket, () => {}))
    const result = await asked(at(system.port), 'clock', { toleranceMs: 5_000 })
    expect(words(result)).toEqual(faults)
    expect(Math.abs((result.facts.skewMs ?? Number.NaN) - offMs)).toBeLessThan(5_000)
  })

  test('a system that writes no time', async () => {
    const system = await far()
    system.script.push((message, socket) => socket.write(framed(good(message).replace(/\|\d{14}[+-]\d{4}\|/, '||'))))
    expect(words(await asked(at(system.port), 'clock'))).toEqual(['NO_TIME'])
  })

  const T = Date.UTC(2026, 0, 5, 8)
  test.each([
    [T, 0],
    [T - 999, 0],
    [T - 1_000, -1],
    [T + 200, 0],
    [T + 201, 1],
  ])('told %i while it was T to T + 200 here: off by %i ms', (stamp, skew) => {
    expect(skewOf(stamp, { fromMs: T, toMs: T + 200 })).toBe(skew)
  })

  test.each([
    ['20260105090000', 0],
    ['20260105080000+0000', 0],
    ['20260105080000', -3_600_000 + 999],
    ['20260105', null],
    ['', null],
    [null, null],
  ])('MSH-7 %j', (stamp, skew) => {
    expect(skewOfStamp(stamp, { timeZone: 'Europe/Paris', fromMs: T, toMs: T })).toBe(skew)
  })

  test.each([
    ['Mon, 05 Jan 2026 08:00:00 GMT', 0],
    ['Mon, 05 Jan 2026 08:00:09 GMT', 9_000],
    ['yesterday', null],
    ['', null],
  ])('Date %j', (date, skew) => {
    expect(skewOfDate(date, { fromMs: T, toMs: T })).toBe(skew)
  })
})
