import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { PACKAGE_LIMITS, type PackageLimits, readPackage } from '../../src/formats/fhir/package/package.ts'
import { type Entry, MANIFEST, packed, profile, tar, tgz } from './archive.ts'

const URL_OF_IT = 'https://hl7.example/ig/StructureDefinition/x'
const SMALL: PackageLimits = { maxPackedBytes: 4096, maxBytes: 64 * 1024, maxEntries: 20, maxFileBytes: 8192 }
const manifest = (changed: object): Entry => ({
  ...MANIFEST,
  text: JSON.stringify({ ...(JSON.parse(MANIFEST.text ?? '') as object), ...changed }),
})

test('a package gives its definitions, trimmed, one on each line', () => {
  const reading = readPackage(
    tgz([
      packed('.index.json', { 'index-version': 1, files: [] }),
      packed('StructureDefinition-x.json', profile(URL_OF_IT)),
      packed('ValueSet-v.json', {
        resourceType: 'ValueSet',
        url: 'https://hl7.example/v',
        text: {},
        compose: { include: [] },
      }),
      packed('CodeSystem-c.json', {
        resourceType: 'CodeSystem',
        url: 'https://hl7.example/c',
        content: 'complete',
        concept: [{ code: 'a', definition: 'for people' }],
      }),
      packed('Patient-p.json', { resourceType: 'Patient', id: 'p' }),
      packed('example/StructureDefinition-e.json', profile('https://hl7.example/example')),
    ]),
  )
  expect(reading).toMatchObject({
    ok: true,
    name: 'test.fhir.example',
    version: '1.2.0',
    dependencies: ['hl7.fhir.r4.core'],
  })
  if (!reading.ok) return
  expect(reading.leftOut).toEqual([])
  expect(reading.definitions.map(({ url, type }) => [url, type])).toEqual([
    [URL_OF_IT, 'Patient'],
    ['https://hl7.example/v', ''],
    ['https://hl7.example/c', ''],
  ])
  const lines = reading.definitions.map(({ line }) => line)
  expect(lines.join()).not.toContain('for people')
  expect(lines.join()).not.toContain('\n')
  expect(lines[0]).toMatch(/^\{"resourceType":"StructureDefinition","url":"https:\/\/hl7\.example\/ig/)
  const { snapshot } = JSON.parse(lines[0] ?? '') as { snapshot: { element: object[] } }
  expect(snapshot.element[1]).toEqual({ path: 'Patient.birthDate', min: 1, max: '1', type: [{ code: 'date' }] })
})

test('a byte order mark before the JSON, as some publishers write it, does no harm', () => {
  const reading = readPackage(tgz([{ name: 'package/x.json', text: `\uFEFF${JSON.stringify(profile(URL_OF_IT))}` }]))
  expect(reading).toMatchObject({ ok: true, definitions: [{ url: URL_OF_IT }] })
})

describe('left out', () => {
  const cases: [string, object, string | null][] = [
    ['a profile without snapshot', { ...profile(URL_OF_IT), snapshot: undefined }, 'no-snapshot'],
    ['one with an empty snapshot', { ...profile(URL_OF_IT), snapshot: { element: [] } }, 'no-snapshot'],
    ['one of another FHIR', { ...profile(URL_OF_IT), fhirVersion: '5.0.0' }, 'fhir-version'],
    ['one without url', { ...profile(URL_OF_IT), url: undefined }, 'no-canonical'],
    ['one whose url is no canonical', { ...profile(URL_OF_IT), url: 'x y' }, 'no-canonical'],
    ['one whose url breaks a text', { ...profile(URL_OF_IT), url: 'https://x/"},{"' }, 'no-canonical'],
    ['one whose url names a version', { ...profile(URL_OF_IT), url: 'https://x/y|1' }, 'no-canonical'],
    ["R4's own type", { ...profile(URL_OF_IT), derivation: 'specialization' }, null],
    ['a logical model', { ...profile(URL_OF_IT), kind: 'logical' }, null],
    ['another resource that contains one', { resourceType: 'Bundle', entry: [{ resource: profile(URL_OF_IT) }] }, null],
  ]
  test.each(cases)('%s', (_name, resource, reason) => {
    const leftOut = reason === null ? [] : [{ entry: 'package/x.json', reason }]
    expect(readPackage(tgz([packed('x.json', resource)]))).toMatchObject({ ok: true, definitions: [], leftOut })
  })
})

describe('refused', () => {
  const bomb = gzipSync(Buffer.alloc(PACKAGE_LIMITS.maxBytes + 1))
  const x = packed('x.json', profile(URL_OF_IT))
  const whole = tgz([x])
  const cases: [string, Buffer, string, string, PackageLimits?][] = [
    ['no bytes', Buffer.alloc(0), 'gzip', ''],
    ['text', Buffer.from('hello'), 'gzip', ''],
    ['a tar that is not packed', tar([MANIFEST]), 'gzip', ''],
    ['a cut archive', whole.subarray(0, whole.length - 20), 'gzip', ''],
    ['a damaged archive', Buffer.from(whole).fill(0x55, 40, 60), 'gzip', ''],
    ['a bomb', bomb, 'size', ''],
    ['a .tgz that is too large', Buffer.alloc(4097), 'packed-size', '', SMALL],
    ['gzip of something else', gzipSync('hello '.repeat(200)), 'header', ''],
    [
      'too many files',
      tgz(Array.from({ length: 20 }, (_, i) => packed(`${i}.txt`, {}))),
      'entries',
      'package/19.txt',
      SMALL,
    ],
    [
      'a file that is too large',
      tgz([packed('big.json', { a: 'x'.repeat(8192) })]),
      'file-size',
      'package/big.json',
      SMALL,
    ],
    ['a name that climbs', tgz([{ name: 'package/../x.json', text: '{}' }]), 'name', 'package/../x.json'],
    ['a link', tgz([{ name: 'package/x.json', kind: '2' }]), 'kind', 'package/x.json'],
    ['no manifest', gzipSync(tar([x])), 'manifest', 'package/package.json'],
    ['a manifest that is no JSON', tgz([x], { ...MANIFEST, text: '{' }), 'manifest', 'package/package.json'],
    ['a manifest without version', tgz([x], manifest({ version: 7 })), 'manifest', 'package/package.json'],
    ['a name that is none', tgz([x], manifest({ name: '../x' })), 'manifest', 'package/package.json'],
    ['R5', tgz([x], manifest({ fhirVersions: ['5.0.0'] })), 'fhir-version', 'package/package.json'],
    ['no FHIR at all', tgz([x], manifest({ fhirVersions: undefined })), 'fhir-version', 'package/package.json'],
    ['a definition that is no JSON', tgz([{ ...x, text: `${x.text}}` }]), 'json', 'package/x.json'],
    [
      'a name that stands twice in it',
      tgz([{ ...x, text: `{"url":"a",${x.text?.slice(1)}` }]),
      'json',
      'package/x.json',
    ],
    [
      'a deep one',
      tgz([{ ...x, text: `{"resourceType":"ValueSet","a":${'['.repeat(200)}${']'.repeat(200)}}` }]),
      'json',
      'package/x.json',
    ],
    ['a list', tgz([{ ...x, text: `[${x.text}]` }]), 'json', 'package/x.json'],
  ]
  test.each(cases)('%s', (_name, bytes, fault, entry, limits = PACKAGE_LIMITS) => {
    expect(readPackage(bytes, limits)).toEqual({ ok: false, fault, entry })
  })
})
