import type { Happening } from '../../core/cases.ts'
import type { Destination } from '../../core/config.ts'
import { askOf } from '../../core/fhir.ts'
import type { Intake } from '../../core/journal.ts'
import type { OwnMessage } from '../../core/own-message.ts'
import { toFhir, toHl7 } from '../../formats/bridge/bridge.ts'
import { shortName } from '../../formats/bridge/stable-id.ts'
import { cdaOf } from '../../formats/cda/telemedicine-report.ts'
import { type JsonObject, writeJson } from '../../formats/fhir/json.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { documentReference } from '../../formats/report/document.ts'
import { type CareReport, reportOf, reportTypeOf } from '../../formats/report/report.ts'
import { REPORT_WORDS, reportWords } from '../../formats/report/words.ts'
import { causeOf, type ExchangeParts, isTrial, orderKeysOf, structureOf, takesFhir, wayTo } from '../exchange/parts.ts'
import type { CaseChange, CaseProjection } from '../projection.ts'
import { loadHappenings } from '../store/load.ts'
import { messageRows, sendingRows } from '../store/rows.ts'
import { incidentsOf } from './incidents.ts'

/**
 * Makes the closing report of a case when the act `report` is done, in its commit: a CDA, to the systems of whoever asked and
 * of the centre, and where the region's routes lead. MDM^T02 for HL7 v2 (volet "Transmission de documents CDA-R2 en HL7v2"),
 * a transaction with its DocumentReference for FHIR. A report that came as a message is not made again. */
export function reportProjection(parts: ExchangeParts): CaseProjection {
  return async (change) => {
    const done = change.happenings.find(({ act }) => act.what === 'report')
    if (done?.act.what !== 'report' || done.act.message === null) return {}
    if (await isThere(done.act.message, parts)) return {}
    const report = await reportFor(change, done, parts)
    if (report === null) return {}
    const document = documentReference(report, cdaOf(report), change.after.requests[0]?.via ?? 'form')
    const from = done.by.establishment ?? change.after.owner?.establishment ?? change.after.site
    const about = { change, from, document, first: done.act.message }
    const arrivals = messagesOf(about, parts)
    const made = arrivals.map(({ id }) => id)
    return {
      arrivals,
      rows: [...messageRows(change.after.id, made), ...sendingRows(change.after.id, 'report', made)],
    }
  }
}

async function isThere(message: string, { journal }: ExchangeParts): Promise<boolean> {
  const found = await journal.look({ sql: 'SELECT 1 AS found FROM message WHERE id = ?', parameters: [message] })
  return found.length > 0
}

async function reportFor(
  { after, before, happenings, service, config, nowMs }: CaseChange,
  { act, by, atMs }: Happening,
  { journal }: ExchangeParts,
): Promise<CareReport | null> {
  if (act.what !== 'report' || act.message === null) return null
  const type = reportTypeOf(service, act.type)
  if (type === null) return null
  const earlier = before === null ? [] : await loadHappenings(journal, after.id)
  const all = [...earlier, ...happenings]
  return reportOf({
    case: after,
    happenings: all,
    incidents: await incidentsOf(after, all, nowMs, journal),
    service,
    structure: (establishment) => structureOf(establishment, config),
    words: reportWords(config.maps.get(REPORT_WORDS)),
    timeZone: config.region.timeZone,
    id: act.message,
    type,
    by,
    text: act.text,
    atMs,
  })
}

interface Sending {
  readonly change: CaseChange
  readonly from: string
  readonly document: JsonObject
  /** Id of the first message: the one that the act names. */
  readonly first: string
}

/** One message for each system; one that goes nowhere where there is none, so that the report is kept all the same. */
function messagesOf({ change, from, document, first }: Sending, parts: ExchangeParts): Intake[] {
  const { after, config } = change
  const own = [...after.requests.map(({ site }) => site), ...(after.owner === null ? [] : [after.owner.establishment])]
  const ways = own.map((one) => wayTo(one, after, config)).filter((one) => one !== null)
  const kinds = ['DocumentReference', 'MDM^T02']
  const routed = kinds
    .flatMap((kind) => parts.routed({ kind, establishment: from, test: isTrial(after), resource: document }, config))
    .map((id) => config.destinations.get(id))
    .filter((one) => one !== undefined)
  const all = [...new Map([...ways, ...routed].map((one) => [one.id, one])).values()]
  if (all.length === 0) {
    const kept = {
      kind: 'DocumentReference',
      controlId: first,
      bytes: jsonOf(document),
      ask: askOf('create', 'DocumentReference'),
    }
    return [parts.intake(madeOf({ id: first, to: [], ...kept }, change, from, parts), config)]
  }
  return all.map((way, i) => {
    const id = i === 0 ? first : parts.uuid()
    return parts.intake(
      madeOf({ id, to: [way.id], ...writtenFor(way, id, { change, from, document }, parts) }, change, from, parts),
      config,
    )
  })
}

type Bytes = Pick<OwnMessage, 'kind' | 'controlId' | 'bytes' | 'ask'>

function writtenFor(
  way: Destination,
  id: string,
  { change, from, document }: Omit<Sending, 'first'>,
  parts: ExchangeParts,
): Bytes {
  const { after, config, nowMs } = change
  const context = parts.writing(way.id, { key: id, atMs: nowMs, sender: from, test: isTrial(after) }, config)
  const fhir = takesFhir(way)
  const writing = fhir ? { ...context.writing, charset: 'UNICODE UTF-8' as const } : context.writing
  const asked = { ...context, writing: { ...writing, unmappable: 'replace' as const } }
  const message = toHl7(document, asked)
  if (!message.ok) throw new Error(message.at)
  const { bytes, kind } = message.made
  if (!fhir) return { kind, controlId: shortName('MSH-10', id), bytes, ask: null }
  const read = readMessage(bytes)
  const bundle = read.ok ? toFhir(read.message, asked) : null
  if (bundle?.ok !== true) throw new Error(bundle?.at ?? 'MSH')
  return { kind: 'Bundle:transaction', controlId: id, bytes: bundle.made.bytes, ask: askOf('transaction', null) }
}

function madeOf(
  written: Bytes & Pick<OwnMessage, 'id' | 'to'>,
  { after, nowMs }: CaseChange,
  establishment: string,
  parts: ExchangeParts,
): OwnMessage {
  return {
    ...written,
    atMs: nowMs,
    establishment,
    test: isTrial(after),
    cause: causeOf(after),
    patientKeys: parts.patientKeys(after),
    orderKeys: orderKeysOf(after),
    alertAfterMs: null,
    rows: [],
  }
}

function jsonOf(resource: JsonObject): Buffer {
  return Buffer.from(writeJson(resource), 'utf8')
}
