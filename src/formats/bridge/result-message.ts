/** A DiagnosticReport with its Observations, or Observations alone, as ORU^R01 (HL7 v2.5 §7.3.1). */
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import { type Component, type Fields, type Segment, segment, type Value } from '../hl7v2/write.ts'
import { resolve } from './bundle.ts'
import { ceOf, codeIn, tableSystem } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import { type Conversion, type Hl7Draft, lacking, type Unconvertible } from './conversion.ts'
import { embeddedField, embeddedIn } from './embedded.ts'
import { entityField, entityOf, plainEntity } from './entities.ts'
import type { Types } from './observation-value.ts'
import { ObservationWriter } from './observations.ts'
import { MOST_OBSERVATIONS } from './order-groups.ts'
import { performerOf } from './order-message.ts'
import { followed, professionalField } from './participants.ts'
import { isAbout, isRefused, ofAnother, ofType, ownerOf, subjectSegments } from './subject.ts'
import { tsOf } from './time.ts'
import { lossFindings } from './unread.ts'

const TYPES: Types = { coded: 'CE', moment: 'TS' }
const RESULT_STATUSES: Readonly<Record<string, string>> = {
  final: 'F',
  preliminary: 'P',
  corrected: 'C',
  amended: 'C',
  appended: 'C',
  cancelled: 'X',
  'entered-in-error': 'X',
  partial: 'A',
  registered: 'I',
}

/** OBX-11 of its documents: they are what the report is (table 0085 knows no part of a result). */
const FORM_STATUSES: Readonly<Record<string, string>> = {
  preliminary: 'P',
  partial: 'P',
  corrected: 'C',
  amended: 'C',
  appended: 'C',
  cancelled: 'X',
  'entered-in-error': 'W',
  registered: 'I',
}

/** Each DiagnosticReport as an OBR with its OBX; the Observations of none under an OBR of their own code each. */
export function resultsToHl7(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const reported = new Map<JsonObject, readonly JsonObject[]>()
  let count = 0
  for (const report of ofType(root, 'DiagnosticReport')) {
    const results = resultsOf(report, root)
    if (isRefused(results)) return results
    count += results.length
    // Few observations make many where each report lists them all.
    if (count > MOST_OBSERVATIONS) return lacking('DiagnosticReport.result')
    reported.set(report, results)
  }
  const listed = new Set([...reported.values()].flat())
  const alone = ofType(root, 'Observation').filter((one) => !listed.has(one))
  const holders = new Map([...reported, ...alone.map((one) => [one, [one]] as const)])
  const [first] = holders.keys()
  if (first === undefined) return lacking('DiagnosticReport')
  const subject = subjectSegments(first, root, context)
  if (isRefused(subject)) return subject
  const segments: Segment[] = [subject.pid, ...subject.visit]
  let number = 0
  for (const [holder, observations] of holders) {
    const type = String(holder['resourceType'])
    if (!isAbout(holder, subject.patient, root))
      return lacking(`${type}[${ofType(root, type).indexOf(holder)}].subject`)
    const another = ofAnother(observations, subject.patient, root)
    if (another !== null) return another
    const made = reportSegments(holder, observations, root, ++number, context)
    if (isRefused(made)) return made
    segments.push(...made)
  }
  const absent = [...holders.keys()].some((one) => objects(one['presentedForm']).some((it) => embeddedIn(it) === null))
  return {
    ok: true,
    made: { type: ['ORU', 'R01', 'ORU_R01'], version: ['2.5'], segments },
    findings: [...subject.findings, ...lossFindings(absent ? ['DiagnosticReport.presentedForm'] : [])],
  }
}

