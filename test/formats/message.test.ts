import { describe, expect, test } from 'vitest'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { formatErr2, parsePath } from '../../src/formats/hl7v2/path.ts'
import { bytesOf, INS, messageFrom, messageOf, STROKE } from './messages.ts'

const stroke = messageOf(STROKE)

test.each<[path: string, text: string | null]>([
  ['MSH-1', '|'],
  ['MSH-2', '^~\\&'],
  ['MSH-3', 'DPI'],
  ['MSH-4.2', '1.2.250.1.71.4.2.2'],
  ['MSH-4.2.2', 'x'],
  ['MSH-8', null],
  ['MSH-9.3', 'ORM_O01'],
  ['MSH-10', 'C&1'],
  ['MSH-18(2)', 'ASCII'],
  ['MSH-21(2).2', 'OTHER'],
  ['MSH-99', null],
  ['PID-3', '0001'],
  ['PID-3.4', 'CH-EXEMPLE'],
  ['PID-3.4.2', '530000371'],
  ['PID-3(2)', '261025313000150'],
  ['PID-3(2).4.2', '1.2.250.1.213.1.4.10'],
  ['PID-3(3)', '""'],
  ['PID-3(4)', null],
  ['PID-5.2', 'Zoé'],
  ['PID-5(2)', 'DURAND (FICTIF)'],
  ['PID-2', null],
  ['OBR-4.2', 'T\\lé-AVC'],
  ['OBX-5', 'ligne 1\nligne 2'],
  ['OBX(2)-5', '12'],
  ['OBX(2)-5(1).1.1', '12'],
  ['OBX(2)-5.2', null],
  ['OBX(3)-1', '3'],
  ['OBX(3)-2', null],
  ['OBX(4)-1', null],
  ['ZZZ-1', null],
])('text of %s is %j', (path, text) => {
  expect(stroke.text(path)).toBe(text)
})

test.each<[path: string, raw: string | null]>([
  ['MSH-2', '^~\\&'],
  ['MSH-10', 'C\\T\\1'],
  ['PID-3', `0001^^^CH-EXEMPLE&530000371&M^PI~${INS}~""`],
  ['PID-3(1)', '0001^^^CH-EXEMPLE&530000371&M^PI'],
  ['PID-3.4', 'CH-EXEMPLE&530000371&M'],
  ['PID-3(2).4.1', 'ASIP-SANTE-INS-NIR'],
  ['PID-5.2', 'Zo\xe9'],
  ['PID-2', null],
  ['ZZZ-1', null],
])('raw bytes of %s', (path, raw) => {
  expect(stroke.raw(path)?.toString('latin1') ?? null).toBe(raw)
})

test.each<[path: string, values: string[]]>([
  ['OBR-31', ['I63.9', '230690007']],
  ['OBR-31.3', ['CIM10', 'SCT']],
  ['OBX-3', ['NOTE', 'NIHSS']],
  ['OBX-1', ['1', '2', '3']],
  ['OBX(2)-3', ['NIHSS']],
  ['OBR-31(2)', ['230690007']],
  ['PID-3', ['0001', '261025313000150', '""']],
  ['MSH-2', ['^~\\&']],
  ['OBX(9)-3', []],
  ['ZZZ-1', []],
])('values of %s', (path, values) => {
  expect(stroke.values(path)).toEqual(values)
})

test.each<[path: string, repetitions: number]>([
  ['PID-3', 3],
  ['PID-5', 2],
  ['PID-2', 0],
  ['PID-8', 1],
  ['MSH-2', 1],
  ['OBX(9)-5', 0],
])('%s has %i repetitions', (path, repetitions) => {
  expect(stroke.repetitions(path)).toBe(repetitions)
})

test('the HL7 null is not the empty field', () => {
  expect([
    stroke.isNull('OBX(2)-8'),
    stroke.isNull('OBX(2)-7'),
    stroke.isNull('PID-3'),
    stroke.isNull('PID-3(3)'),
  ]).toEqual([true, false, false, true])
})

test('segments are counted by name', () => {
  expect(['MSH', 'OBX', 'NTE', 'OB', ''].map((name) => stroke.segments(name))).toEqual([1, 3, 0, 0, 0])
  expect(stroke.findings()).toEqual([])
})

test('what is read is cut from the original bytes, which stay as they came', () => {
  const bytes = bytesOf(STROKE)
  const copy = Buffer.from(bytes)
  const message = messageFrom(bytes)
  message.values('PID-3')
  expect(message.bytes).toBe(bytes)
  expect(bytes.equals(copy)).toBe(true)
})

