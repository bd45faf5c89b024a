import type { Config } from '../../core/config.ts'
import type { OpenCase } from '../../core/duty.ts'
import type { Journal, SqlValue } from '../../core/journal.ts'
import type { Outgoing } from '../../core/notices.ts'
import { CENTRE_15, centre15Of, NO_TELEMEDICINE, type Told } from '../../core/services.ts'
import { openCases } from '../duty/views.ts'
import type { NoticeWhy } from './row.ts'
import { type NoticeFacts, noticeText } from './text.ts'

/** Notices that are looked at in one round; the newest, for they matter most where nothing gets through. */
const MOST = 500

/** A notice that waits, with what its text is made of. */
export interface WaitingNotice {
  readonly id: string
  readonly care_case: string
  readonly why: NoticeWhy
  readonly ladder: string | null
  readonly rung: number | null
  readonly told: Told
  readonly channel: 'sms' | 'voice' | 'webhook'
  readonly target: string
  readonly made_at_ms: number
  readonly attempts: number
  /** Of the case; null: it is about a duty. */
  readonly number: string | null
  readonly service: string | null
  readonly site: string | null
  readonly drill: number | null
  readonly test: number | null
  /** When the appointment begins that is reminded of; null: none is booked, or it is no reminder. */
  readonly starts_ms: number | null
  /** Of the duty. */
  readonly rota: string | null
  readonly centre: string | null
}

type Look = Pick<Journal, 'look'>

/** Notices that wait to leave by a channel of ours, the newest first. */
export function waitingNotices({ look }: Look): Promise<readonly WaitingNotice[]> {
  return look<WaitingNotice>({
    sql: `SELECT n.id, n.care_case, n.why, n.ladder, n.rung, n.told, n.channel, n.target, n.made_at_ms, n.attempts,
        c.number, c.service, c.site, c.drill, c.test, d.service AS rota, d.centre, a.start_ms AS starts_ms
      FROM care_notice n LEFT JOIN care_case c ON c.id = n.care_case LEFT JOIN duty d ON d.id = n.care_case
        LEFT JOIN appointment a ON n.why = 'reminder' AND a.care_case = n.care_case AND a.status = 'booked'
      WHERE n.state = 'waiting' AND n.channel IN ('sms', 'voice', 'webhook')
      ORDER BY n.due_at_ms DESC, n.id DESC LIMIT ${MOST}`,
    parameters: [],
  })
}

/** Which of these still wait. */
export async function stillWaiting({ look }: Look, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const rows = await look<{ id: string }>({
    sql: `SELECT id FROM care_notice WHERE state = 'waiting' AND id IN (${placesOf(ids)})`,
    parameters: ids as readonly SqlValue[],
  })
  return new Set(rows.map(({ id }) => id))
}

/** `?, ?`: one for each value. */
export function placesOf(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ')
}

/**
 * A waiting notice as it leaves; null: its channel, or what it is about, is no longer there. `casePath`: address of the page
 * of a case, without its id. */
export async function outgoingOf(
  row: WaitingNotice,
  config: Config,
  casePath: string,
  journal: Look,
): Promise<Outgoing | null> {
  const facts = await factsOf(row, config, casePath, journal)
  if (facts === null) return null
  const telemedicine = config.telemedicine ?? NO_TELEMEDICINE
  const text = noticeText(facts, config.region.locale, row.channel)
  if (row.channel !== 'webhook') {
    const target = telemedicine[row.channel]
    return target === null ? null : { by: row.channel, target, to: row.target, text, id: row.id }
  }
  const hook = telemedicine.webhooks.find(({ name }) => name === row.target)
  if (hook === undefined) return null
  const { id, why, told, care_case, number, service, site } = row
  const { drill, test } = facts
  const about = { case: care_case, number: number ?? '', service: service ?? '', site: site ?? '', drill, test }
  const at = new Date(Number(row.made_at_ms)).toISOString()
  return { by: 'webhook', hook, told: { id, why, told, ...about, at, text } }
}

async function factsOf(
  row: WaitingNotice,
  config: Config,
  casePath: string,
  journal: Look,
): Promise<NoticeFacts | null> {
  const { region, careServices, establishments, telemedicine = NO_TELEMEDICINE } = config
  const { why, told, ladder, rung } = row
  const nameOf = (id: string | null): string => establishments.get(id ?? '')?.name ?? id ?? ''
  const title = (service: string | null, of: string | null): string => {
    const known = careServices?.get(service ?? '')
    const other = of === null || of === 'answer' ? undefined : known?.ladders.find(({ name }) => name === of)
    return (other ?? known)?.title[region.locale] ?? service ?? ''
  }
  const common = { why, told, rung: rung === null ? null : Number(rung), phone: null, starts: null }
  if (row.number === null || row.service === null) {
    if (row.rota === null) return null
    const [service, of = null] = row.rota.split('.', 2)
    const duty = { service: title(service ?? null, of), site: nameOf(row.centre), link: telemedicine.consoleUrl }
    if (why !== 'hand-over') return { ...common, ...duty, numbers: [], drill: false, test: false }
    const open = await openCases(journal, { service: row.rota, centre: row.centre ?? '' })
    return { ...common, ...duty, ...handedOver(open), test: false }
  }
  const { consoleUrl } = telemedicine
  return {
    ...common,
    service: title(row.service, ladder),
    numbers: [row.number],
    site: nameOf(row.site),
    drill: Number(row.drill) === 1,
    test: Number(row.test) === 1,
    link: consoleUrl === null ? null : `${consoleUrl}${casePath}${row.care_case}`,
    phone: phoneOf(row, config),
    starts: row.starts_ms === null ? null : { atMs: Number(row.starts_ms), timeZone: region.timeZone },
  }
}

/** The real ones alone; drills only where there is nothing else, and then as a drill. */
function handedOver(open: readonly OpenCase[]): Pick<NoticeFacts, 'numbers' | 'drill'> {
  const real = open.filter(({ drill }) => !drill)
  const told = real.length > 0 ? real : open
  return { numbers: told.map(({ number }) => number), drill: real.length === 0 && open.length > 0 }
}

function phoneOf({ service, ladder, rung, site }: WaitingNotice, config: Config): NoticeFacts['phone'] {
  const { careServices, establishments, telemedicine = NO_TELEMEDICINE } = config
  const rungs = careServices?.get(service ?? '')?.ladders.find(({ name }) => name === ladder)?.rungs ?? []
  // Beyond the last rung are its repeats.
  const number = rung === null ? null : (rungs[Math.min(Number(rung), rungs.length - 1)]?.number ?? null)
  if (number === null) return null
  if (number !== CENTRE_15) return { name: 'Tél.', number }
  return { name: 'Centre 15', number: centre15Of(telemedicine, establishments.get(site ?? '')?.finess.ej ?? null) }
}
