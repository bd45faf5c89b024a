import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchAnswer, readBatch } from '../../src/formats/hl7v2/batch.ts'
import { bytesOf } from './messages.ts'

const FHS = 'FHS|^~\\&|DPI|530000371|PFR|440000289|20261123101500+0100||batch||F-1'
const BHS = 'BHS|^~\\&|DPI|530000371^^M|PFR|440000289|20261123101500+0100||batch||B-1'
const MSH = (id: string): string => `MSH|^~\\&|DPI|530000371|PFR|440000289|2026||ORU^R01|${id}|T|2.5`

/** `class code at` of each problem. */
function problemsOf(lines: readonly string[]): string[] {
  return readBatch(bytesOf(lines))!.problems.map((one) => `${one.class} ${one.code} ${one.at}`)
}

test.each<[name: string, lines: string[], messages: string[][], problems: string[]]>([
  ['one batch', [BHS, MSH('1'), 'PID|1', MSH('2'), 'BTS|2'], [[MSH('1'), 'PID|1'], [MSH('2')]], []],
  ['a file of two', [FHS, BHS, MSH('1'), 'BTS|1', BHS, MSH('2'), 'BTS|1', 'FTS|2'], [[MSH('1')], [MSH('2')]], []],
  ['a file without BHS', [FHS, MSH('1'), MSH('2'), 'FTS|1'], [[MSH('1')], [MSH('2')]], []],
  ['no counts', [BHS, MSH('1'), 'BTS'], [[MSH('1')]], []],
  ['empty counts', [BHS, MSH('1'), 'BTS||end'], [[MSH('1')]], []],
  ['an empty batch', [BHS, 'BTS|0'], [], []],
  ['a header alone', [BHS], [], ['contract FIELD_MISSING BTS']],
  ['a wrong count', [BHS, MSH('1'), 'BTS|2'], [[MSH('1')]], ['contract FIELD_MALFORMED BTS-1']],
  ['a count that is none', [BHS, MSH('1'), 'BTS|many'], [[MSH('1')]], ['contract FIELD_MALFORMED BTS-1']],
  [
    'a wrong count of batches',
    [FHS, BHS, MSH('1'), 'BTS|1', 'FTS|2'],
    [[MSH('1')]],
    ['contract FIELD_MALFORMED FTS-1'],
  ],
  ['no BTS', [BHS, MSH('1')], [[MSH('1')]], ['contract FIELD_MISSING BTS']],
  ['no FTS', [FHS, BHS, MSH('1'), 'BTS|1'], [[MSH('1')]], ['contract FIELD_MISSING FTS']],
  [
    'no BTS before the next BHS',
    [BHS, MSH('1'), BHS, MSH('2'), 'BTS|1'],
    [[MSH('1')], [MSH('2')]],
    ['contract FIELD_MISSING BTS'],
  ],
  ['no BTS before FTS', [FHS, BHS, MSH('1'), 'FTS|1'], [[MSH('1')]], ['contract FIELD_MISSING BTS']],
  ['a BTS too many', [BHS, MSH('1'), 'BTS|1', 'BTS|1'], [[MSH('1')]], ['contract FIELD_MALFORMED BTS']],
  ['an FTS without FHS', [BHS, MSH('1'), 'BTS|1', 'FTS|1'], [[MSH('1')]], ['contract FIELD_MALFORMED FTS']],
  ['a message between batches', [BHS, MSH('1'), 'BTS|1', MSH('2')], [[MSH('1')], [MSH('2')]], []],
  [
    'segments before any message',
    [BHS, 'PID|1', 'PID|2', MSH('1'), 'BTS|1'],
    [[MSH('1')]],
    ['safety FIELD_MALFORMED BHS'],
  ],
  ['segments after a BTS', [BHS, MSH('1'), 'BTS|1', 'PID|1'], [[MSH('1')]], ['safety FIELD_MALFORMED BHS']],
  [
    'anything after the file',
    [FHS, MSH('1'), 'FTS|1', MSH('2')],
    [[MSH('1')], [MSH('2')]],
    ['safety FIELD_MALFORMED FTS'],
  ],
  ['a second FHS', [FHS, FHS, MSH('1'), 'FTS|1'], [[MSH('1')]], ['safety FIELD_MALFORMED FHS']],
  ['delimiters that are none', ['BHS|ab', MSH('1'), 'BTS|1'], [[MSH('1')]], ['safety FIELD_MALFORMED BHS']],
  ['other delimiters', ['BHS#*~\\&#A', MSH('1'), 'BTS#1'], [[MSH('1')]], []],
  [
    'longer names are other segments',
    [BHS, MSH('1'), 'BTSX|1', 'MSHZ|2', 'BTS|1'],
    [[MSH('1'), 'BTSX|1', 'MSHZ|2']],
    [],
  ],
])('batch: %s', (_name, lines, messages, problems) => {
  expect(readBatch(bytesOf(lines))!.messages.map(String)).toEqual(messages.map((one) => bytesOf(one).toString()))
  expect(problemsOf(lines)).toEqual(problems)
})

test.each([[[MSH('1')]], [['PID|1', BHS]], [['']], [['BHX|1']], [[' BHS|']], [['BHSA|']]])('no batch: %j', (lines) => {
  expect(readBatch(bytesOf(lines))).toBe(null)
})

test('a wrong count says both', () => {
  expect(readBatch(bytesOf([BHS, MSH('1'), 'BTS|2']))!.problems).toEqual([
    { code: 'FIELD_MALFORMED', class: 'contract', at: 'BTS-1', params: { told: 2, counted: 1 } },
  ])
})

