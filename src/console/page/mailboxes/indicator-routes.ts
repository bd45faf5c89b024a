import { reachOf } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { type MailMonthFilter, type MailMonthViews, MOST_MONTHS } from '../../../core/mail-indicators.ts'
import type { MailboxViews } from '../../../core/mailboxes.ts'
import { isMonth, monthAfter } from '../../../formats/clock/months.ts'
import type { KnownVisit, Routes } from '../shell/pages.ts'
import { INDICATORS_PATH, indicatorsPage } from './indicators-page.ts'
import { filterOf } from './list-page.ts'

/** What the page of months reads. */
export interface IndicatorPageParts {
  readonly months: MailMonthViews
  readonly domains: MailboxViews['domains']
}

/** The months of secure mail, and their file. */
export function indicatorRoutes({ months, domains }: IndicatorPageParts): Routes {
  const permission = 'mail:read'
  const reach = (visit: KnownVisit) => reachOf(visit.caller, permission)
  return {
    pages: [
      {
        path: INDICATORS_PATH,
        permission,
        async show(visit) {
          const filter = askedOf(visit.query, months.now())
          const found = await months.list(filter, reach(visit)).catch(tooMany)
          return indicatorsPage(visit, { filter, found, domains: domains(reach(visit)), most: MOST_MONTHS })
        },
      },
      {
        path: `${INDICATORS_PATH}.csv`,
        permission,
        async show(visit) {
          const filter = askedOf(visit.query, months.now())
          const body = await months.csv(filter, reach(visit))
          return {
            file: `messagerie-${filter.from}-${filter.to}.csv`,
            type: 'text/csv; charset=utf-8',
            body,
          }
        },
      },
    ],
    forms: [],
  }
}

/** Null: not these months. */
function tooMany(fault: unknown): null {
  if (fault instanceof GatewayError && fault.code === 'BAD_REQUEST') return null
  throw fault
}

/** What an address asks for: the twelve months up to this one, unless it says otherwise. */
function askedOf(query: URLSearchParams, now: string): MailMonthFilter {
  const monthOf = (name: string): string | null => {
    const text = query.get(name) ?? ''
    return isMonth(text) ? text : null
  }
  const to = monthOf('au') ?? now
  const { domain, establishment, kind } = filterOf(query)
  return {
    from: monthOf('du') ?? monthAfter(to, -11),
    to,
    ...(domain && { domain }),
    ...(establishment && { establishment }),
    ...(kind && { kind }),
  }
}
