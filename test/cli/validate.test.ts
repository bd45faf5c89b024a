import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { formatOf } from '../../src/formats/file-format.ts'
import { passerelle } from './terminal.ts'

const MAIN = fileURLToPath(new URL('../../bin/passerelle.js', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../profiles/examples/', import.meta.url))
const FHIR = fileURLToPath(new URL('../../profiles/fhir/examples/', import.meta.url))
const OURS = 'https://passerelle.example/fhir/StructureDefinition'

async function folder(files: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-validate-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content)
  return (name) => join(dir, name)
}

/** Runs the real process in an empty folder, with this on its standard input. */
async function run(argv: readonly string[], input = '', locale = 'en_GB.UTF-8') {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-validate-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const child = spawn(process.execPath, [MAIN, 'validate', ...argv], { cwd: dir, env: { PATH: '', LC_ALL: locale } })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, ...said }
}

const A01 = await readFile(`${EXAMPLES}adt-a01-admission.hl7`, 'latin1')
const cda = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3">${inside}</ClinicalDocument>`

test.each([
  ['HL7 v2', 'MSH|^~\\&|', 'hl7v2'],
  ['HL7 v2 in a frame', '\x0bMSH|^~\\&|', 'hl7v2'],
  ['HL7 v2 with other delimiters', 'MSH$%~\\&$', 'hl7v2'],
  ['a batch', 'FHS|^~\\&|', 'hl7v2'],
  ['JSON after white space', '\r\n\t {"a":1}', 'fhir'],
  ['JSON after a byte order mark', '\xef\xbb\xbf{"a":1}', 'fhir'],
  ['XML', '<?xml version="1.0"?>', 'cda'],
  ['XML without declaration', '\n<ClinicalDocument/>', 'cda'],
  ['a zip', 'PK\x03\x04\x14', 'xdm'],
  ['a word that begins like a header', 'MSHA|', null],
  ['text', 'hello', null],
  ['nothing', '', null],
])('the format is told from the bytes: %s', (_name, bytes, format) => {
  expect(formatOf(Buffer.from(bytes, 'latin1'))).toBe(format)
})

test('through the real process: a table in the language asked, a summary, exit 1', async () => {
  const at = await folder({
    'bad.json': '{"resourceType":"Patient","gender":"M"}',
    'movement.hl7': A01.replace(/^ZBE.*$/m, ''),
  })
  const ran = await run([at('bad.json'), at('movement.hl7'), `${FHIR}patient.json`], '', 'fr_FR.UTF-8')
  expect(ran.code).toBe(1)
  const lines = ran.out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
  expect(lines[0]).toEqual([
    at('bad.json'),
    'Patient.gender',
    'erreur',
    'http://hl7.org/fhir/ValueSet/administrative-gender',
    "Un code n'est pas dans le jeu de valeurs auquel le profil lie l'élément.",
  ])
  expect(
    lines
      .slice(1)
      .some(([file, place, severity]) => file === at('movement.hl7') && place === 'ZBE' && severity === 'erreur'),
  ).toBe(true)
  expect(ran.err).toMatch(/^3 fichier\(s\), \d+ erreur\(s\), \d+ avertissement\(s\)\n$/)
  expect(ran.out).not.toContain('patient.json')
})

test('through the real process: standard input and --json', async () => {
  const ran = await run(['-', '--json', '--profile', `${OURS}/patient`], '{"resourceType":"Patient"}')
  const { ok, files } = JSON.parse(ran.out) as {
    ok: boolean
    files: { file: string; format: string; findings: { at: string; code: string; class: string }[] }[]
  }
  expect([ran.code, ok, files.length, files[0]?.file, files[0]?.format]).toEqual([1, false, 1, '-', 'fhir'])
  expect(files[0]?.findings).toContainEqual(
    expect.objectContaining({ at: 'Patient.name', code: 'ELEMENT_MISSING', class: 'contract' }),
  )
})

