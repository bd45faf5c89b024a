import { describe, expect, test } from 'vitest'
import { compileProfiles } from '../../../src/formats/hl7v2/rules/compile.ts'
import { compilePattern } from '../../../src/formats/hl7v2/rules/pattern.ts'
import { matchStructure, parseStructure } from '../../../src/formats/hl7v2/rules/structure.ts'
import { ruleText } from '../../../src/formats/hl7v2/rules/texts.ts'
import { TYPES } from '../../../src/formats/hl7v2/rules/types.ts'
import type { WrittenRule, WrittenRuleFile } from '../../../src/formats/hl7v2/rules/written.ts'
import { findingsIn } from './prove.ts'
import type { Lines } from './segments.ts'

const MSH = 'MSH|^~\\&|A|B|C|D|20260101||ORU^R01^ORU_R01|1|T|2.5^FRA|||||FRA|UNICODE UTF-8|||2.1^GUIDE'
const tables = new Map([['units', { codes: new Set(['U1']), prefixes: ['K'] }]])

function profilesOf(files: Readonly<Record<string, Omit<WrittenRuleFile, 'title'>>>, classes = {}) {
  const titled = Object.entries(files).map(([name, file]) => [name, { title: name, ...file }])
  return compileProfiles({ files: Object.fromEntries(titled), classes, tables })
}

/** Places and codes that one rule finds. */
function found(rule: Omit<WrittenRule, 'id'>, lines: Lines): string[] {
  const rules = [{ id: 'X', text: { fr: 'a', en: 'b' }, ...rule }]
  const profiles = profilesOf({ x: { appliesTo: { kinds: ['*'] }, rules } })
  return findingsIn([MSH, ...lines], profiles).map(({ at, code }) => `${at} ${code}`)
}

