import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { acknowledgement, answerSource } from '../../src/formats/hl7v2/answer.ts'
import { replaceField } from '../../src/formats/hl7v2/splice.ts'
import { bytesOf, INS, messageFrom } from './messages.ts'

/** What we use of hl7-standard, a reader nobody here wrote; it brings no types. */
interface Hl7Standard {
  transform(): void
  get(field: string, index?: number): unknown
  getSegments(name: string): unknown[]
}
const HL7 = createRequire(import.meta.url)('hl7-standard') as new (text: string, options: object) => Hl7Standard

function readOutside(bytes: Buffer): Hl7Standard {
  const message = new HL7(bytes.toString('latin1'), { lineEndings: '\r' })
  message.transform()
  return message
}

const result = bytesOf([
  'MSH|^~\\&|LABO|530000371^1.2.250^M|DPI|440000289|20260310101500||ORU^R01^ORU_R01|LAB1|T|2.5|||||FRA|8859/15',
  `PID|1||${INS}||MARTIN (FICTIF)^Zoe||19610214|F`,
  'OBX|1|NM|HB^Hemoglobine^L||13.4|g/L',
  'OBX|2|NM|LEUCO^Leucocytes^L||7.1',
])

describe('hl7-standard reads what we write', () => {
  test('an answer', () => {
    const source = answerSource(result)!
    const error = { code: 'FIELD_MISSING', at: 'PID-3', text: 'Help.' } as const
    const answer = { code: 'AE', controlId: 'R1', atMs: Date.UTC(2026, 6, 1), timeZone: 'Europe/Paris', error } as const
    const read = readOutside(acknowledgement(source, answer))
    const fields = [
      'MSH.3',
      'MSH.4',
      'MSH.5',
      'MSH.6.1',
      'MSH.6.3',
      'MSH.7',
      'MSH.9.1',
      'MSH.9.2',
      'MSH.9.3',
      'MSH.10',
      'MSH.11',
      'MSH.12',
      'MSH.18',
      'MSA.1',
      'MSA.2',
      'ERR.2.1',
      'ERR.2.3',
      'ERR.3.1',
      'ERR.3.3',
      'ERR.4',
      'ERR.7',
    ]
    expect(fields.map((field) => read.get(field))).toEqual([
      'DPI',
      '440000289',
      'LABO',
      '530000371',
      'M',
      '20260701020000+0200',
      'ACK',
      'R01',
      'ACK',
      'R1',
      'T',
      '2.5',
      '8859/15',
      'AE',
      'LAB1',
      'PID',
      '3',
      '101',
      'HL70357',
      'E',
      'Help.',
    ])
  })

  test.each<[path: string, value: string, field: string, index: number]>([
    ['MSH-5', 'PACS', 'MSH.5', 0],
    ['PID-5.2', 'Anne', 'PID.5.2', 0],
    ['PID-18.1', 'D77', 'PID.18', 0],
    ['OBX(2)-5', '8.2', 'OBX.5', 1],
    ['OBX(2)-6', '10*9/L', 'OBX.6', 1],
  ])('%s replaced', (path, value, field, index) => {
    const before = readOutside(result)
    const after = readOutside(replaceField(messageFrom(result), path, value))
    expect(after.get(field, index)).toBe(value)
    for (const other of ['MSH.3', 'MSH.10', 'PID.3.1', 'PID.5.1', 'PID.7', 'OBX.3.1']) {
      expect(after.get(other), other).toEqual(before.get(other))
    }
    expect(after.getSegments('OBX').length).toBe(2)
  })
})
