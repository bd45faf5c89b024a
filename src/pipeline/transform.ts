import type { Config, Destination, RouteRule } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import { askOf, type FhirAsk } from '../core/fhir.ts'
import type { DestinationId, Finding } from '../core/message.ts'
import { PLATFORM } from '../core/message.ts'
import { toFhir, toHl7 } from '../formats/bridge/bridge.ts'
import type { BridgeContext, Party } from '../formats/bridge/context.ts'
import type { Unconvertible } from '../formats/bridge/conversion.ts'
import { isTest } from '../formats/fhir/facts.ts'
import { type JsonObject, object, parseStrict, text } from '../formats/fhir/json.ts'
import { readHeader } from '../formats/hl7v2/header.ts'
import { readMessage } from '../formats/hl7v2/message.ts'
import { recoded } from '../formats/hl7v2/recode.ts'

/** Names the gateway in MSH-3 of what it writes; an edit of the route may write another. */
export const OUR_APPLICATION = 'PASSERELLE'

/** What leaves: bytes, what is asked with them (FHIR), what sort of message they are. */
export interface Leaving {
  readonly bytes: Buffer
  readonly ask: FhirAsk | null
  readonly kind: string
}

/** Whose delivery it is, and in which revision. */
export interface Journey {
  readonly config: Config
  readonly destination: DestinationId
  /** Id of the delivery, and when its message was accepted: the same at each attempt, so that what is made is the same. */
  readonly key: string
  readonly atMs: number
  /** Establishment that sent the message; null: not known. For HL7 v2, MSH-4 says it. */
  readonly sender: string | null
  /** The version before of the Patient that it changes; null: no longer kept; absent: there is none, or not known. */
  readonly before?: JsonObject | null
}

/** A message in the other format or character set with what was noticed; or why it cannot be. `at`: a place in it. */
export type Changed =
  | { readonly ok: true; readonly leaving: Leaving; readonly findings: readonly Finding[] }
  | Unconvertible
  | { readonly ok: false; readonly code: 'CHARSET_UNKNOWN' | 'CHARSET_CONTRADICTED'; readonly at: string }

/** Has the route to convert messages of this format? */
export function converts(route: Pick<RouteRule, 'transform'> | null, ask: FhirAsk | string | null): boolean {
  return route?.transform !== undefined && (route.transform === 'fhir') === (ask === null)
}

/** The message in the format that its route asks for. Pure but for the journey. */
export function transformed({ bytes, ask, kind }: Leaving, to: 'fhir' | 'hl7v2', journey: Journey): Changed {
  return to === 'fhir' ? asFhir(bytes, kind, journey) : asHl7(bytes, ask, kind, journey)
}

function asFhir(bytes: Buffer, kind: string, journey: Journey): Changed {
  const first = readMessage(bytes)
  if (!first.ok) return { ok: false, code: 'NOT_HL7', at: first.at }
  const header = readHeader(first.message)
  const { config } = journey
  const facility = header.sendingFacilityAll.map((name) => config.facilities.get(name)).find((id) => id !== undefined)
  const sender = facility ?? journey.sender
  const read = readMessage(bytes, config.establishments.get(sender ?? '')?.charset ?? 'ASCII')
  if (!read.ok) return { ok: false, code: 'NOT_HL7', at: read.at }
  const context = contextOf({ ...journey, sender }, header.processingId !== 'P')
  const names = [...(context.sender.names ?? []), header.sendingFacility]
  const converted = toFhir(read.message, { ...context, sender: { ...context.sender, names } })
  if (!converted.ok) return converted
  const { resource, bytes: json, mapping } = converted.made
  const made = askFor(resource)
  const now = made.type ?? `Bundle:${text(resource['type']) ?? ''}`
  return {
    ok: true,
    leaving: { bytes: json, ask: made, kind: now },
    findings: [told(kind, now, mapping.name, journey), ...converted.findings],
  }
}

function askFor(resource: JsonObject): FhirAsk {
  const isBundle = resource['resourceType'] === 'Bundle'
  const interaction = !isBundle ? 'create' : resource['type'] === 'message' ? 'process-message' : 'transaction'
  const type = isBundle ? null : text(resource['resourceType'])
  return askOf(interaction, type)
}