const cases: [name: string, rule: Omit<WrittenRule, 'id'>, lines: Lines, found: string[]][] = [
  ['required: there', { at: 'PID-3', required: true }, ['PID|||1'], []],
  ['required: empty', { at: 'PID-3', required: true }, ['PID|||'], ['PID-3 FIELD_MISSING']],
  ['required: the segment ends before', { at: 'PID-3', required: true }, ['PID'], ['PID-3 FIELD_MISSING']],
  ['required: the HL7 null is no value', { at: 'PID-3', required: true }, ['PID|||""'], ['PID-3 FIELD_MISSING']],
  ['required: no such segment asks nothing', { at: 'PID-3', required: true }, [], []],
  [
    'required: each occurrence',
    { at: 'OBX-3', required: true },
    ['OBX|1||a', 'OBX|2', 'OBX|3'],
    ['OBX(2)-3 FIELD_MISSING', 'OBX(3)-3 FIELD_MISSING'],
  ],
  [
    'required: one occurrence',
    { at: 'OBX(2)-3', required: true },
    ['OBX|1', 'OBX|2', 'OBX|3'],
    ['OBX(2)-3 FIELD_MISSING'],
  ],
  [
    'required: a component, in each repetition',
    { at: 'PID-3.4', required: true },
    ['PID|||1^^^A~2~3'],
    ['PID-3(2).4 FIELD_MISSING', 'PID-3(3).4 FIELD_MISSING'],
  ],
  ['required: a component of an empty field', { at: 'PID-3.4', required: true }, ['PID|1'], []],
  ['required: a subcomponent', { at: 'PID-3.4.2', required: true }, ['PID|||1^^^A&1.2'], []],
  ['required: a segment', { at: 'PV1', required: true }, ['PID|1'], ['PV1 SEGMENT_MISSING']],
  [
    'required: a segment that where leaves',
    { at: 'OBX', required: true, where: { 'OBX-3': ['B'] } },
    ['OBX|1||A'],
    ['OBX SEGMENT_MISSING'],
  ],
  ['forbidden: even the HL7 null', { at: 'PID-2', forbidden: true }, ['PID||""'], ['PID-2 FIELD_FORBIDDEN']],
  [
    'forbidden: a component',
    { at: 'PID-5.6', forbidden: true },
    ['PID|||||A~B^^^^^DR'],
    ['PID-5(2).6 FIELD_FORBIDDEN'],
  ],
  [
    'forbidden: a segment, the first of them',
    { at: 'OBX', forbidden: true },
    ['OBX|1', 'OBX|2'],
    ['OBX SEGMENT_UNEXPECTED'],
  ],
  ['max', { at: 'PID-3', max: 2 }, ['PID|||1~2~3'], ['PID-3 CARDINALITY']],
  ['max: as many', { at: 'PID-3', max: 2 }, ['PID|||1~2'], []],
  [
    'in: each repetition',
    { at: 'PID-32', in: ['VALI', 'HOMA'] },
    [`PID|${'|'.repeat(31)}VALI~X~HOMA~Y`],
    ['PID-32(2) VALUE_UNLISTED', 'PID-32(4) VALUE_UNLISTED'],
  ],
  ['in: nothing there', { at: 'PID-8', in: ['F'] }, ['PID|1'], []],
  [
    'in: a table, by code and by prefix',
    { at: 'PV1-3', in: 'table:units' },
    ['PV1|1|I|U1~KX~Z'],
    ['PV1-3(3) VALUE_UNLISTED'],
  ],
  ['in: what is escaped is compared as meant', { at: 'PID-8', in: ['A|B'] }, ['PID||||||||A\\F\\B'], []],
  ['in: what is not ASCII', { at: 'PID-8', in: ['É'] }, ['PID||||||||É'], []],
  ['notIn', { at: 'PID-8', notIn: ['X'] }, ['PID||||||||X'], ['PID-8 VALUE_UNLISTED']],
  ['contains', { at: 'PID-5.7', contains: ['L'] }, ['PID|||||A^^^^^^D~B^^^^^^S'], ['PID-5.7 VALUE_UNLISTED']],
  ['contains: one has it', { at: 'PID-5.7', contains: ['L'] }, ['PID|||||A^^^^^^D~B^^^^^^L'], []],
  [
    'pattern: the whole value',
    { at: 'PID-3', pattern: '\\d{2}' },
    ['PID|||12~123~1'],
    ['PID-3(2) FIELD_MALFORMED', 'PID-3(3) FIELD_MALFORMED'],
  ],
  ['type', { at: 'PID-7', type: 'TS' }, ['PID|||||||19611301'], ['PID-7 FIELD_MALFORMED']],
  [
    'type: of a component, cut by subcomponents',
    { at: 'PID-3.4', type: 'HD' },
    ['PID|||1^^^A&1.2'],
    ['PID-3.4 FIELD_MALFORMED'],
  ],
  [
    'equals: the one before, as in a group',
    { at: 'OBR-2', equals: 'ORC-2' },
    ['ORC|NW|1^A^', 'OBR|1|1^A', 'ORC|NW|2', 'OBR|1|3'],
    ['OBR(2)-2 CONTENT_DISAGREES'],
  ],
  ['equals: one of them is empty', { at: 'OBR-2', equals: 'ORC-2' }, ['ORC|NW', 'OBR|1|1'], []],
  [
    'matrix',
    { at: 'PV1-2', matrix: { by: 'MSH-9.2', allow: { R01: ['I'] } } },
    ['PV1|1|E'],
    ['PV1-2 CONTENT_DISAGREES'],
  ],
  [
    'matrix: a value that is not named allows all',
    { at: 'PV1-2', matrix: { by: 'MSH-9.2', allow: { A01: ['I'] } } },
    ['PV1|1|E'],
    [],
  ],
  [
    'matrix: in the same segment',
    { at: 'OBX-5', matrix: { by: 'OBX-3', allow: { A: ['1'], B: ['2'] } } },
    ['OBX|1||A||1', 'OBX|2||B||1'],
    ['OBX(2)-5 CONTENT_DISAGREES'],
  ],
  ['count: too few', { at: 'OBX', count: { min: 2 } }, ['OBX|1'], ['OBX CARDINALITY']],
  [
    'count: too many, told at the first of those',
    { at: 'OBX', count: { max: 2 } },
    ['OBX|1', 'OBX|2', 'OBX|3'],
    ['OBX(3) CARDINALITY'],
  ],
  [
    'count: of those that where leaves',
    { at: 'OBX', count: { min: 1, max: 1 }, where: { 'OBX-3.1': ['A'] } },
    ['OBX|1||A', 'OBX|2||B', 'OBX|3||A'],
    ['OBX(3) CARDINALITY'],
  ],
  [
    'check',
    { at: 'PV1', check: 'onlyFields', with: { segment: 'PV1', fields: [2] } },
    ['PV1|1|N||R'],
    ['PV1-1 CONTENT_DISAGREES', 'PV1-4 CONTENT_DISAGREES'],
  ],
  [
    'when: a list',
    { at: 'PV1-19', required: true, when: { 'PV1-2': ['I', 'E'] } },
    ['PV1|1|N', 'PV1|1|E'],
    ['PV1(2)-19 FIELD_MISSING'],
  ],
  [
    'when: not',
    { at: 'PV1-19', required: true, when: { 'PV1-2': { not: ['N'] } } },
    ['PV1|1|N', 'PV1|1'],
    ['PV1(2)-19 FIELD_MISSING'],
  ],
  [
    'when: present and absent',
    { at: 'PV1-19', required: true, when: { 'PV1-2': 'present', 'PV1-3': 'absent' } },
    ['PV1|1|N', 'PV1|1|N|A', 'PV1|1'],
    ['PV1-19 FIELD_MISSING'],
  ],
  ['when: a segment', { at: 'PV1', required: true, when: { ORC: 'present' } }, ['ORC|1'], ['PV1 SEGMENT_MISSING']],
  [
    'when: in the same repetition',
    { at: 'PID-3.4', required: true, when: { 'PID-3.5': ['INS'] } },
    ['PID|||1^^^^PI~2^^^^INS'],
    ['PID-3(2).4 FIELD_MISSING'],
  ],
  [
    'when: the segment before',
    { at: 'OBX-5', required: true, when: { 'OBR-4': ['B'] } },
    ['OBR||||A', 'OBX|1', 'OBR||||B', 'OBX|2'],
    ['OBX(2)-5 FIELD_MISSING'],
  ],
  [
    'when: another segment, told by number',
    { at: 'PV1-19', required: true, when: { 'OBX(2)-3': ['B'] } },
    ['PV1|1', 'OBX|1||A', 'OBX|2||B'],
    ['PV1-19 FIELD_MISSING'],
  ],
  [
    'where: only those',
    { at: 'OBX-5', required: true, where: { 'OBX-3': ['B'] } },
    ['OBX|1||A', 'OBX|2||B'],
    ['OBX(2)-5 FIELD_MISSING'],
  ],
  ['events: others', { at: 'PID-3', required: true, events: ['A01'] }, ['PID'], []],
  ['events: not these', { at: 'PID-3', required: true, events: { not: ['R01'] } }, ['PID'], []],
  ['place: told instead', { at: 'MSH-9.2', notIn: ['R01'], place: 'MSH-9' }, [], ['MSH-9 VALUE_UNLISTED']],
  [
    'place: in the same occurrence',
    { at: 'OBX-3.1', notIn: ['B'], place: 'OBX-5' },
    ['OBX|1||A', 'OBX|2||B'],
    ['OBX(2)-5 VALUE_UNLISTED'],
  ],
  ['fields of MSH count their separator', { at: 'MSH-12.2', in: ['DEU'] }, [], ['MSH-12.2 VALUE_UNLISTED']],
  ['MSH-2 is not cut by itself', { at: 'MSH-2', in: ['^~\\&'] }, [], []],
]

