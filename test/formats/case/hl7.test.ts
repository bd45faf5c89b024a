import { describe, expect, test } from 'vitest'
import type { Act } from '../../../src/core/cases.ts'
import { readHl7Case } from '../../../src/formats/case/hl7.ts'
import { example, FACTS, hl7 } from './facts.ts'

const PID = 'PID|||300101^^^CH&539990028&M^PI||LEROUX (FICTIF)^SUZANNE^^^^^L||19540312|F|||||||||||||||||||||||||PROV'
const ms = (iso: string): number => Date.parse(iso)
const told = (iso: string, precision = 'minute') => ({
  atMs: ms(iso),
  precision,
  source: 'record',
  toldAtMs: FACTS.receivedAtMs,
})

describe('requests by HL7 v2', () => {
  test('the example: who, whom, why, since when, and what it joins by', () => {
    const { request, acts, cancels, answers } = readHl7Case(example('stroke-request.hl7'), FACTS)
    expect(request).toMatchObject({
      service: 'stroke',
      via: 'hl7v2',
      message: FACTS.message,
      site: 'ch-haut-anjou',
      unit: 'URG',
      asker: { name: 'MARTIN (FICTIF) Claire', rpps: '99900000011', role: 'requester' },
      callBack: null,
      patient: {
        identifiers: [
          { authority: '539990028', value: '300101', type: 'PI' },
          { authority: '1.2.250.1.213.1.4.10', value: '254035313000022', type: 'INS' },
        ],
        family: 'LEROUX (FICTIF)',
        given: 'SUZANNE',
        birthDate: '1954-03-12',
        sex: 'female',
        status: 'qualified',
      },
      placer: { authority: 'CH-HAUT-ANJOU', value: 'AVC-0001' },
      reason: "Déficit brutal de l'hémicorps droit, aphasie ; vu bien à 09:05",
      coded: [
        { system: 'http://hl7.org/fhir/sid/icd-10', code: 'I63.9', display: 'Infarctus cérébral, sans précision' },
      ],
      times: { onset: told('2026-11-23T09:05:00+01:00') },
      studies: [],
      test: true,
    })
    expect(request?.keys).toEqual([
      'ch-haut-anjou:<539990028|300101>',
      'INS:<1.2.250.1.213.1.4.10|254035313000022>',
      'ch-haut-anjou:<visit|539990028|260000101>',
      'ch-haut-anjou:<order|CH-HAUT-ANJOU|AVC-0001>',
    ])
    expect(acts).toEqual([{ what: 'score', nihss: { items: {}, total: 14, differs: false }, message: FACTS.message }])
    expect({ cancels, answers }).toEqual({ cancels: null, answers: [] })
  })

  test.each<[name: string, lines: string[], expected: object]>([
    ['without ORC', ['OBR|1|A1||X|||||||||AVC ?'], { placer: { authority: null, value: 'A1' }, reason: 'AVC ?' }],
    [
      'the number to call back stands in ORC-14',
      ['ORC|NW|A1^DPI||||||||||||0241000000', 'OBR|1'],
      { callBack: '0241000000' },
    ],
    [
      'the number to call back stands in XTN-12',
      ['ORC|NW|A1^DPI||||||||||||^WPN^PH^^^^^^^^^0241000001', 'OBR|1'],
      { callBack: '0241000001' },
    ],
    [
      'words are those of the codes when nobody wrote any',
      ['ORC|NW|A1', `OBR|1|A1${'|'.repeat(29)}I63.9^Infarctus^I10`],
      {
        reason: 'Infarctus',
        coded: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I63.9', display: 'Infarctus' }],
      },
    ],
    [
      'notes are words too, save those that tell a time',
      ['ORC|NW|A1', 'OBR|1|A1', 'NTE|1||aphasie', 'NTE|2||202611230830|VU_BIEN^^L'],
      { reason: 'aphasie', times: { 'last-seen-well': told('2026-11-23T08:30:00+01:00') } },
    ],
    [
      'a time without offset is that of the region, of the hour that comes twice the earlier',
      ['ORC|NW|A1', 'OBR|1|A1', 'OBX|1|TS|VU_BIEN^^L||202510260230||||||F'],
      { times: { 'last-seen-well': told('2025-10-26T02:30:00+02:00') } },
    ],
    [
      'an hour alone, and a day alone',
      ['ORC|NW|A1', 'OBR|1|A1', 'OBX|1|TS|VU_BIEN||2026112308||||||F', 'OBX|2|TS|DECOUVERTE||20261123||||||F'],
      {
        times: {
          'last-seen-well': told('2026-11-23T08:00:00+01:00', 'hour'),
          discovery: told('2026-11-23T00:00:00+01:00', 'day'),
        },
      },
    ],
    [
      'what is no time, and what was withdrawn, tell nothing',
      ['ORC|NW|A1', 'OBR|1|A1', 'OBX|1|TS|VU_BIEN||ce matin||||||F', 'OBX|2|TS|11368-8||202611230900||||||W'],
      { times: {} },
    ],
    [
      'a study by IPC',
      ['ORC|NW|A1', 'OBR|1|A1', 'IPC|ACC1^PACS|RP1|1.2.3.4|SPS1|CT'],
      { studies: [{ uid: '1.2.3.4', accession: 'ACC1', expected: null, modality: 'CT' }] },
    ],
    [
      'a study by its accession number alone',
      ['ORC|NW|A1', 'OBR|1|A1||||||||||||||||ACC2'],
      { studies: [{ uid: null, accession: 'ACC2', expected: null, modality: null }] },
    ],
  ])('%s', (_, lines, expected) => {
    expect(readHl7Case(hl7('ORM^O01', PID, ...lines), FACTS).request).toMatchObject(expected)
  })

  test.each<[name: string, pid3: string, status: string, identifiers: string[], keys: string[]]>([
    [
      'an INS of a provisional identity is left out',
      '1^^^A&9&M^PI~2^^^&1.2.250.1.213.1.4.10&ISO^INS',
      'PROV',
      ['1'],
      ['ch-haut-anjou:<9|1>'],
    ],
    [
      'an INS of a qualified one joins everywhere',
      '2^^^&1.2.250.1.213.1.4.10&ISO^INS',
      'VALI',
      ['2'],
      ['INS:<1.2.250.1.213.1.4.10|2>'],
    ],
    [
      'a billing number names who is insured',
      '1^^^A&9&M^PI~3^^^&1.2.250.1.213.1.4.8&ISO^NH',
      'VALI',
      ['1'],
      ['ch-haut-anjou:<9|1>'],
    ],
    ['a name alone joins nothing', '', 'PROV', [], []],
  ])('%s', (_, pid3, status, identifiers, keys) => {
    const pid = `PID|||${pid3}||DUPONT (FICTIF)^JEAN|||M${'|'.repeat(24)}${status}`
    const { request } = readHl7Case(hl7('ORM^O01', pid, 'ORC|NW', 'OBR|1||||||||||||AVC'), FACTS)
    expect(request?.patient.identifiers.map(({ value }) => value)).toEqual(identifiers)
    expect(request?.keys).toEqual(keys)
  })

  test.each<[name: string, kind: string, lines: string[], cancels: object | null, reason: string]>([
    [
      'cancelled',
      'ORM^O01',
      ['ORC|CA|A1^DPI||||||||||||||Z^Erreur de patient'],
      { authority: 'DPI', value: 'A1' },
      'Erreur de patient',
    ],
    [
      'discontinued',
      'ORM^O01',
      ['ORC|DC|A1^DPI', 'NTE|1||patient transféré'],
      { authority: 'DPI', value: 'A1' },
      'patient transféré',
    ],
    ['without a number nothing can be taken back', 'ORM^O01', ['ORC|CA'], null, ''],
  ])('an order is taken back: %s', (_, kind, lines, cancels, reason) => {
    const read = readHl7Case(hl7(kind, PID, ...lines), FACTS)
    expect([read.request, read.cancels, read.cancelReason]).toEqual([null, cancels, reason])
  })

  test('OMI^O23 asks as ORM^O01 does, and names its study', () => {
    const lines = [PID, 'ORC|NW|A1^DPI', 'OBR|1|A1^DPI', 'IPC|ACC1|RP|1.2.3|SPS|MR']
    const { request } = readHl7Case(hl7('OMI^O23', ...lines), FACTS)
    expect(request).toMatchObject({ studies: [{ uid: '1.2.3', accession: 'ACC1', modality: 'MR' }] })
    expect(request?.keys).toEqual(expect.arrayContaining(['study:<study|1.2.3>', 'ch-haut-anjou:<accession|ACC1>']))
  })

  test('without a patient there is no request', () => {
    expect(readHl7Case(hl7('ORM^O01', 'ORC|NW|A1', 'OBR|1'), FACTS).request).toBeNull()
  })
})

