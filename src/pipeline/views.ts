import type { UnknownName, Views } from '../core/views.ts'
import { codesThatOccur } from './views/codes.ts'
import { messageDetail, readable } from './views/detail.ts'
import { listMessages } from './views/list.ts'
import { statusOf, type ViewParts } from './views/status.ts'
import { trafficTally } from './views/traffic.ts'
import { unknownNames } from './views/unknown.ts'
import { bodyOver, bytesOf, withoutWithheld } from './withheld.ts'

/** The read-only views over a journal. Lists and details run on its read-only connection, counts come from counters. */
export function makeViews(parts: ViewParts): Views {
  const { journal } = parts
  const traffic = trafficTally(journal)
  return {
    async messages(filter, reach) {
      const page = await listMessages(journal, filter, reach)
      if (page.messages.length > 0) return page
      const unknown: UnknownName[] = []
      for (const name of unknownNames(filter, parts.config(), reach)) {
        // Of a neighbour that a reach sees messages of, there is none only by what else the filter asks.
        const seen = reach !== null && (await listMessages(journal, { [name]: filter[name], limit: 1 }, reach))
        if (!seen || seen.messages.length === 0) unknown.push(name)
      }
      return unknown.length === 0 ? page : { ...page, unknown }
    },
    codes: (reach) => codesThatOccur(journal, reach),
    message: (id, reach) => messageDetail(journal, id, reach),
    async body(id, reach) {
      const part = await readable(journal, id, reach)
      if (part === null) return null
      const body = await journal.body(id)
      return part.withheld === null ? body : bodyOver(withoutWithheld(await bytesOf(body), part.withheld))
    },
    status: (reach) => statusOf(parts, reach, traffic),
    traffic,
  }
}
