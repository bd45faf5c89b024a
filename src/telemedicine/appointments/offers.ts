import type { Offer } from '../../core/appointments.ts'
import type { Config } from '../../core/config.ts'
import type { CareService } from '../../core/services.ts'
import { mayAsk } from '../store/plan.ts'

/**
 * The time that an establishment may ask for: of the services with appointments whose request it may make, that of the centres
 * that answer it. Pure. */
export function offersTo(site: string, config: Config): Offer[] {
  return [...(config.careServices?.values() ?? [])]
    .filter((service) => service.appointment !== null && mayAsk(service, site, { config: () => config }))
    .map((service) => ({ service: service.name, centres: centresFor(service, site) }))
}

/** The centres whose time a site may have, in order; null: no order names any for it, and any may be had. Pure. */
export function centresFor({ ladders }: Pick<CareService, 'ladders'>, site: string): readonly string[] | null {
  const orders = ladders.find(({ name }) => name === 'answer')?.centres ?? []
  const order = orders.find((one) => one.site === site) ?? orders.find((one) => one.site === '*')
  return order?.centres ?? null
}
