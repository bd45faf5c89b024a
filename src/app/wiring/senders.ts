import type {
  DicomwebTarget,
  FhirTarget,
  HttpTarget,
  MaildirTarget,
  MllpTarget,
  SmtpTarget,
  Way,
} from '../../core/config.ts'
import type { Mailbox, OutgoingMailOf, TrustSpace } from '../../core/mail.ts'
import type { Accept, Clock, Log, Meter, Sender } from '../../core/ports.ts'
import { senderOf, type To } from '../../senders/attempts.ts'
import { dicomwebSender } from '../../senders/dicomweb/sender.ts'
import { fhirSender } from '../../senders/fhir/sender.ts'
import { httpSender } from '../../senders/http/sender.ts'
import { maildirSender } from '../../senders/maildir/sender.ts'
import type { DepositThreads } from '../../senders/maildir/threads.ts'
import { mllpSender } from '../../senders/mllp/sender.ts'
import { smtpSender } from '../../senders/smtp/sender.ts'

/** What mail is sent with. `folder` null: this node keeps no mailboxes. */
export interface MailSending {
  readonly outgoing: OutgoingMailOf
  readonly trust: TrustSpace
  readonly folder: string | null
  readonly mailbox: (address: string) => Promise<Mailbox | null>
  readonly threads: DepositThreads
}

/** What every sender is given. `accept` takes answers that come late or unasked on its connections. */
export interface SendingParts {
  readonly accept: Accept
  /** Absent: no mail is sent. */
  readonly mail?: MailSending
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** The sender of a way out, by its type. */
export function senderFor(way: Way, parts: SendingParts): Sender {
  switch (way.target.type) {
    case 'mllp':
      return mllpSender(way as To<MllpTarget>, parts)
    case 'fhir':
      return fhirSender(way as To<FhirTarget>, parts)
    case 'http':
      return httpSender(way as To<HttpTarget>, parts)
    case 'dicomweb':
      return dicomwebSender(way as To<DicomwebTarget>, parts)
    default:
      return mailSender(way, parts)
  }
}

function mailSender(way: Way, { mail, ...parts }: SendingParts): Sender {
  if (mail !== undefined && way.target.type === 'smtp') return smtpSender(way as To<SmtpTarget>, { ...parts, ...mail })
  const folder = mail?.folder ?? null
  if (mail === undefined || folder === null) return senderOf('maildir', way, parts.log, homeless, { end() {} })
  return maildirSender(way as To<MaildirTarget>, { ...parts, ...mail, folder })
}

/** No folder is set on this node: mail waits until there is one. */
const homeless = async () => ({ kind: 'retry', code: 'CONFIG_INVALID', breaker: true }) as const
