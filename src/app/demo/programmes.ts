import { begunRows } from '../../conformity/programme/enrol.ts'
import { judgeEnrolment } from '../../conformity/programme/judge.ts'
import type { ProgrammeParts } from '../../conformity/programme/parts.ts'
import { type PartCents, partsOfAmount, UNPAID } from '../../conformity/programme/payments.ts'
import { stepRow, valueRow } from '../../conformity/programme/rows.ts'
import { targetsFor } from '../../conformity/programme/targets.ts'
import type { Statement } from '../../core/journal.ts'
import type { Enrolment } from '../../core/programme-commands.ts'
import { ENROLMENT_STATES, type EnrolmentState, type Programme } from '../../core/programmes.ts'
import { type DemoEnrolment, demoEnrolments } from './supported.ts'

const DAY_MS = 86_400_000
/** Days between the steps of an invented enrolment. */
const STEP_DAYS = 45
/** An invented step is taken in office hours, not at midnight. */
const OFFICE_MS = 9 * 3_600_000
const ACT = { who: 'gateway', why: 'Démonstration' } as const

/**
 * Enrols the supported establishments of the demo region, each in a commit of its own, unless it is there: what people made of it stays so.
 * Gives how many were new. Only the one published grant is of a real establishment; nothing is said of it but what was published. */
export async function fillProgrammes(parts: ProgrammeParts): Promise<number> {
  const { journal, programmes, clock } = parts
  const there = await journal.read<{ id: string }>({
    sql: `SELECT id FROM programme_enrolment WHERE id LIKE 'demo-%'`,
    parameters: [],
  })
  const known = new Set(there.map(({ id }) => id))
  const all = programmes()
  let made = 0
  for (const demo of demoEnrolments(all)) {
    const programme = all.find(({ id }) => id === demo.asked.programme)
    if (programme === undefined || known.has(demo.id)) continue
    const rows = await rowsOf(demo, programme, parts, clock.nowMs())
    if (rows !== null && (await journal.apply({ rows }))) made += 1
  }
  return made
}

/** Null: it does not fit the programme that stands here (a region's own file). */
async function rowsOf(
  { id, asked, state }: DemoEnrolment,
  programme: Programme,
  { find }: Pick<ProgrammeParts, 'find'>,
  nowMs: number,
): Promise<readonly Statement[] | null> {
  const begun = { state, paid: paidBy(state, partsOfAmount(asked.cents ?? 0, programme.shares)) }
  const establishment = await find(asked.finess)
  const judged = judgeEnrolment(asked, begun, { programme, establishment, taken: [] })
  if (!judged.ok) return null
  const { one } = judged
  if (!one.invented) return begunRows({ ...one, id, sinceMs: nowMs }, { ...ACT, why: 'Publication' }, () => '')
  const began = Math.min(Date.parse(one.depositedOn ?? programme.period.from), nowMs - STEP_DAYS * DAY_MS)
  const path = pathTo(state, programme)
  const at = (i: number): number => Math.min(nowMs, began + OFFICE_MS + i * STEP_DAYS * DAY_MS)
  const enrolment: Enrolment = { ...one, id, sinceMs: at(path.length - 1) }
  const dayAt = (i: number): string => new Date(at(i)).toISOString().slice(0, 10)
  const [made, , ...paid] = begunRows(enrolment, ACT, (part) => dayAt(part === 'use' ? path.length - 1 : 1))
  const steps = path.map((to, i) => stepRow(id, { from: path[i - 1] ?? null, to, ...ACT, atMs: at(i) }))
  return [made!, ...steps, ...paid, ...valuesOf(enrolment, programme)]
}

/** The states on the way, without those that the programme has no part for. */
function pathTo(state: EnrolmentState, { shares }: Programme): readonly EnrolmentState[] {
  const way = ENROLMENT_STATES.slice(0, ENROLMENT_STATES.indexOf(state) + 1)
  return shares['start-up'] > 0 ? way : way.filter((one) => one !== 'started' || one === state)
}

function paidBy(state: EnrolmentState, parts: PartCents): PartCents {
  const before = { advance: parts.advance, 'start-up': parts['start-up'], use: 0 }
  if (state === 'settled') return parts
  if (state === 'checked') return { ...before, use: Math.floor(parts.use / 2) }
  return state === 'started' || state === 'target-met' ? before : UNPAID
}

/** Fractions that were declared: reached from `target-met` on, half way before. */
function valuesOf({ id, domains, state, sinceMs }: Enrolment, programme: Programme): Statement[] {
  if (state === 'selected') return []
  const below = 250
  return targetsFor(programme.targets, domains).map(({ id: target, threshold }) => {
    const wanted = Math.ceil((threshold * below) / 10_000)
    const numerator = state === 'started' ? Math.floor(wanted / 2) : wanted
    return valueRow(id, { target, numerator, denominator: below, ...ACT, atMs: sinceMs })
  })
}
