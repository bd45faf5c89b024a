import { GatewayError } from '../../core/errors.ts'
import type { Journal, StoredRevision } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { caseProblems, openCases, planOf, type SharedJson } from '../config/index.ts'

/** What a node starts from. */
export interface StartingParts {
  /** The shared part of its region file. */
  readonly shared: SharedJson
  readonly clock: Clock
  readonly log: Log
}

/**
 * The revision that a node starts with. On the embedded store that is what its file says, made the running one as `apply`
 * would; on a store with other nodes it is the stored one, and a file that says something else is warned of.
 * @throws {GatewayError} CONFIG_ORPHANS, CONFIG_INVALID when a service would go that has open cases */
export async function startingRevision(
  journal: Pick<Journal, 'revision' | 'counts' | 'adopt' | 'leases' | 'look'>,
  { shared, clock, log }: StartingParts,
): Promise<StoredRevision> {
  const stored = journal.revision()
  if (stored !== null && stored.json === shared) return stored
  const { changes, orphans } = planOf(stored, shared, await journal.counts())
  if (stored !== null && journal.leases.shared) {
    warnOfDifference(stored.revision, changes.length, log)
    return stored
  }
  if (orphans.length > 0) {
    throw new GatewayError(
      'CONFIG_ORPHANS',
      `open deliveries would lose their destination: ${orphans.join(', ')}. Keep it in the file until they end, or park them (passerelle apply --park)`,
      {
        french: `des remises en cours perdraient leur destinataire : ${orphans.join(', ')}. Gardez-le dans le fichier jusqu'à leur fin, ou mettez-les de côté (passerelle apply --park)`,
      },
    )
  }
  const left = caseProblems(changes, await openCases(journal)).filter(({ severity }) => severity === 'error')
  if (left.length > 0) throw new GatewayError('CONFIG_INVALID', left.map(({ message }) => message).join('; '))
  return journal.adopt('start', clock.nowMs(), shared)
}

/** Says that this node's file is not what runs, when it is not: `apply` would make it so, and rolls back what others applied. */
export function warnOfDifference(revision: number | null, changes: number, log: Log): void {
  if (changes > 0) log.warn('config.differs', { ...(revision !== null && { revision }), count: changes })
}
