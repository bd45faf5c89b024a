import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CANONICAL } from '../../profiles/fhir/build/fsh.ts'
import { readRegion } from '../../src/app/config/index.ts'
import { OUR_PROFILES } from '../../src/app/definitions/choices.ts'
import { readDefinitions } from '../../src/app/definitions/definitions.ts'
import { readPackages } from '../../src/app/definitions/packages.ts'
import { readyDefinitions } from '../../src/app/fhir-definitions.ts'
import { PACKAGE_LIMITS } from '../../src/formats/fhir/package/package.ts'
import { validateResource } from '../../src/formats/fhir/validate/validate.ts'
import { MANIFEST, packed, profile, tgz } from './archive.ts'

const SHIPPED = fileURLToPath(new URL('../../profiles', import.meta.url))
const OFFICIAL = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins'

let region: string
beforeEach(() => {
  region = mkdtempSync(join(tmpdir(), 'passerelle-region-'))
  mkdirSync(join(region, 'packages'))
  mkdirSync(join(region, 'fhir'))
})
afterEach(() => rmSync(region, { recursive: true }))

const write = (name: string, bytes: string | Buffer) => writeFileSync(join(region, name), bytes)
const load = () => readDefinitions([region, SHIPPED])

/** What a reader finds under a canonical: the last line that has it. */
function found(canonical: string): Record<string, unknown> | null {
  const head = `"url":"${canonical}"`
  const line = load()
    .texts.flatMap((text) => text.split('\n'))
    .findLast((one) => one.slice(0, 300).includes(head))
  return line === undefined ? null : (JSON.parse(line.replace(/,$/, '')) as Record<string, unknown>)
}

test('our address is one word in build and gateway', () => {
  expect(OUR_PROFILES).toBe(`${CANONICAL}/StructureDefinition/`)
})

test('without packages R4 and our profiles are there, and nothing is wrong', () => {
  const { packages, answers, problems } = load()
  expect([packages, [...answers], problems]).toEqual([[], [], []])
  expect(found('http://hl7.org/fhir/StructureDefinition/Patient')).toMatchObject({ derivation: 'specialization' })
  expect(found(`${OUR_PROFILES}qualified-patient`)).toMatchObject({ type: 'Patient' })
})

test('an official definition replaces ours of the same address, and of two packages the later file counts', () => {
  const insee = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code'
  expect(found(insee)).toMatchObject({ name: 'InseeCode' })
  write('packages/a.tgz', tgz([packed('x.json', { ...profile(insee, 'Extension', 'url'), name: 'FromA' })]))
  expect(found(insee)).toMatchObject({ name: 'FromA' })
  write('packages/b.tgz', tgz([packed('x.json', { ...profile(insee, 'Extension', 'url'), name: 'FromB' })]))
  expect(found(insee)).toMatchObject({ name: 'FromB' })
  expect(load().packages.map(({ file, name, definitions }) => [file, name, definitions])).toEqual([
    ['a.tgz', 'test.fhir.example', 1],
    ['b.tgz', 'test.fhir.example', 1],
  ])
})

test('answers.yaml lets an official profile stand for ours', () => {
  write('packages/frcore.tgz', tgz([packed('x.json', profile(OFFICIAL))]))
  write('packages/answers.yaml', `qualified-patient: ${OFFICIAL}\n`)
  const { answers, problems } = load()
  expect(problems).toEqual([])
  expect([...answers]).toEqual([[`${OUR_PROFILES}qualified-patient`, OFFICIAL]])
  expect(found(`${OUR_PROFILES}qualified-patient`)).toMatchObject({
    url: `${OUR_PROFILES}qualified-patient`,
    name: 'X',
  })
  expect(found(OFFICIAL)).toMatchObject({ url: OFFICIAL, name: 'X' })
})

test('ours stands for a profile of FrCore until a package brings it', () => {
  expect(found(OFFICIAL)).toEqual({ ...found(`${OUR_PROFILES}qualified-patient`), url: OFFICIAL })
  write('packages/frcore.tgz', tgz([packed('x.json', profile(OFFICIAL))]))
  expect(found(OFFICIAL)).toMatchObject({ name: 'X' })
})

test('stands-for.yaml beside the region replaces the shipped one', () => {
  write('fhir/stands-for.yaml', 'https://old.example/ServiceRequest: stroke-request\n')
  expect(load().problems).toEqual([])
  expect(found(OFFICIAL)).toBeNull()
  expect(found('https://old.example/ServiceRequest')).toMatchObject({ name: 'StrokeRequest' })
})

describe('wrong choices are told with their file', () => {
  const cases: [string, string, string, string][] = [
    ['none of ours', 'packages/answers.yaml', `nurse: ${OFFICIAL}`, 'nurse is none of our profiles'],
    [
      'a profile that no package brings',
      'packages/answers.yaml',
      'patient: https://x/y',
      'patient: no package brings the profile https://x/y',
    ],
    ['no text', 'packages/answers.yaml', 'patient: 7', 'patient: no package brings the profile '],
    [
      'another type',
      'packages/answers.yaml',
      `encounter: ${OFFICIAL}`,
      `encounter is about Encounter, but ${OFFICIAL} about Patient`,
    ],
    ['no lines', 'packages/answers.yaml', '- patient', 'must be lines of NAME: VALUE'],
    [
      'a name that stands twice',
      'packages/answers.yaml',
      `patient: ${OFFICIAL}\npatient: ${OFFICIAL}`,
      'line 2: Map keys must be unique',
    ],
    ['an unknown profile', 'fhir/stands-for.yaml', 'https://x/y: nobody', 'nobody is none of our profiles'],
    ['what is no address', 'fhir/stands-for.yaml', 'x: patient', 'x is no canonical'],
  ]
  test.each(cases)('%s in %s', (_name, file, text, message) => {
    write('packages/frcore.tgz', tgz([packed('x.json', profile(OFFICIAL))]))
    write(file, text)
    expect(load().problems).toEqual([
      { severity: 'error', file: `profiles/${file}`, message: expect.stringContaining(message) },
    ])
  })
})

