import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { frameworks, profileFolders, readFramework, readRegion } from '../../src/app/config/index.ts'
import { frameworkName } from '../../src/core/conformity.ts'
import { regionText, writeRegion } from '../support/region.ts'

const SHIPPED = fileURLToPath(new URL('../../profiles/frameworks/', import.meta.url))
const KNOWN = new Set(['PAM-PID-32', 'PAM-ZBE-4', 'INS_KEY', 'identities/TWOINS'])

// Lines 1 to 11 of every file below; the judge of a case stands on line 17, column 16.
const HEAD = `id: essai
version: "1"
name: { fr: Essai, en: Trial }
publisher: Région exemple
status: final
valid: { from: 2026-01-01 }
appliesTo: [hospital]
source: exemple
domains:
  - id: flows
    name: { fr: Flux, en: Flows }
    requirements:
`
const requirement = (id: string, judge: string): string => `      - id: ${id}
        level: mandatory
        text: { fr: Un, en: One }
        source: { document: exemple }
        judge: ${judge}
        next: { fr: Faire, en: Do }
`
const EVIDENCE = '{ evidence: { accepts: document, valid: 365 d } }'
const traffic = (measure: string, side = 'sent'): string =>
  `{ traffic: { side: ${side}, kinds: ["ADT^A28"], window: 30 d, minimum: 20, ${measure} } }`

/** Problems as `line:column CODE at message`. */
function told(text: string): string[] {
  const { framework, problems } = readFramework('x.yaml', text, KNOWN)
  expect(framework === null).toBe(problems.length > 0)
  return problems.map(({ line, column, code, at, message }) => `${line}:${column} ${code} ${at} ${message}`)
}

const change = (from: string, to: string): string => `${HEAD}${requirement('EX-A', EVIDENCE)}`.replace(from, to)
const judged = (judge: string): string => `${HEAD}${requirement('EX-A', judge)}`
const JUDGE = 'domains[0].requirements[0].judge'

