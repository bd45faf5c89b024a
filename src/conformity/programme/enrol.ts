import { reaches } from '../../core/caller.ts'
import type { Config } from '../../core/config.ts'
import type { ConformityAct } from '../../core/conformity-commands.ts'
import { GatewayError } from '../../core/errors.ts'
import type { NewEvent, Statement } from '../../core/journal.ts'
import type {
  Enrolled,
  Enrolment,
  NewEnrolment,
  ProgrammeCommands,
  ProgrammeImport,
  ProgrammeLineProblem,
} from '../../core/programme-commands.ts'
import { PAYMENT_PARTS, type PaymentPart, type Programme } from '../../core/programmes.ts'
import { type EnrolmentLine, readEnrolments } from '../../formats/programme-csv.ts'
import { eventOf } from '../acting.ts'
import { dayOf } from '../day.ts'
import { type Begun, type Judged, judgeEnrolment } from './judge.ts'
import type { ProgrammeParts } from './parts.ts'
import { UNPAID } from './payments.ts'
import { type EnrolmentRow, enrolledRow, enrolmentOf, newRows, paymentRow, timesEnrolled } from './rows.ts'

/** Enrolling one establishment, or those of a file. */
export function enrolActs(parts: ProgrammeParts): Pick<ProgrammeCommands, 'enrol' | 'import'> {
  return {
    enrol: (asked, act) => enrol(asked, act, parts),
    import: (programme, csv, dryRun, act) => importFile(programme, csv, dryRun, act, parts),
  }
}

/** How an event names an enrolment: what the audit finds it by, the programme, and what was done. */
export function namedEnrolment({ establishment, finess, programme }: Enrolment, more: string): string {
  return `${establishment ?? finess}/${programme} ${more}`
}

/** So often it is judged anew when others were enrolled in between. */
const MOST_TRIES = 5

async function enrol(asked: NewEnrolment, act: ConformityAct, parts: ProgrammeParts, tries = 1): Promise<Enrolled> {
  const programme = programmeAt(asked.programme, parts)
  const begun: Begun = { state: 'candidate', paid: UNPAID }
  const there = await enrolmentsIn(programme.id, parts)
  const judged = await judge(asked, begun, programme, there, parts)
  if (!judged.ok) return judged
  if (!reaches(act.reach, judged.one.establishment)) throw new GatewayError('NOT_FOUND')
  const enrolment = { ...judged.one, id: parts.ids.uuid(), sinceMs: parts.clock.nowMs() }
  const event = eventOf(parts, 'enrol-programme', act, namedEnrolment(enrolment, enrolment.state))
  const rows = [enrolledRow(programme.id, there.times), ...newRows(enrolment, act)]
  if (await parts.journal.apply({ rows, events: [event] })) return { ok: true, enrolment }
  if (tries === MOST_TRIES) throw new GatewayError('PROGRAMME_CHANGED')
  return enrol(asked, act, parts, tries + 1)
}

function programmeAt(id: string, { programmes }: ProgrammeParts): Programme {
  const found = programmes().find((one) => one.id === id)
  if (found === undefined) throw new GatewayError('NOT_FOUND')
  return found
}

/** What establishments have in a programme already. */
interface Enrolments {
  /** How often some were made before these were read. */
  readonly times: number
  /** FINESS numbers with one that is neither settled nor dropped. */
  readonly open: Set<string>
  /** Domains by FINESS number, of those that were not dropped. */
  readonly domains: Map<string, string[]>
  /** Those that are settled or dropped, as `told` names them: a file that comes twice is money that counts twice. */
  readonly ended: Set<string>
}

type Told = Pick<Enrolment, 'finess' | 'domains' | 'state' | 'depositedOn' | 'cents' | 'paid'>

async function enrolmentsIn(programme: string, { journal }: ProgrammeParts): Promise<Enrolments> {
  const times = await timesEnrolled(journal, programme)
  const rows = await journal.read<EnrolmentRow>({
    sql: 'SELECT * FROM programme_enrolment WHERE programme = ?',
    parameters: [programme],
  })
  const there: Enrolments = { times, open: new Set(), domains: new Map(), ended: new Set() }
  for (const row of rows) remember(enrolmentOf(row), there)
  return there
}

const ends = ({ state }: Begun): boolean => state === 'settled' || state === 'dropped'

/** What tells an enrolment that is over from another one of the same establishment. */
function told({ finess, state, domains, depositedOn, cents, paid }: Told): string {
  const parts = PAYMENT_PARTS.map((part) => paid[part])
  return JSON.stringify([finess, state, [...new Set(domains)].sort(), depositedOn, cents, parts])
}