describe('what rules ask', () => {
  test.each(cases)('%s', (_name, rule, lines, expected) => {
    expect(found(rule, lines)).toEqual(expected)
  })

  test('a rule tells at most 20 places, a message 50 findings, and a message of 100,000 segments is looked at', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `OBX|${i}`)
    expect(found({ at: 'OBX-3', required: true }, many)).toHaveLength(20)
    const rules = [3, 4, 5, 6].map((n) => ({ id: `X-${n}`, at: `OBX-${n}`, required: true as const }))
    const profiles = profilesOf({ x: { appliesTo: { kinds: ['*'] }, rules } })
    expect(findingsIn([MSH, ...many], profiles)).toHaveLength(50)
  })
})

describe('which files are looked at', () => {
  const rule = (id: string) => [{ id, at: 'PV1', required: true as const }]
  const ids = (files: Parameters<typeof profilesOf>[0], msh = MSH, classes = {}) =>
    findingsIn([msh, 'PID|1'], profilesOf(files, classes)).map(({ params, class: cls }) => `${params?.['rule']} ${cls}`)

  test.each([
    ['the kind', { kinds: ['ORU^R01'] }, true],
    ['every event of a type', { kinds: ['ORU^*'] }, true],
    ['every kind', { kinds: ['*'] }, true],
    ['another kind', { kinds: ['ORU^R03'] }, false],
    ['the version', { kinds: ['*'], versions: ['2.4', '2.5'] }, true],
    ['another version', { kinds: ['*'], versions: ['2.6'] }, false],
    ['the country', { kinds: ['*'], countries: ['FRA'] }, true],
    ['another country', { kinds: ['*'], countries: ['DEU'] }, false],
    ['a guide of MSH-21', { kinds: ['*'], profiles: ['GUIDE'] }, true],
    ['another guide', { kinds: ['*'], profiles: ['OTHER'] }, false],
    ['content', { kinds: ['*'], when: { 'PID-1': ['1'] } }, true],
    ['other content', { kinds: ['*'], when: { 'PID-1': ['2'] } }, false],
  ])('by %s', (_name, appliesTo, applies) => {
    expect(ids({ x: { appliesTo, rules: rule('X') } })).toEqual(applies ? ['X contract'] : [])
  })

  test('an acknowledgement is none of "every kind"', () => {
    expect(
      ids({ x: { appliesTo: { kinds: ['*'] }, rules: rule('X') } }, MSH.replace('ORU^R01^ORU_R01', 'ACK')),
    ).toEqual([])
  })
  test('one replaces another where it applies, and only there', () => {
    const files = (country: string) => ({
      plain: { appliesTo: { kinds: ['*'] }, rules: rule('PLAIN') },
      guide: { appliesTo: { kinds: ['*'], countries: [country] }, replaces: ['plain'], rules: rule('GUIDE') },
    })
    expect(ids(files('FRA'))).toEqual(['GUIDE contract'])
    expect(ids(files('DEU'))).toEqual(['PLAIN contract'])
  })
  test('a piece that two files use is asked once', () => {
    const files = {
      piece: { rules: rule('PIECE') },
      a: { appliesTo: { kinds: ['*'] }, use: ['piece'] },
      b: { appliesTo: { kinds: ['*'] }, use: ['piece'], rules: rule('B') },
    }
    expect(ids(files)).toEqual(['PIECE contract', 'B contract'])
  })
  test('classes: what is not read in the guide is form, and the region has the last word', () => {
    const rules = [
      { id: 'SURE', at: 'PV1', required: true as const },
      { id: 'UNSURE', at: 'PV1', required: true as const, certainty: 'unverified' as const },
      { id: 'ASLEEP', at: 'PV1', required: true as const, class: 'off' as const },
    ]
    const files = { x: { appliesTo: { kinds: ['*'] }, rules } }
    expect(ids(files)).toEqual(['SURE contract', 'UNSURE form'])
    expect(ids(files, MSH, { SURE: 'off', UNSURE: 'safety', ASLEEP: 'form' })).toEqual(['UNSURE safety', 'ASLEEP form'])
  })
})

