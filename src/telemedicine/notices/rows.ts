import type { Act, Case, Happening, Notice } from '../../core/cases.ts'
import { CLOSED_STATES } from '../../core/cases.ts'
import type { SqlValue, Statement } from '../../core/journal.ts'
import type { Channel, DelayName } from '../../core/services.ts'
import { type NoticeAround, personOf } from './people.ts'
import { noticeRow } from './row.ts'

/** What is said of a delay is over when this is done. */
const ENDS: Readonly<Partial<Record<Act['what'], readonly DelayName[]>>> = {
  accept: ['seen-not-accepted', 'request-undelivered'],
  reached: ['seen-not-accepted'],
  advise: ['accepted-without-advice', 'answer-due'],
  'read-advice': ['advice-not-opened'],
  decide: ['decision-not-recorded'],
  'images-sent': ['images-absent'],
}

/**
 * Rows of `care_notice` that go with a write of a case, in its commit: what its rungs and delays tell, to the numbers of
 * whoever is on duty at that moment. What still waits of a ladder that ended, for a centre that refused, of a delay that was
 * answered, or of a case that is over, is dropped. One number is told once by a happening, a webhook too. Where no number is
 * known the notice has failed at once, for people to see; what the region has no channel for has no row, and neither has the
 * centre's own system (`system`), which is told by a delivery. `before` null: a new case. Pure. */
export function noticesOf(
  before: Case | null,
  after: Case,
  happenings: readonly Happening[],
  around: NoticeAround,
): Statement[] {
  const dropped = droppedRows(before, after, happenings)
  // What one write makes and ends at once is of no use to anybody either: drop after making.
  return [...happenings.flatMap((one) => madeRows(after, one, around)), ...dropped]
}

function madeRows(after: Case, { seq, recordedAtMs, act }: Happening, around: NoticeAround): Statement[] {
  if (act.what !== 'rung' && act.what !== 'late') return []
  const rung = act.what === 'rung' ? { ladder: act.ladder, rung: act.rung } : { ladder: null, rung: null }
  const why = act.what === 'rung' ? ('rung' as const) : act.delay
  const row = ({ id, told, channel, establishment }: Notice, target: string | null): Statement => {
    const failed = target === null && channel !== 'console' ? ('NOTICE_NO_NUMBER' as const) : null
    const about = { careCase: after.id, n: seq, why, ...rung, told, channel, establishment, target }
    return noticeRow({ id, ...about, madeAtMs: recordedAtMs, failed })
  }
  const seen = new Set<string>()
  const once = (channel: Channel, key: string): boolean => {
    const before = seen.size
    return seen.add(`${channel} ${key}`).size > before
  }
  return act.notices.flatMap((notice): Statement[] => {
    const { channel, told, establishment } = notice
    if (channel === 'system') return []
    if (channel === 'console') return once(channel, `${told} ${establishment}`) ? [row(notice, null)] : []
    if (channel === 'webhook') {
      const hooks = hooksFor(after, act.notices, around).filter((name) => once(channel, name))
      return hooks.map((name, i) => row(i === 0 ? notice : { ...notice, id: around.newId() }, name))
    }
    if ((around.config.telemedicine?.[channel] ?? null) === null) return []
    const person = personOf(told, establishment, rung.ladder ?? 'answer', after, around)
    const target = person[channel]
    if (target === null && person.screensOnly) return []
    return once(channel, target ?? `${told} ${establishment}`) ? [row(notice, target)] : []
  })
}

/** Names of the webhooks that are told of a case, when these are. */
function hooksFor({ service, site }: Case, notices: readonly Notice[], { config }: NoticeAround): string[] {
  const concerned = new Set([site, ...notices.flatMap(({ establishment }) => establishment ?? [])])
  return (config.telemedicine?.webhooks ?? [])
    .filter(({ services }) => services?.includes(service) ?? true)
    .filter(({ establishments }) => establishments?.some((one) => concerned.has(one)) ?? true)
    .map(({ name }) => name)
}

function droppedRows(before: Case | null, after: Case, happenings: readonly Happening[]): Statement[] {
  const atMs = Math.max(after.openedAtMs, ...happenings.map(({ recordedAtMs }) => recordedAtMs))
  const drop = (where: string, values: readonly SqlValue[]): Statement => ({
    sql: `UPDATE care_notice SET state = 'dropped', done_at_ms = ? WHERE care_case = ? AND state = 'waiting' AND ${where}`,
    parameters: [atMs, after.id, ...values],
  })
  if (CLOSED_STATES.includes(after.state)) {
    return before !== null && CLOSED_STATES.includes(before.state) ? [] : [drop('1 = 1', [])]
  }
  // A ladder may be begun anew: what waits is then of the new climb.
  const goesOn = new Set(after.climbs.filter(({ endedAtMs }) => endedAtMs === null).map(({ ladder }) => ladder))
  const ended = after.climbs.filter(
    ({ ladder, endedAtMs }, i) =>
      endedAtMs !== null && (before?.climbs[i]?.endedAtMs ?? null) === null && !goesOn.has(ladder),
  )
  const refused = after.climbs.flatMap(({ ladder, refused: all }, i) =>
    all.filter((one) => before?.climbs[i]?.refused.includes(one) !== true).map((centre) => [ladder, centre] as const),
  )
  // Who accepted beside the ladder that answers has not answered.
  const over = happenings.flatMap(({ act }) =>
    act.what === 'accept' && after.owner === null ? [] : (ENDS[act.what] ?? []),
  )
  return [
    ...ended.map(({ ladder }) => drop(`why = 'rung' AND ladder = ?`, [ladder])),
    ...refused.map((of) => drop(`why = 'rung' AND ladder = ? AND establishment = ?`, of)),
    ...(over.length === 0 ? [] : [drop(`why IN (${over.map(() => '?').join(', ')})`, over)]),
  ]
}
