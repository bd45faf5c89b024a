import type { Journal } from '../../../core/journal.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

type Asynchronous = Readonly<Record<string, (...given: never[]) => Promise<unknown>>>

/**
 * Reads as the journal gives them: none shows a commit that is not on stable storage yet. `reads` are on the writer's connection, and wait
 * for the sync that is on its way before they begin. */
export function durableReads<Reads extends Asynchronous>(
  writer: Pick<Writer, 'syncing'>,
  reader: Pick<Reader, 'read'>,
  reads: Reads,
): Reads & Pick<Journal, 'read'> {
  const later = Object.entries(reads).map(([name, read]) => [
    name,
    (...given: never[]) => (writer.syncing === null ? read(...given) : writer.syncing.then(() => read(...given))),
  ])
  return {
    ...(Object.fromEntries(later) as Reads),
    async read<Row>(query: Parameters<Journal['read']>[0]) {
      const rows = await reader.read(query)
      // Its thread may have seen the commit that is being synced.
      await writer.syncing
      return rows as readonly Row[]
    },
  }
}
