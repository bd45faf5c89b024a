import type { Journal, News, QueueEntry, StoredRevision } from '../../../core/journal.ts'
import type { DestinationId } from '../../../core/message.ts'
import type { Log } from '../../../core/ports.ts'
import { coverage } from './coverage.ts'
import type { Layer } from './layer.ts'
import { listeners, type Told } from './news.ts'
import type { Standing } from './nodes.ts'

/** What announcing needs of the rest of the journal. */
export interface AnnounceParts {
  readonly incarnation: string
  readonly log: Log
  readonly delivery: Journal['delivery']
  readonly newestRevision: () => Promise<StoredRevision | null>
  /** Every destination that somebody here wishes to serve. */
  readonly destinations: () => readonly DestinationId[]
  readonly revision: StoredRevision | null
}

/** What is new, brought to those who watch: commits of this node, what other nodes tell, and what nobody told. */
export interface Announcer {
  /** The running configuration as known here. */
  readonly revision: StoredRevision | null
  watch: Journal['watch']
  /** What the other nodes are to hear of a commit about to be made here; null: nothing. */
  telling(layer: Layer): Told | null
  /** A commit made here. */
  committed(layer: Layer): void
  heard(told: Told): void
  /** How things stood at a look: what grew unheard is made known. */
  looked(standing: Standing): void
  /** A connection was made again: anything may have been told meanwhile. */
  missed(): void
  /** A configuration adopted here runs. */
  adopted(revision: StoredRevision): void
}

function destinationsOf(entries: readonly QueueEntry[]): readonly DestinationId[] {
  return [...new Set(entries.map(({ destination }) => destination))]
}

const NOTHING: News = { entries: [], grown: [], revision: false, features: false }

function tellingOf(incarnation: string, layer: Layer): Told | null {
  const { queued, moved, features } = layer
  const span = { after: layer.stock.counters.get('deliveries') ?? 0, upTo: layer.deliverySeq }
  const revision = layer.revision !== layer.stock.revision
  if (span.upTo === span.after && moved.length === 0 && !features && !revision) return null
  const urgent = destinationsOf(queued.filter(({ lane }) => lane === 'urgent'))
  return { by: incarnation, grown: destinationsOf(queued), urgent, moved, revision, features, span }
}

/** Starts with the configuration that the store had when it was opened. */
export function announcer(parts: AnnounceParts): Announcer {
  const { incarnation, log, delivery, newestRevision, destinations } = parts
  const all = listeners(log)
  let revision = parts.revision
  /** The deliveries that were told of. A commit whose answer was lost is there, and nobody told. */
  const told = coverage()
  /** Number of the newest delivery by the counters, at the last look. */
  let lookedAt = 0

  function news(some: Partial<News>): void {
    all.tell({ ...NOTHING, ...some })
  }
  async function moved(ids: readonly string[], more: Partial<News>): Promise<void> {
    const found = await Promise.all([...new Set(ids)].map((id) => delivery(id)))
    news({ ...more, entries: [...(more.entries ?? []), ...found.filter((entry) => entry !== null)] })
  }
  async function lookAtRevision(): Promise<void> {
    const now = await newestRevision()
    if (now === null || now.revision === revision?.revision) return
    revision = now
    news({ revision: true })
  }
  const quietly = (work: Promise<void>): void => {
    work.catch((fault: unknown) => log.error('news.unread', { code: 'STORE_UNREACHABLE' }, fault))
  }
  return {
    get revision() {
      return revision
    },
    watch: all.add,
    telling: (layer) => tellingOf(incarnation, layer),
    committed(layer) {
      const telling = tellingOf(incarnation, layer)
      if (telling === null) return
      const { span, grown, urgent, features } = telling
      if (span !== null) told.add(span)
      if (span !== null && span.upTo > span.after) news({ entries: layer.queued, grown, urgent, span })
      if (layer.moved.length > 0 || features) quietly(moved(layer.moved, { features }))
    },
    heard(from) {
      const { span, grown, urgent, features } = from
      if (span !== null) told.add(span)
      if (span === null) news({ grown: destinations(), features: true, missed: true })
      else {
        news({ grown, urgent, span })
        if (from.moved.length > 0 || features) quietly(moved(from.moved, { features }))
      }
      if (from.revision) quietly(lookAtRevision())
    },
    looked(standing) {
      // What is told takes a moment: only what nobody has told by the next look was missed.
      if (lookedAt > told.upTo) {
        told.reach(lookedAt)
        news({ grown: destinations(), features: true, missed: true })
      }
      lookedAt = standing.deliveries
      if (standing.revision !== (revision?.revision ?? 0)) quietly(lookAtRevision())
    },
    missed() {
      news({ grown: destinations(), features: true, missed: true })
      quietly(lookAtRevision())
    },
    adopted(now) {
      revision = now
    },
  }
}
