import fc from 'fast-check'
import { expect, test } from 'vitest'
import { replaceField } from '../../src/formats/hl7v2/splice.ts'
import { bytesOf, messageFrom, messageOf, STROKE } from './messages.ts'

const lines = ['MSH|^~\\&|A|B||', 'PID|1||1^^^X&Y~2||N', 'PV1', 'OBX|1', 'OBX|2|TX|||v']

test.each<[path: string, value: string, line: number, expected: string]>([
  ['MSH-3', 'Z', 0, 'MSH|^~\\&|Z|B||'],
  ['MSH-5', 'DPI', 0, 'MSH|^~\\&|A|B|DPI|'],
  ['MSH-6', 'F', 0, 'MSH|^~\\&|A|B||F'],
  ['MSH-8', 'S', 0, 'MSH|^~\\&|A|B||||S'],
  ['MSH-4.2', 'S', 0, 'MSH|^~\\&|A|B^S||'],
  ['PID-3', '9', 1, 'PID|1||9||N'],
  ['PID-3(1)', '9', 1, 'PID|1||9~2||N'],
  ['PID-3(2)', '9', 1, 'PID|1||1^^^X&Y~9||N'],
  ['PID-3(4)', '9', 1, 'PID|1||1^^^X&Y~2~~9||N'],
  ['PID-3.1', '9', 1, 'PID|1||9^^^X&Y~2||N'],
  ['PID-3.4', '9', 1, 'PID|1||1^^^9~2||N'],
  ['PID-3.4.2', '9', 1, 'PID|1||1^^^X&9~2||N'],
  ['PID-3.4.4', '9', 1, 'PID|1||1^^^X&Y&&9~2||N'],
  ['PID-3.6', '9', 1, 'PID|1||1^^^X&Y^^9~2||N'],
  ['PID-3(2).4.2', '9', 1, 'PID|1||1^^^X&Y~2^^^&9||N'],
  ['PID-7', '9', 1, 'PID|1||1^^^X&Y~2||N||9'],
  ['PID-5', '', 1, 'PID|1||1^^^X&Y~2||'],
  ['PID-5', '""', 1, 'PID|1||1^^^X&Y~2||""'],
  ['PV1-3.1', 'U', 2, 'PV1|||U'],
  ['OBX(2)-5', 'w', 4, 'OBX|2|TX|||w'],
  ['OBX-3.2', 'w', 3, 'OBX|1||^w'],
  ['OBX-5', 'a|b^c&d~e\\f\ng', 3, 'OBX|1||||a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g'],
  ['OBX-5', 'Zoé €', 3, 'OBX|1||||Zo\xe9 \xa4'],
])('%s := %j', (path, value, line, expected) => {
  const changed = replaceField(messageOf(lines), path, value)
  expect(changed.toString('latin1')).toBe(bytesOf(lines.with(line, expected)).toString('latin1'))
})

test.each(['\r', '\n', '\r\n'])('segment ends %j stay as they came', (end) => {
  const changed = replaceField(messageFrom(bytesOf(lines, end)), 'PV1-2', 'I')
  expect(changed.toString('latin1')).toBe(bytesOf(lines.with(2, 'PV1||I'), end).toString('latin1'))
})

test.each<[name: string, lines: string[], path: string, value: string, error: object]>([
  ['no such segment', lines, 'ZZZ-1', 'x', { code: 'FIELD_MISSING' }],
  ['no such occurrence', lines, 'OBX(3)-1', 'x', { code: 'FIELD_MISSING' }],
  ['the character set cannot hold it', lines, 'PID-5', '漢', { code: 'FIELD_MALFORMED' }],
  ['no escape character', ['MSH|^~|A'], 'MSH-3', 'a^b', { code: 'FIELD_MALFORMED' }],
  ['no repetition character', ['MSH|^|A'], 'MSH-3(2)', 'x', { code: 'FIELD_MALFORMED' }],
  ['no sub-component character', ['MSH|^~\\|A'], 'MSH-3.1.2', 'x', { code: 'FIELD_MALFORMED' }],
  ['MSH-1', lines, 'MSH-1', '$', { name: 'RangeError' }],
  ['MSH-2', lines, 'MSH-2', '$', { name: 'RangeError' }],
  ['no path', lines, 'MSH', '$', { name: 'RangeError' }],
])('refused: %s', (_name, message, path, value, error) => {
  expect(() => replaceField(messageOf(message), path, value)).toThrow(expect.objectContaining(error))
})

test('an error names the place, not the value', () => {
  expect(() => replaceField(messageOf(lines), 'PID-5', '漢 secret')).toThrow(
    /^the value does not fit the message at PID-5$/,
  )
})

const places = fc.record({
  segment: fc.constantFrom('MSH', 'PID', 'OBX', 'OBX(2)', 'OBX(3)', 'OBR'),
  field: fc.integer({ min: 3, max: 40 }),
  repetition: fc.option(fc.integer({ min: 1, max: 5 })),
  component: fc.option(fc.integer({ min: 1, max: 7 })),
  subcomponent: fc.option(fc.integer({ min: 1, max: 4 })),
})

/** Are two texts the same in all parts cut by the first separator but part `at`, and so on inside that part? */
function onlyDiffersAt(before: string, after: string, cuts: readonly [separator: string, at: number][]): boolean {
  const [cut, ...inner] = cuts
  if (cut === undefined) return true
  const [separator, at] = cut
  const [old, fresh] = [before.split(separator), after.split(separator)]
  if (fresh.length !== Math.max(old.length, at + 1)) return false
  const others = fresh.every((one, i) => i === at || one === (old[i] ?? ''))
  return others && onlyDiffersAt(old[at] ?? '', fresh[at] ?? '', inner)
}

test('what is replaced reads back, and everything else is byte for byte as it was', () => {
  const bytes = bytesOf(STROKE)
  const text = fc.string({ unit: fc.constantFrom(...'abé€|^~\\&"\n\r#FSTREX0') })
  fc.assert(
    fc.property(places, text, (place, value) => {
      const { segment, field, repetition, component } = place
      const subcomponent = component === null ? null : place.subcomponent
      const inside = [component, subcomponent].filter((one) => one !== null).map((one) => `.${one}`)
      const path = `${segment}-${field}${repetition === null ? '' : `(${repetition})`}${inside.join('')}`
      // MSH-18 says how the rest is read: replacing it changes more than a value.
      fc.pre(segment !== 'MSH' || field !== 18)
      const changed = replaceField(messageFrom(bytes), path, value)
      expect(messageFrom(changed).text(path)).toBe(value === '' ? null : value)

      const line = { MSH: 0, PID: 1, OBR: 4, OBX: 5, 'OBX(2)': 6, 'OBX(3)': 7 }[segment]!
      const cuts: [string, number][] = [
        ['\r', line],
        ['|', segment === 'MSH' ? field - 1 : field],
      ]
      if (repetition !== null || component !== null) cuts.push(['~', (repetition ?? 1) - 1])
      if (component !== null) cuts.push(['^', component - 1])
      if (subcomponent !== null) cuts.push(['&', subcomponent - 1])
      expect(onlyDiffersAt(bytes.toString('latin1'), changed.toString('latin1'), cuts)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('putting a field back as it was gives the same bytes', () => {
  const bytes = bytesOf(STROKE)
  for (const path of ['MSH-10', 'PID-3(2).4.2', 'PID-5.2', 'OBX(2)-5', 'PV1-3.4', 'OBX-5']) {
    const message = messageFrom(bytes)
    expect(replaceField(message, path, message.text(path) ?? '').equals(bytes), path).toBe(true)
  }
})
