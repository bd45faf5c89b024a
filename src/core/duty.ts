/**
 * Who is on duty. A **rota** is a list of duties: of a service at a centre, of another ladder of the service there
 * (`stroke.interventional`), or of the coordination of the region (`COORDINATION`, no centre). A **duty** is one person at
 * one **place** of a rota, from and until a time (ms since 1970; `until` is no longer part of it). */
import type { Reach } from './caller.ts'
import { reaches } from './caller.ts'
import type { Config } from './config.ts'
import type { CareService, Told } from './services.ts'

/** Places of a rota: first, second; 0 the coordination. */
export type DutyPlace = 0 | 1 | 2

/** The rota of the coordination, whatever the service; its centre is empty. */
export const COORDINATION = 'coordination'

/** What names a rota. */
export interface RotaName {
  readonly service: string
  readonly centre: string
}

/** What was heard when a duty was taken: the sound of the console, the short message, the call. Null: there is no such channel. */
export interface Heard {
  readonly sound: boolean
  readonly sms: boolean | null
  readonly voice: boolean | null
}

/** A duty as it is written. */
export interface DutyEntry {
  readonly place: DutyPlace
  readonly person: string
  readonly rpps: string | null
  readonly phone: string
  /** For short messages; null: `phone` takes them. */
  readonly mobile: string | null
  readonly fromMs: number
  readonly untilMs: number
}

/** A duty as it is kept. */
export interface Duty extends DutyEntry, RotaName {
  readonly id: string
  /** "Je prends la garde": when and by whom; null: not yet. */
  readonly takenAtMs: number | null
  readonly takenBy: string | null
  readonly heard: Heard | null
}

/** Hours of a place: of which somebody is missing, or which two people have. */
export interface Hours {
  readonly place: DutyPlace
  readonly fromMs: number
  readonly untilMs: number
}

/** Why a rota is not saved. `at`: index of the duty; `people`: who has the hours of an overlap. */
export type DutyProblem =
  | ({ readonly what: 'empty' } & Hours)
  | ({ readonly what: 'overlap'; readonly people: readonly string[] } & Hours)
  /** Ends before it begins, or begins outside the hours that are saved. */
  | { readonly what: 'hours' | 'person' | 'number' | 'place'; readonly at: number }

/** Hours of a rota that are to be replaced, and by what. */
export interface RotaSave extends RotaName {
  readonly fromMs: number
  readonly untilMs: number
  /** Each begins within the hours; the last may end after them. */
  readonly duties: readonly DutyEntry[]
}

/** What became of a save. */
export type RotaSaved = { readonly ok: true } | { readonly ok: false; readonly problems: readonly DutyProblem[] }

/** A rota of the region. */
export interface Rota extends RotaName {
  /** Places of which no hour may be empty. */
  readonly places: readonly DutyPlace[]
}

/** A rota over some hours. */
export interface RotaHours extends Rota {
  readonly duties: readonly Duty[]
  /** Hours without anybody. */
  readonly empty: readonly Hours[]
}

/** A notice of a test or hand-over at a duty. */
export interface DutyNotice {
  readonly id: string
  readonly channel: 'sms' | 'voice'
  readonly why: 'duty-test' | 'hand-over'
  readonly state: 'waiting' | 'sent' | 'delivered' | 'failed' | 'dropped'
  readonly madeAtMs: number
}

/** A case that goes on at the end of a duty. */
export interface OpenCase {
  readonly id: string
  readonly number: string
  readonly service: string
  readonly drill: boolean
}

/** Reads rotas. `reach` null: the whole region; else one's own establishments, the centres that answer them, and the coordination. */
export interface DutyViews {
  /** Every rota of the services, over these hours. */
  rotas(
    ask: { readonly fromMs: number; readonly untilMs: number; readonly service?: string; readonly centre?: string },
    reach: Reach | null,
  ): Promise<readonly RotaHours[]>
  /** Who is on duty at a time, in every rota. */
  on(atMs: number, reach: Reach | null): Promise<readonly Duty[]>
  /** One duty with its tests; null: there is none, or not for these eyes. */
  one(id: string, reach: Reach | null): Promise<{ readonly duty: Duty; readonly notices: readonly DutyNotice[] } | null>
  /** Open cases that the centre of a duty owns: what is handed over at its end. @throws {GatewayError} NOT_FOUND */
  open(id: string, reach: Reach | null): Promise<readonly OpenCase[]>
}

/** Changes rotas and duties, each an event in the same commit. A duty outside the reach is not there. */
export interface DutyCommands {
  /** Replaces the duties that begin within the hours, if nothing overlaps and no hour of a place is empty. @throws {GatewayError} FORBIDDEN, BAD_REQUEST when the region has no such rota */
  save(rota: RotaSave, who: string, reach: Reach | null): Promise<RotaSaved>
  /** Sends a short message and a call to who is on duty, as far as there are such channels. @throws {GatewayError} NOT_FOUND, WRONG_STATE when the duty is over */
  test(id: string, who: string, reach: Reach | null): Promise<readonly DutyNotice[]>
  /** "Je prends la garde", from half an hour before its beginning. @throws {GatewayError} NOT_FOUND, WRONG_STATE */
  take(id: string, heard: Heard, who: string, reach: Reach | null): Promise<Duty>
}