const cases: [name: string, text: string, said: string[]][] = [
  ['nothing wrong', change('', ''), []],
  [
    'an unknown key',
    change('status:', 'statut: final\nstatus:'),
    ['5:1 UNKNOWN_KEY statut "statut" is no setting here (did you mean status?)'],
  ],
  [
    'a version that is a number',
    change('"1"', '2026.1'),
    ['2:10 WRONG_TYPE version expected a version in quotes, such as "2026.1", found a number'],
  ],
  ['one language', change('{ fr: Essai, en: Trial }', '{ fr: Essai }'), ['3:7 MISSING name en is missing']],
  [
    'an unknown status',
    change('status: final', 'status: fini'),
    ['5:9 BAD_VALUE status "fini" is none of draft, public-comment, trial, final, deprecated, closed'],
  ],
  [
    'an unknown kind of establishment',
    change('[hospital]', '[clinic]'),
    [
      '7:13 BAD_VALUE appliesTo[0] "clinic" is none of hospital, university-hospital, nursing-home, disability-home, social, samu, expert-centre, platform',
    ],
  ],
  [
    'a date without form',
    change('2026-01-01', '1/1/2026'),
    ['6:16 BAD_VALUE valid.from "1/1/2026" is not a day, such as 2026-01-31'],
  ],
  [
    'a day that is none',
    change('2026-01-01', '2026-02-30'),
    ['6:16 BAD_FRAMEWORK valid.from 2026-02-30 is no day of the calendar'],
  ],
  [
    'an end before the beginning',
    change('2026-01-01 }', '2026-01-01, to: 2025-12-31 }'),
    ['6:32 BAD_FRAMEWORK valid.to ends 2025-12-31, before it begins'],
  ],
  [
    'no domain',
    `${HEAD.slice(0, HEAD.indexOf('domains:'))}domains: []\n`,
    ['9:10 BAD_VALUE domains expected at least one domain, found an empty list'],
  ],
  [
    'an id in lower case',
    change('id: EX-A', 'id: ex-a'),
    [
      '13:13 BAD_VALUE domains[0].requirements[0].id "ex-a" is not a requirement id of capitals, digits and . / _ -, such as PAM-IDENTITY',
    ],
  ],
  [
    'an unknown level',
    change('level: mandatory', 'level: must'),
    ['14:16 BAD_VALUE domains[0].requirements[0].level "must" is none of mandatory, recommended, optional, indicator'],
  ],
  [
    'an id twice',
    `${judged(EVIDENCE)}${requirement('EX-A', EVIDENCE)}`,
    ['19:13 BAD_FRAMEWORK domains[0].requirements[1].id the id EX-A stands twice'],
  ],
  [
    'a domain twice',
    `${judged(EVIDENCE)}${HEAD.slice(HEAD.indexOf('  - id: flows'))}${requirement('EX-B', EVIDENCE)}`,
    ['19:9 BAD_FRAMEWORK domains[1].id the id flows stands twice'],
  ],
  [
    'no judging',
    judged('{ }'),
    [`17:16 BAD_FRAMEWORK ${JUDGE} exactly one of traffic, probe, evidence, trial, derived is asked for, found none`],
  ],
  [
    'a case of a test book that is not there',
    judged('{ trial: { cases: [identities/TWOINS, identities/NOTHING], valid: 30 d } }'),
    [
      `17:54 BAD_FRAMEWORK ${JUDGE}.trial.cases[1] there is no case identities/NOTHING (profiles/test-books: BOOK/CASE)`,
    ],
  ],
  [
    'profiles of what was received',
    judged(
      '{ traffic: { side: received, kinds: [ADT^A01], profiles: [X], window: 1 d, answered: { atLeast: 99 % } } }',
    ),
    [`17:73 BAD_FRAMEWORK ${JUDGE}.traffic.profiles profiles are counted of messages sent`],
  ],
  [
    'two judgings',
    judged('{ probe: { kind: tls, valid: 7 d }, derived: { all: [EX-A] } }'),
    [
      `17:16 BAD_FRAMEWORK ${JUDGE} exactly one of traffic, probe, evidence, trial, derived is asked for, found probe and derived`,
      `17:61 BAD_FRAMEWORK ${JUDGE}.derived goes in a circle: EX-A → EX-A`,
    ],
  ],
  [
    'nothing measured',
    judged('{ traffic: { side: sent, kinds: [Patient], window: 30 d } }'),
    [`17:27 BAD_FRAMEWORK ${JUDGE}.traffic exactly one of share, absence, presence, answered is asked for, found none`],
  ],
  [
    'two measures',
    judged(traffic('presence: 20, absence: [INS_KEY]')),
    [
      `17:27 BAD_FRAMEWORK ${JUDGE}.traffic exactly one of share, absence, presence, answered is asked for, found absence and presence`,
    ],
  ],
  [
    'a kind without form',
    judged(traffic('presence: 20').replace('ADT^A28', 'adt')),
    [
      `17:49 BAD_VALUE ${JUDGE}.traffic.kinds[0] "adt" is not a kind: ADT^A01, ADT^*, a FHIR type, Bundle:transaction or MAIL^XDM`,
    ],
  ],
  [
    'a window that counts are not kept for',
    judged(traffic('presence: 20').replace('30 d', '801 d')),
    [`17:69 BAD_FRAMEWORK ${JUDGE}.traffic.window 801 d is longer than counts are kept (800 d)`],
  ],
  ['the longest window', judged(traffic('presence: 20').replace('30 d', '800 d')), []],
  [
    'a window of hours',
    judged(traffic('presence: 20').replace('30 d', '12 h')),
    [`17:69 BAD_VALUE ${JUDGE}.traffic.window "12 h" is not whole days, such as 30 d`],
  ],
  [
    'received without answers',
    judged(traffic('absence: [INS_KEY]', 'received')),
    [`17:35 BAD_FRAMEWORK ${JUDGE}.traffic.side received goes with answered alone`],
  ],
  [
    'answers of what was sent',
    judged(traffic('answered: { atLeast: 95 % }')),
    [`17:35 BAD_FRAMEWORK ${JUDGE}.traffic.side answered is measured of messages received`],
  ],
  [
    'a share without form',
    judged(traffic('share: { atLeast: 0.99 }')),
    [`17:106 WRONG_TYPE ${JUDGE}.traffic.share.atLeast expected a share, such as 99 % or 99.5 %, found a number`],
  ],
  [
    'a share above all',
    judged(traffic('share: { atLeast: 101 % }')),
    [`17:106 BAD_VALUE ${JUDGE}.traffic.share.atLeast "101 %" is not a share, such as 99 % or 99.5 %`],
  ],
  [
    'partly as much as met',
    judged(traffic('share: { without: [INS_KEY], atLeast: 90 %, partly: 90 % }')),
    [`17:140 BAD_FRAMEWORK ${JUDGE}.traffic.share.partly partly (90 %) must be below atLeast (90 %)`],
  ],
  [
    'answers partly above met',
    judged(traffic('answered: { atLeast: 80 %, partly: 95 % }', 'received')),
    [`17:127 BAD_FRAMEWORK ${JUDGE}.traffic.answered.partly partly (95 %) must be below atLeast (80 %)`],
  ],
  [
    'a share of everything',
    judged(traffic('share: { refused: false, atLeast: 90 % }')),
    [`17:95 BAD_FRAMEWORK ${JUDGE}.traffic.share without findings and refused: false, every message is as it must be`],
  ],
  [
    'a presence under the minimum',
    judged(traffic('presence: 5')),
    [
      `17:98 BAD_FRAMEWORK ${JUDGE}.traffic.presence under a minimum of 20 nothing is said, so 5 can never be asked for`,
    ],
  ],
  [
    'an unknown rule',
    judged(traffic('share: { without: [PAM-PID-32, PAM-NONE], atLeast: 90 % }')),
    [
      `17:119 BAD_FRAMEWORK ${JUDGE}.traffic.share.without[1] there is no rule and no code PAM-NONE (profiles/hl7v2, docs/errors.md)`,
    ],
  ],
  [
    'a pattern that nothing meets',
    judged(traffic('absence: ["PAM-*", "I0-*"]')),
    [`17:107 BAD_FRAMEWORK ${JUDGE}.traffic.absence[1] no rule and no code begins with I0-`],
  ],
  [
    'a pattern without beginning',
    judged(traffic('absence: ["*"]')),
    [
      `17:98 BAD_VALUE ${JUDGE}.traffic.absence[0] "*" is not the id of a rule or a code, with * at the end for any ending`,
    ],
  ],
  [
    'an unknown probe',
    judged('{ probe: { kind: ping, valid: 7 d } }'),
    [
      `17:33 BAD_VALUE ${JUDGE}.probe.kind "ping" is none of tls, mllp, fhir-capability, fhir-exchange, mail, dicomweb, clock`,
    ],
  ],
  [
    'a reminder longer than it is valid',
    judged('{ evidence: { accepts: either, valid: 30 d, remind: 30 d } }'),
    [`17:68 BAD_FRAMEWORK ${JUDGE}.evidence.remind the reminder (30 d) must be shorter than it is valid (30 d)`],
  ],
  [
    'made of what is not there',
    judged('{ derived: { any: [EX-B] } }'),
    [`17:35 BAD_FRAMEWORK ${JUDGE}.derived.any[0] there is no requirement EX-B in this framework`],
  ],
  [
    'made in two ways',
    judged('{ derived: { any: [EX-A], all: [EX-A] } }'),
    [`17:27 BAD_FRAMEWORK ${JUDGE}.derived exactly one of all, any, atLeast is asked for, found all and any`],
  ],
  [
    'more than there are',
    `${judged('{ derived: { atLeast: { n: 2, of: [EX-B] } } }')}${requirement('EX-B', EVIDENCE)}`,
    [`17:43 BAD_FRAMEWORK ${JUDGE}.derived.atLeast.n 2 of 1 can never be met`],
  ],
  [
    'a circle of two',
    `${judged('{ derived: { all: [EX-B] } }')}${requirement('EX-B', '{ derived: { all: [EX-A] } }')}`,
    [`17:27 BAD_FRAMEWORK ${JUDGE}.derived goes in a circle: EX-A → EX-B → EX-A`],
  ],
  [
    'broken YAML',
    'id: [',
    ['1:6 YAML  Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ],
  ['no file of settings', 'hello', ['1:1 WRONG_TYPE  expected settings, found text']],
  [
    'several at once, whatever the head',
    change('version: "1"\n', '').replace('365 d', '365'),
    [
      '1:1 MISSING  version is missing',
      `16:56 WRONG_TYPE ${JUDGE}.evidence.valid expected whole days, such as 30 d, found a number`,
    ],
  ],
]

// biome-ignore lint/suspicious/noExplicitAny: a file that is changed anywhere
type Loose = any

/** Every path into a value, by keys and indexes. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...pathsIn(inner, [...path, key])])
}

describe('a file of a framework', () => {
  test.each(cases)('%s', (_name, text, said) => {
    expect(told(text)).toEqual(said)
  })

  test('an alias inside what it names is a problem, and no endless work', () => {
    expect(told('domains: &a [*a]\n')).toEqual(['1:1 YAML  an alias stands inside what it names'])
    expect(told(judged('{ probe: { kind: tls, valid: 7 d, settings: &s { a: *s } } }'))).toHaveLength(1)
  })

  test('whatever stands at whatever place, it is judged and never throws', () => {
    const whole = parse(readFileSync(`${SHIPPED}hopital-numerique.yaml`, 'utf8')) as object
    const places = fc.constantFrom(...pathsIn(whole))
    const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('HN-P1', '30 d', '99 %', 'tls', [], {}))
    fc.assert(
      fc.property(places, values, (path, value) => {
        const changed = structuredClone(whole)
        const holder = path.slice(0, -1).reduce<Loose>((at, key) => at[key], changed)
        holder[path.at(-1)!] = value
        const { framework, problems } = readFramework('x.yaml', JSON.stringify(changed), KNOWN)
        expect(framework === null).toBe(problems.length > 0)
      }),
    )
  })

  test('what the head lacks does not hide what is wrong further down', () => {
    const text = judged(traffic('absence: [PAM-NONE]')).replace('status: final', 'status: fini')
    expect(told(text).map((line) => line.split(' ')[0])).toEqual(['5:9', '17:98'])
  })
})

/** A region in a folder of its own, with these files in profiles/frameworks. */
async function region(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'frameworks-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'profiles', 'frameworks'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'profiles', 'frameworks', name), text)
  const { problems, shared } = await readRegion(writeRegion(folder, regionText()), {})
  return { usable: shared !== null, problems, names: frameworks(profileFolders(folder)).map(frameworkName) }
}

const rniv = readFileSync(`${SHIPPED}rniv.yaml`, 'utf8')

describe('frameworks beside region.yaml', () => {
  test('a good one stands beside those that are shipped', async () => {
    const { usable, names } = await region({ 'a.yaml': judged(EVIDENCE) })
    expect(usable).toBe(true)
    expect(names).toEqual(expect.arrayContaining(['rniv@2.0', 'essai@1']))
  })

  test('one with a problem is told by the check of the region, and none of it is used', async () => {
    const { usable, problems, names } = await region({ 'a.yaml': change('status: final', 'status: fini') })
    expect(usable).toBe(false)
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'BAD_FRAMEWORK profiles/frameworks/a.yaml line 5 column 9: "fini" is none of draft, public-comment, trial, final, deprecated, closed',
    ])
    expect(names).not.toContain('essai@1')
  })

  test('the version of a shipped one is refused when it says another thing, and taken once when it says the same', async () => {
    const same = await region({ 'rniv.yaml': `# a copy\n${rniv}` })
    expect([same.usable, same.names.filter((name) => name === 'rniv@2.0').length]).toEqual([true, 1])
    const other = await region({ 'rniv.yaml': rniv.replace('level: mandatory', 'level: optional') })
    expect(other.usable).toBe(false)
    expect(other.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/rniv\.yaml line 3 column 10: rniv@2\.0 stands in .*rniv\.yaml and says another thing/),
    ])
    const next = await region({ 'rniv.yaml': rniv.replace('version: "2.0"', 'version: "2.0-region"') })
    expect([next.usable, next.names.includes('rniv@2.0-region')]).toEqual([true, true])
  })
})
