import type { Case, Happening } from '../../core/cases.ts'
import type { Journal } from '../../core/journal.ts'
import type { Incident } from '../../formats/report/report.ts'

/** Incidents of one sort that a report lists, at most; the first. */
const MOST = 50
/** Deliveries that did not arrive; others arrived late, or are on their way still. */
const FAILED: ReadonlySet<string> = new Set(['refused', 'unknown', 'expired', 'poisoned'])
/** Establishments whose alerts are looked for, at most. */
const ESTABLISHMENTS = 8

/**
 * What went wrong technically while a case was open, taken from the journal: deliveries of its messages, and of those made
 * because of them, that failed or had to be tried again; people who could not be told; images that were held or stood still;
 * alerts of the gateway about its establishments. Nothing of content. */
export async function incidentsOf(
  of: Case,
  happenings: readonly Happening[],
  untilMs: number,
  journal: Pick<Journal, 'look'>,
): Promise<readonly Incident[]> {
  const found = await Promise.all([
    deliveryIncidents(of.id, journal),
    noticeIncidents(of.id, journal),
    heldImages(of.id, journal),
    alertIncidents(of, untilMs, journal),
  ])
  return [...found.flat(), ...stalls(happenings)].sort((a, b) => a.atMs - b.atMs)
}

interface DeliveryRow {
  readonly destination: string
  readonly state: string
  readonly attempts: number
  readonly moved_at_ms: number
  readonly last_code: string | null
}

async function deliveryIncidents(id: string, { look }: Pick<Journal, 'look'>): Promise<Incident[]> {
  const rows = await look<DeliveryRow>({
    sql: `SELECT d.destination, d.state, d.attempts, d.moved_at_ms, d.last_code FROM delivery d
      WHERE (d.attempts > 1 OR d.state IN ('refused', 'unknown', 'expired', 'poisoned')) AND d.message_seq IN (
        SELECT m.seq FROM message m JOIN care_message c ON c.message = m.id WHERE c.care_case = ?
        UNION SELECT n.seq FROM care_message c JOIN message n ON n.cause = c.message WHERE c.care_case = ?)
      ORDER BY d.moved_at_ms, d.seq LIMIT ${MOST}`,
    parameters: [id, id],
  })
  return rows.map(({ destination, state, moved_at_ms, last_code }) => ({
    atMs: Number(moved_at_ms),
    what: FAILED.has(state) ? ('delivery-failed' as const) : ('delivery-late' as const),
    about: [destination, last_code].filter((one) => one !== null).join(', '),
  }))
}

async function noticeIncidents(id: string, { look }: Pick<Journal, 'look'>): Promise<Incident[]> {
  const rows = await look<{ channel: string; establishment: string | null; at_ms: number; code: string | null }>({
    sql: `SELECT channel, establishment, COALESCE(done_at_ms, made_at_ms) AS at_ms, code FROM care_notice
      WHERE care_case = ? AND state = 'failed' ORDER BY made_at_ms, id LIMIT ${MOST}`,
    parameters: [id],
  })
  return rows.map(({ channel, establishment, at_ms, code }) => ({
    atMs: Number(at_ms),
    what: 'notice-failed' as const,
    about: [channel, establishment, code].filter((one) => one !== null).join(', '),
  }))
}

async function heldImages(id: string, { look }: Pick<Journal, 'look'>): Promise<Incident[]> {
  const rows = await look<{ site: string; state: string; code: string | null; changed_at_ms: number; held: number }>({
    sql: `SELECT s.site, s.state, s.code, s.changed_at_ms,
        (SELECT count(*) FROM image_identity i WHERE i.study = s.id AND i.result <> 'ok') AS held
      FROM image_study s WHERE s.care_case = ? ORDER BY s.changed_at_ms, s.id LIMIT ${MOST}`,
    parameters: [id],
  })
  return rows.flatMap(({ site, state, code, changed_at_ms, held }): Incident[] => {
    const atMs = Number(changed_at_ms)
    if (state === 'held' || Number(held) > 0) return [{ atMs, what: 'images-held', about: site }]
    return code === null ? [] : [{ atMs, what: 'images-stalled', about: `${site}, ${code}` }]
  })
}

async function alertIncidents(of: Case, untilMs: number, { look }: Pick<Journal, 'look'>): Promise<Incident[]> {
  const places = [...new Set([of.site, ...of.climbs.flatMap(({ centres }) => centres)])].slice(0, ESTABLISHMENTS)
  const marks = places.map(() => '?').join(', ')
  const rows = await look<{ code: string; establishment: string | null; first_at_ms: number }>({
    sql: `SELECT code, establishment, first_at_ms FROM alert
      WHERE last_at_ms >= ? AND first_at_ms <= ? AND establishment IN (${marks}) ORDER BY first_at_ms, id LIMIT ${MOST}`,
    parameters: [of.openedAtMs, untilMs, ...places],
  })
  return rows.map(({ code, establishment, first_at_ms }) => ({
    atMs: Number(first_at_ms),
    what: 'alert' as const,
    about: [code, establishment].filter((one) => one !== null).join(', '),
  }))
}

/** Images that stood still or stayed away, and requests that did not arrive, as the delays told it. */
function stalls(happenings: readonly Happening[]): Incident[] {
  return happenings.flatMap(({ act, atMs }): Incident[] => {
    if (act.what !== 'late' || act.step > 0) return []
    if (act.delay === 'transfer-stalled') return [{ atMs, what: 'images-stalled', about: '' }]
    return act.delay === 'request-undelivered' ? [{ atMs, what: 'delivery-late', about: '' }] : []
  })
}
