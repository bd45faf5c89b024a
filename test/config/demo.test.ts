import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE_ISSUER, exampleSubject } from '../../src/app/certs.ts'
import { configDocument } from '../../src/app/config/document.ts'
import { compileConfig, configSchema, type Problem, readRegion } from '../../src/app/config/index.ts'
import type { Piece } from '../../src/app/config/schema/piece.ts'
import type { Config } from '../../src/core/config.ts'
import type { Arrival } from '../../src/core/message.ts'
import { patientIdentifiers } from '../../src/formats/hl7v2/identifiers.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { readArrival, routeFacts } from '../../src/pipeline/reading.ts'
import { isOfService, plan } from '../../src/pipeline/route.ts'
import { orNothing } from '../support/region.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const examples = `${root}profiles/examples/`
const hash = (key: string) => createHash('sha256').update(key).digest('hex')

let config: Config
let problems: readonly Problem[]
beforeAll(async () => {
  const reading = await readRegion(`${root}region.yaml`, {}, { missingMaterial: 'warning' })
  problems = reading.problems
  config = compileConfig(reading.shared!, 1, orNothing(reading.read))
})

/** The message as if it had come to the plain door. */
function arrive(bytes: Buffer) {
  const peer = { address: '127.0.0.1:1', loopback: true, establishment: null, destination: null }
  const arrival: Arrival = { entrance: 'mllp', peer, receivedAtMs: 0, bytes }
  const reading = readArrival(arrival, config)
  if (!reading.ok) throw new Error(`${reading.problem.code} at ${reading.problem.at}`)
  return { reading, facts: routeFacts(reading) }
}

test('docs/config.md says what the schema says', () => {
  expect(readFileSync(`${root}docs/config.md`, 'utf8')).toBe(configDocument())
})

test('every setting says what it means, and every number, duration and size its bounds', () => {
  const silent: string[] = []
  const walk = (piece: Piece, path: string): void => {
    for (const [name, child] of Object.entries(piece.properties ?? {})) {
      const at = `${path}.${name}`
      // The two keys of a reference are told with the setting that takes it.
      if (!child.description && name !== 'file' && name !== 'env') silent.push(`${at} has no description`)
      const numeric = child.type === 'integer' || child.type === 'number'
      if (numeric && (child.minimum === undefined || child.maximum === undefined)) silent.push(`${at} has no bounds`)
      if (/duration|size/.test(child.what ?? '') && !child.bounds) silent.push(`${at} has no bounds`)
      walk(child, at)
    }
    if (piece.items) walk(piece.items, `${path}[]`)
    if (typeof piece.additionalProperties === 'object') walk(piece.additionalProperties, `${path}.<name>`)
  }
  walk(configSchema, '')
  expect(silent).toEqual([])
})