test('any delimiters: the same content reads the same', () => {
  const map: Record<string, string> = { '|': '$', '^': '%', '~': '*', '\\': '@', '&': '!' }
  const other = messageOf(STROKE.map((line) => line.replace(/[|^~\\&]/g, (one) => map[one]!)))
  for (const path of ['MSH-3', 'MSH-10', 'PID-3(2).4.2', 'OBR-4.2', 'OBX-5', 'PID-5.2']) {
    const expected = path === 'MSH-10' ? 'C!1' : path === 'OBR-4.2' ? 'T@lé-AVC' : stroke.text(path)
    expect(other.text(path)).toBe(expected)
  }
})

test('delimiters that MSH-2 leaves out cut nothing', () => {
  const message = messageOf(['MSH|^|A|B', 'PID|1||1~2&3^4\\F\\'])
  expect(message.text('PID-3')).toBe('1~2&3')
  expect(message.text('PID-3.2')).toBe('4\\F\\')
  expect(message.text('PID-3(2)')).toBe(null)
  expect(message.values('PID-3')).toEqual(['1~2&3'])
})

describe('bytes that are no message', () => {
  test.each<[name: string, bytes: string, at: string]>([
    ['nothing', '', 'MSH'],
    ['two bytes', 'MS', 'MSH'],
    ['another segment', 'PID|1', 'MSH'],
    ['lower case', 'msh|^~\\&|', 'MSH'],
    ['a byte order mark', '\xef\xbb\xbfMSH|^~\\&|', 'MSH'],
    ['a batch', 'FHS|^~\\&|', 'MSH'],
    ['MSH alone', 'MSH', 'MSH-1'],
    ['MSH and its end', 'MSH\rPID|1', 'MSH-1'],
    ['a letter as separator', 'MSHX^~\\&XA', 'MSH-1'],
    ['a digit as separator', 'MSH1^~\\&1A', 'MSH-1'],
    ['no encoding characters', 'MSH||A', 'MSH-2'],
    ['separator alone', 'MSH|', 'MSH-2'],
    ['six encoding characters', 'MSH|^~\\&#!|A', 'MSH-2'],
    ['twice the same', 'MSH|^^\\&|A', 'MSH-2'],
    ['no second separator', 'MSH|^~\\& A B C', 'MSH-2'],
    ['a start byte inside', 'MSH|^~\\&|A\r\x0bMSH|^~\\&|B', 'MSH'],
    ['a block end inside', 'MSH|^~\\&|A\r\x1c\rMSH|^~\\&|B', 'MSH'],
  ])('%s', (_name, bytes, at) => {
    expect(readMessage(Buffer.from(bytes, 'latin1'))).toEqual({ ok: false, code: 'NOT_HL7', at })
  })

  test.each(['^', '^~', '^~\\', '^~\\&', '^~\\&#'])('MSH-2 of %s alone is a message', (encoding) => {
    const read = readMessage(Buffer.from(`MSH|${encoding}`))
    expect(read.ok && read.message.text('MSH-2')).toBe(encoding)
    expect(read.ok && read.message.text('MSH-10')).toBe(null)
  })
})