/** How long before its beginning a duty may be taken, ms. */
export const TAKEN_BEFORE_MS = 1_800_000
/** Not taken so long after its beginning it is an alert, ms. */
export const UNTAKEN_AFTER_MS = 900_000
/** Empty hours are an alert so long ahead, ms. */
export const EMPTY_AHEAD_MS = 7 * 86_400_000

/** Name of the rota of a ladder; the first ladder's is the service's own. Pure. */
export function rotaOf(service: string, ladder: string): string {
  return ladder === 'answer' ? service : `${service}.${ladder}`
}

const TOLD_PLACES: Readonly<Partial<Record<Told, DutyPlace>>> = { 'duty-1': 1, 'next-centre': 1, owner: 1, 'duty-2': 2 }

/**
 * Every rota of a region: one for each centre of each ladder, and the coordination's. A place is needed where a rung tells it
 * by telephone; where screens and systems alone are told, a rota may be kept and need not. Pure. */
export function rotasOf({ careServices, telemedicine }: Pick<Config, 'careServices' | 'telemedicine'>): Rota[] {
  const rotas = new Map<string, Rota>()
  let coordinated = false
  for (const service of careServices?.values() ?? []) {
    for (const ladder of service.ladders) {
      const rungs = ladder.rungs.filter(({ channels }) => channels.includes('sms') || channels.includes('voice'))
      const told = rungs.flatMap(({ tell }) => tell)
      coordinated ||= told.includes('coordination')
      const needed = ([1, 2] as const).filter((place) => told.some((one) => TOLD_PLACES[one] === place))
      for (const centre of new Set(ladder.centres.flatMap(({ centres }) => centres))) {
        const rota = { service: rotaOf(service.name, ladder.name), centre, places: needed }
        rotas.set(`${rota.service} ${centre}`, rota)
      }
    }
  }
  // Where a number stands for the whole coordination, nobody needs to be named.
  const named = coordinated && (telemedicine?.coordinationNumber ?? null) === null
  if (rotas.size === 0) return []
  return [...rotas.values(), { service: COORDINATION, centre: '', places: named ? [0] : [] }]
}

/** Hours of places in which nobody is on duty, in order. Pure. */
export function emptyHours(
  duties: readonly Pick<DutyEntry, 'place' | 'fromMs' | 'untilMs'>[],
  places: readonly DutyPlace[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): Hours[] {
  return places.flatMap((place) => {
    const found: Hours[] = []
    let upTo = fromMs
    for (const duty of inOrder(duties, place)) {
      if (duty.fromMs > upTo && upTo < untilMs)
        found.push({ place, fromMs: upTo, untilMs: Math.min(duty.fromMs, untilMs) })
      upTo = Math.max(upTo, duty.untilMs)
    }
    return upTo < untilMs ? [...found, { place, fromMs: upTo, untilMs }] : found
  })
}

/** Hours of a place that two people have. Pure. */
export function overlaps(duties: readonly DutyEntry[]): Extract<DutyProblem, { what: 'overlap' }>[] {
  return ([0, 1, 2] as const).flatMap((place) => {
    let longest: DutyEntry | null = null
    return inOrder(duties, place).flatMap((duty) => {
      const before = longest
      if (longest === null || duty.untilMs > longest.untilMs) longest = duty
      if (before === null || before.untilMs <= duty.fromMs) return []
      const untilMs = Math.min(before.untilMs, duty.untilMs)
      return [{ what: 'overlap' as const, place, fromMs: duty.fromMs, untilMs, people: [before.person, duty.person] }]
    })
  })
}

function inOrder<D extends Pick<DutyEntry, 'place' | 'fromMs'>>(duties: readonly D[], place: DutyPlace): D[] {
  return duties.filter((one) => one.place === place).sort((a, b) => a.fromMs - b.fromMs)
}

/** Who has a place of a rota, among those on duty at one time; null: nobody. Pure. */
export function onDuty(on: readonly Duty[], service: string, centre: string, place: DutyPlace): Duty | null {
  return on.find((one) => one.service === service && one.centre === centre && one.place === place) ?? null
}

/** May somebody with this reach see a rota? Theirs, of the centres that answer them, and of the coordination. Pure. */
export function seesRota(
  { service, centre }: RotaName,
  reach: Reach | null,
  { careServices, establishments }: Pick<Config, 'careServices' | 'establishments'>,
): boolean {
  if (service === COORDINATION || reaches(reach, centre)) return true
  const own = (reach?.establishments ?? []).flatMap((id) => establishments.get(id) ?? [])
  return [...(careServices?.values() ?? [])].some(({ askers, ladders }) =>
    own
      .filter(({ id, kind }) => askers.establishments.includes(id) || askers.kinds.includes(kind))
      .some(({ id }) => ladders.some((ladder) => centresOf(ladder, id).includes(centre))),
  )
}

/** The centres that answer a site, in order. Pure. */
export function centresOf(
  { centres }: Pick<CareService['ladders'][number], 'centres'>,
  site: string,
): readonly string[] {
  return (centres.find((one) => one.site === site) ?? centres.find((one) => one.site === '*'))?.centres ?? []
}