const matched: [structure: string, names: string, misfits: string[]][] = [
  ['MSH PID [PD1] PV1', 'MSH PID PV1', []],
  ['MSH PID [PD1] PV1', 'MSH PID PD1 PV1 ZZZ', []],
  ['MSH PID PV1', 'MSH PV1', ['missing PID']],
  ['MSH PID PV1', 'MSH', ['missing PID', 'missing PV1']],
  ['MSH PID PV1', 'MSH PV1 PID', ['order PV1']],
  ['MSH PID PV1', 'MSH PID PID PV1', ['repeated PID']],
  ['MSH PID PV1', 'MSH PID PV1 PV1', ['repeated PV1']],
  ['MSH PID PV1', 'MSH PID OBX OBX PV1', ['unexpected OBX']],
  ['MSH PID PV1 ZBE', 'MSH PID PV1', ['missing ZBE']],
  ['MSH PID PV1 ZBE', 'MSH ZBE PID PV1', ['order ZBE']],
  ['MSH PID PV1 ZBE', 'MSH PV1 PID', ['order PV1', 'missing ZBE']],
  ['MSH { OBR [{NTE}] [{OBX [{NTE}]}] }', 'MSH OBR NTE OBX OBX NTE NTE OBR OBX', []],
  ['MSH { OBR [{OBX}] }', 'MSH OBX', ['missing OBR']],
  ['MSH { [ORC] OBR [{OBX}] }', 'MSH ORC OBR ORC OBX', ['missing OBR']],
  ['MSH [{ ORC OBR }] [DSC]', 'MSH DSC', []],
  ['MSH [{ ORC OBR }] [DSC]', 'MSH DSC ORC OBR', ['order ORC']],
  ['MSH { PID MRG }', 'MSH PID MRG PID MRG', []],
  ['MSH { PID MRG }', 'MSH PID MRG PID', ['missing MRG']],
  ['MSH EVN [{ROL}] PID [{ROL}]', 'MSH EVN ROL PID ROL ROL', []],
]

