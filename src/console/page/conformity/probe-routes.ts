import { reaches, reachOf } from '../../../core/caller.ts'
import type { ConformityProbes } from '../../../core/conformity-asks.ts'
import type { ConformityViews } from '../../../core/conformity-views.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Guards, Server } from '../../console.ts'
import type { Runs } from '../../runs.ts'
import { type KnownVisit, type PageParts, type Params, type Routes, servePages } from '../shell/pages.ts'
import { tried, typedOf } from './acts-parts.ts'
import { lookingAt } from './looking.ts'
import { BASE } from './parts.ts'
import { type ProbePage, probePage } from './probe-page.ts'

/** What the page of probes works with. */
export interface ProbePageParts extends PageParts {
  readonly probes: ConformityProbes
  readonly views: Pick<ConformityViews, 'frameworks'>
  readonly runs: Runs
}

const PATH = `${BASE}/etablissements/:id/sondes`
const PERMISSION = 'conformity:review'

/** The page on which probes are asked for, for an HTTP door. */
export function probePages(parts: ProbePageParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => servePages(server, guards, parts, probeRoutes(parts))
}

function probeRoutes({ probes, views, runs }: ProbePageParts): Routes {
  return {
    pages: [
      {
        path: PATH,
        permission: PERMISSION,
        show: async (visit, params) => {
          const typed = { requirement: visit.query.get('exigence') ?? '' }
          return probePage(visit, { ...(await shownFor(visit, params, views)), typed })
        },
      },
    ],
    forms: [
      {
        path: PATH,
        permission: PERMISSION,
        async act(visit, fields, params) {
          const shown = await shownFor(visit, params, views)
          const typed = typedOf(fields)
          const requirement = typed['requirement'] || null
          if (requirement !== null && !shown.requirements.some(({ id }) => id === requirement))
            throw new GatewayError('BAD_REQUEST')
          const { who } = visit.caller
          const asked = {
            establishment: shown.establishment.id,
            framework: shown.looking.ask.framework,
            requirement,
            who,
          }
          const run = runs.follow(fields.get('run'), who)
          try {
            const said = await tried(visit, fields, (why) =>
              probes.now({ ...asked, why }, ({ done, total }) => run.progress(done, total)),
            )
            return probePage(
              visit,
              'done' in said
                ? { ...shown, typed: { requirement: requirement ?? '' }, steps: said.done }
                : { ...shown, typed, fault: said.fault },
            )
          } finally {
            run.end()
          }
        },
      },
    ],
  }
}

/** @throws {GatewayError} NOT_FOUND */
async function shownFor(
  { query, config, caller }: KnownVisit,
  { id = '' }: Params,
  views: Pick<ConformityViews, 'frameworks'>,
): Promise<Omit<ProbePage, 'typed'>> {
  const establishment = config.establishments.get(id)
  const looking = await lookingAt(views, config, { framework: query.get('referentiel'), use: query.get('usage') })
  if (establishment === undefined || looking === null || !reaches(reachOf(caller, PERMISSION), id))
    throw new GatewayError('NOT_FOUND')
  const { appliesTo, domains } = looking.framework
  const requirements = domains
    .flatMap((one) => one.requirements)
    .filter(({ judging, appliesTo: own }) => judging.by === 'probe' && (own ?? appliesTo).includes(establishment.kind))
  return { establishment, looking, requirements, fault: null, steps: null }
}