describe('region.yaml', () => {
  test('has nothing wrong, save the certificates and the trust space that the first start makes', () => {
    expect(problems.filter(({ code }) => code !== 'FILE_MISSING')).toEqual([])
    const made = /^(entrances\.(mllps|https|smtp|submission)\.tls|mail\.(operator\.tls|whiteList))\./
    expect(problems.filter(({ at }) => !made.test(at))).toEqual([])
  })

  test('has the establishments of the region', () => {
    const kinds = [...config.establishments.values()].map(({ kind }) => kind)
    const count = (kind: string) => kinds.filter((one) => one === kind).length
    expect({
      samu: count('samu'),
      homes: count('nursing-home'),
      disabled: count('disability-home'),
      experts: count('expert-centre'),
    }).toEqual({ samu: 5, homes: 2, disabled: 1, experts: 2 })
    expect([...config.establishments.keys()]).toEqual(
      expect.arrayContaining([
        'chu-nantes',
        'chu-angers',
        'ch-chateaubriant',
        'ch-haut-anjou',
        'ch-laval',
        'ch-le-mans',
        'chd-vendee',
        'ch-saint-nazaire',
        'ch-cholet',
        'ch-saumur',
        'ch-nord-mayenne',
        'samu-44',
        'samu-49',
        'samu-53',
        'samu-72',
        'samu-85',
      ]),
    )
    expect([...config.destinations.keys()]).toEqual(
      expect.arrayContaining(['chu-nantes/unv', 'chu-nantes/dpi', 'chu-angers/unv', 'chu-angers/dpi']),
    )
  })

  test('is for qualification throughout, on this machine, each destination on a port of its own', () => {
    const destinations = [...config.destinations.values()]
    expect(destinations.filter(({ use }) => use !== 'qualification')).toEqual([])
    const places = destinations.map(({ target }) =>
      target.type === 'mllp' ? `${target.host}:${target.port}` : new URL(target.url).host,
    )
    const mllp = Array.from({ length: 23 }, (_, i) => `127.0.0.1:${26001 + i}`)
    expect(places.sort()).toEqual([...mllp, '127.0.0.1:26031', '127.0.0.1:26032'])
  })

  test('has the demo keys and the subjects of the example certificates', () => {
    const reach = { establishments: [], applications: null }
    expect(config.operators).toEqual([
      { name: 'demo-admin', role: 'admin', keySha256: hash('demo-admin'), reach, content: false },
    ])
    for (const { id, keys, certificates, facilities, finess } of config.establishments.values()) {
      expect(keys).toEqual([hash(`demo-${id}`)])
      expect(certificates).toEqual([{ issuer: EXAMPLE_ISSUER, subject: exampleSubject(id) }])
      expect(facilities).toContain(finess.ej)
    }
  })

  test('says (fictif) of what is invented', () => {
    for (const { kind, name } of config.establishments.values()) {
      if (['nursing-home', 'disability-home', 'expert-centre'].includes(kind)) expect(name).toMatch(/ \(fictif\)$/)
    }
  })
})

const sent: [file: string, kind: string, to: Record<string, string>][] = [
  ['stroke-request.hl7', 'ORM^O01', { 'chu-angers/unv': 'urgent', platform: 'urgent' }],
  ['adt-a01-admission.hl7', 'ADT^A01', { 'chu-angers/dpi': 'normal' }],
  ['adt-a31-update.hl7', 'ADT^A31', { 'chu-angers/dpi': 'normal' }],
  ['adt-a40-merge.hl7', 'ADT^A40', { 'chu-angers/dpi': 'normal' }],
  ['oru-r01-result.hl7', 'ORU^R01', { 'chu-angers/dpi': 'normal' }],
  ['mdm-t02-document.hl7', 'MDM^T02', { 'chu-angers/dpi': 'normal', 'plateforme-regionale/archive': 'normal' }],
]