describe('segment ends', () => {
  const lines = ['MSH|^~\\&|A', 'PID|1||7', 'OBX|1', 'OBX|2||x']
  const form = [{ code: 'SEGMENT_END', class: 'form' }]
  test.each<[name: string, text: string, segmentEnd: string, findings: object[]]>([
    ['CR', lines.join('\r'), '\r', []],
    ['CR, also at the end', `${lines.join('\r')}\r`, '\r', []],
    ['CR, empty lines', `${lines.join('\r\r')}\r\r\r`, '\r', []],
    ['LF', `${lines.join('\n')}\n`, '\n', form],
    ['CR LF', `${lines.join('\r\n')}\r\n`, '\r\n', form],
    ['CR, one CR LF', `${lines.slice(0, 2).join('\r')}\r\n${lines.slice(2).join('\r')}`, '\r', form],
    ['CR LF, one CR', `${lines.slice(0, 2).join('\r\n')}\r${lines.slice(2).join('\r\n')}`, '\r\n', form],
    ['LF, one CR', `${lines.slice(0, 2).join('\n')}\r${lines.slice(2).join('\n')}`, '\n', form],
    ['LF behind MSH, then CR', `${lines[0]}\n${lines.slice(1).join('\r')}\r`, '\n', form],
    ['LF, one CR LF', `${lines.slice(0, 2).join('\n')}\r\n${lines.slice(2).join('\n')}`, '\n', form],
  ])('%s', (_name, text, segmentEnd, findings) => {
    const message = messageFrom(Buffer.from(text))
    expect(message.segmentEnd).toBe(segmentEnd)
    expect(message.findings()).toEqual(findings)
    expect([message.text('MSH-3'), message.text('PID-3'), message.text('OBX(2)-3')]).toEqual(['A', '7', 'x'])
    expect(message.segments('OBX')).toBe(2)
  })

  test('a second message behind the first is a finding of safety', () => {
    const both = messageFrom(Buffer.from('MSH|^~\\&|A\rPID|1||7\rMSH|^~\\&|A\rPID|1||8\r'))
    expect(both.findings()).toEqual([{ code: 'FIELD_MALFORMED', class: 'safety', at: 'MSH(2)' }])
  })

  test.each<[name: string, text: string, at: string | null]>([
    ['text of two lines', 'MSH|^~\\&|A\rPID|1\rOBX|1|TX|||a\nb\rOBX|2|TX|||a\nOBX|3\r', null],
    ['a patient', 'MSH|^~\\&|A\rPID|1\rOBX|1\rOBX|2|TX|||a\nPID|9\r', 'OBX(2)'],
    ['all behind the first CR', 'MSH|^~\\&|A\rEVN|1\nPID|1||9\nPV1|1|I\n', 'EVN'],
    ['a message', 'MSH|^~\\&|A\r\nPID|1\nMSH|^~\\&|B\r\n', 'PID'],
    ['the name of one in a text', 'MSH|^~\\&|A\rOBX|1|TX|||a\nPID unknown\r', null],
  ])('what other readers take for another patient behind a line feed is a finding of safety: %s', (_name, text, at) => {
    const grave = messageFrom(Buffer.from(text))
      .findings()
      .filter((one) => one.class === 'safety')
    expect(grave).toEqual(at === null ? [] : [{ code: 'FIELD_MALFORMED', class: 'safety', at }])
  })

  test('a line feed inside a message that ends segments with CR is content', () => {
    expect(messageFrom(Buffer.from('MSH|^~\\&|A\rOBX|1|TX|||a\nPID|9\r')).text('OBX-5')).toBe('a\nPID')
  })
})

describe('character sets', () => {
  const head = (charset: string) => `MSH|^~\\&|A|B|||||ADT^A01|1|T|2.5||||||${charset}`
  const name = (bytes: string) => `PID|1||7||${bytes}`

  test.each<[name: string, charset: string, byDefault: string | undefined, bytes: string, text: string]>([
    ['Latin-9', '8859/15', undefined, '\xa4', '€'],
    ['Latin-1', '8859/1', undefined, '\xa4', '¤'],
    ['UTF-8', 'UNICODE UTF-8', undefined, '\xe2\x82\xac', '€'],
    ['empty: Latin-9', '', undefined, '\xa4', '€'],
    ['empty: the default given', '', 'UNICODE UTF-8', '\xe2\x82\xac', '€'],
    ['the HL7 null: the default given', '""', '8859/1', '\xa4', '¤'],
    ['first repetition', '8859/1~8859/15', undefined, '\xa4', '¤'],
  ])('%s', (_name, charset, byDefault, bytes, text) => {
    const message = messageOf([head(charset), name(bytes)], byDefault)
    expect(message.text('PID-5')).toBe(text)
    expect(message.findings()).toEqual([])
  })

  const found = (kind: string, at: string) => ({ code: 'CHARSET_CONTRADICTED', class: kind, at })
  test.each<[name: string, charset: string, lines: string[], findings: object[]]>([
    ['Latin bytes as UTF-8 in a name', 'UNICODE UTF-8', [name('Zo\xe9')], [found('safety', 'PID-5')]],
    ['in the mother or alias name', 'UNICODE UTF-8', ['PID|1||7||A||||\xe9'], [found('safety', 'PID-9')]],
    ['in a former name', 'UNICODE UTF-8', ['MRG|1||||||\xe9'], [found('safety', 'MRG-7')]],
    ['in a result', 'UNICODE UTF-8', ['OBX|1', 'OBX|2|TX|||\xe9'], [found('safety', 'OBX(2)-5')]],
    ['in an address', 'UNICODE UTF-8', ['PID|1||7||A||||||\xe9'], [found('contract', 'PID-11')]],
    ['in a header field', 'UNICODE UTF-8', ['NTE|1'], [found('contract', 'MSH-3')]],
    ['safety first', 'ASCII', ['PID|1||7||\xe9||||||\xe9'], [found('safety', 'PID-5'), found('contract', 'PID-11')]],
    ['C1 as Latin-9', '8859/15', [name('\x92')], [found('safety', 'PID-5')]],
    ['anything high as ASCII', 'ASCII', ['PV1|1|I|\xe9'], [found('contract', 'PV1-3')]],
    ['in no segment', 'ASCII', ['\xe9\xe9\xe9'], [found('contract', 'MSH-18')]],
    ['unknown', '8859/2', [name('\xe9')], [{ code: 'CHARSET_UNKNOWN', class: 'contract', at: 'MSH-18' }]],
  ])('%s', (label, charset, lines, findings) => {
    const first = label === 'in a header field' ? head(charset).replace('|A|', '|\xe9|') : head(charset)
    expect(messageOf([first, ...lines]).findings()).toEqual(findings)
  })

  test('a contradicted value reads as Latin-1, never as a replacement character', () => {
    expect(messageOf([head('UNICODE UTF-8'), name('Zo\xe9')]).text('PID-5')).toBe('Zoé')
  })

  test('an unknown default is found as well', () => {
    expect(messageOf(['MSH|^~\\&|A', 'PID|1'], 'EBCDIC').findings()).toEqual([
      { code: 'CHARSET_UNKNOWN', class: 'contract', at: 'MSH-18' },
    ])
  })

  test('many contradictions are told twenty times, those of safety not drowned by others', () => {
    const lines = Array.from({ length: 500 }, () => 'NTE|1||\xe9').concat(name('\xe9'))
    const findings = messageOf([head('ASCII'), ...lines]).findings()
    expect(findings.length).toBe(21)
    expect(findings[0]).toEqual(found('safety', 'PID-5'))
  })
})

