/** Results: ORU^R01 (HL7 v2.5 §7.3.1) as DiagnosticReport with its Observations. Documents and tele-radiology have their own. */
import type { Finding } from '../../core/message.ts'
import type { JsonObject } from '../fhir/json.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Entry, nameOf, referenceTo, resource, transaction, written, writtenOfCode } from './bundle.ts'
import { conceptOf, conceptWith, tableSystem } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import { type Conversion, lacking, type Unconvertible } from './conversion.ts'
import { documentAt, isDocument, unreadDocuments } from './embedded.ts'
import { logical, orderEntity } from './entities.ts'
import { categoryOf, ObservationNames, type OrderName, observationEntries } from './observation-entries.ts'
import { noteTexts, type OrderGroup, orderGroups } from './order-groups.ts'
import { entriesOfAll, interpreterAt, partyOf } from './participants.ts'
import { type Part, partOf, textAt } from './parts.ts'
import { PROFILES } from './profiles.ts'
import { stableId } from './stable-id.ts'
import { isRefused, type Subject, subjectIn } from './subject.ts'
import { dateTimeOf, instantOf } from './time.ts'
import { lossFindings } from './unread.ts'

/** OBR-25 (table 0123) and DiagnosticReport.status. */
const STATUSES: Readonly<Record<string, string>> = {
  F: 'final',
  P: 'preliminary',
  C: 'corrected',
  X: 'cancelled',
  A: 'partial',
  R: 'preliminary',
  I: 'registered',
  O: 'registered',
  S: 'registered',
}
const SECTIONS = tableSystem('0074')

/** ORU^R01 as a transaction: each OBR a report, written over its earlier version. */
export function resultsToFhir(message: Hl7Message, _: Header, context: BridgeContext): Conversion<JsonObject> {
  const groups = orderGroups(message)
  if (groups === null) return lacking('OBX')
  const reports = groups.filter(({ obr }) => obr !== null)
  if (reports.length === 0) return lacking('OBR')
  const subject = subjectIn(message, context)
  if (isRefused(subject)) return subject
  const entries: Entry[] = [...subject.entries]
  const findings: Finding[] = [...subject.findings]
  for (const [i, group] of reports.entries()) {
    const made = reportEntries(message, group, i, subject, context)
    if (isRefused(made)) return made
    entries.push(...made)
    const places = group.observations.map(({ obx }) => obx)
    findings.push(...lossFindings(unreadDocuments(message, places)))
  }
  return transaction(entries, context, findings)
}

function reportEntries(
  message: Hl7Message,
  group: OrderGroup,
  index: number,
  subject: Subject,
  context: BridgeContext,
): readonly Entry[] | Unconvertible {
  const obr = group.obr!
  const at = (field: number) => textAt(message, `${obr}-${field}`)
  const { timeZone } = context
  const placer = orderEntity(message, [group.obr, group.orc], 2, context)
  const filler = orderEntity(message, [group.obr, group.orc], 3, context)
  const code = conceptOf(partOf(message, `${obr}-4`))
  if (code === null) return lacking(`${obr}-4`)
  // The filler's number names the report, with its code: an accession number holds several. A report without any is named by
  // the message, so that a repeat is the same.
  const own = filler ?? reportName(placer, code, index, context)
  const name = nameOf({ identifier: [own] })
  if (name === null) return lacking(`${obr}-3`)
  const [start, end] = [dateTimeOf(at(7), timeZone), dateTimeOf(at(8), timeZone)]
  const issued = instantOf(at(22), timeZone)
  const producer = partyOf(context.sender)
  const interpreter = interpreterAt(message, `${obr}-32`, context)
  const values = group.observations.filter(({ obx }) => !isDocument(message, obx))
  const observations = observationEntries(
    message,
    values,
    {
      subject: subject.patient,
      encounter: subject.encounter,
      effective: start ?? dateTimeOf(textAt(message, 'MSH-7'), timeZone),
      issued,
      category: categoryOf(at(24)),
      context,
    },
    new ObservationNames(filler === null ? name : ofPanel(name, partOf(message, `${obr}-4`))),
    'written',
  )
  const comments = noteTexts(message, group.notes)
  const report = resource('DiagnosticReport', PROFILES.diagnosticReport, {
    identifier: [own, own === placer ? null : placer],
    basedOn: [logical('ServiceRequest', placer)],
    status: mapped(context, 'report-status', STATUSES, at(25)) ?? statusOf(observations.observations),
    category: at(24) === '' ? [] : [conceptWith(SECTIONS, at(24))],
    code,
    subject: subject.patient,
    encounter: subject.encounter,
    ...(end === null ? { effectiveDateTime: start } : { effectivePeriod: { start, end } }),
    issued,
    performer: [producer.reference],
    resultsInterpreter: interpreter === null ? [] : [interpreter.reference],
    result: observations.observations.map(referenceTo),
    conclusion: comments.join('\n'),
    presentedForm: group.observations
      .filter(({ obx }) => isDocument(message, obx))
      .map(({ obx }) => documentAt(message, obx)),
  })
  return [
    ...entriesOfAll([producer, interpreter]),
    ...observations.others,
    ...observations.observations,
    filler === null ? written(report) : writtenOfCode(report, code),
  ]
}

/** Panels of one accession number may hold the same analysis, in one message or in several: fasting, and after two hours. */
function ofPanel({ system, value }: OrderName, obr4: Part): OrderName {
  return { system, value: JSON.stringify([value, obr4(1) || obr4(2), obr4(3)]) }
}

function reportName(placer: JsonObject | null, code: JsonObject, index: number, context: BridgeContext): JsonObject {
  const of = placer === null ? [context.key, String(index)] : [JSON.stringify(placer), JSON.stringify(code)]
  const id = stableId('DiagnosticReport', context.sender.establishment, ...of)
  return { system: 'urn:ietf:rfc3986', value: `urn:uuid:${id}` }
}

/** Of a report that does not say: as its observations, when they agree. */
function statusOf(observations: readonly Entry[]): string {
  const statuses = new Set(observations.map(({ resource: one }) => one['status']))
  if (statuses.has('corrected')) return 'corrected'
  const [only] = statuses
  return statuses.size === 1 && (only === 'final' || only === 'preliminary') ? only : 'unknown'
}