describe('structures', () => {
  test.each(matched)('%s of %s', (text, names, misfits) => {
    const found = matchStructure(names.split(' '), parseStructure(text))
    expect(found.map(({ what, segment }) => `${what} ${segment}`)).toEqual(misfits)
  })
  test('parts stand for what they are, in parts too', () => {
    const { always } = parseStructure('MSH patient', { patient: 'PID visit', visit: '[{NTE}] PV1' })
    expect(always).toEqual(['MSH', 'PID', 'PV1'])
  })
  test.each([
    ['MSH [PID', '] is missing'],
    ['MSH PID]', '] closes nothing'],
    ['MSH []', 'a bracket is empty'],
    ['MSH PIDX', 'is no segment'],
    ['MSH a', 'circle'],
  ])('%s is refused', (text, said) => {
    expect(() => parseStructure(text, { a: 'b', b: 'a' })).toThrow(said)
  })
})

const typed: [type: string, good: string[], bad: string[]][] = [
  [
    'TS',
    [
      '2026',
      '202601',
      '20260131',
      '2026013123',
      '202601312359',
      '20260131235959',
      '20260131235959.1234',
      '20260131+0100',
      '20260131235959-1030',
    ],
    ['26', '20261', '20261301', '20260132', '2026013124', '202601312360', '2026-01-31', 'abc', '20260131+01'],
  ],
  ['DT', ['2026', '20260131'], ['202601312359', '20260131+0100']],
  ['TM', ['23', '2359', '235959.12', '2359+0100'], ['24', '236', '2360']],
  ['NM', ['1', '-1', '+1.5', '.5', '12.'], ['', '1,5', '1e5', 'a', '1 2', '.']],
  ['SI', ['1', '0001'], ['', 'a', '12345', '-1']],
  ['UID', ['1.2.840.10008', '2.25.0', '0.1'], ['1.2.abc', '1.02', '3.1', '1', '1..2', `1.${'2'.repeat(63)}`]],
  ['EI', ['1^A', '1^^1.2^ISO', '1^A^1.2^ISO'], ['1', '1^^1.2', '^A', `${'1'.repeat(129)}^A`]],
  ['CX', ['1^^^A', '1^^^A&1.2&ISO^PI'], ['1', '^^^A', '1^^^^PI']],
  ['HD', ['A', 'A^1.2^ISO', '^1.2^ISO'], ['A^1.2', 'A^^ISO', '^']],
  ['XCN', ['1', '^NOM'], ['^', '^^X']],
  ['XON', ['NOM', '^^^^^^^^^1'], ['^^^^^^UF']],
]

describe('data types', () => {
  test.each(typed)('%s', (type, good, bad) => {
    expect(good.filter((raw) => !TYPES[type]!(raw, '^'))).toEqual([])
    expect(bad.filter((raw) => TYPES[type]!(raw, '^'))).toEqual([])
  })
  test('every type has its row', () => {
    expect(typed.map(([type]) => type)).toEqual(Object.keys(TYPES))
  })
})

describe('patterns', () => {
  test.each(['(a+)+', '(a|a)*', '(a*b)*', '([a-z]+,){2,}', '(?=a)b', '(a)\\1', 'a'.repeat(301)])(
    '%s is refused',
    (text) => {
      expect(() => compilePattern(text)).toThrow(RangeError)
    },
  )
  test.each(['(\\d{2}|A)B?', '[A-Z+*]{2,}', '(ab){1,3}', '1[1-9]|[2-7]\\d'])('%s is taken', (text) => {
    expect(compilePattern(text)('')).toBe(false)
  })
  test('a value longer than any form is not looked at', () => {
    expect(compilePattern('a*')('a'.repeat(5_000))).toBe(false)
  })
})

