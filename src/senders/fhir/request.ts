import { isUtf8 } from 'node:buffer'
import type { FhirAsk } from '../../core/fhir.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Consignment } from '../../core/ports.ts'
import { object, objects, parseStrictAsync, text } from '../../formats/fhir/json.ts'
import { isBillingNumber } from '../../formats/identifiers/fhir-form.ts'
import { MAX_BODY_BYTES, wholeBody } from '../letter.ts'

/** A FHIR request as it goes out: the very bytes posted, as text. */
export interface FhirRequest {
  readonly method: 'POST' | 'PUT'
  /** After the base, with a slash in front; '' for the base itself. */
  readonly path: string
  readonly body: string
  readonly bytes: number
  /** If-None-Exist (http.html §3.1.0.8.1), or null. */
  readonly condition: string | null
}

/**
 * Reads a FHIR message whole, or says why it cannot go to a FHIR server. A patch goes as an update: its body is the
 * resource that it made. A create that may have arrived before goes under a condition of our own; the first time it does
 * not, since others may bear the same identifier (the order's on each of its results).
 * @throws {GatewayError} BODY_DAMAGED from the store */
export async function fhirRequest({ ask, body, again = false }: Consignment): Promise<FhirRequest | Outcome> {
  const place = ask === null ? null : placeOf(ask)
  if (ask === null || place === null) return { kind: 'refused', code: 'UNFIT_FOR_DESTINATION', answer: '' }
  if (body.bytes > MAX_BODY_BYTES) return { kind: 'refused', code: 'FRAME_TOO_LONG', answer: '' }
  const bytes = await wholeBody(body)
  if (!isUtf8(bytes)) return { kind: 'refused', code: 'NOT_JSON', answer: '' }
  const own = again && ask.interaction === 'create' ? await conditionOf(bytes) : null
  const condition = ask.interaction === 'create' ? (ask.ifNoneExist ?? own) : null
  return { ...place, body: bytes.toString('utf8'), bytes: bytes.length, condition }
}

function placeOf({ interaction, type, id }: FhirAsk): Pick<FhirRequest, 'method' | 'path'> | null {
  switch (interaction) {
    case 'create':
      return type === null ? null : { method: 'POST', path: `/${encodeURIComponent(type)}` }
    case 'update':
    case 'patch':
      if (type === null || id === null) return null
      return { method: 'PUT', path: `/${encodeURIComponent(type)}/${encodeURIComponent(id)}` }
    case 'transaction':
    case 'batch':
      return { method: 'POST', path: '' }
    case 'process-message':
      return { method: 'POST', path: '/$process-message' }
  }
}

/** Identifiers of a condition: more make an address that servers refuse. */
const MOST_IDENTIFIERS = 8

/**
 * The condition that makes a second sending of the same create harmless: the resource's identifiers with both system and
 * value, all of them, because others may share one (the order's number); not the number of a family. Null when it has none: a
 * resend may then make a second one. */
async function conditionOf(bytes: Buffer): Promise<string | null> {
  const read = await parseStrictAsync(bytes)
  const resource = read.ok ? object(read.value) : null
  const tokens = objects(resource?.identifier).flatMap((identifier) => {
    const [system, value] = [text(identifier.system), text(identifier.value)]
    const is = system !== null && value !== null && !isBillingNumber(identifier)
    return is ? [`identifier=${escaped(system)}|${escaped(value)}`] : []
  })
  return tokens.length === 0 ? null : tokens.slice(0, MOST_IDENTIFIERS).join('&')
}

/** A token of a search (search.html §3.1.1.4.1), which also makes it fit for a header. */
function escaped(token: string): string {
  return encodeURIComponent(token.replace(/[\\|,$]/g, '\\$&'))
}
