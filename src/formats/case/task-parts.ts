/** Task.input and Task.output of a case: what was told, and what came of it. */
import type { Case, CaseStudy } from '../../core/cases.ts'
import type { CareService, Coded, TimeName } from '../../core/services.ts'
import type { Loose } from '../bridge/bundle.ts'
import { NIHSS_TOTAL } from '../bridge/nihss.ts'
import { type JsonObject, objects, text } from '../fhir/json-value.ts'

/** Code system of inputs and outputs (profiles/fhir/fsh/cases.fsh). */
export const CASE_PARTS = 'https://passerelle.example/fhir/CodeSystem/case-part'

/** What inputs and outputs are called. */
export type PartCode = 'images' | 'biology' | 'advice' | 'advice-read' | 'decision' | 'report' | 'reached' | 'study'

function typed(code: PartCode | TimeName): { readonly type: Loose } {
  return { type: { coding: [{ system: CASE_PARTS, code }] } }
}

const at = (atMs: number): string => new Date(atMs).toISOString()

/** Told times, the scale, and the studies that are named. */
export function inputsOf(one: Case): Loose[] {
  const times = Object.entries(one.times) as [TimeName, { readonly atMs: number }][]
  const total = one.nihss?.total ?? null
  return [
    ...times.map(([name, { atMs }]) => ({ ...typed(name), valueDateTime: at(atMs) })),
    ...(total === null
      ? []
      : [{ type: { coding: [{ system: 'http://loinc.org', code: NIHSS_TOTAL }] }, valueInteger: total }]),
    ...one.studies.map((study) => ({ ...typed('study'), valueIdentifier: studyIdentifier(study) })),
  ]
}

function studyIdentifier({ uid, accession }: CaseStudy): Loose {
  return uid === null ? { value: accession } : { system: 'urn:dicom:uid', value: `urn:oid:${uid}` }
}

/** Images n of N, biology, advice and its reading, decision, report; each only once it is there. */
export function outputsOf(one: Case, service: CareService): Loose[] {
  const received = one.studies.reduce((sum, study) => sum + study.received, 0)
  const counts = one.studies.map(({ expected }) => expected)
  const expected = counts.some((count) => count === null) ? null : counts.reduce<number>((sum, n) => sum + n!, 0)
  const { biology, advice, decision, report, reached } = one
  return [
    ...(one.studies.length === 0
      ? []
      : [{ ...typed('images'), valueRatio: { numerator: { value: received }, denominator: { value: expected } } }]),
    ...(biology === null ? [] : [{ ...typed('biology'), valueDateTime: at(biology.atMs) }]),
    ...(reached === null ? [] : [{ ...typed('reached'), valueString: reached.whom }]),
    ...(advice === null ? [] : [{ ...typed('advice'), valueString: advice.text }]),
    ...(advice === null || advice.readAtMs === null
      ? []
      : [{ ...typed('advice-read'), valueDateTime: at(advice.readAtMs) }]),
    ...(decision === null ? [] : [{ ...typed('decision'), valueCodeableConcept: decisionConcept(decision, service) }]),
    ...(report === null ? [] : [{ ...typed('report'), valueDateTime: at(report.atMs) }]),
  ]
}

/** The decision by the service's id and, where it has one, by its code; with what was said beside it. */
function decisionConcept({ id, text }: NonNullable<Case['decision']>, { decisions }: CareService): Loose {
  const known = decisions.find((one) => one.id === id)
  const code: Coded | null = known?.code ?? null
  const own = { system: `${CASE_PARTS}/decision`, code: id, display: known?.name.fr }
  return { coding: [own, ...(code === null ? [] : [{ ...code }])], text: text === '' ? (known?.name.fr ?? id) : text }
}

/** Communication.category of a message between both sides; one without it is an advice. */
export const LETTER = { system: CASE_PARTS, code: 'message', display: 'Message' } as const

/** Is the Communication a message between both sides, and no advice? */
export function isLetter(communication: JsonObject): boolean {
  const coded = objects(communication['category']).flatMap((one) => objects(one['coding']))
  return coded.some(({ system, code }) => text(system) === CASE_PARTS && text(code) === LETTER.code)
}
