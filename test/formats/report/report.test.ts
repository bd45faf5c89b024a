import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Case, Happening } from '../../../src/core/cases.ts'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { checkDocuments } from '../../../src/formats/cda/check.ts'
import { CdaReader } from '../../../src/formats/cda/read.ts'
import { cdaOf, reportOid } from '../../../src/formats/cda/telemedicine-report.ts'
import { documentReference } from '../../../src/formats/report/document.ts'
import { type CareReport, type Incident, reportOf } from '../../../src/formats/report/report.ts'
import { reportWords } from '../../../src/formats/report/words.ts'
import { CONTEXT } from '../bridge/conversions.ts'
import { caseOf, EXPERT } from '../case/case.ts'
import { AT_MS } from '../case/facts.ts'
import { SERVICE } from '../case/service.ts'
import { messageFrom } from '../messages.ts'

const MIN = 60_000
const TYPE = {
  id: 'telemedicine-report',
  code: { system: 'http://loinc.org', code: '85208-7', display: "Compte rendu d'acte de télémédecine" },
  name: { fr: 'Compte rendu de télémédecine', en: 'Telemedicine report' },
  template: null,
  default: true,
}
const CLOSED: Partial<Case> = {
  owner: { establishment: 'chu-angers', expert: EXPERT, atMs: AT_MS + 2 * MIN },
  advice: { text: 'Avis <b>&', by: EXPERT, atMs: AT_MS + 10 * MIN, readAtMs: AT_MS + 11 * MIN },
  decision: { id: 'transfer', text: 'Départ en SMUR', atMs: AT_MS + 20 * MIN },
  consent: { given: false, by: 'Dr CANARI', atMs: AT_MS, refusedWhy: 'Aphasie, urgence' },
}
const did = (seq: number, act: Happening['act'], minutes: number): Happening => ({
  ...{ seq, act, by: EXPERT, atMs: AT_MS + minutes * MIN, recordedAtMs: AT_MS + minutes * MIN },
})
const HAPPENINGS = [did(2, { what: 'accept' }, 2), did(3, { what: 'advise', text: 'Avis <b>&', coded: [] }, 10)]
const INCIDENTS: readonly Incident[] = [
  { atMs: AT_MS + 5 * MIN, what: 'delivery-failed', about: 'chu-angers/dpi, CONNECT_REFUSED' },
  { atMs: AT_MS + 3 * MIN, what: 'images-held', about: 'ch-haut-anjou' },
]

function report(change: Partial<Case> = {}, incidents = INCIDENTS, own?: ReadonlyMap<string, string>): CareReport {
  return reportOf({
    ...{ case: caseOf({ ...CLOSED, ...change }), happenings: HAPPENINGS, incidents, service: SERVICE },
    structure: (id) => ({ name: `Établissement ${id}`, finess: id === 'chu-angers' ? '490000031' : null }),
    ...{ words: reportWords(own), timeZone: 'Europe/Paris', id: '0199a000-0000-7000-8000-0000000000d1', type: TYPE },
    ...{ by: EXPERT, text: 'Patient vu\u0007 en visio.\nTransfert décidé.', atMs: AT_MS + 30 * MIN },
  })
}

const headerOf = (bytes: Buffer) => {
  const reader = new CdaReader(bytes, 'xml')
  while (!reader.run(1_000));
  return reader.reading()
}

describe('the closing report', () => {
  test('is the CDA that was agreed', () => {
    const golden = new URL('./report.golden.xml', import.meta.url)
    expect(cdaOf(report()).toString('utf8')).toBe(readFileSync(golden, 'utf8'))
  })

  test('is read back by the reader, with its encounter at a distance', () => {
    const { fault, header } = headerOf(cdaOf(report()))
    expect(fault).toBeNull()
    expect(header).toMatchObject({
      id: { root: reportOid(report()), extension: '' },
      code: { code: '85208-7', codeSystem: '2.16.840.1.113883.6.1' },
      language: 'fr-FR',
      body: 'structuredBody',
      encounter: { code: { code: 'VR', codeSystem: '2.16.840.1.113883.5.4' } },
      authors: [{ root: '1.2.250.1.71.4.2.1', extension: '899900000022' }],
      custodian: { root: '1.2.250.1.71.4.2.2', extension: '1490000031' },
    })
    expect(header.patients[0]?.families).toEqual([{ qualifier: 'BR', name: 'LEROUX (FICTIF)' }])
    expect(header.templateIds).toEqual([])
  })

  test('claims the template that the service names', () => {
    const template = '1.2.250.1.213.1.1.1.38'
    const { header } = headerOf(cdaOf({ ...report(), type: { ...TYPE, template } }))
    expect(header.templateIds).toEqual([{ root: template, extension: '' }])
  })

  test('as a message it meets our own rules of documents, and comes back as FHIR', () => {
    const made = toHl7(documentReference(report(), cdaOf(report()), 'hl7v2'), CONTEXT)
    if (!made.ok) throw new Error(made.at)
    expect(made.made.kind).toBe('MDM^T02')
    const message = messageFrom(made.made.bytes)
    expect(message.text('TXA-12')).toBe(reportOid(report()))
    expect(message.text('TXA-5')).toContain('99900000022')
    const run = checkDocuments(message)
    let step = run.next()
    while (step.done !== true) step = run.next()
    expect(step.value).toEqual([])
    expect(toFhir(message, CONTEXT)).toMatchObject({ ok: true, made: { resource: { type: 'transaction' } } })
  })

  test.each<[name: string, change: Partial<Case>, incidents: readonly Incident[], section: string, said: RegExp]>([
    ['incidents of the journal, the earliest first', {}, INCIDENTS, 'incidents', /retenues.*échec.*CONNECT_REFUSED/],
    ['that there was none', {}, [], 'incidents', /Aucun incident technique/],
    ['why there was no consent', {}, [], 'consent', /non recueilli.*Dr CANARI.*Aphasie/],
    [
      'who collected consent',
      { consent: { given: true, by: 'IDE CANARI', atMs: AT_MS, refusedWhy: null } },
      [],
      'consent',
      /recueilli par.*IDE CANARI/,
    ],
    ['that nothing was said of consent', { consent: null }, [], 'consent', /Aucun recueil/],
    ['the decision in its words', {}, [], 'decision', /Transfert.*Départ en SMUR/],
    ['that none was recorded', { decision: null }, [], 'decision', /Aucune décision/],
    ['participants with their numbers', {}, [], 'participants', /DURAND \(FICTIF\) Paul, RPPS 99900000022/],
    ['a late entry', { late: true }, [], 'request', /Saisie a posteriori/],
  ])('says %s', (_name, change, incidents, id, said) => {
    const section = report(change, incidents).sections.find((one) => one.id === id)
    expect(JSON.stringify([section?.rows, section?.paragraphs])).toMatch(said)
  })

  test('a drill says so first, and the region may set words', () => {
    expect(report({ drill: true }).title).toMatch(/^EXERCICE /)
    const own = report(
      {},
      [],
      new Map([
        ['legal', 'Article de la région'],
        ['account', 'Récit'],
      ]),
    )
    expect(own.sections[0]?.paragraphs).toEqual(['Article de la région'])
    expect(own.sections[1]?.title).toBe('Récit')
  })
})
