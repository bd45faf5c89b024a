import { reachOf } from '../../../core/caller.ts'
import {
  type ConformityCommands,
  type EvidenceViews,
  type FrameworkShelf,
  SETTABLE,
} from '../../../core/conformity-commands.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Clock } from '../../../core/ports.ts'
import { actOf } from '../../conformity-acts.ts'
import { wallOf } from '../moment.ts'
import type { FormRoute, KnownVisit, Routes } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { askedOf, preselected, type Typed, tried, typedOf } from './acts-parts.ts'
import { OVERRIDES_PATH, overridesPage } from './overrides-page.ts'

/** What the page of set verdicts reads and changes. */
export interface OverridePageParts {
  readonly shelf: Pick<FrameworkShelf, 'inForce'>
  readonly views: Pick<EvidenceViews, 'overrides'>
  readonly commands: ConformityCommands
  readonly clock: Pick<Clock, 'nowMs'>
}

const PERMISSION = 'conformity:publish'

/** Verdicts that people set: the list, setting one, lifting it. */
export function overrideRoutes(parts: OverridePageParts): Routes {
  return {
    pages: [
      {
        path: OVERRIDES_PATH,
        permission: PERMISSION,
        show: (visit) => shown(visit, parts, preselected(visit.query), null),
      },
    ],
    forms: [setForm(parts), liftForm(parts)],
  }
}

async function shown(
  visit: KnownVisit,
  { shelf, views, clock }: OverridePageParts,
  typed: Typed,
  fault: string | null,
): Promise<PageBody> {
  const today = wallOf(clock.nowMs(), visit.config.region.timeZone).slice(0, 10)
  const [overrides, frameworks] = await Promise.all([
    views.overrides(reachOf(visit.caller, PERMISSION)),
    shelf.inForce(today),
  ])
  return overridesPage(visit, { overrides, frameworks, typed, fault })
}

const useOf = (typed: Typed) => (typed['use'] === 'qualification' ? 'qualification' : 'production')

function setForm(parts: OverridePageParts): FormRoute {
  return {
    path: OVERRIDES_PATH,
    permission: PERMISSION,
    async act(visit, fields) {
      const typed = typedOf(fields)
      const verdict = SETTABLE.find((one) => one === typed['verdict'])
      if (verdict === undefined) throw new GatewayError('BAD_REQUEST')
      const set = { ...askedOf(typed), use: useOf(typed), verdict, until: typed['until'] || null } as const
      const said = await tried(visit, fields, (why) =>
        parts.commands.override(set, actOf(visit.caller, why, PERMISSION)),
      )
      return 'done' in said ? { to: OVERRIDES_PATH } : shown(visit, parts, typed, said.fault)
    },
  }
}

function liftForm(parts: OverridePageParts): FormRoute {
  return {
    path: `${OVERRIDES_PATH}/lever`,
    permission: PERMISSION,
    async act(visit, fields) {
      const typed = typedOf(fields)
      const of = { ...askedOf(typed), use: useOf(typed) } as const
      const said = await tried(visit, fields, (why) => parts.commands.lift(of, actOf(visit.caller, why, PERMISSION)))
      return 'done' in said ? { to: OVERRIDES_PATH } : shown(visit, parts, {}, said.fault)
    },
  }
}