describe('the examples', () => {
  test('are all listed here', () => {
    const files = readdirSync(examples).filter((name) => name.endsWith('.hl7'))
    expect(files).toEqual(sent.map(([file]) => file).sort())
  })

  test.each(sent)('%s is a %s and goes where the region sends it', (file, kind, to) => {
    const { reading, facts } = arrive(readFileSync(examples + file))
    const { planned, findings } = plan(facts, config)
    expect(reading.header.kind).toBe(kind)
    expect(reading.establishment.id).toBe('ch-haut-anjou')
    expect(reading.findings).toEqual([])
    expect(findings).toEqual([])
    expect(Object.fromEntries(planned.map(({ destination, lane }) => [destination, lane]))).toEqual(to)
  })

  test.each(sent)('%s is about an invented patient', (file) => {
    const read = readMessage(readFileSync(examples + file))
    if (!read.ok) throw new Error(read.code)
    const { message } = read
    expect(message.text('MSH-11')).toBe('T')
    expect(message.segmentEnd).toBe('\r')
    expect(message.text('PID-5.1')).toMatch(/ \(FICTIF\)$/)
    expect(message.text('PID-32')).toBe('VALI')
    const ins = patientIdentifiers(message).filter((one) => one.ins)
    expect(ins).toMatchObject([{ authority: '1.2.250.1.213.1.4.10', qualified: true }])
    const number = ins[0]!.id
    // Order number 000 is never given, so that no living person has the number.
    expect(number).toMatch(/^[12]\d{9}000\d{2}$/)
    expect(Number(number.slice(13))).toBe(97 - (Number(number.slice(0, 13)) % 97))
    const phones = [...message.values('PID-13.12'), ...message.values('PID-14.12')]
    for (const phone of phones) expect(phone).toMatch(/^026191\d{4}$/)
    for (const mail of message.values('PID-13.4')) expect(mail).toMatch(/\.test$/)
  })

  test('the document is a whole PDF', () => {
    const read = readMessage(readFileSync(`${examples}mdm-t02-document.hl7`))
    if (!read.ok) throw new Error(read.code)
    const pdf = Buffer.from(read.message.text('OBX-5.5') ?? '', 'base64').toString('latin1')
    expect(pdf.slice(0, 8)).toBe('%PDF-1.4')
    expect(pdf.trimEnd().endsWith('%%EOF')).toBe(true)
    const xref = Number(/startxref\n(\d+)/.exec(pdf)?.[1])
    expect(pdf.slice(xref, xref + 4)).toBe('xref')
    const offsets = [...pdf.slice(xref).matchAll(/^(\d{10}) 00000 n/gm)].map(([, offset]) => Number(offset))
    expect(offsets.map((offset) => pdf.slice(offset, offset + 7))).toEqual([1, 2, 3, 4, 5].map((n) => `${n} 0 obj`))
  })
})

describe('the stroke service', () => {
  const request = (msh: string, obr: string) =>
    Buffer.from(
      [
        `MSH|^~\\&|DPI|CH-LAVAL|UNV|CHU-ANGERS|20261123101500+0100||${msh}`,
        `PID|||1^^^CH-LAVAL&530000371&M^PI||LEROUX (FICTIF)^SUZANNE^^^^^L||||||||||||||||||||||||||PROV`,
        obr,
        '',
      ].join('\r'),
    )
  const reason = (value: string) => `OBR|1|A||X^Demande|${'|'.repeat(26)}${value}`
  const cases: [name: string, bytes: Buffer, stroke: boolean][] = [
    ['ICD-10 with a point', request('ORM^O01|1|T|2.5', reason('I63.9^^I10')), true],
    ['ICD-10 without', request('ORM^O01|1|T|2.5', reason('I610')), true],
    ['a transient attack', request('ORM^O01|1|T|2.5', reason('G45.9')), true],
    ['SNOMED', request('ORM^O01|1|T|2.5', reason('422504002^^SCT')), true],
    ['the second reason', request('ORM^O01|1|T|2.5', reason('R51^Céphalée~I64^AVC')), true],
    ['another reason', request('ORM^O01|1|T|2.5', reason('I10^Hypertension')), false],
    ['a longer SNOMED code', request('ORM^O01|1|T|2.5', reason('4225040021^^SCT')), false],
    ['no reason', request('ORM^O01|1|T|2.5', reason('')), false],
    // Flow 1 of the national tele-radiology guide: the reason is text in OBR-13, the clinical question in OBX.
    [
      'a tele-radiology request',
      request(
        'ORM^O01^ORM_O01|1|T|2.5.1|||||FRA|8859/15|||1.0^CISIS_TLR_HL7_V2',
        'ORC|NW|A\rOBR|1|A||TRANSMISSION_DEMANDE^^TLR_OBR_PROCEDURE|||||||||Suspicion AVC I63\rOBX|1|CE|MODALITE_IMAGERIE||CT^^DCM||||||O',
      ),
      false,
    ],
  ]
  test.each(cases)('%s', (_name, bytes, stroke) => {
    const { facts } = arrive(bytes)
    expect(isOfService(config.services.get('stroke')!, facts, config)).toBe(stroke)
    const urgent = plan(facts, config).planned.some(({ lane }) => lane === 'urgent')
    expect(urgent).toBe(stroke)
  })
})