describe('packages that cannot be used are told with the file', () => {
  const small = { ...PACKAGE_LIMITS, maxPackedBytes: 1024 * 1024 }
  const cases: [string, Buffer, string, RegExp][] = [
    ['text', Buffer.from('x'), 'profiles/packages/bad.tgz', /no gzip archive/],
    ['one that is too large', Buffer.alloc(1024 * 1024 + 1), 'profiles/packages/bad.tgz', /larger than 1 MiB/],
    [
      'a damaged file',
      tgz([{ name: 'package/v.json', text: '{"resourceType":"ValueSet"' }]),
      'profiles/packages/bad.tgz: package/v.json',
      /no JSON/,
    ],
    [
      'no manifest',
      tgz([], { name: 'package/x.json', text: '{}' }),
      'profiles/packages/bad.tgz: package/package.json',
      /is missing/,
    ],
  ]
  test.each(cases)('%s', (_name, bytes, file, message) => {
    write('packages/bad.tgz', bytes)
    write('packages/good.tgz', tgz([packed('x.json', profile(OFFICIAL))]))
    const { problems, definitions } = readPackages([region], small)
    expect(problems).toEqual([{ severity: 'error', file, message: expect.stringMatching(message) }])
    expect([...definitions.keys()]).toEqual([OFFICIAL])
  })

  test('a folder that is called like a package', () => {
    mkdirSync(join(region, 'packages', 'folder.tgz'))
    expect(readPackages([region]).problems).toMatchObject([{ severity: 'error', file: 'profiles/packages/folder.tgz' }])
  })

  test('what a package leans on and what it leaves out only warn', () => {
    const text = JSON.stringify({
      name: 'a',
      version: '1',
      fhirVersions: ['4.0.1'],
      dependencies: { 'ans.fr.nos': '1.5.0' },
    })
    write(
      'packages/a.tgz',
      tgz([packed('x.json', { ...profile(OFFICIAL), snapshot: undefined })], { ...MANIFEST, text }),
    )
    expect(readPackages([region]).problems).toEqual([
      {
        severity: 'warning',
        file: 'profiles/packages/a.tgz: package/x.json',
        message: expect.stringContaining('no snapshot'),
      },
      { severity: 'warning', file: 'profiles/packages/a.tgz', message: expect.stringContaining('ans.fr.nos') },
    ])
  })

  test('the fifty-first is not used', () => {
    for (let i = 0; i < 51; i++) write(`packages/p${String(i).padStart(2, '0')}.tgz`, tgz([]))
    const { used, problems } = readPackages([region])
    expect(used).toHaveLength(50)
    expect(problems).toMatchObject([{ severity: 'error', file: 'profiles/packages' }])
  })
})

describe('passerelle check', () => {
  const YAML = 'region: { name: Test, timeZone: Europe/Paris, locale: fr }\nestablishments: []\nroutes: []\n'
  const check = async () => {
    writeFileSync(join(region, 'region.yaml'), YAML)
    const { problems } = await readRegion(join(region, 'region.yaml'), {})
    return problems.filter(({ code }) => code === 'BAD_DEFINITIONS')
  }
  beforeEach(() => mkdirSync(join(region, 'profiles', 'packages'), { recursive: true }))

  test('tells a package that cannot be used, with the file inside', async () => {
    write('profiles/packages/bad.tgz', tgz([{ name: 'package/v.json', text: '{"resourceType":"ValueSet"' }]))
    expect(await check()).toMatchObject([
      {
        severity: 'error',
        message: 'profiles/packages/bad.tgz: package/v.json: this file is no JSON, or too large a one',
      },
    ])
  })

  test('has nothing to say of one that can, nor of none', async () => {
    expect(await check()).toEqual([])
    write('profiles/packages/good.tgz', tgz([packed('x.json', profile(OFFICIAL))]))
    expect(await check()).toEqual([])
  })
})

test('the validator asks what an official package asks, under its own name and under ours that it answers for', async () => {
  write('packages/frcore.tgz', tgz([packed('x.json', profile(OFFICIAL))]))
  write('packages/answers.yaml', `qualified-patient: ${OFFICIAL}\n`)
  const definitions = await readyDefinitions([region, SHIPPED])
  const broken = (canonical: string) =>
    validateResource({ resourceType: 'Patient' }, definitions, { asked: [canonical] })
      .filter(({ severity }) => severity === 'error')
      .map(({ expression }) => expression)
  expect(broken(OFFICIAL)).toEqual(['Patient.birthDate'])
  expect(broken(`${OUR_PROFILES}qualified-patient`)).toEqual(['Patient.birthDate'])
  expect(broken(`${OUR_PROFILES}patient`)).toEqual(['Patient.name'])
})
