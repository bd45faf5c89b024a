import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { CANONICAL, compiledFiles, compileFsh, exampleFiles, fshSources } from '../../profiles/fhir/build/fsh.ts'
import { stamp } from '../../profiles/fhir/build/stamp.ts'
import { committed, differences, FHIR, type Listed, read } from './committed.ts'

const profiles = read('compiled', 'profiles.json')
const extensions = read('compiled', 'extensions.json')
const sets = read<Listed>('compiled', 'valuesets.json')

/** What issue and reference ask for, by the name of the profile. */
const NAMES =
  `appointment case-task communication diagnostic-report document-reference document-share encounter exchange-header
images-endpoint imaging-study location nihss observation organization patient practitioner practitioner-role
qualified-patient remote-request schedule slot stroke-header stroke-message stroke-request stroke-transaction task
tele-expertise-request teleconsultation-request teleconsultation-transaction`.split(/\s+/)

test('the stamp names the FSH, its makers and the files as they stand', () => {
  const made = { r4: committed('r4'), compiled: committed('compiled'), examples: committed('examples') }
  const fresh = JSON.parse(stamp(fshSources(), made)) as object
  expect(JSON.parse(readFileSync(`${FHIR}stamp.json`, 'utf8'))).toEqual(fresh)
})

/** SUSHI takes some seconds, and many more where others use the machine (ms). */
const PATIENCE_MS = 180_000

describe('compiled again', () => {
  let compiled: Awaited<ReturnType<typeof compileFsh>>
  beforeAll(async () => {
    compiled = await compileFsh(fshSources())
  }, PATIENCE_MS)

  test('the profiles are byte for byte those that are committed', () => {
    expect(differences(committed('compiled'), compiledFiles(compiled))).toEqual([])
  })

  test('and so are the examples', () => {
    expect(differences(committed('examples'), exampleFiles(compiled))).toEqual([])
  })
})

test(
  'what SUSHI warns of stops the build, with file and line',
  async () => {
    const text = 'Profile: Broken\nParent: Patient\nId: broken\n* nickname 1..1\n'
    await expect(compileFsh(new Map([['broken.fsh', text]]))).rejects.toThrow(/broken\.fsh:4: .*nickname/)
  },
  PATIENCE_MS,
)

test('each profile has its address, a snapshot, and a base that is here or in R4', () => {
  expect(profiles.map(({ url }) => url)).toEqual(NAMES.map((name) => `${CANONICAL}/StructureDefinition/${name}`))
  const known = new Set([...profiles, ...read('r4', 'resources.json')].map(({ url }) => url))
  expect(profiles.filter(({ baseDefinition }) => !known.has(baseDefinition))).toEqual([])
  expect(profiles.filter(({ snapshot, type }) => snapshot.element[0]?.['path'] !== type)).toEqual([])
})

test('every profile, extension and set that an element names is at hand, save sets that are published elsewhere', () => {
  const all = [
    ...profiles,
    ...extensions,
    ...['types.json', 'resources.json', 'extensions.json'].flatMap((name) => read('r4', name)),
  ]
  const known = new Set([...all, ...sets, ...read('r4', 'valuesets.json')].map(({ url }) => url))
  const named = [...profiles, ...extensions].flatMap(({ snapshot }) =>
    snapshot.element.flatMap(({ type, binding }) => {
      const types = (type as { profile?: string[]; targetProfile?: string[] }[] | undefined) ?? []
      const bound = binding as { strength: string; valueSet?: string } | undefined
      const set = bound !== undefined && /required|extensible/.test(bound.strength) ? [bound.valueSet ?? ''] : []
      return [...types.flatMap(({ profile = [], targetProfile = [] }) => [...profile, ...targetProfile]), ...set]
    }),
  )
  const missing = new Set(named.map((url) => url.replace(/\|.*/, '')).filter((url) => !known.has(url)))
  expect([...missing].sort()).toEqual([
    'http://dicom.nema.org/medical/dicom/current/output/chtml/part04/sect_B.5.html#table_B.5-1',
    'http://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_29.html',
    'http://www.rsna.org/RadLex_Playbook.aspx',
    'https://mos.esante.gouv.fr/NOS/JDV_J06-XdsClassCode-CISIS/FHIR/JDV-J06-XdsClassCode-CISIS',
    'https://mos.esante.gouv.fr/NOS/JDV_J07-XdsTypeCode-CISIS/FHIR/JDV-J07-XdsTypeCode-CISIS',
  ])
})

test('all required bindings of ours are lists', () => {
  const own = sets.filter(({ url }) => url.startsWith(CANONICAL))
  expect(own.length).toBeGreaterThan(5)
  const whole = own.filter(({ compose }) => compose.include.some(({ concept }) => concept === undefined))
  expect(whole).toEqual([])
})

const codes = (name: string): string[] =>
  sets
    .find(({ url }) => url === `${CANONICAL}/ValueSet/${name}`)!
    .compose.include.flatMap(({ concept = [] }) => concept.map(({ code }) => code))

test('the stroke codes are those of the table', () => {
  const rows = readFileSync(`${FHIR}../tables/stroke.csv`, 'utf8').trim().split('\n').slice(1)
  const table = rows.map((row) => row.split(',')[0] ?? '')
  const matches = (code: string, row: string) => (row.endsWith('*') ? code.startsWith(row.slice(0, -1)) : code === row)
  const own = codes('stroke-reason')
  expect(own.filter((code) => !table.some((row) => matches(code, row)))).toEqual([])
  expect(table.filter((row) => !own.some((code) => matches(code, row)))).toEqual([])
})

test('the NIH stroke scale has fifteen items whose maxima make 42', () => {
  const nihss = profiles.find(({ url }) => url.endsWith('/nihss'))!
  const max = nihss.snapshot.element
    .filter(({ id, path }) => path === 'Observation.component.value[x]' && id !== undefined)
    .map((element) => element['maxValueInteger'] as number)
  expect(max).toHaveLength(15)
  expect(max.reduce((sum, one) => sum + one, 0)).toBe(42)
  const items = nihss.snapshot.element
    .map(
      ({ patternCodeableConcept }) =>
        (patternCodeableConcept as { coding: { code: string }[] } | undefined)?.coding[0]?.code,
    )
    .filter((code) => code !== undefined)
  expect(items).toEqual(codes('nihss-item'))
})
