import type { Content } from '../../../core/content.ts'
import type { MessageDetail } from '../../../core/views.ts'
import { parseStrict } from '../../../formats/fhir/json.ts'
import { maskedResource } from '../../../formats/fhir/leaves.ts'
import { maskedSegments } from '../../../formats/hl7v2/masked.ts'
import { readMessage } from '../../../formats/hl7v2/message.ts'

/** A copy of a message for the maker of the software: how it is made and how it went, and nothing of its patient. */
export interface IncidentSheet {
  readonly sheet: 'passerelle-incident'
  readonly versions: { readonly gateway: string; readonly configuration: number }
  readonly message: object
  readonly findings: MessageDetail['findings']
  readonly timeline: readonly object[]
  /** HL7 v2: segments. FHIR: one resource. Null: it does not read, or is too long. */
  readonly structure: readonly string[] | object | null
}

/** Makes the sheet. What people wrote (reasons, names) is left out: it may say anything. */
export function incidentSheet(message: MessageDetail, content: Content | null, version: string): IncidentSheet {
  const { id, receivedAt, from, entrance, kind, bytes, state, application, facility } = message
  const { receivingApplication, receivingFacility, test, controlId } = message
  return {
    sheet: 'passerelle-incident',
    versions: { gateway: version, configuration: message.revision },
    message: {
      ...{ id, receivedAt, from, entrance, kind, bytes, state, test },
      controlId: plain(controlId),
      sender: { application: plain(application), facility: plain(facility) },
      receiver: { application: plain(receivingApplication), facility: plain(receivingFacility) },
    },
    findings: message.findings,
    timeline: message.timeline.map(({ at, what, event, destination, n, ms, code }) => ({
      ...{ at, what, event, destination, n, ms, code },
    })),
    structure: content === null ? null : structureOf(content),
  }
}

/** MSH-3 to MSH-6 and MSH-10 are technical; what is not like it is left out. */
function plain(text: string): string {
  return /^[\w .:/^-]{0,80}$/.test(text) ? text : `X{${text.length}}`
}

function structureOf({ format, bytes, total, charset }: Content): IncidentSheet['structure'] {
  if (bytes.length < total) return null
  if (format === 'hl7v2') {
    const read = readMessage(bytes, charset)
    return read.ok ? maskedSegments(read.message) : null
  }
  const read = parseStrict(bytes)
  return read.ok ? (maskedResource(read.value) as object) : null
}

/** The sheet as text that can be pasted anywhere. */
export function sheetText(sheet: IncidentSheet): string {
  const lines = (values: object) =>
    Object.entries(values).map(
      ([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`,
    )
  const structure =
    sheet.structure === null
      ? []
      : Array.isArray(sheet.structure)
        ? sheet.structure
        : JSON.stringify(sheet.structure, null, 2).split('\n')
  return [
    '== Passerelle : fiche incident / incident sheet ==',
    ...lines(sheet.versions),
    ...lines(sheet.message),
    '',
    '== Anomalies / findings ==',
    ...sheet.findings.map((one) => [one.code, one.class, one.at ?? '', JSON.stringify(one.params)].join(' · ')),
    '',
    '== Étapes / timeline ==',
    ...sheet.timeline.map((one) =>
      Object.values(one)
        .filter((value) => value !== null)
        .join(' · '),
    ),
    '',
    '== Structure (9{n} chiffres, A{n} lettres, X{n} autre / digits, letters, other) ==',
    ...structure,
    '',
  ].join('\n')
}
