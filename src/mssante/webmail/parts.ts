import type { Config } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import {
  domainOf,
  type Mailbox,
  type MailEnvelope,
  type MailNo,
  type MailRecipient,
  mailboxKey,
} from '../../core/mail.ts'
import type { MessageId, Receipt } from '../../core/message.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import type { MailFiles, MailPerson } from '../../core/webmail.ts'
import { mailboxesOfPerson } from '../mailboxes.ts'

/** A mail of a person, to be taken as the submission door takes one. */
export interface OwnMail {
  readonly user: { readonly id: string; readonly addresses: readonly string[] }
  readonly envelope: MailEnvelope
  readonly recipients: readonly [MailRecipient, ...MailRecipient[]]
  readonly bytes: Buffer
}

/** What a recipient is refused with, or all of the mail (`address` null). */
export interface Refusal extends MailNo {
  readonly address: string | null
}

/** Takes it: its receipt, or every reason why not, and then nothing of it is kept. */
export type SubmitMail = (mail: OwnMail) => Promise<Receipt | readonly Refusal[]>

/** What the mailboxes of people are read and written with. */
export interface WebmailParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply'>
  readonly files: MailFiles
  readonly config: () => Pick<Config, 'mail' | 'region'>
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  readonly ids: Pick<Ids, 'uuid'>
  readonly submit: SubmitMail
  /** Name of a mail's file in a mailbox. */
  readonly fileName: (atMs: number, id: MessageId, bytes: number) => string
  /** Name of this software, in receipts. */
  readonly product: string
}

/** The mailboxes of a person that are kept here: their own first, then by address. */
export async function boxesOf(
  { journal, files, config }: Pick<WebmailParts, 'journal' | 'files' | 'config'>,
  { identifier, within }: MailPerson,
): Promise<readonly Mailbox[]> {
  const domains = config().mail?.operator?.domains
  if (identifier === null || domains === undefined || !files.open) return []
  const found = await mailboxesOfPerson(journal, identifier)
  const isOther = (box: Mailbox): number => (box.owner === identifier ? 0 : 1)
  return found
    .filter(({ address }) => domains.get(domainOf(address))?.store.kind === 'maildir')
    .filter(({ establishment }) => within === undefined || establishment === within)
    .toSorted((a, b) => isOther(a) - isOther(b) || (a.address < b.address ? -1 : 1))
}

/** A mailbox that is theirs. @throws {GatewayError} NOT_FOUND */
export async function boxOf(parts: WebmailParts, person: MailPerson, address: string): Promise<Mailbox> {
  const key = mailboxKey(address)
  const found = (await boxesOf(parts, person)).find((one) => one.address === key)
  if (found === undefined) throw new GatewayError('NOT_FOUND')
  return found
}
