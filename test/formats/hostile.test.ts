import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acknowledgement, answerSource, readAnswer } from '../../src/formats/hl7v2/answer.ts'
import { readHeader } from '../../src/formats/hl7v2/header.ts'
import { patientIdentifiers } from '../../src/formats/hl7v2/identifiers.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { frame, frameScanner } from '../../src/formats/mllp/scanner.ts'
import { bytesOf, STROKE } from './messages.ts'

const PATHS = ['MSH-4.2', 'PID-3(2).4.2', 'PID-5.2', 'OBR-31', 'OBX(2)-5', 'OBX-99', 'ZZZ-1', 'MSH-2']

/** Everything the gateway does with bytes from outside; the answer, or null. Fails only if something throws. */
function readAll(bytes: Buffer): Buffer | null {
  const read = readMessage(bytes)
  if (read.ok) {
    readHeader(read.message)
    patientIdentifiers(read.message)
    read.message.findings()
    for (const path of PATHS) {
      read.message.text(path)
      read.message.raw(path)
      read.message.values(path)
      read.message.repetitions(path)
      read.message.isNull(path)
    }
  }
  readAnswer(bytes)
  const source = answerSource(bytes)
  if (read.ok) expect(source).not.toBe(null)
  if (source === null) return null
  const error = { code: 'NOT_HL7', at: read.ok ? 'MSH-1' : read.at, text: 'Aide à 5 €' } as const
  return acknowledgement(source, { code: 'AE', controlId: 'R1', atMs: 0, timeZone: 'Europe/Paris', error })
}

/** An answer must be one whole block on the wire and an acknowledgement to whoever reads it. */
function checkAnswer(answer: Buffer | null): void {
  if (answer === null) return
  const frames = frameScanner({ maxFrameBytes: 1_000_000 }).push(frame(answer))
  expect(frames.map((one) => one.equals(answer))).toEqual([true])
  expect(readAnswer(answer)?.code).toBe('AE')
}

const stroke = bytesOf(STROKE)
const edits = fc.array(
  fc.record({
    at: fc.nat(stroke.length),
    cut: fc.nat(40),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc
        .constantFrom('|', '^', '~', '\\', '&', '\r', '\n', '\r\n', '\x0b', '\x1c', '\x1c\r', '""', 'MSH|', '\0')
        .map((text) => Buffer.from(text)),
    ),
  }),
  { minLength: 1, maxLength: 6 },
)

test('mutated messages: nothing throws, and what is answered is an answer', () => {
  let read = 0
  let answered = 0
  fc.assert(
    fc.property(edits, (all) => {
      const bytes = all.reduce<Buffer>(
        (message, { at, cut, put }) => Buffer.concat([message.subarray(0, at), put, message.subarray(at + cut)]),
        stroke,
      )
      if (readMessage(bytes).ok) read++
      const answer = readAll(bytes)
      if (answer !== null) answered++
      checkAnswer(answer)
    }),
    { numRuns: 6000 },
  )
  // Both ways were taken, or the property says little.
  expect(read).toBeGreaterThan(1000)
  expect(answered).toBeGreaterThan(read)
  expect(answered).toBeLessThan(6000)
})

test('any bytes after MSH, or at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, hasName) => {
      checkAnswer(readAll(hasName ? Buffer.concat([Buffer.from('MSH'), noise]) : Buffer.from(noise)))
    }),
    { numRuns: 4000 },
  )
})

test('any text made of what matters', () => {
  const marks = fc.string({
    unit: fc.constantFrom(...'|^~\\&#"\r\n\x0b\x1cA1', 'MSH', 'PID', 'OBX|', '\\X'),
    maxLength: 200,
  })
  fc.assert(
    fc.property(marks, (text) => {
      checkAnswer(readAll(Buffer.from(`MSH|^~\\&${text}`, 'latin1')))
    }),
    { numRuns: 4000 },
  )
})

const MILLION = 1_000_000
const head = 'MSH|^~\\&|A|B|C|D|||ORU^R01|7|T|2.5\r'
test.each<[name: string, text: string]>([
  ['repetitions in PID-3', `${head}PID|1||${'~'.repeat(MILLION)}`],
  ['components in PID-3', `${head}PID|1||${'^'.repeat(MILLION)}`],
  ['sub-components in PID-3', `${head}PID|1||${'&'.repeat(MILLION)}`],
  ['escapes in PID-3', `${head}PID|1||${'\\E\\'.repeat(MILLION / 4)}`],
  ['unterminated escapes in PID-3', `${head}PID|1||${'\\X'.repeat(MILLION / 2)}`],
  ['field separators in PID', `${head}PID${'|'.repeat(MILLION)}`],
  ['field separators in MSH', `MSH|^~\\&${'|'.repeat(MILLION)}`],
  ['repetitions in MSH-21', `${head.trimEnd()}${'|'.repeat(9)}${'~'.repeat(MILLION)}`],
  ['components in MSH-4', `MSH|^~\\&|A|${'^'.repeat(MILLION)}`],
  ['an endless MSH', `MSH|^~\\&|${'A'.repeat(MILLION)}`],
  ['an endless MSH-2', `MSH|${'^'.repeat(MILLION)}`],
  ['segments without a separator', `${head}${'PID\r'.repeat(MILLION)}`],
  ['segments with identifiers', `${head}${'PID|1||1~2\r'.repeat(MILLION / 10)}`],
  ['segments of merges', `${head}${'MRG|1\r'.repeat(MILLION / 5)}`],
  ['segments of no name', `${head}${'~~~~\r'.repeat(MILLION / 5)}`],
  ['nothing but line ends', `${head}${'\r'.repeat(MILLION)}`],
  ['nothing but CR LF', `${head}${'\r\n'.repeat(MILLION / 2)}`],
  ['contradicting bytes', `${head}${'NTE|\x80|\x80|\x80\r'.repeat(MILLION / 10)}`],
  ['contradicting bytes in one segment', `${head}PID|${'\x80|'.repeat(MILLION / 2)}`],
])('a million %s end, and are answered', (_name, text) => {
  const answer = readAll(Buffer.from(text, 'latin1'))
  expect(answer).not.toBe(null)
  checkAnswer(answer)
})
