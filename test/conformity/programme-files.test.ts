import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  programmeFiles,
  programmeNames,
  programmeShelf,
  programmes,
  readProgramme,
  readRegion,
  shippedProfiles,
} from '../../src/app/config/index.ts'
import { programmesDocument } from '../../src/app/programmes-document.ts'
import { ROOT, textOf } from '../ground/source.ts'
import { regionText, writeRegion } from '../support/region.ts'

const NAMES = { findings: new Set(['INS_KEY']), requirements: new Set(['essai@1 EX-A']) }

// Eleven lines; what a case adds begins on line 12.
const HEAD = `id: essai
name: { fr: Essai, en: Trial }
publisher: Région exemple
period: { from: 2026-01-01 }
source: exemple
kinds: [hospital]
domains:
  - { id: un, name: { fr: Un, en: One } }
  - { id: deux, name: { fr: Deux, en: Two } }
payment: { startUp: 20 %, use: 80 %, source: exemple }
# What follows is the case's.
`
const target = (more: string) =>
  `targets:\n  - { id: c, name: { fr: C, en: C }, numerator: { fr: A, en: A }, denominator: { fr: B, en: B }, source: exemple, ${more} }\n`
const change = (from: string, to: string): string => HEAD.replace(from, to)

/** Problems as `line:column CODE at message`. */
function told(text: string): string[] {
  const { programme, problems } = readProgramme('x.yaml', text, NAMES)
  expect(programme === null).toBe(problems.length > 0)
  return problems.map(({ line, column, code, at, message }) => `${line}:${column} ${code} ${at} ${message}`)
}

test.each<[name: string, text: string, said: string[]]>([
  ['nothing wrong', HEAD, []],
  [
    'an unknown key',
    change('publisher', 'editeur: x\npublisher'),
    ['3:1 UNKNOWN_KEY editeur "editeur" is no setting here'],
  ],
  [
    'parts that are not the whole',
    change('80 %', '70 %'),
    ['10:10 BAD_PROGRAMME payment the parts come to 90 % and not to 100 %'],
  ],
  [
    'a day that is none',
    change('2026-01-01', '2026-02-30'),
    ['4:17 BAD_PROGRAMME period.from 2026-02-30 is no day of the calendar'],
  ],
  [
    'an end before the beginning',
    change('2026-01-01 }', '2026-01-01, to: 2025-01-01 }'),
    ['4:33 BAD_PROGRAMME period.to ends 2025-01-01, before it begins'],
  ],
  ['an id twice', change('id: deux', 'id: un'), ['9:11 BAD_PROGRAMME domains[1].id the id un stands twice']],
  [
    'an amount that is none',
    `${HEAD}envelopes: [{ scope: national, amount: 12 €, source: x }]\n`,
    ['12:40 BAD_VALUE envelopes[0].amount "12 €" is not an amount, such as 420 000 000 EUR or 828 526.26 EUR'],
  ],
  [
    'exceptions that are none, and a FINESS whose key does not hold',
    `${HEAD}domainsEach: { most: 1, exceptions: [{ finess: "530000372", domains: 3, source: x }] }\n`,
    [
      '12:48 BAD_PROGRAMME domainsEach.exceptions[0].finess the key of 530000372 does not hold',
      '12:70 BAD_PROGRAMME domainsEach.exceptions[0].domains 3 is no exception to 1 of 2',
    ],
  ],
  [
    'limits and days that can never be',
    `${HEAD}tracks:\n  - { id: a, name: { fr: A, en: A }, minimum: 50, maximum: 15, deposit: {}, source: x }\n`,
    [
      '13:60 BAD_PROGRAMME tracks[0].maximum 15 at most and 50 at least can never be',
      '13:73 BAD_PROGRAMME tracks[0].deposit a first or a last day is asked for',
    ],
  ],
  [
    'a target of an unknown domain and an unknown finding',
    `${HEAD}${target('domains: [trois], threshold: 0 %, counts: { numerator: { side: sent, kinds: ["ADT^*"], without: [INS_X] }, denominator: { side: received, kinds: ["ADT^*"], without: [INS_KEY] }, window: 30 d }')}`,
    [
      '13:125 BAD_PROGRAMME targets[0].domains[0] there is no domain trois in this programme',
      '13:144 BAD_PROGRAMME targets[0].threshold a threshold of nothing is always reached',
      '13:212 BAD_PROGRAMME targets[0].counts.numerator.without[0] there is no rule and no code INS_X (profiles/hl7v2, docs/errors.md)',
      '13:280 BAD_PROGRAMME targets[0].counts.denominator.without findings are of messages that were sent',
    ],
  ],
  [
    'a window that counts are not kept for',
    HEAD +
      target(
        'threshold: 1 %, counts: { numerator: { side: sent, kinds: ["ADT^*"] }, denominator: { side: sent, kinds: ["ADT^*"] }, window: 1095 d }',
      ),
    ['13:241 BAD_PROGRAMME targets[0].counts.window 1095 d is longer than counts are kept (800 d)'],
  ],
  [
    'a requirement that nobody asks',
    `${HEAD}milestones: [{ id: m, name: { fr: M, en: M }, before: use, requirements: ["essai@1 EX-A", "essai@1 EX-B"] }]\n`,
    [
      '12:91 BAD_PROGRAMME milestones[0].requirements[1] there is no requirement essai@1 EX-B in the frameworks that are known here',
    ],
  ],
  [
    'everything at once',
    change('name: { fr: Essai, en: Trial }', 'name: { fr: Essai }')
      .replace('[hospital]', '[clinic]')
      .replace('20 %', '30 %'),
    [
      '2:7 MISSING name en is missing',
      '6:9 BAD_VALUE kinds[0] "clinic" is none of hospital, university-hospital, nursing-home, disability-home, social, samu, expert-centre, platform',
      '10:10 BAD_PROGRAMME payment the parts come to 110 % and not to 100 %',
    ],
  ],
])('a file with %s', (_name, text, said) => {
  expect(told(text)).toEqual(said)
})

