import type { Config } from '../../core/config.ts'
import type { DocumentTimer } from '../../core/documents.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Intake, Journal, NewEvent } from '../../core/journal.ts'
import type { DocumentMailing, OwnMailIntake, TrustSpace } from '../../core/mail.ts'
import type { DeliveryId, DestinationId } from '../../core/message.ts'
import type { OwnMessage } from '../../core/own-message.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import type { BridgeContext } from '../../formats/bridge/context.ts'
import type { DocumentSettings } from '../../formats/documents/settings.ts'
import type { PatientIdentifier } from '../../formats/hl7v2/identifiers.ts'
import type { XdmProducer } from '../../formats/xdm/index-page.ts'

/** What documents by mail work with. */
export interface DocumentParts {
  readonly journal: Pick<Journal, 'look' | 'body' | 'deliveriesOf'>
  readonly config: () => Config
  readonly trust: Pick<TrustSpace, 'speaksFor' | 'lacks'>
  /** What the mails say, and codes; for the running configuration. */
  readonly settings: () => Promise<DocumentSettings>
  readonly producer: XdmProducer
  /** Mails and messages of our own as they are committed. */
  readonly mail: OwnMailIntake
  readonly message: (made: OwnMessage, config: Config) => Intake
  /** A message that is there already, on its way to one destination more. */
  readonly delivery: (id: DeliveryId, destination: DestinationId, nowMs: number) => Intake['deliveries'][number]
  /** How a document that came is written for a destination. */
  readonly context: (destination: DestinationId, key: string, atMs: number, test: boolean) => BridgeContext
  /** What patients are searched by, and what keeps deliveries about them in order, in an establishment. */
  readonly keys: (
    identifiers: readonly Pick<PatientIdentifier, 'authority' | 'id' | 'ins' | 'qualified'>[],
    establishment: string,
  ) => Pick<OwnMessage, 'patientKeys' | 'orderKeys'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** A message whose documents are to leave by mail. */
export type Of = Omit<Extract<DocumentTimer, { readonly what: 'message' }>, 'what'>

/** How an establishment's documents travel; null: not by mail. */
export function mailingOf(config: Config, establishment: string | null): DocumentMailing | null {
  return establishment === null ? null : (config.mail?.operator?.documents.get(establishment) ?? null)
}

/** All bytes of a body. */
export async function wholeBody({ journal }: Pick<DocumentParts, 'journal'>, id: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of (await journal.body(id)).open()) parts.push(part)
  return Buffer.concat(parts)
}

/** The first bytes of a body, so many at least where it has them. */
export async function headOf({ journal }: Pick<DocumentParts, 'journal'>, id: string, bytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of (await journal.body(id)).open()) {
    parts.push(part)
    length += part.length
    if (length >= bytes) break
  }
  return Buffer.concat(parts)
}

/** Octets that are looked at in one turn: some twenty milliseconds of the worst that a mail can hold. */
const SLICE = 65_536

/** Bytes a slice at a time, each in a turn of its own, so that others run in between. */
export async function* slicesOf(bytes: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    yield bytes.subarray(at, at + SLICE)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** The end of work that lets others run after each slice. */
export async function inSlices<T>(steps: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** What people see on the timeline of a message. */
export function noted(message: string, code: ErrorCode, atMs: number, detail: string | null = null): NewEvent {
  return { atMs, who: 'gateway', what: 'documents', why: null, code, message, delivery: null, detail }
}
