import type { NodeConfig } from '../../core/config.ts'
import type { ConfigViews, DoorNote } from '../../core/configuration.ts'
import type { Journal } from '../../core/journal.ts'
import { planOf, serviceFiles, shownText } from '../config/index.ts'

/** What the pages of the configuration are made from. */
export interface ConfigViewParts {
  readonly journal: Pick<Journal, 'read' | 'revision' | 'revisionOf'>
  readonly node: () => NodeConfig
  /** Folders of profiles: what a revision has from there is not shown as the region's own. */
  readonly profiles: readonly string[]
}

interface Row {
  readonly revision: number
  readonly at_ms: number
  readonly adopted_by: string
  readonly why: string | null
}

/** The views of the configuration over a journal. */
export function configViews({ journal, node, profiles }: ConfigViewParts): ConfigViews {
  const json = async (revision: number): Promise<string | null> => {
    const running = journal.revision()
    return running?.revision === revision ? running.json : ((await journal.revisionOf(revision))?.json ?? null)
  }
  return {
    async revisions(before, limit) {
      const rows = await journal.read<Row>({
        // The two words are written out: only then is the index of these events used.
        sql: `SELECT r.revision, r.at_ms, r.adopted_by,
            (SELECT max(e.why) FROM event e WHERE e.what = 'apply-config' AND e.detail = 'revision ' || r.revision) AS why
          FROM revision r WHERE r.revision < ? ORDER BY r.revision DESC LIMIT ?`,
        parameters: [before ?? Number.MAX_SAFE_INTEGER, limit],
      })
      return rows.map(({ revision, at_ms, adopted_by, why }) => ({
        revision: Number(revision),
        atMs: Number(at_ms),
        by: adopted_by,
        why,
      }))
    },
    async text(revision) {
      const stored = await json(revision)
      return stored === null ? null : shownText(stored, serviceFiles(profiles))
    },
    async difference(from, to) {
      const [before, after] = await Promise.all([json(from), json(to)])
      if (before === null || after === null) return null
      return planOf({ revision: from, json: before }, after, { destinations: new Map() }).changes
    },
    doors: () => {
      const { mllp, http } = node()
      return [
        ...mllp.map((door) => noteOf(door, door.tls === null ? 'none' : 'mutual')),
        ...http.map((door) =>
          noteOf(door, door.tls === null ? 'none' : door.clientCertificate === 'none' ? 'server' : 'mutual'),
        ),
      ]
    },
  }
}

function noteOf(
  { name, host, port }: DoorNote | NodeConfig['mllp'][number] | NodeConfig['http'][number],
  tls: DoorNote['tls'],
): DoorNote {
  return { name, host, port, tls }
}