test('the eight shipped files are good, each says where it is from, and what is ours says so', () => {
  const files = readdirSync(`${ROOT}profiles/programmes`).sort()
  expect(programmeFiles(shippedProfiles()).flatMap(({ problems }) => problems)).toEqual([])
  const all = programmes(shippedProfiles())
  expect(all.map(({ id }) => `${id}.yaml`).sort()).toEqual(files)
  expect(files.length).toBe(8)
  const targets = all.flatMap((one) => one.targets.map((of) => [one.id, of.source, of.confirm] as const))
  expect(targets.filter(([, source, confirm]) => source.includes('Passerelle') && !confirm)).toEqual([])
  const shares = all.filter(({ sharesSource, sharesConfirm }) => /trouvé/.test(sharesSource) && !sharesConfirm)
  expect(shares.map(({ id }) => id)).toEqual([])
  expect(all.find(({ id }) => id === 'hopital-numerique')).toMatchObject({
    ...{ domainsEach: 1, shares: { advance: 0, 'start-up': 2_000, use: 8_000 } },
    exceptions: [{ finess: '530000371', domains: 2 }],
  })
})

test('a region’s own file stands in the place of the shipped one; a faulty one keeps region.yaml from being applied', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-programmes-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  mkdirSync(join(dir, 'profiles/programmes'), { recursive: true })
  const write = (name: string, text: string) => writeFileSync(join(dir, 'profiles/programmes', name), text)
  write('essai.yaml', HEAD.replace('id: essai', 'id: care'))
  const folders = [join(dir, 'profiles'), ...shippedProfiles()]
  const own = programmes(folders)
  expect([own.length, own.find(({ id }) => id === 'care')?.publisher]).toEqual([8, 'Région exemple'])
  write('twin.yaml', HEAD.replace('id: essai', 'id: care'))
  const region = writeRegion(dir, regionText({}))
  const problems = async () => (await readRegion(region, {})).problems.filter(({ code }) => code === 'BAD_PROGRAMME')
  expect((await problems()).map(({ message }) => message.replace(dir, ''))).toEqual([
    'profiles/programmes/twin.yaml line 1 column 5: care stands in /profiles/programmes/essai.yaml too',
  ])
  write('twin.yaml', HEAD)
  expect(await problems()).toEqual([])
})

test('names that a programme may use are those of the folders', () => {
  const { requirements, findings } = programmeNames(shippedProfiles())
  expect([requirements?.has('segur@2026.1 INS/VA1.53'), findings?.has('INS_KEY')]).toEqual([true, true])
})

test('docs/programmes.md lists what is shipped; if not, run: node src/app/programmes-document.ts', () => {
  const page = textOf('docs/programmes.md')
  expect(programmesDocument(page)).toBe(page)
})

test('files are read again when they change; one that became bad counts as it was, until it goes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'programmes-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const place = join(folder, 'programmes')
  mkdirSync(place)
  const write = (name: string, text: string): void => writeFileSync(join(place, name), text)
  const bad: string[] = []
  let nowMs = 0
  const shelf = programmeShelf(
    [folder],
    () => nowMs,
    (file) => bad.push(file.slice(place.length + 1)),
  )
  const seen = (): string[] => shelf().map(({ id, publisher }) => `${id} ${publisher}`)
  write('a.yaml', HEAD)
  expect(seen()).toEqual(['essai Région exemple'])
  write('a.yaml', change('Région exemple', 'Une autre région'))
  // Nobody looks at files at every question.
  expect(seen()).toEqual(['essai Région exemple'])
  const later = (): string[] => {
    nowMs += 10_000
    return seen()
  }
  expect(later()).toEqual(['essai Une autre région'])
  write('b.yaml', change('id: essai', 'id: second'))
  expect(later()).toEqual(['essai Une autre région', 'second Région exemple'])
  write('b.yaml', 'id: [')
  expect([later(), bad]).toEqual([['essai Une autre région', 'second Région exemple'], ['b.yaml']])
  expect([later(), bad]).toEqual([['essai Une autre région', 'second Région exemple'], ['b.yaml']])
  rmSync(join(place, 'b.yaml'))
  expect(later()).toEqual(['essai Une autre région'])
})
