import type { Config } from '../../core/config.ts'
import { documentMailTimers } from '../../core/documents.ts'
import type { Intake } from '../../core/journal.ts'
import type { OwnMail } from '../../core/mail.ts'
import type { Ids } from '../../core/ports.ts'
import { blankMail, mailDelivery } from './accept.ts'
import { mailRow, recipientRow } from './rows.ts'

/** A mail of our own as it is committed: entrance `internal`, with its cause. */
export function ownMail(mail: OwnMail, config: Config, ids: Ids): Intake {
  const { id, atMs, kind, bytes, envelope, recipient, messageId, automatic, xMss, establishment, test, cause } = mail
  const delivery = mailDelivery(recipient, config, ids.uuid(), atMs)
  const facts = { kind, messageId, automatic, xMss }
  const row = { message: id, atMs, way: 'own', peer: 'gateway', bytes: bytes.length, envelope, facts } as const
  return {
    ...blankMail(id, atMs, config.revision),
    kind,
    controlId: messageId,
    bytes,
    establishment,
    test,
    cause,
    deliveries: [delivery],
    timers: documentMailTimers({ id, kind, receivedAtMs: atMs }, [recipient.address], config),
    rows: [mailRow({ ...row, trace: Buffer.alloc(0) }), recipientRow(delivery.id, id, atMs, recipient), ...mail.rows],
  }
}
