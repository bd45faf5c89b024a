/** Evidence, a framework and set verdicts whose every text is an attack, in the store before anybody looks. */
import { join } from 'node:path'
import { machineClock, machineIds } from '../../../src/app/cli/machine.ts'
import type { Statement } from '../../../src/core/journal.ts'
import { openSqliteJournal } from '../../../src/pipeline/journal/sqlite/open.ts'
import { sha256 } from '../region.ts'
import { ATTACKS, attack } from './attacks.ts'

/** Writes it into the store of a world in that folder, which does not run yet. */
export async function hostileConformity(dir: string): Promise<void> {
  const journal = await openSqliteJournal({
    ...{ log: { info() {}, warn() {}, error() {} }, meter: { count() {}, observe() {} } },
    ...{ dir: join(dir, 'store'), clock: machineClock, ids: machineIds, refusedMaxBytes: () => 1_000_000 },
    onFatal: (fault) => {
      throw fault
    },
  })
  const nowMs = machineClock.nowMs()
  await journal.apply({
    rows: [
      // Forms review and withdraw what they find: what was accepted keeps its document all the same.
      ...ATTACKS.flatMap((_, n) => evidence(n, n < 3 ? 'filed' : 'accepted', nowMs)),
      {
        sql: `INSERT INTO conformity_framework (name, id, version, state, sha256, yaml, who, at_ms)
          VALUES (?, ?, ?, 'published', ?, ?, ?, ?)`,
        parameters: [`${attack(0, 30)}@1`, attack(0), attack(1), sha256('x'), attack(2), attack(3), nowMs],
      },
      ...ATTACKS.map((_, n) => ({
        sql: `INSERT INTO conformity_override (use, framework, establishment, requirement, verdict, reason, who, at_ms)
          VALUES ('production', ?, ?, ?, 'met', ?, ?, ?)`,
        parameters: [attack(n), 'sender', attack(n + 1), attack(n + 2), attack(n + 3), nowMs],
      })),
    ],
  })
  await journal.close()
}

function evidence(n: number, state: 'filed' | 'accepted', nowMs: number): Statement[] {
  const data = Buffer.from(attack(n))
  const id = `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
  const reviewed =
    state === 'accepted' ? [nowMs + 1_000_000_000, attack(n + 5), nowMs, attack(n + 6)] : new Array(4).fill(null)
  return [
    {
      sql: `INSERT INTO conformity_evidence (id, establishment, framework, requirement, state, statement, file, media_type,
          bytes, sha256, filed_by, filed_at_ms, valid_until_ms, reviewed_by, reviewed_at_ms, reason)
        VALUES (?, 'sender', ?, ?, ?, ?, ?, 'text/plain', ?, ?, ?, ?, ?, ?, ?, ?)`,
      parameters: [
        ...[id, attack(n + 1), attack(n + 2), state, attack(n + 3), id, data.length, sha256(attack(n)), attack(n + 4)],
        ...[nowMs, ...reviewed],
      ],
    },
    { sql: 'INSERT INTO conformity_evidence_part (evidence, n, data) VALUES (?, 0, ?)', parameters: [id, data] },
  ]
}