function asHl7(bytes: Buffer, ask: FhirAsk | null, kind: string, journey: Journey): Changed {
  const read = parseStrict(bytes)
  const resource = read.ok ? object(read.value) : null
  if (resource === null) return { ok: false, code: 'NOT_JSON', at: '' }
  const change = ask?.interaction === 'create' ? 'create' : 'update'
  const before = journey.before === undefined ? {} : { before: journey.before }
  const converted = toHl7(resource, { ...contextOf(journey, isTest(resource)), change, ...before })
  if (!converted.ok) return converted
  const { bytes: written, kind: now, mapping } = converted.made
  return {
    ok: true,
    leaving: { bytes: written, ask: null, kind: now },
    findings: [told(kind, now, mapping.name, journey), ...converted.findings],
  }
}

function told(from: string, to: string, mapping: string, { destination }: Journey): Finding {
  return { code: 'CONVERTED', class: 'form', at: destination, params: { from, to, mapping } }
}

/** What a message of the gateway's own is written in for a destination, or a message of another is converted in. */
export function contextOf({ config, destination, key, atMs, sender }: Journey, test: boolean): BridgeContext {
  const way = destinationOf(config, destination)
  const own = way === null ? undefined : config.establishments.get(way.establishment)?.charset
  return {
    sender: party(config, sender, OUR_APPLICATION),
    receiver: party(config, way?.establishment ?? null, destination.split('/')[1] ?? ''),
    key,
    atMs,
    timeZone: config.region.timeZone,
    test,
    writing: {
      charset: way?.charset ?? charsetName(own),
      unmappable: way?.unmappable ?? 'refuse',
    },
    tables: config.maps,
  }
}

function destinationOf(config: Config, id: DestinationId): Destination | null {
  return id === PLATFORM ? null : (config.destinations.get(id) ?? null)
}

function charsetName(name: string | undefined): BridgeContext['writing']['charset'] {
  switch (name) {
    case '8859/1':
    case '8859/15':
    case 'ASCII':
      return name
    default:
      return 'UNICODE UTF-8'
  }
}

/** One side: under its FINESS, or where it has none under its id. */
function party(config: Config, id: string | null, application: string): Party {
  const establishment = id === null ? undefined : config.establishments.get(id)
  const known = establishment?.id ?? 'region'
  const namespace = known.toUpperCase()
  const { ej = null, eg = [] } = establishment?.finess ?? {}
  const finess = ej ?? eg[0]
  return {
    establishment: known,
    name: establishment?.name ?? config.region.name,
    application,
    names: establishment?.facilities ?? [],
    authority:
      finess === undefined
        ? { namespace, id: known, idType: 'L' }
        : { namespace, id: finess, idType: ej === null ? 'N' : 'M' },
  }
}

/**
 * An HL7 v2 message in the character set of its destination, where that names one. `defaultCharset`: what an empty MSH-18
 * means.
 * @throws {GatewayError} NOT_HL7 */
export function inCharsetOf(
  destination: Pick<Destination, 'charset' | 'unmappable'>,
  leaving: Leaving,
  defaultCharset: string,
): Changed {
  const { charset: to, unmappable = 'refuse' } = destination
  if (to === undefined) return { ok: true, leaving, findings: [] }
  const read = readMessage(leaving.bytes, defaultCharset)
  if (!read.ok) throw new GatewayError(read.code)
  const made = recoded(read.message, to, unmappable)
  if (!made.ok) return made
  if (made.bytes === leaving.bytes) return { ok: true, leaving, findings: [] }
  const findings: Finding[] = [
    { code: 'CHARSET_CONVERTED', class: 'form', at: 'MSH-18', params: { from: read.message.charset, to } },
  ]
  if (made.replaced > 0)
    findings.push({ code: 'CHARSET_REPLACED', class: 'contract', params: { count: made.replaced } })
  return { ok: true, leaving: { ...leaving, bytes: made.bytes }, findings }
}