const nihss = (code: string, value: string, n = 1): string => `OBX|${n}|NM|${code}^^LN||${value}||||||F`
const ITEMS = ['70184-7', '70185-4', '70186-2', '70187-0', '70188-8', '70189-6', '70190-4', '70967-5']
const MORE = ['70191-2', '70968-3', '70192-0', '70193-8', '70194-6', '70195-3', '70196-1']
const all = (score: string): string[] => [...ITEMS, ...MORE].map((code, i) => nihss(code, score, i + 2))

describe('results by HL7 v2', () => {
  test.each<[name: string, lines: string[], acts: unknown[]]>([
    [
      'a total under its own code',
      [nihss('72089-6', '12')],
      [{ what: 'score', nihss: { items: {}, total: 12, differs: false }, message: FACTS.message }],
    ],
    [
      'a total under the code of the panel',
      [nihss('70182-1', '12')],
      [{ what: 'score', nihss: { items: {}, total: 12, differs: false }, message: FACTS.message }],
    ],
    [
      'items that make the total',
      [nihss('72089-6', '15'), ...all('1')],
      [expect.objectContaining({ what: 'score', nihss: expect.objectContaining({ total: 15, differs: false }) })],
    ],
    [
      'items that do not',
      [nihss('72089-6', '12'), ...all('1')],
      [expect.objectContaining({ nihss: expect.objectContaining({ total: 12, differs: true }) })],
    ],
    [
      'items that are all scored, and no total',
      all('1'),
      [expect.objectContaining({ nihss: expect.objectContaining({ total: 15, differs: false }) })],
    ],
    [
      'some of the items, and no total',
      all('1').slice(1),
      [expect.objectContaining({ nihss: expect.objectContaining({ total: null, differs: false }) })],
    ],
    [
      'some of the items that are more than the total already',
      [nihss('72089-6', '3'), nihss('70190-4', '2', 2), nihss('70967-5', '2', 3)],
      [expect.objectContaining({ nihss: expect.objectContaining({ total: 3, differs: true }) })],
    ],
    [
      'an item that cannot be tested',
      [nihss('72089-6', '3'), 'OBX|2|ST|70190-4^^LN||UN||||||F', nihss('70967-5', '3', 3)],
      [
        {
          what: 'score',
          nihss: { items: { '70190-4': null, '70967-5': 3 }, total: 3, differs: false },
          message: FACTS.message,
        },
      ],
    ],
    [
      'biology, a line each',
      ['OBX|1|NM|6301-6^INR^LN||1.1||||||F', 'OBX|2|SN|777-3^Plaquettes^LN||<^100|G/L||L|||F'],
      [
        {
          what: 'biology',
          message: FACTS.message,
          codes: ['6301-6', '777-3'],
          text: 'INR 1.1\nPlaquettes <100 G/L (L)',
        },
      ],
    ],
    [
      'a time that is told later, beside the scale',
      ['OBX|1|TS|11368-8^Début^LN||202611230905+0100||||||F', 'OBX|2|NM|72089-6^NIHSS^LN||12||||||F'],
      [
        { what: 'score', nihss: { items: {}, total: 12, differs: false }, message: FACTS.message },
        { what: 'tell-time', name: 'onset', time: told('2026-11-23T09:05:00+01:00') },
      ],
    ],
    ['a result nobody waits for', ['OBX|1|NM|2951-2^Sodium^LN||140||||||F'], []],
    ['a result that was withdrawn', ['OBX|1|NM|6301-6^INR^LN||1.1||||||W'], []],
  ])('%s', (_, lines, acts) => {
    const read = readHl7Case(hl7('ORU^R01', PID, 'OBR|1', ...lines), FACTS)
    expect(read.acts).toEqual(acts)
    expect(read.keys).toContain('ch-haut-anjou:<539990028|300101>')
  })

  test.each<[name: string, kind: string, lines: string[], acts: readonly Act[]]>([
    ['taken', 'ORU^R01', ['ORC|OK|A1^DPI', 'OBR|1|A1^DPI'], [{ what: 'accept' }]],
    ['taken, by ORR', 'ORR^O02', ['ORC|OK|A1^DPI'], [{ what: 'accept' }]],
    [
      'not taken, with a reason',
      'ORR^O02',
      ['ORC|OC|A1^DPI||||||||||||||X^Pas de neurologue'],
      [{ what: 'refuse', reason: 'Pas de neurologue' }],
    ],
    [
      'not taken, with words',
      'ORU^R01',
      ['ORC|UA|A1^DPI', 'OBR|1', 'OBX|1|TX|MOTIF||IRM en panne||||||F'],
      [{ what: 'refuse', reason: 'IRM en panne' }],
    ],
    ['not taken, and nobody says why', 'ORR^O02', ['ORC|UA|A1^DPI'], [{ what: 'refuse', reason: 'UA' }]],
    ['looked at', 'ORR^O02', ['ORC|SC|A1^DPI|||IP'], [{ what: 'see' }]],
    [
      'advice',
      'ORU^R01',
      ['ORC|RE|A1^DPI', 'OBR|1', 'OBX|1|FT|18748-4^Avis^LN||Pas de contre-indication.~Voir note||||||F'],
      [{ what: 'advise', text: 'Pas de contre-indication.\nVoir note', coded: [] }],
    ],
    [
      'taken with advice, as flow 3 of tele-radiology',
      'ORU^R01',
      ['ORC|OK|A1^DPI', 'OBR|1', 'OBX|1|FT|PROTOCOLE_IMAGERIE||IRM sans injection||||||F'],
      [{ what: 'accept' }, { what: 'advise', text: 'IRM sans injection', coded: [] }],
    ],
    [
      'a remark of an ORR is no advice',
      'ORR^O02',
      ['ORC|OK|A1^DPI', 'NTE|1||rappel dans 5 min'],
      [{ what: 'accept' }, { what: 'write', text: 'rappel dans 5 min' }],
    ],
  ])('an answer: %s', (_, kind, lines, acts) => {
    const { answers } = readHl7Case(hl7(kind, ...lines), FACTS)
    expect(answers).toEqual([{ placer: { authority: 'DPI', value: 'A1' }, about: null, acts }])
  })

  test('words without the number of an order answer nothing', () => {
    const lines = [PID, 'OBR|1', 'OBX|1|TX|X||texte libre||||||F']
    expect(readHl7Case(hl7('ORU^R01', ...lines), FACTS).answers).toEqual([])
  })
})

