import { type DirectoryEntry, type DirectoryViews, NO_RED } from '../../core/directory.ts'
import { GatewayError } from '../../core/errors.ts'
import type { FhirReads, SearchParameter, StoredResource } from '../../core/fhir.ts'
import { askOfHolder, HOLDERS, type HolderType, holderId, holderResource } from '../../formats/directory/resource.ts'
import { writeJson } from '../../formats/fhir/json.ts'
import { versioned } from './answers.ts'
import { askable, onlyDirectory, waysToMeet } from './directory-ask.ts'
import { inTurn, type Stage } from './stages.ts'

/** Mailboxes that a search may find: they are grouped by their holders in memory. */
const MOST_FOUND = 2_000
/** Mailboxes of one holder that are shown. */
const MOST_OF_ONE = 200

/**
 * Holders of mailboxes in the directory, beside the resources that were posted: whoever may read at the door finds them, and
 * nobody those of the red list. A search that says nothing of a holder finds what was posted alone: the directory is not given away. */
export function directoryReads(base: FhirReads, views: Pick<DirectoryViews, 'search'>): FhirReads {
  async function holder(type: string, id: string): Promise<StoredResource | null> {
    const ask = isHolder(type) ? askOfHolder(type, id) : null
    if (!isHolder(type) || ask === null) return null
    const { entries } = await views.search(ask, { limit: MOST_OF_ONE }, NO_RED)
    return stored(
      type,
      id,
      entries.filter((one) => holderId(type, one) === id),
    )
  }
  return {
    async read(type, id, reader) {
      return (await holder(type, id)) ?? base.read(type, id, reader)
    },
    // What an import replaced is not kept.
    async version(type, id, version, reader) {
      const found = await holder(type, id)
      if (found === null) return base.version(type, id, version, reader)
      return found.version === version ? found : null
    },
    async search(type, parameters, page, reader) {
      if (!isHolder(type) || !askable(type, parameters)) return base.search(type, parameters, page, reader)
      const stage = holders(type, parameters, views, (id) => holder(type, id))
      if (onlyDirectory(type, parameters)) return inTurn([stage], page)
      return inTurn([stage, (asked) => base.search(type, parameters, asked, reader)], page)
    },
  }
}

function isHolder(type: string): type is HolderType {
  return Object.hasOwn(HOLDERS, type)
}

/** Holders by their ids. @throws {GatewayError} DIRECTORY_BROAD */
function holders(
  type: HolderType,
  parameters: readonly SearchParameter[],
  views: Pick<DirectoryViews, 'search'>,
  holder: (id: string) => Promise<StoredResource | null>,
): Stage {
  let known: Promise<readonly string[]> | null = null
  const found = async (): Promise<readonly string[]> => {
    const ids = new Set<string>()
    for (const { ask, meant } of waysToMeet(type, parameters).filter((way) => way.ask.kinds?.length !== 0)) {
      const { entries, next } = await views.search(ask, { limit: MOST_FOUND }, NO_RED)
      if (next !== null) throw new GatewayError('DIRECTORY_BROAD')
      for (const entry of entries.filter(meant)) {
        const id = holderId(type, entry)
        if (id !== null) ids.add(id)
      }
    }
    return [...ids].sort()
  }
  return async ({ count, after }) => {
    known ??= found()
    const all = await known
    const rest = after === null ? all : all.filter((id) => id > after)
    const page = rest.slice(0, count)
    const resources = await Promise.all(page.map(holder))
    return {
      total: all.length,
      resources: resources.filter((one) => one !== null),
      next: count > 0 && rest.length > count ? (page.at(-1) ?? null) : null,
    }
  }
}

function stored(type: HolderType, id: string, entries: readonly DirectoryEntry[]): StoredResource | null {
  const [first, ...others] = entries
  if (first === undefined) return null
  const updatedAtMs = Math.max(...entries.map(({ changedAtMs }) => changedAtMs))
  const version = Math.max(...entries.map((one) => one.version))
  const json = writeJson(versioned(holderResource(type, [first, ...others]), id, version, updatedAtMs))
  return { type, id, version, updatedAtMs, message: null, json }
}
