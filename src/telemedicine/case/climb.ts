import type { Case, Climb } from '../../core/cases.ts'
import type { CareService, Ladder, Rung } from '../../core/services.ts'

/** The ladder on which the centres that answer are asked. */
export const ANSWER = 'answer'

/** A ladder of a service by its name, or null. */
export function ladderOf(service: CareService, name: string): Ladder | null {
  return service.ladders.find((one) => one.name === name) ?? null
}

/** Centres of a ladder for a site, in order: its own row, else that of `*`. */
export function centresOf(service: CareService, ladder: string, site: string): readonly string[] {
  const rows = ladderOf(service, ladder)?.centres ?? []
  return (rows.find((row) => row.site === site) ?? rows.find((row) => row.site === '*'))?.centres ?? []
}

/** A ladder as it begins at its first centre. `ended`: nobody is woken, the centres see the case all the same. */
export function begun(ladder: string, centres: readonly string[], atMs: number, ended = false): Climb {
  const endedAtMs = ended ? atMs : null
  return { ladder, centres, at: 0, begunAtMs: atMs, climbed: 0, refused: [], acceptedBy: null, endedAtMs }
}

/** Centres that were alerted so far and have not refused, in order. */
export function asked({ centres, at, refused }: Climb): readonly string[] {
  return centres.slice(0, at + 1).filter((centre) => !refused.includes(centre))
}

/** The centre that is asked now; null: every one has refused, or the site has none. */
export function current({ centres, at, refused }: Climb): string | null {
  const centre = centres[at]
  return centre === undefined || refused.includes(centre) ? null : centre
}

/** Every centre has refused, or the site has none. */
export function exhausted({ centres, refused }: Climb): boolean {
  return centres.every((centre) => refused.includes(centre))
}

/** Place of the next centre that was not asked yet; null: there is none. */
export function following({ centres, at, refused }: Climb): number | null {
  const next = centres.findIndex((centre, place) => place > at && !refused.includes(centre))
  return next < 0 ? null : next
}

/** Was the centre alerted on this ladder, whether it has refused since or not? */
export function alerted({ centres, at }: Climb, centre: string): boolean {
  const place = centres.indexOf(centre)
  return place >= 0 && place <= at
}

/** Was the centre asked as one of those that answer the site? Where none does, whoever was alerted answers. */
export function answersFor({ climbs }: Pick<Case, 'climbs'>, centre: string): boolean {
  const answer = climbs.find(({ ladder }) => ladder === ANSWER)
  return answer === undefined || answer.centres.length === 0 || alerted(answer, centre)
}

/** Every centre that was alerted for a case, on whichever ladder. */
export function alertedCentres({ climbs }: Pick<Case, 'climbs'>): readonly string[] {
  return [...new Set(climbs.flatMap(({ centres, at }) => centres.slice(0, at + 1)))]
}

/**
 * The ladder that an act of a centre is about: the one that goes on and on which it was alerted, `answer` before others;
 * else `answer` though it ended (reached by telephone, and then accepted). Null: none. */
export function concerned({ climbs, owner }: Pick<Case, 'climbs' | 'owner'>, centre: string): Climb | null {
  const mine = climbs.filter((climb) => alerted(climb, centre) && climb.acceptedBy === null)
  const answer = owner === null ? mine.find(({ ladder }) => ladder === ANSWER) : undefined
  return answer ?? mine.find(({ ladder, endedAtMs }) => ladder !== ANSWER && endedAtMs === null) ?? null
}

/** When the `n`-th rung since the ladder began is due (0 the first; beyond the last: its repeats); null: never. */
export function rungAtMs(rungs: readonly Rung[], begunAtMs: number, n: number): number | null {
  const rung = rungs[n]
  if (rung !== undefined) return begunAtMs + rung.afterMs
  const last = rungs.at(-1)
  if (last === undefined || last.everyMs === null) return null
  return begunAtMs + last.afterMs + (n - rungs.length + 1) * last.everyMs
}

/**
 * The ladder after a centre has refused. The next centre is asked at once: the ladder begins again for it, unless it was
 * at its last rung, which then goes on as often as before. When nobody is left, the last rung is due at once, and repeats. */
export function afterRefusal(climb: Climb, centre: string, atMs: number, rungs: readonly Rung[]): Climb {
  const refused = [...new Set([...climb.refused, centre])]
  const left: Climb = { ...climb, refused, acceptedBy: null, endedAtMs: null }
  const wasAsked = current(climb) === centre || climb.endedAtMs !== null
  if (exhausted(left)) return atLast(left, atMs, rungs)
  const next = following(left)
  if (!wasAsked) return left
  if (next !== null) {
    const over = climb.climbed >= rungs.length && rungs.length > 1
    return over ? { ...atLast(left, atMs, rungs), at: next } : { ...left, at: next, begunAtMs: atMs, climbed: 0 }
  }
  // One that was alerted before has not answered yet: it is asked again.
  const before = left.centres.findLastIndex((one, place) => place <= climb.at && !refused.includes(one))
  return { ...left, at: before, begunAtMs: atMs, climbed: 0 }
}

function atLast(climb: Climb, atMs: number, rungs: readonly Rung[]): Climb {
  const climbed = Math.max(0, rungs.length - 1)
  return { ...climb, begunAtMs: atMs - (rungs.at(-1)?.afterMs ?? 0), climbed }
}
