import type { CaseRequest, Happening } from '../../core/cases.ts'
import type { Destination } from '../../core/config.ts'
import { askOf, type FhirAsk } from '../../core/fhir.ts'
import type { ExtraDelivery, Intake } from '../../core/journal.ts'
import { toFhir, toHl7 } from '../../formats/bridge/bridge.ts'
import { requestResource } from '../../formats/case/request-fhir.ts'
import { type JsonObject, object, parseStrict, text, writeJson } from '../../formats/fhir/json.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import type { CaseChange, CaseProjection } from '../projection.ts'
import { messageRows, sendingRows } from '../store/rows.ts'
import { type ExchangeParts, isTrial, orderKeysOf, structureOf, takesFhir, wayTo } from './parts.ts'

/** An urgent delivery warns after that where the service says nothing (ms). */
const WARN_MS = 120_000

/**
 * Brings requests to the centres' own systems when a rung tells them by `system`: as they came where the system takes the
 * format, else converted or made anew. What a route has brought there already is not brought again. */
export function requestProjection(parts: ExchangeParts): CaseProjection {
  return async (change) => {
    const centres = toldBySystem(change.happenings)
    const asked = change.happenings.flatMap(({ act }) => (act.what === 'request' ? (act.request.message ?? []) : []))
    const came = sendingRows(change.after.id, 'request', asked)
    if (centres.length === 0) return { rows: came }
    const arrivals: Intake[] = []
    const deliveries: ExtraDelivery[] = []
    for (const centre of centres) {
      const way = wayTo(centre, change.after, change.config)
      if (way === null) continue
      for (const request of change.after.requests) {
        const done = await brought({ request, centre, way }, change, parts)
        if (done !== null && 'delivery' in done) deliveries.push(done)
        else if (done !== null) arrivals.push(done)
      }
    }
    const made = arrivals.map(({ id }) => id)
    return {
      arrivals,
      deliveries,
      rows: [...came, ...messageRows(change.after.id, made), ...sendingRows(change.after.id, 'request', made)],
    }
  }
}

/** Centres that a rung tells by their own systems, each once. */
function toldBySystem(happenings: readonly Happening[]): string[] {
  const notices = happenings.flatMap(({ act }) => (act.what === 'rung' ? act.notices : []))
  const told = notices.filter(({ channel, told: whom }) => channel === 'system' && whom !== 'requester')
  return [...new Set(told.map(({ establishment }) => establishment).filter((one) => one !== null))]
}

interface Bringing {
  readonly request: CaseRequest
  readonly centre: string
  readonly way: Destination
}

async function brought(
  bringing: Bringing,
  change: CaseChange,
  parts: ExchangeParts,
): Promise<ExtraDelivery | Intake | null> {
  const { request, way } = bringing
  const { after, config, service, nowMs } = change
  if (await isThere(bringing, change, parts)) return null
  const warnMs = service.delays.find(({ name }) => name === 'request-undelivered')?.afterMs ?? WARN_MS
  const fhir = takesFhir(way)
  if (request.message !== null && (request.via === 'fhir') === fhir) {
    return { messageId: request.message, delivery: parts.delivery(way.id, warnMs, config, nowMs) }
  }
  const id = parts.uuid()
  const made = await madeFor(bringing, change, id, parts)
  return parts.intake(
    {
      id,
      atMs: nowMs,
      kind: made.kind,
      controlId: made.controlId,
      bytes: made.bytes,
      ask: made.ask,
      establishment: request.site,
      test: isTrial(after),
      cause: request.message,
      patientKeys: parts.patientKeys(after),
      orderKeys: orderKeysOf(after),
      to: [way.id],
      alertAfterMs: warnMs,
      rows: [],
    },
    config,
  )
}

/** Has the request a delivery there already, as it came or as the case made it? */
async function isThere(
  { request, way }: Bringing,
  { after }: CaseChange,
  { journal }: ExchangeParts,
): Promise<boolean> {
  const own = await journal.look<{ id: string; cause: string | null }>({
    sql: `SELECT m.id, m.cause FROM care_message c JOIN message m ON m.id = c.message
      WHERE c.care_case = ? AND m.entrance = 'internal' AND m.kind <> 'Task'`,
    parameters: [after.id],
  })
  const messages = [
    ...(request.message === null ? [] : [request.message]),
    ...own.filter(({ cause }) => cause === request.message).map(({ id }) => id),
  ]
  for (const id of messages) {
    if ((await journal.deliveriesOf(id)).some(({ destination }) => destination === way.id)) return true
  }
  return false
}

interface Written {
  readonly kind: string
  readonly controlId: string
  readonly bytes: Uint8Array
  readonly ask: FhirAsk | null
}

/** The request in the centre's format: converted from its message, else written from what the case keeps of it. */
async function madeFor(bringing: Bringing, change: CaseChange, id: string, parts: ExchangeParts): Promise<Written> {
  const { request, centre, way } = bringing
  const { after, config, service, nowMs } = change
  const about = { key: id, atMs: nowMs, sender: request.site, test: isTrial(after) }
  const context = parts.writing(way.id, about, config)
  const converted = await convertedFor(bringing, change, context, parts)
  if (converted !== null) return converted
  const places = { service, site: structureOf(request.site, config), centre: structureOf(centre, config) }
  const resource = requestResource(after, request, places)
  if (takesFhir(way)) return asFhir(resource, id)
  const made = toHl7(resource, { ...context, writing: { ...context.writing, unmappable: 'replace' } })
  if (!made.ok) throw new Error(made.at)
  return asHl7(made.made.kind, made.made.bytes)
}

async function convertedFor(
  { request, way }: Bringing,
  { config }: CaseChange,
  context: Parameters<typeof toFhir>[1],
  parts: ExchangeParts,
): Promise<Written | null> {
  const bytes = request.message === null ? null : await parts.body(request.message)
  if (bytes === null) return null
  if (takesFhir(way)) {
    const read = readMessage(bytes, config.establishments.get(request.site)?.charset)
    const made = read.ok ? toFhir(read.message, context) : null
    return made?.ok === true ? asFhir(made.made.resource, context.key) : null
  }
  const read = parseStrict(bytes)
  const resource = read.ok ? object(read.value) : null
  const made = resource === null ? null : toHl7(resource, context)
  return made?.ok === true ? asHl7(made.made.kind, made.made.bytes) : null
}

function asFhir(resource: JsonObject, id: string): Written {
  const isBundle = resource['resourceType'] === 'Bundle'
  const type = isBundle ? null : text(resource['resourceType'])
  const ask = isBundle ? askOf('transaction', null) : askOf('create', type)
  const kind = isBundle ? `Bundle:${text(resource['type']) ?? ''}` : (type ?? '')
  return { kind, controlId: id, bytes: Buffer.from(writeJson(resource), 'utf8'), ask }
}

function asHl7(kind: string, bytes: Buffer): Written {
  const read = readMessage(bytes)
  return { kind, controlId: (read.ok ? read.message.text('MSH-10') : null) ?? '', bytes, ask: null }
}