describe('paths', () => {
  test.each<[path: string, parts: (string | number | null)[], err2: string]>([
    ['PID-3', ['PID', null, 3, null, null, null], 'PID^1^3'],
    ['MSH-10', ['MSH', null, 10, null, null, null], 'MSH^1^10'],
    ['PID-3.4', ['PID', null, 3, null, 4, null], 'PID^1^3^1^4'],
    ['PID-3.4.2', ['PID', null, 3, null, 4, 2], 'PID^1^3^1^4^2'],
    ['PID-3(2).1', ['PID', null, 3, 2, 1, null], 'PID^1^3^2^1'],
    ['PID-3(2)', ['PID', null, 3, 2, null, null], 'PID^1^3^2'],
    ['OBX(2)-5', ['OBX', 2, 5, null, null, null], 'OBX^2^5'],
    ['OBX(2)-5(1).1.2', ['OBX', 2, 5, 1, 1, 2], 'OBX^2^5^1^1^2'],
    ['ZB1-7', ['ZB1', null, 7, null, null, null], 'ZB1^1^7'],
  ])('%s', (path, parts, err2) => {
    expect(Object.values(parsePath(path))).toEqual(parts)
    expect(formatErr2(path)).toBe(err2)
  })

  test.each([
    ['MSH', 'MSH^1'],
    ['OBX(3)', 'OBX^3'],
  ])('a segment alone, for ERR-2: %s', (path, err2) => {
    expect(formatErr2(path)).toBe(err2)
  })

  const nonsense = [
    '',
    'PID',
    'PID-',
    'PID-0',
    'PID-3.0',
    'PID-3(0)',
    'PID(0)-3',
    'pid-3',
    'PI-3',
    'PIDX-3',
    'PID.3',
    'PID-3.4.2.1',
    ' PID-3',
    'PID-3\n',
    '1ID-3',
    'PID-3()',
    'PID-9999999',
    'chu-nantes/dpi',
  ]
  test.each(nonsense)('%j is no path', (path) => {
    expect(() => parsePath(path)).toThrow(RangeError)
    expect(() => stroke.text(path)).toThrow(RangeError)
  })

  test('a loop over occurrences reads each of them', () => {
    const message = messageOf(['MSH|^~\\&|A', ...Array.from({ length: 10_000 }, (_, i) => `OBX|${i + 1}`)])
    const read = Array.from({ length: 10_000 }, (_, i) => message.text(`OBX(${i + 1})-1`))
    expect(read.every((one, i) => one === String(i + 1))).toBe(true)
  })
})