describe('stays', () => {
  test.each(['ADT^A01', 'ADT^A04', 'ADT^A08'])('%s: who was registered where and when', (kind) => {
    const { stay, acts, request } = readHl7Case(hl7(kind, PID, `PV1|1|E|URG^B2${'|'.repeat(41)}202611230940`), FACTS)
    expect(stay).toMatchObject({ unit: 'URG', arrivedAtMs: ms('2026-11-23T09:40:00+01:00') })
    expect(stay?.patient.family).toBe('LEROUX (FICTIF)')
    const identity = kind === 'ADT^A08' ? [{ what: 'identity', change: { site: FACTS.site, status: null } }] : []
    expect(acts).toMatchObject([...identity, { what: 'tell-time', name: 'arrival', time: { source: 'system' } }])
    expect(request).toBeNull()
  })

  test.each<[name: string, kind: string, admitted: string, arrivedAt: string | null, told: readonly unknown[]]>([
    ['a bare date is no hour of arrival', 'ADT^A01', '20261123', null, []],
    ['who is expected has not arrived', 'ADT^A05', '202611230940', '2026-11-23T09:40:00+01:00', []],
    [
      'an hour without minutes is as exact as that',
      'ADT^A04',
      '2026112309',
      '2026-11-23T09:00:00+01:00',
      [{ name: 'arrival', time: { precision: 'hour', source: 'system' } }],
    ],
  ])('%s', (_name, kind, admitted, arrivedAt, expected) => {
    const { stay, acts } = readHl7Case(hl7(kind, PID, `PV1|1|E|URG^B2${'|'.repeat(41)}${admitted}`), FACTS)
    expect(stay?.arrivedAtMs).toBe(arrivedAt === null ? null : ms(arrivedAt))
    expect(acts).toMatchObject(expected)
    expect(acts).toHaveLength(expected.length)
  })

  test.each([['ADT^A03'], ['SIU^S12'], ['MDM^T02']])('%s says nothing', (kind) => {
    expect(readHl7Case(hl7(kind, PID), FACTS)).toMatchObject({ stay: null, acts: [], request: null })
  })

  test('bytes that are no message say nothing', () => {
    expect(readHl7Case(Buffer.from('hello'), FACTS)).toMatchObject({ request: null, acts: [], answers: [] })
  })
})