test('what conforms, and what is only a matter of form, is exit 0', async () => {
  const at = await folder({
    'form.json': JSON.stringify({ resourceType: 'Patient', meta: { profile: ['https://example.test/unknown'] } }),
  })
  const ran = await passerelle([
    'validate',
    `${FHIR}nihss.json`,
    `${EXAMPLES}oru-r01-result.hl7`,
    at('form.json'),
    '--json',
  ])
  const { ok, files } = JSON.parse(ran.out) as { ok: boolean; files: { findings: { class: string; code: string }[] }[] }
  expect([ran.code, ok]).toEqual([0, true])
  expect(files[2]?.findings.map(({ class: sort, code }) => [sort, code])).toEqual([['form', 'PROFILE_UNKNOWN']])
})

test('a CDA is read to its end; what every document has is asked', async () => {
  const at = await folder({
    'doctype.xml':
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><ClinicalDocument xmlns="urn:hl7-org:v3">&x;</ClinicalDocument>',
    'empty.xml': cda('<id root="1.2.3" extension="1"/>'),
  })
  const ran = await passerelle(['validate', at('doctype.xml'), at('empty.xml'), '--json'])
  const { files } = JSON.parse(ran.out) as { files: { findings: { at: string; code: string; rule: string }[] }[] }
  expect(ran.code).toBe(1)
  expect(files[0]?.findings.map(({ code, rule }) => [code, rule])).toEqual([['CDA_UNREADABLE', 'doctype']])
  const missing = files[1]!.findings.map(({ code, at: place }) => `${code} ${place}`)
  expect(missing).toContain('ELEMENT_MISSING ClinicalDocument/recordTarget')
  expect(missing).not.toContain('ELEMENT_MISSING ClinicalDocument/id')
})

test('messages of a batch are told apart', async () => {
  const bad = A01.trimEnd().replace(/^ZBE.*$/m, '')
  const at = await folder({ 'batch.hl7': `BHS|^~\\&|A|B\n${A01.trimEnd()}\n${bad}\nBTS|2\n` })
  const ran = await passerelle(['validate', at('batch.hl7'), '--json'])
  const { files } = JSON.parse(ran.out) as { files: { findings: { at: string; severity: string }[] }[] }
  const places = files[0]!.findings.filter(({ severity }) => severity === 'error').map(({ at: place }) => place)
  expect(places.length).toBeGreaterThan(0)
  expect(places.every((place) => place.startsWith('2: '))).toBe(true)
})

test.each([
  ['no file', [], 2],
  ['a profile that is not loaded', ['--profile', 'https://example.test/none', `${FHIR}patient.json`], 2],
  ['an option that there is none of', ['--colour', `${FHIR}patient.json`], 2],
  ['a file that is not there', ['/nowhere/at-all.json'], 1],
  ['a file of no known format', [MAIN], 1],
  ['no FHIR resource', [fileURLToPath(new URL('../../package.json', import.meta.url))], 1],
])('exit of %s', async (_name, argv, exit) => {
  expect((await passerelle(['validate', ...argv])).code).toBe(exit)
})

test('the region file says which profiles a type must meet', async () => {
  const profiles = { fhir: { profiles: { Location: [`${OURS}/location`] } } }
  const at = await folder({
    'region.yaml': JSON.stringify({ region: { name: 'x' }, establishments: [], ...profiles }),
    'wrong.yaml': JSON.stringify({
      region: { name: 'x' },
      establishments: [],
      fhir: { profiles: { Location: [`${OURS}/nothing`] } },
    }),
    'location.json': '{"resourceType":"Location"}',
  })
  const asked = await passerelle(['validate', at('location.json'), '--region', at('region.yaml'), '--json'])
  expect(asked.code).toBe(1)
  expect((await passerelle(['validate', at('location.json'), '--json'])).code).toBe(0)
  const wrong = await passerelle(['check', '--region', at('wrong.yaml')])
  expect([wrong.code, wrong.out]).toEqual([1, expect.stringContaining('UNKNOWN_PROFILE')])
})
