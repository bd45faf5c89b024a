import type { Case, CaseRequest } from '../../core/cases.ts'
import type { Config, Destination } from '../../core/config.ts'
import type { Intake, Journal, NewDelivery, Statement } from '../../core/journal.ts'
import type { DestinationId, MessageId } from '../../core/message.ts'
import type { OwnMessage } from '../../core/own-message.ts'
import type { BridgeContext } from '../../formats/bridge/context.ts'
import type { Structure } from '../../formats/case/task.ts'
import type { JsonObject } from '../../formats/fhir/json.ts'

/** A version of a resource under its message. */
export interface ResourceVersion {
  readonly type: string
  readonly id: string
  readonly owner: string
  readonly message: MessageId
  readonly atMs: number
  readonly resource: JsonObject
}

/** Where the region's routes lead what a centre says, as if it had sent it itself: the patient's doctors have theirs that way. */
export type RoutedSaying = (
  said: {
    readonly kind: string
    readonly establishment: string
    readonly test: boolean
    /** What a FHIR path of a route is looked up in. */
    readonly resource: JsonObject
    /** The same for fields of HL7 v2; absent: no path of them matches. */
    readonly fields?: Readonly<Record<string, readonly string[]>>
  },
  config: Config,
) => readonly DestinationId[]

/** What cases exchange by; what other rooms know is passed in. */
export interface ExchangeParts {
  readonly journal: Pick<Journal, 'look' | 'deliveriesOf'>
  readonly uuid: () => string
  /** The bytes of a message without what may not leave; null: no longer kept. */
  readonly body: (message: MessageId) => Promise<Buffer | null>
  /** The intake of a message, with its deliveries on the urgent lane. */
  readonly intake: (made: OwnMessage, config: Config) => Intake
  /** A delivery of a message that is there, on the urgent lane. */
  readonly delivery: (to: DestinationId, alertAfterMs: number | null, config: Config, nowMs: number) => NewDelivery
  /** Rows of a new resource, and of its next version after `from`. */
  readonly created: (version: ResourceVersion) => readonly Statement[]
  readonly updated: (version: ResourceVersion, from: number) => readonly Statement[]
  /** In what a message for a destination is written. `sender`: whose it is; null: the region's. */
  readonly writing: (
    to: DestinationId,
    about: { readonly key: string; readonly atMs: number; readonly sender: string | null; readonly test: boolean },
    config: Config,
  ) => BridgeContext
  readonly routed: RoutedSaying
  /** HMACs by which intake would know the patient of a case. */
  readonly patientKeys: (of: Case) => readonly string[]
}

/** A drill goes where tests go. */
export function isTrial({ test, drill }: Pick<Case, 'test' | 'drill'>): boolean {
  return test || drill
}

/** The destination by which an establishment takes part in this case; null: it has none, or only one of the wrong use. */
export function wayTo(establishment: string, of: Case, config: Config): Destination | null {
  const name = config.establishments.get(establishment)?.casesTo ?? null
  const destination = name === null ? undefined : config.destinations.get(name)
  const use = isTrial(of) ? 'qualification' : 'production'
  return destination === undefined || destination.use !== use ? null : destination
}

/** Does it take FHIR? */
export function takesFhir({ target }: Destination): boolean {
  return target.type === 'fhir'
}

/** What an establishment is called and known by. */
export function structureOf(establishment: string, config: Config): Structure {
  const one = config.establishments.get(establishment)
  const { ej = null, eg = [] } = one?.finess ?? {}
  return { name: one?.name ?? establishment, finess: ej ?? eg[0] ?? null }
}

/** Deliveries of one case to one destination keep their order. */
export function orderKeysOf({ id }: Pick<Case, 'id'>): readonly string[] {
  return [`case:${id}`]
}

/** The message that a case began with; null: a form. */
export function causeOf({ requests }: Pick<Case, 'requests'>): MessageId | null {
  return requests.find(({ message }: CaseRequest) => message !== null)?.message ?? null
}
