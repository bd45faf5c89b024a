import { type Reach, reaches } from '../../core/caller.ts'
import type { Config, Establishment } from '../../core/config.ts'
import { type Framework, type FrameworkName, frameworkName } from '../../core/conformity.ts'
import type { Named } from '../../core/conformity-views.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'

/** What conformity is read from. */
export interface ViewParts {
  readonly journal: Pick<Journal, 'read' | 'look'>
  readonly config: () => Config
  /** Those that are published and in force. */
  readonly frameworks: () => Promise<readonly Framework[]>
  readonly nowMs: () => number
}

/** The framework of that name, in force. @throws {GatewayError} NOT_FOUND */
export async function frameworkOf(
  { frameworks }: Pick<ViewParts, 'frameworks'>,
  name: FrameworkName,
): Promise<Framework> {
  const found = (await frameworks()).find((one) => frameworkName(one) === name)
  if (found === undefined) throw new GatewayError('NOT_FOUND')
  return found
}

/** Establishments within the reach, in the order of region.yaml. */
export function seenBy({ establishments }: Config, reach: Reach | null): readonly Establishment[] {
  return [...establishments.values()].filter(({ id }) => reaches(reach, id))
}

/** An establishment as lists name it. Pure. */
export function namedOf({ id, name, kind, finess }: Establishment): Named {
  const number = finess.ej ?? finess.eg[0] ?? null
  return { id, name, kind, department: number === null ? null : number.slice(0, 2) }
}

/** ` AND establishment IN (…)` with its parameters; nothing where the whole region is seen. */
export function within(reach: Reach | null): { readonly sql: string; readonly parameters: readonly string[] } {
  const own = reach?.establishments ?? null
  if (own === null) return { sql: '', parameters: [] }
  return own.length === 0
    ? { sql: ' AND 1 = 0', parameters: [] }
    : { sql: ` AND establishment IN (${own.map(() => '?').join(', ')})`, parameters: own }
}
