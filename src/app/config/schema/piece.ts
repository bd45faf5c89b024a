import type { ErrorCode } from '../../../core/errors.ts'
import { DURATION_PATTERN, SIZE_PATTERN } from '../../../core/units.ts'

/** One setting of the region file as JSON Schema, with what the document prints. `bounds` and `peerSees` are ours. */
export interface Piece {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Piece>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Piece
  readonly propertyNames?: Piece
  readonly items?: Piece
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  /** What the value is, in a few words, for messages and the document. */
  readonly what?: string
  /** Least and most of a duration or size, as region.yaml writes them. */
  readonly bounds?: Bounds
  /** The code a peer or operator sees when this limit is met. */
  readonly peerSees?: ErrorCode
  readonly $schema?: string
  readonly $id?: string
  readonly title?: string
}

/** Least and most of a duration or size, both allowed. */
export interface Bounds {
  readonly of: 'duration' | 'size'
  readonly min: string
  readonly max: string
}

/** A setting that is a time such as `10 s`; `value` null: no default. */
export function duration(
  description: string,
  value: string | null,
  min: string,
  max: string,
  peerSees?: ErrorCode,
): Piece {
  const bounds: Bounds = { of: 'duration', min, max }
  return {
    type: 'string',
    pattern: DURATION_PATTERN,
    what: 'a duration, such as 10 s',
    description,
    ...(value !== null && { default: value }),
    bounds,
    ...(peerSees && { peerSees }),
  }
}

/** A setting that is a size such as `16 MiB`. */
export function size(description: string, value: string, min: string, max: string, peerSees?: ErrorCode): Piece {
  const bounds: Bounds = { of: 'size', min, max }
  return {
    type: 'string',
    pattern: SIZE_PATTERN,
    what: 'a size, such as 16 MiB',
    description,
    default: value,
    bounds,
    ...(peerSees && { peerSees }),
  }
}

/** A setting that is a whole number within bounds. */
export function count(description: string, value: number, min: number, max: number, peerSees?: ErrorCode): Piece {
  return { type: 'integer', minimum: min, maximum: max, description, default: value, ...(peerSees && { peerSees }) }
}

/** A list of texts. */
export function texts(description: string, item: Piece = { type: 'string', minLength: 1 }): Piece {
  return { type: 'array', minItems: 1, uniqueItems: true, items: item, description }
}

/** An object that knows its keys and refuses others. */
export function keyed(
  description: string,
  properties: Readonly<Record<string, Piece>>,
  required: readonly string[] = [],
): Piece {
  return { type: 'object', additionalProperties: false, properties, required, description }
}

/** Names used as ids: lower case, digits and hyphens. */
export const NAME: Piece = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  what: 'a name of lower-case letters, digits and hyphens',
}

/** A file, by its path or by reference; never the content itself. */
export function material(description: string): Piece {
  return {
    type: ['string', 'object'],
    minLength: 1,
    maxLength: 1024,
    properties: { file: { type: 'string', minLength: 1 }, env: { type: 'string', minLength: 1 } },
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    what: 'a path, { file: PATH } or { env: NAME }',
    description,
  }
}

/** SHA-256 of a key, written or by reference. */
export const KEY_SHA256: Piece = {
  type: ['string', 'object'],
  pattern: '^[0-9a-f]{64}$',
  properties: { file: { type: 'string', minLength: 1 }, env: { type: 'string', minLength: 1 } },
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  what: '64 lower-case hexadecimal digits, { file: PATH } or { env: NAME }',
  description: 'SHA-256 of the key, lower-case hex, or where to read it. The key itself is written nowhere.',
}

/** Which code says "refused" and which says "not now", for all kinds or by kind. */
export const ACK_POLICY: Piece = {
  type: 'object',
  propertyNames: {
    type: 'string',
    pattern: '^(default|[A-Z][A-Z0-9]{2}(\\^[A-Z0-9]{3}|\\^\\*)?)$',
    what: '`default` or a kind, such as ORU^R01',
  },
  additionalProperties: { type: 'string', enum: ['ans', 'hl7base'] },
  description:
    'Reading of AE and AR, by kind (`"ORU^R01": ans`) or `default`: `ans` as the French guides, `hl7base` as the base standard. Absent: `ans` for PAM FR, CDA_HL7_V2, TLR and ZAM, `hl7base` for the rest.',
}