test.each(['\r', '\n', '\r\n', '\r\n\r\n'])('messages are the exact bytes, with lines ended by %j', (end) => {
  const bytes = bytesOf([BHS, MSH('1'), 'OBX|1|TX|a||\xe9\x00|', MSH('2'), 'BTS|2'], end)
  const { messages, problems } = readBatch(bytes)!
  expect(problems).toEqual([])
  expect(messages.length).toBe(2)
  expect(messages[0]!.buffer).toBe(bytes.buffer)
  expect(Buffer.concat(messages).toString('latin1')).toBe(
    bytesOf([MSH('1'), 'OBX|1|TX|a||\xe9\x00|', MSH('2')], end).toString('latin1'),
  )
})

test('whatever the lines, no byte of a message is lost or read twice', () => {
  const line = fc.constantFrom(BHS, FHS, MSH('1'), 'PID|1', 'BTS|1', 'FTS|1', '', 'X')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const batch = readBatch(bytesOf([BHS, ...lines]))!
      const asked = lines.filter((one) => one.startsWith('MSH'))
      expect(batch.messages.length).toBe(asked.length)
      expect(batch.batches.reduce((sum, { messages }) => sum + messages, 0)).toBe(asked.length)
      expect(batch.messages.every((one) => one.toString().startsWith(MSH('1')))).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

const AT = { atMs: Date.UTC(2026, 10, 23, 9, 15), timeZone: 'Europe/Paris', controlId: 'G1' }
const ack = (id: string): Buffer =>
  bytesOf(['MSH|^~\\&|PFR|440000289|DPI|530000371|2026||ACK^R01^ACK|9|T|2.5', `MSA|AA|${id}`])

test('an answer to a batch', () => {
  const batch = readBatch(bytesOf([BHS, MSH('1'), MSH('2'), 'BTS|2']))!
  expect(batchAnswer(batch, [ack('1'), ack('2')], AT).toString()).toBe(
    `BHS|^~\\&|PFR|440000289|DPI|530000371^^M|20261123101500+0100||||G1|B-1\r${ack('1')}${ack('2')}BTS|2\r`,
  )
})

test('an answer to a file: a batch for each, what asked for no answer left out', () => {
  const batch = readBatch(bytesOf([FHS, BHS, MSH('1'), MSH('2'), 'BTS|2', BHS, MSH('3'), 'BTS|1', 'FTS|2']))!
  const answer = batchAnswer(batch, [ack('1'), null, ack('3').subarray(0, -1)], AT)
  const head = '|^~\\&|PFR|440000289|DPI|530000371'
  const date = '|20261123101500+0100||||'
  expect(answer.toString()).toBe(
    `FHS${head}${date}G1|F-1\r` +
      `BHS${head}^^M${date}G1.1|B-1\r${ack('1')}BTS|1\r` +
      `BHS${head}^^M${date}G1.2|B-1\r${ack('3')}BTS|1\r` +
      'FTS|2\r',
  )
  const again = readBatch(answer)!
  expect(again.problems).toEqual([])
  expect(again.messages.map(String)).toEqual([String(ack('1')), String(ack('3'))])
})

test('other delimiters, control characters and endless fields in an answer', () => {
  const batch = readBatch(bytesOf([`BHS#*~\\&#A\x1c#${'B'.repeat(2000)}#C##2026####B*1`, MSH('1'), 'BTS#1']))!
  expect(batchAnswer(batch, [null], { ...AT, controlId: 'G#1' }).toString()).toBe(
    'BHS#*~\\&#C##A##20261123101500+0100####G\\F\\1#B*1\rBTS#0\r',
  )
})

test('one answer for each message, or it is a fault of ours', () => {
  const batch = readBatch(bytesOf([BHS, MSH('1'), 'BTS|1']))!
  expect(() => batchAnswer(batch, [], AT)).toThrow(RangeError)
})

const MILLION = 1_000_000
test.each<[name: string, text: string, messages: number, problems: string[]]>([
  ['messages', `${BHS}\r${`${MSH('1')}\r`.repeat(20_000)}BTS|20000\r`, 10_000, ['safety FRAME_TOO_LONG BHS']],
  ['batches', `${'BHS|^~\\&\r'.repeat(20_000)}BTS\r`, 0, ['contract FIELD_MISSING BTS', 'safety FRAME_TOO_LONG BHS']],
  ['line ends', `${BHS}\r${'\r'.repeat(16 * MILLION)}BTS\r`, 0, []],
  ['stray segments', `${BHS}\r${'X\r'.repeat(4 * MILLION)}BTS\r`, 0, ['safety FIELD_MALFORMED BHS']],
  ['segments of one message', `${BHS}\r${MSH('1')}\r${'OBX|\r'.repeat(2 * MILLION)}BTS|1\r`, 1, []],
  ['an endless header', `BHS|^~\\&${'|'.repeat(8 * MILLION)}\rBTS\r`, 0, []],
  ['an endless trailer', `${BHS}\rBTS|${'1'.repeat(8 * MILLION)}\r`, 0, ['contract FIELD_MALFORMED BTS-1']],
])('a million: %s', (_name, text, messages, problems) => {
  const bytes = Buffer.from(text, 'latin1')
  const began = performance.now()
  const batch = readBatch(bytes)!
  expect(performance.now() - began).toBeLessThan(5000)
  expect(batch.messages.length).toBe(messages)
  expect(batch.problems.map((one) => `${one.class} ${one.code} ${one.at}`)).toEqual(problems)
})