/** What comes after is judged beside this one. */
function remember(one: Told, { open, domains, ended }: Omit<Enrolments, 'times'>): void {
  if (one.state !== 'dropped') domains.set(one.finess, [...(domains.get(one.finess) ?? []), ...one.domains])
  if (ends(one)) ended.add(told(one))
  else open.add(one.finess)
}

/**
 * Numbers under which the same establishment may stand: of a legal entity those of its places too, of a place that of its entity. Two
 * places of one entity are two. Pure. */
function sameAs(finess: string, { establishments }: Pick<Config, 'establishments'>): readonly string[] {
  const others = [...establishments.values()].flatMap(({ finess: { ej, eg } }) => {
    if (ej === finess) return eg
    return ej !== null && eg.includes(finess) ? [ej] : []
  })
  return [...new Set([finess, ...others])]
}

async function judge(
  asked: NewEnrolment,
  begun: Begun,
  programme: Programme,
  { open, domains, ended }: Enrolments,
  { find, config }: Pick<ProgrammeParts, 'find' | 'config'>,
): Promise<Judged> {
  const establishment = await find(asked.finess)
  const numbers = sameAs(asked.finess, config())
  const taken = numbers.flatMap((one) => domains.get(one) ?? [])
  const judged = judgeEnrolment(asked, begun, { programme, establishment, taken })
  const isThere = ends(begun)
    ? numbers.some((finess) => ended.has(told({ ...asked, ...begun, finess })))
    : numbers.some((one) => open.has(one))
  if (!isThere) return judged
  const twice = { field: 'finess', fault: 'enrolled' } as const
  return { ok: false, problems: [twice, ...(judged.ok ? [] : judged.problems)] }
}

async function importFile(
  id: string,
  csv: string,
  dryRun: boolean,
  act: ConformityAct,
  parts: ProgrammeParts,
): Promise<ProgrammeImport> {
  const programme = programmeAt(id, parts)
  const read = readEnrolments(csv)
  const problems: ProgrammeLineProblem[] = [...read.problems]
  const made: Enrolment[] = []
  const there = await enrolmentsIn(id, parts)
  for (const line of read.lines) {
    if (line.programme !== null && line.programme !== id) {
      problems.push({ line: line.line, field: 'programme', fault: 'programme' })
      continue
    }
    const judged = await judge(askedOf(line, id), line, programme, there, parts)
    if (!judged.ok) problems.push(...judged.problems.map((one) => ({ ...one, line: line.line })))
    else if (!reaches(act.reach, judged.one.establishment))
      problems.push({ line: line.line, field: 'finess', fault: 'finess' })
    else {
      remember(judged.one, there)
      made.push({ ...judged.one, id: parts.ids.uuid(), sinceMs: parts.clock.nowMs() })
    }
  }
  problems.sort((a, b) => a.line - b.line)
  if (problems.length > 0) return { created: 0, dryRun, problems: distinct(problems) }
  if (!dryRun) await writeAll(made, enrolledRow(id, there.times), act, parts)
  return { created: made.length, dryRun, problems: [] }
}

const askedOf = ({ line: _, state: __, paid: ___, ...line }: EnrolmentLine, programme: string): NewEnrolment => ({
  ...line,
  programme,
})

/** A value that could not be read has its own line; that it is then missing needs no second one. */
function distinct(problems: readonly ProgrammeLineProblem[]): readonly ProgrammeLineProblem[] {
  const seen = new Set<string>()
  return problems.filter(({ line, field }) => {
    const key = `${line} ${field}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Rows that make an enrolment as it stands, with what was paid before. `paidOn`: the day of a part (`YYYY-MM-DD`). */
export function begunRows(
  one: Enrolment,
  act: Pick<ConformityAct, 'who' | 'why'>,
  paidOn: (part: PaymentPart) => string,
): Statement[] {
  const paid = PAYMENT_PARTS.filter((part) => one.paid[part] > 0).map((part) =>
    paymentRow(one.id, {
      ...{ part, cents: one.paid[part], paidOn: paidOn(part) },
      ...{ who: act.who, why: act.why, atMs: one.sinceMs },
    }),
  )
  return [...newRows(one, act), ...paid]
}

async function writeAll(
  made: readonly Enrolment[],
  guard: Statement,
  act: ConformityAct,
  parts: ProgrammeParts,
): Promise<void> {
  const { journal, clock, config } = parts
  const today = dayOf(clock.nowMs(), config().region.timeZone)
  const rows = [guard, ...made.flatMap((one) => begunRows(one, act, () => today))]
  const events: NewEvent[] = made.map((one) => eventOf(parts, 'import-programme', act, namedEnrolment(one, one.state)))
  if (!(await journal.apply({ rows, events }))) throw new GatewayError('PROGRAMME_CHANGED')
}