function reportSegments(
  holder: JsonObject,
  observations: readonly JsonObject[],
  root: JsonObject,
  number: number,
  context: BridgeContext,
): readonly Segment[] | Unconvertible {
  const isReport = holder['resourceType'] === 'DiagnosticReport'
  const code = object(holder['code'])
  if (code === null) return lacking(`${String(holder['resourceType'])}.code`)
  const period = object(holder['effectivePeriod'])
  const writer = new ObservationWriter(TYPES, context)
  const conclusion = isReport ? text(holder['conclusion']) : null
  if (conclusion !== null) writer.notes(conclusion.split('\n'))
  for (const one of observations) writer.observation(one, performerOf(one, root))
  const status = text(holder['status'])
  const formStatus = FORM_STATUSES[status ?? ''] ?? 'F'
  for (const form of objects(holder['presentedForm'])) {
    const embedded = embeddedIn(form)
    const title = text(form['title'])
    if (embedded !== null) {
      writer.add({ 2: 'ED', 3: withTitle(code, title), 5: embeddedField(embedded, 'TEXT'), 11: formStatus })
    }
  }
  const interpreter = objects(holder['resultsInterpreter'])[0] ?? null
  const names: Fields = {
    2: entityField(orderOf(holder, root)),
    3: entityField(entityOf(holder, 'FILL') ?? plainEntity(holder)),
  }
  return [
    segment('ORC', { 1: 'SC', ...names, 5: status === 'final' ? 'CM' : null }),
    segment('OBR', {
      1: String(number),
      ...names,
      4: ceOf(code),
      7: tsOf(text(holder['effectiveDateTime']) ?? text(period?.['start'])),
      8: tsOf(text(period?.['end'])),
      22: tsOf(text(holder['issued'])),
      24: codeIn(objects(holder['category'])[0] ?? null, tableSystem('0074')),
      25: mapped(context, 'result-of-report', RESULT_STATUSES, status),
      32: [interpreterField(interpreter, holder, root)],
    }),
    ...writer.segments,
  ]
}

/** The order that the report answers, by its number: the report's own word, else that of the order it names. */
function orderOf(holder: JsonObject, root: JsonObject): JsonObject | undefined {
  const own = entityOf(holder, 'PLAC')
  const [reference] = objects(holder['basedOn'])
  if (own !== undefined || reference === undefined) return own
  const order = resolve(reference, holder, root)
  return (
    (order === null ? object(reference['identifier']) : (entityOf(order, 'PLAC') ?? plainEntity(order))) ?? undefined
  )
}

/** NDL-1 (HL7 v2.5 §2.A.47) is a CNN: XCN without subcomponents. */
function interpreterField(reference: JsonObject | null, holder: JsonObject, root: JsonObject): Component {
  const field = professionalField(followed(reference, holder, root).professional)
  if (!Array.isArray(field)) return null
  const [value, family, given, further, suffix, prefix, , , authority] = field as Component[]
  const flat = [value, family, given, further, suffix, prefix, null, null] as Value[]
  return Array.isArray(authority) ? [...flat, ...(authority as Value[])] : flat
}

function withTitle(code: JsonObject, title: string | null): ReturnType<typeof ceOf> {
  const [coding, ...more] = objects(code['coding'])
  if (coding === undefined || title === null) return ceOf(code)
  return ceOf({ ...code, coding: [{ ...coding, display: title }, ...more] })
}

/**
 * The observations of a report, each once and followed by its members, which may be members of one another. Refused when one is
 * not there: a report without a result reads as whole. */
function resultsOf(report: JsonObject, root: JsonObject): readonly JsonObject[] | Unconvertible {
  const found = new Set<JsonObject>()
  const open = [report]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (found.has(one)) continue
    if (one !== report) found.add(one)
    const element = one === report ? 'result' : 'hasMember'
    for (const reference of objects(one[element]).reverse()) {
      const observation = resolve(reference, ownerOf(one, root), root)
      if (observation === null) return lacking(`${String(one['resourceType'])}.${element}`)
      if (observation['resourceType'] === 'Observation') open.push(observation)
    }
  }
  return [...found]
}
