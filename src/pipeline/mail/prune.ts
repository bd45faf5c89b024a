import type { Statement } from '../../core/journal.ts'

/** Mails whose traces go at one look: a look is a minute. */
const AT_ONCE = 1_000

/**
 * Removes traces of mails older than that: the oldest ones, none of which has a recipient still to be delivered to, and whose
 * month was counted. What they told of has long been told. */
export function oldTraces(beforeMs: number): readonly Statement[] {
  const old = `SELECT m.message FROM mail m WHERE m.at_ms < ? AND m.at_ms < (SELECT COALESCE(MAX(until_ms), 0) FROM mail_month) AND NOT EXISTS
    (SELECT 1 FROM mail_recipient r WHERE r.message = m.message AND r.state = 'open') ORDER BY m.at_ms LIMIT ${AT_ONCE}`
  const parameters = [beforeMs]
  return [
    { sql: `DELETE FROM mail_recipient WHERE message IN (${old})`, parameters },
    {
      sql: `DELETE FROM mail WHERE message IN (${old}) AND NOT EXISTS
        (SELECT 1 FROM mail_recipient r WHERE r.message = mail.message)`,
      parameters,
    },
    { sql: 'DELETE FROM document_mail WHERE at_ms < ?', parameters },
  ]
}
