import type {
  AuditFoundEvent,
  AuditReports,
  AuditSearch,
  Incident,
  IncidentAsk,
  PatientReport,
} from '../../core/audit.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, NewEvent, SqlValue } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import { aboutPatients, readEvent } from '../../formats/audit/record.ts'
import { searchAudit } from './search.ts'

/** What reports are made from. */
export interface ReportParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply'>
  readonly clock: Clock
}

const PAGE = 1_000
/** Events that one report holds. */
const MOST = 5_000
/** Names of one patient, or values of one condition. */
const MOST_NAMES = 100

/** The reports of a store's audit. */
export function auditReports({ journal, clock }: ReportParts): AuditReports {
  const note = (who: string, why: string, what: string, detail: string): Promise<boolean> => {
    const event: NewEvent = { atMs: clock.nowMs(), who, what, why, code: null, message: null, delivery: null, detail }
    return journal.apply({ events: [event] })
  }
  return {
    async patient(names, who, why): Promise<PatientReport> {
      if (names.length > MOST_NAMES) throw new GatewayError('BAD_REQUEST')
      const { events, more } = await all(journal, { patients: names })
      await note(who, why, 'report-patient', aboutPatients(names, `events ${events.length}`))
      return { names, events, more }
    },
    async incident(ask, who, why) {
      const { sinceMs, untilMs, establishments, actors } = ask
      if (!(sinceMs <= untilMs) || establishments.length + actors.length > MOST_NAMES) {
        throw new GatewayError('BAD_REQUEST')
      }
      const found = await incidentOf(journal, ask)
      const span = `${new Date(sinceMs).toISOString()}/${new Date(untilMs).toISOString()}`
      await note(who, why, 'export-incident', `${span} events ${found.counts.events}`)
      return found
    },
  }
}

/** Everything that a search finds, newest first, up to what a report holds. */
async function all(
  journal: ReportParts['journal'],
  ask: Omit<AuditSearch, 'limit' | 'below'>,
): Promise<{ readonly events: readonly AuditFoundEvent[]; readonly more: boolean }> {
  const events: AuditFoundEvent[] = []
  let below: number | null = null
  do {
    const page = await searchAudit(journal, { ...ask, ...(below === null ? {} : { below }), limit: PAGE })
    events.push(...page.events)
    below = page.next
  } while (below !== null && events.length < MOST)
  return { events, more: below !== null }
}

async function incidentOf(journal: ReportParts['journal'], ask: IncidentAsk): Promise<Incident> {
  const { sinceMs, untilMs, establishments, actors } = ask
  const where = { sinceMs, untilMs, ...(establishments.length === 0 ? {} : { establishment: establishments }) }
  const acts = await all(journal, actors.length === 0 ? where : { ...where, who: actors })
  // What the platform noticed belongs to it, whoever did what.
  const alerts = actors.length === 0 ? { events: [], more: false } : await all(journal, { ...where, what: ['alert'] })
  const byNumber = new Map([...acts.events, ...alerts.events].map((event) => [event.n, event]))
  const timeline = [...byNumber.values()].sort((a, b) => a.n - b.n)
  const facts = timeline.map(({ line }) => readEvent(line))
  const patients = [...new Set(facts.flatMap((fact) => fact.patients))]
  const places = [...new Set(timeline.flatMap(({ establishment }) => establishment ?? []))].sort()
  const people = [...Map.groupBy(facts, ({ who }) => who)]
    .map(([who, of]) => ({ who, n: of.length }))
    .sort((a, b) => b.n - a.n)
  const refusals = await refusalsOf(journal, ask)
  const count = (what: string) => facts.filter((fact) => fact.what === what).length
  return {
    ask,
    counts: {
      events: timeline.length,
      messages: new Set(facts.flatMap(({ message }) => message ?? [])).size,
      patients: patients.length,
      establishments: places.length,
      actors: people.filter(({ who }) => who !== 'gateway').length,
      refusals: refusals.reduce((sum, { n }) => sum + n, 0),
      alerts: count('alert'),
      reads: count('read-body'),
    },
    patients,
    establishments: places,
    people,
    refusals,
    timeline,
    more: acts.more || alerts.more,
  }
}

async function refusalsOf(journal: ReportParts['journal'], { sinceMs, untilMs, establishments }: IncidentAsk) {
  const some = establishments.length === 0 ? '' : `AND establishment IN (${establishments.map(() => '?').join(', ')})`
  const parameters: SqlValue[] = [sinceMs, untilMs, ...establishments]
  const rows = await journal.read<{ code: string; establishment: string | null; n: number }>({
    sql: `SELECT code, establishment, count(*) AS n FROM refusal WHERE at_ms >= ? AND at_ms <= ? ${some}
      GROUP BY code, establishment ORDER BY count(*) DESC, code LIMIT 500`,
    parameters,
  })
  return rows.map(({ code, establishment, n }) => ({ code, establishment, n: Number(n) }))
}
