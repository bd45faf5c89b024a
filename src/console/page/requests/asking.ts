import { type Caller, reaches, reachOf } from '../../../core/caller.ts'
import type { Config, Establishment } from '../../../core/config.ts'
import { centresOf } from '../../../core/duty.ts'
import type { CareService } from '../../../core/services.ts'

/** Sites for which somebody may ask a service, in the order of the configuration. Pure. */
export function sitesOf({ askers }: CareService, caller: Caller, { establishments }: Config): readonly Establishment[] {
  const reach = reachOf(caller, 'cases:act')
  return [...establishments.values()].filter(
    ({ id, kind }) => (askers.kinds.includes(kind) || askers.establishments.includes(id)) && reaches(reach, id),
  )
}

/** Services that somebody may ask, each with the sites for which. Pure. */
export function askable(
  caller: Caller,
  config: Config,
): readonly { readonly service: CareService; readonly sites: readonly Establishment[] }[] {
  return [...(config.careServices?.values() ?? [])]
    .map((service) => ({ service, sites: sitesOf(service, caller, config) }))
    .filter(({ sites }) => sites.length > 0)
}

/** Names of the centres that answer a site, in order. Pure. */
export function centreNames(service: CareService, site: string, { establishments }: Config): readonly string[] {
  const [ladder] = service.ladders
  return ladder === undefined ? [] : centresOf(ladder, site).map((id) => establishments.get(id)?.name ?? id)
}
