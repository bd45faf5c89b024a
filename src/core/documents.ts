/** Documents by mail: which messages they concern, known when those are committed. */
import type { Config } from './config.ts'
import type { ErrorCode } from './errors.ts'
import type { Intake, Timer } from './journal.ts'
import { mailboxKey } from './mail.ts'
import { PLATFORM } from './message.ts'

/** Name of the follower. */
export const DOCUMENTS_FOLLOWER = 'documents'

/** What a timer of documents is about. */
export type DocumentTimer =
  /** A message whose documents may have to go by mail. */
  | { readonly what: 'message'; readonly id: string; readonly establishment: string; readonly test: boolean }
  /** One mail of it: the n-th recipient of the n-th group of documents. */
  | {
      readonly what: 'leg'
      readonly id: string
      readonly establishment: string
      readonly test: boolean
      readonly sending: number
      readonly recipient: number
    }
  /** A mail that may be a report or receipt about one of those. */
  | { readonly what: 'answer'; readonly id: string }
  /** A mail that our own work gave up: it may be one of those. */
  | { readonly what: 'given-up'; readonly id: string; readonly code: ErrorCode }
  /** A mail that may bring documents to an application's mailbox. */
  | { readonly what: 'received'; readonly id: string }

/** Messages that carry documents (ANS, CDA_HL7_V2). */
const CARRIERS: ReadonlySet<string> = new Set(['MDM^T02', 'MDM^T04', 'MDM^T10', 'ORU^R01'])

/** The timer for a step; one of a kind for each message and leg. */
export function documentTimer(payload: DocumentTimer, dueAtMs: number): Timer {
  const leg = payload.what === 'leg' ? `:${payload.sending}:${payload.recipient}` : ''
  return {
    id: `documents-${payload.what}:${payload.id}${leg}`,
    follower: DOCUMENTS_FOLLOWER,
    dueAtMs,
    payload: JSON.stringify(payload),
  }
}

/** The timer that a message with documents is committed with, when its establishment sends them by mail and it goes to the platform. */
export function documentTimers(
  { id, kind, establishment, test, deliveries, receivedAtMs }: Intake,
  { mail }: Pick<Config, 'mail'>,
): readonly Timer[] {
  const documents = mail?.operator?.documents
  if (documents === undefined || establishment === null || !CARRIERS.has(kind) || !documents.has(establishment))
    return []
  const inside = deliveries.some(({ destination }) => destination === PLATFORM)
  return inside ? [documentTimer({ what: 'message', id, establishment, test }, receivedAtMs)] : []
}

/** Mailboxes by which documents travel, made once for each configuration. */
const boxes = new WeakMap<Config, ReadonlySet<string>>()

function boxesOf(config: Config): ReadonlySet<string> {
  const made = boxes.get(config)
  if (made !== undefined) return made
  const documents = config.mail?.operator?.documents.values() ?? []
  const all = new Set([...documents].map(({ mailbox }) => mailboxKey(mailbox)))
  boxes.set(config, all)
  return all
}

/** The timer that a mail is committed with, when it is to one of those mailboxes. */
export function documentMailTimers(
  { id, kind, receivedAtMs }: Pick<Intake, 'id' | 'kind' | 'receivedAtMs'>,
  addresses: readonly string[],
  config: Config,
): readonly Timer[] {
  const ours = boxesOf(config)
  if (ours.size === 0 || !addresses.some((one) => ours.has(mailboxKey(one)))) return []
  const what = kind === 'MAIL^DSN' || kind === 'MAIL^MDN' ? 'answer' : 'received'
  return [documentTimer({ what, id }, receivedAtMs)]
}
