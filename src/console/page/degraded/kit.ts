/** What a site needs when the platform does not answer: numbers, steps, a blank sheet. No patient is in it. Pure. */
import type { Config, Establishment } from '../../../core/config.ts'
import { COORDINATION, centresOf, type Duty, type DutyViews, rotaOf } from '../../../core/duty.ts'
import { type CareService, centre15Of, NO_TELEMEDICINE } from '../../../core/services.ts'

/** How many days of duty a kit holds: nobody renews it while the platform is away. */
export const KIT_DAYS = 7
const DAY_MS = 86_400_000

/** Who is called at one centre for one service. */
export interface KitCentre {
  readonly centre: string
  readonly name: string
  readonly duties: readonly Duty[]
}

/** One service of a kit: its centres in the order in which they are called. */
export interface KitService {
  readonly service: CareService
  readonly centres: readonly KitCentre[]
}

/** The kit of a site. */
export interface Kit {
  readonly site: Establishment
  readonly madeAtMs: number
  readonly services: readonly KitService[]
  readonly centre15: string
  readonly coordination: { readonly number: string | null; readonly duties: readonly Duty[] }
}

/** Emergency services that a site may ask. */
export function emergenciesOf({ id, kind }: Establishment, { careServices }: Config): readonly CareService[] {
  return [...(careServices?.values() ?? [])].filter(
    (one) => one.kind === 'stroke' && (one.askers.kinds.includes(kind) || one.askers.establishments.includes(id)),
  )
}

/** Sites that have a kit, in the order of the configuration. */
export function kitSites(config: Config): readonly Establishment[] {
  return [...config.establishments.values()].filter((site) => emergenciesOf(site, config).length > 0)
}

/** Makes the kit of a site as its rotas are now. */
export async function kitOf(site: Establishment, config: Config, duty: DutyViews, nowMs: number): Promise<Kit> {
  const rotas = await duty.rotas({ fromMs: nowMs, untilMs: nowMs + KIT_DAYS * DAY_MS }, null)
  const dutiesOf = (service: string, centre: string): readonly Duty[] => {
    const found = rotas.find((one) => one.service === service && one.centre === centre)
    return (found?.duties ?? []).toSorted((a, b) => a.fromMs - b.fromMs || a.place - b.place)
  }
  const region = config.telemedicine ?? NO_TELEMEDICINE
  const services = emergenciesOf(site, config).map((service): KitService => {
    const [ladder] = service.ladders
    const centres = ladder === undefined ? [] : centresOf(ladder, site.id)
    return {
      service,
      centres: centres.map((centre) => ({
        centre,
        name: config.establishments.get(centre)?.name ?? centre,
        duties: dutiesOf(rotaOf(service.name, ladder?.name ?? 'answer'), centre),
      })),
    }
  })
  return {
    ...{ site, madeAtMs: nowMs, services },
    centre15: centre15Of(region, site.finess.ej),
    coordination: { number: region.coordinationNumber, duties: dutiesOf(COORDINATION, '') },
  }
}
