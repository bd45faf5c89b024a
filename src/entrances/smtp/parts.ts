import type { ErrorCode } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { AcceptMail, LookAtContent, MailDoor, MailOperator, MailRules, MailSignIn } from '../../core/mail.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'

/** What a mail door is given. The rules decide; the door speaks SMTP and keeps its limits. */
export interface SmtpParts {
  readonly door: MailDoor
  readonly rules: MailRules
  /** Null: nobody signs in, the door is that of other mail operators. */
  readonly signIn: MailSignIn | null
  readonly accept: AcceptMail
  /** Told of each refusal. `address`: of ours that it is about, as far as one was named. */
  readonly refused: (code: ErrorCode, address: string | null) => void
  readonly stage: Journal['stage']
  /** Null: the content is not looked at. */
  readonly look: LookAtContent | null
  /** Null: the region is no mail operator now. */
  readonly operator: () => MailOperator | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}
