import type { Journal } from '../core/journal.ts'
import type { Clock } from '../core/ports.ts'

/**
 * Names that may be used once (the `jti` of client assertions, RFC 7519 §4.1.7), kept until they expire, so that a replay
 * is seen by every node and after a restart. The function notes one: true the first time, false ever after.
 * It rejects as `Journal.apply` does. */
export function useOnce(
  journal: Pick<Journal, 'apply'>,
  clock: Clock,
): (name: string, expiresAtMs: number) => Promise<boolean> {
  return (name, expiresAtMs) =>
    journal.apply({
      rows: [
        { sql: 'DELETE FROM jti WHERE expires_at_ms < ?', parameters: [clock.nowMs()] },
        {
          sql: 'INSERT INTO jti (id, expires_at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING',
          parameters: [name, expiresAtMs],
          rows: 1,
        },
      ],
    })
}
