import type { Caller } from '../../../core/caller.ts'
import type { Case, CaseLine, CasePatient, Climb } from '../../../core/cases.ts'
import type { Config } from '../../../core/config.ts'
import type { CareService } from '../../../core/services.ts'
import { type CaseClocks, clocksOf } from '../../../formats/clock/windows.ts'
import type { Language } from '../../../formats/http/language.ts'
import { dateText } from '../moment.ts'
import type { Seat } from './words.ts'

/** A case as pages show it. */
export interface ShownCase {
  readonly line: CaseLine
  readonly case: Case
  /** Null: the region has taken it out of its configuration. */
  readonly service: CareService | null
  readonly clocks: CaseClocks
  readonly openedAtMs: number
}

const NO_CLOCKS: CaseClocks = { clocks: [], toVerify: [], noTime: false, remainingMs: null }

/** A line with its clocks at a time. Who does not see the times sees no clock, rather than one of "time unknown". Pure. */
export function shownOf(line: CaseLine, { careServices, region }: Config, nowMs: number): ShownCase {
  const service = careServices?.get(line.case.service) ?? null
  const isCounted = service !== null && line.extent === 'whole'
  const clocks = isCounted ? clocksOf(line.case, service, { nowMs, timeZone: region.timeZone }) : NO_CLOCKS
  return { line, case: line.case, service, clocks, openedAtMs: line.case.openedAtMs }
}

/** Initials, `J. M.`; of what is not known, a question mark. Pure. */
export function initialsOf({ family, given }: Pick<CasePatient, 'family' | 'given'>): string {
  const first = (text: string) => [...text.trim()][0]?.toUpperCase() ?? '?'
  return `${first(given)}. ${first(family)}.`
}

/** Ten years that the age is in, from and to; null: not known. Pure. */
export function ageBandOf(birthDate: string | null, nowMs: number): readonly [from: number, to: number] | null {
  const found = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(birthDate ?? '')
  if (found === null) return null
  const now = new Date(nowMs)
  const birthday = Number(found[2] ?? 1) * 100 + Number(found[3] ?? 1)
  const today = (now.getUTCMonth() + 1) * 100 + now.getUTCDate()
  const age = now.getUTCFullYear() - Number(found[1]) - (today < birthday ? 1 : 0)
  if (age < 0 || age > 130) return null
  const from = Math.floor(age / 10) * 10
  return [from, from + 9]
}

/** What the caller is to cases, by their role. */
export function seatOf({ role }: Caller): Seat {
  return role === 'coordination' ? 'coordination' : role === 'expert' ? 'centre' : 'requester'
}

/** Centres that were alerted on a ladder and have not refused, in order. */
export function askedOn({ centres, at, refused }: Climb): readonly string[] {
  return centres.slice(0, at + 1).filter((centre) => !refused.includes(centre))
}

/** Establishments that the caller reaches; null: all. */
export function ownOf(caller: Caller): readonly string[] | null {
  return caller.role === 'establishment' ? [caller.establishment] : caller.reach.establishments
}

/**
 * For which establishment a caller acts in a case: the owner's, one that was alerted, one that asks, in this order, among
 * those that they reach. Null: for none. */
export function actsFor(of: Case, caller: Caller): string | null {
  const mine = ownOf(caller)
  const alerted = of.climbs.flatMap(({ centres, at }) => centres.slice(0, at + 1))
  const centres = [of.owner?.establishment ?? null, ...alerted]
  const sites = of.requests.map(({ site }) => site)
  const all = seatOf(caller) === 'centre' ? [...centres, ...sites] : [...sites, ...centres]
  const found = all.find((one) => one !== null && mine?.includes(one) === true)
  return found ?? (mine?.length === 1 ? mine[0]! : null)
}

/** A patient in one line: name, and birth date where it is known. */
export function personOf(
  { family, given, birthDate }: Pick<CasePatient, 'family' | 'given' | 'birthDate'>,
  language: Language,
): string {
  const born = birthDate === null ? '' : dateText(birthDate, language)
  return [`${family} ${given}`.trim(), born].filter((one) => one !== '').join(', ')
}

/** Name of an establishment for people; a centre that is gone from the configuration keeps its id. */
export function placeOf({ establishments }: Pick<Config, 'establishments'>, id: string | null): string {
  return id === null ? '' : (establishments.get(id)?.name ?? id)
}

/**
 * A name of what rings for the caller in a case now: another one with each rung, so that each rings once. Null: nothing does.
 * Experts are rung while their centre is asked, the coordination once a rung told it or every centre refused. Pure. */
export function ringOf({ case: one, service }: ShownCase, caller: Caller): string | null {
  const mine = ownOf(caller)
  const seat = seatOf(caller)
  for (const climb of one.climbs) {
    if (climb.endedAtMs !== null || climb.climbed === 0) continue
    const name = `${one.id} ${climb.ladder} ${climb.at} ${climb.begunAtMs} ${climb.climbed}`
    const rungs = service?.ladders.find((ladder) => ladder.name === climb.ladder)?.rungs ?? []
    const told = rungs[Math.min(climb.climbed, rungs.length) - 1]
    const isAsked = askedOn(climb).some((centre) => mine === null || mine.includes(centre))
    if (seat === 'centre' && isAsked && told?.channels.includes('console') !== false) return name
    const isTold = told?.tell.some((whom) => whom === 'coordination' || whom === 'everybody') === true
    if (seat === 'coordination' && (isTold || one.state === 'refused')) return name
  }
  return null
}
