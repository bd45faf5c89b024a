import type { Framework, FrameworkName } from '../core/conformity.ts'
import type { FrameworkShelf, FrameworkSource, ShelvedFramework } from '../core/conformity-commands.ts'
import type { Journal } from '../core/journal.ts'
import type { Log } from '../core/ports.ts'
import type { Day } from './day.ts'

/** A row of `conformity_framework`, without its text. */
interface ShelfRow {
  readonly name: string
  readonly id: string
  readonly version: string
  readonly state: 'published' | 'withdrawn'
  readonly sha256: string
  readonly who: string
  readonly at_ms: number
  readonly withdrawn_by: string | null
  readonly withdrawn_at_ms: number | null
  readonly withdrawn_why: string | null
}

const COLUMNS = 'name, id, version, state, sha256, who, at_ms, withdrawn_by, withdrawn_at_ms, withdrawn_why'

/** What the shelf reads. */
export interface ShelfParts {
  readonly journal: Pick<Journal, 'look'>
  readonly source: Pick<FrameworkSource, 'readPublished'>
  readonly log: Log
}

/** Does a framework count on that day, its publication left aside? Pure. */
export function isInForce({ status, validFrom, validTo }: Framework, day: Day): boolean {
  return status !== 'closed' && validFrom <= day && (validTo === null || day <= validTo)
}

/**
 * The published frameworks of a journal. A text is read once: what is on the shelf never changes. One that this release cannot
 * read counts for nothing, and is told to the log once. */
export function frameworkShelf({ journal: { look }, source, log }: ShelfParts): FrameworkShelf {
  const known = new Map<string, Framework | null>()
  const text = async (name: FrameworkName): Promise<string | null> => {
    const [row] = await look<{ yaml: string }>({
      sql: 'SELECT yaml FROM conformity_framework WHERE name = ?',
      parameters: [name],
    })
    return row?.yaml ?? null
  }
  const frameworkOf = async ({ name, sha256 }: ShelfRow): Promise<Framework | null> => {
    const before = known.get(sha256)
    if (before !== undefined) return before
    const framework = source.readPublished((await text(name)) ?? '')
    if (framework === null) log.warn('conformity.framework-unread', { rule: name })
    known.set(sha256, framework)
    return framework
  }
  const shelved = async (row: ShelfRow): Promise<ShelvedFramework> => ({
    name: row.name,
    id: row.id,
    version: row.version,
    state: row.state,
    sha256: row.sha256,
    framework: await frameworkOf(row),
    publishedBy: row.who,
    publishedAtMs: Number(row.at_ms),
    withdrawn:
      row.withdrawn_by === null
        ? null
        : { by: row.withdrawn_by, atMs: Number(row.withdrawn_at_ms), why: row.withdrawn_why ?? '' },
  })
  const all = (where: string, parameters: readonly string[]): Promise<readonly ShelfRow[]> =>
    look<ShelfRow>({ sql: `SELECT ${COLUMNS} FROM conformity_framework ${where} ORDER BY name`, parameters })
  return {
    list: async () => Promise.all((await all('', [])).map(shelved)),
    async one(name) {
      const [row] = await all('WHERE name = ?', [name])
      return row === undefined ? null : shelved(row)
    },
    text,
    async inForce(day) {
      const rows = await all(`WHERE state = 'published'`, [])
      const frameworks = await Promise.all(rows.map(frameworkOf))
      return frameworks.filter((one): one is Framework => one !== null && isInForce(one, day))
    },
  }
}