const sentences: [rule: Omit<WrittenRule, 'id' | 'at'>, fr: string, en: string][] = [
  [{ required: true }, 'ZBE-9 est obligatoire', 'ZBE-9 is required'],
  [
    {
      required: true,
      when: { 'ZBE-4': ['UPDATE', 'CANCEL'], PV1: 'present', 'PV1-2': { not: ['N'] }, 'PV1-3': 'absent' },
    },
    'ZBE-9 est obligatoire quand ZBE-4 vaut UPDATE, CANCEL et PV1 est présent et PV1-2 ne vaut pas N et PV1-3 est absent',
    'ZBE-9 is required when ZBE-4 is UPDATE, CANCEL and PV1 is there and PV1-2 is not N and PV1-3 is absent',
  ],
  [{ forbidden: true }, 'ZBE-9 ne doit pas être présent', 'ZBE-9 must not be there'],
  [{ max: 1 }, 'ZBE-9 : 1 répétition(s) au plus', 'ZBE-9: at most 1 repetition(s)'],
  [
    { in: 'table:units' },
    'ZBE-9 : valeur hors de la liste (table:units)',
    'ZBE-9: the value is not listed (table:units)',
  ],
  [{ notIn: ['C'] }, 'ZBE-9 : valeur exclue (C)', 'ZBE-9: the value is excluded (C)'],
  [{ contains: ['L'] }, "ZBE-9 doit comporter l'une des valeurs L", 'ZBE-9 must have one of the values L'],
  [{ pattern: 'a' }, "ZBE-9 n'a pas la forme attendue", 'ZBE-9 does not have the form expected'],
  [{ type: 'TS' }, "ZBE-9 n'est pas de type TS", 'ZBE-9 is not of type TS'],
  [{ equals: 'ORC-2' }, 'ZBE-9 diffère de ORC-2', 'ZBE-9 differs from ORC-2'],
  [
    { matrix: { by: 'MSH-9.2', allow: {} } },
    'ZBE-9 : valeur incompatible avec MSH-9.2',
    'ZBE-9: the value does not go with MSH-9.2',
  ],
  [{ count: { min: 1 } }, 'ZBE-9 : au moins 1 attendu(s)', 'ZBE-9: at least 1 expected'],
  [
    { count: { min: 1, max: 1 }, where: { 'OBX-3.1': ['A'] } },
    'ZBE-9 : 1 attendu(s) pour OBX-3.1 vaut A',
    'ZBE-9: 1 expected for OBX-3.1 is A',
  ],
]
test.each(sentences)('%o is said', (rule, fr, en) => {
  expect([
    ruleText({ id: 'X', at: 'ZBE-9', ...rule }, 'ZBE-9', 'fr'),
    ruleText({ id: 'X', at: 'ZBE-9', ...rule }, 'ZBE-9', 'en'),
  ]).toEqual([fr, en])
})

test('fifty formal findings hide none that decides', () => {
  const text = { fr: 'a', en: 'b' }
  const required = (field: number) =>
    ({ id: `F${field}`, at: `OBX-${field}`, required: true, class: 'form', text }) as const
  const rules = [
    ...[2, 3, 4, 5].map(required),
    { id: 'C', at: 'PV1-2', in: ['I'], class: 'contract', text } as const,
    { id: 'S', at: 'ZZZ-1', in: ['A'], class: 'safety', text } as const,
  ]
  const profiles = profilesOf({ x: { appliesTo: { kinds: ['*'] }, rules } })
  const many = Array.from({ length: 30 }, (_, i) => `OBX|${i + 1}`)
  const classes = findingsIn([MSH, ...many, 'PV1||X', 'ZZZ|B'], profiles).map((one) => one.class)
  expect(classes).toHaveLength(50)
  expect(classes.slice(-2)).toEqual(['contract', 'safety'])
})

test('a hostile number of segments that may stand once is told, in linear time', () => {
  const movement = ['EVN||20260101', 'PID|||1', 'PV1||I']
  const found = findingsIn([
    'MSH|^~\\&|A|B|C|D|20260101||ADT^A01^ADT_A01|1|T|2.5^FRA^2.11',
    ...movement,
    ...Array.from({ length: 200_000 }, () => 'ZBE|1'),
  ])
  expect(found).toHaveLength(50)
  expect(found.filter(({ code }) => code === 'CARDINALITY').map(({ at }) => at)).toContain('ZBE(21)')
}, 20_000)
