/** What a conversion knows beside the message itself. Clock values, ids and names are passed in: a mapping is pure. */
import type { JsonObject } from '../fhir/json-value.ts'
import type { Writing } from '../hl7v2/write.ts'
import type { Hd } from '../identifiers/hl7-form.ts'

/** One side of an exchange, by its establishment. */
export interface Party {
  /** Id of the establishment in region.yaml. */
  readonly establishment: string
  /** Name for people. */
  readonly name: string
  /** MSH-3 or MSH-5 of what is written; '' leaves it empty. */
  readonly application: string
  /** Its FINESS with its name: MSH-4 or MSH-6, and the authority of identifiers that name none. */
  readonly authority: Hd
  /** Other names of the establishment itself, as MSH-4 may have them; absent: none. */
  readonly names?: readonly string[]
}

/** What a conversion depends on. The same message and context always give the same result. */
export interface BridgeContext {
  readonly sender: Party
  readonly receiver: Party
  /** Names what is made: MSH-10, Bundle.identifier and the ids of movements follow from it. The same for each attempt. */
  readonly key: string
  /** When the message was accepted (ms since 1970): MSH-7 and what has no time of its own. The same for each attempt. */
  readonly atMs: number
  /** IANA name. */
  readonly timeZone: string
  /** A test message: MSH-11 T, and HTEST in each resource. */
  readonly test: boolean
  /** Whether a single resource was created or changed at the door; absent: not known. */
  readonly change?: 'create' | 'update'
  /** The version before of the only Patient that is changed; null: no longer kept; absent: there is none, or not known. */
  readonly before?: JsonObject | null
  /** Character set of HL7 v2 that is written. */
  readonly writing: Writing
  /** Tables `from,to` by name, in front of the mappings' own: a region may write `bridge-NAME`. */
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** What a code becomes: by the region's table `bridge-NAME` when it has the row, else by the mapping's own; null: nothing. */
export function mapped(
  context: BridgeContext,
  name: string,
  own: Readonly<Record<string, string>>,
  code: string | null,
): string | null {
  if (code === null) return null
  return context.tables.get(`bridge-${name}`)?.get(code) ?? (Object.hasOwn(own, code) ? own[code]! : null)
}
