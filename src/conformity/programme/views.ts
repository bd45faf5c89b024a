import { type Reach, reaches } from '../../core/caller.ts'
import type { SqlValue } from '../../core/journal.ts'
import {
  type EnrolmentDetail,
  type EnrolmentFilter,
  MOST_ENROLMENTS,
  type ProgrammeSums,
  type ProgrammeViews,
  type TerritorySums,
} from '../../core/programme-commands.ts'
import { ENGAGED } from '../../core/programmes.ts'
import { seenBy, within } from '../views/seen.ts'
import { offeredMoves } from './moves.ts'
import type { ProgrammeParts } from './parts.ts'
import { partsOfAmount } from './payments.ts'
import { type EnrolmentRow, enrolmentAt, enrolmentOf, readPayments, readSteps } from './rows.ts'
import { milestoneStandings, targetValues } from './standing.ts'

/** Reads programmes and enrolments. */
export function programmeViews(parts: ProgrammeParts): ProgrammeViews {
  const { journal, programmes, config } = parts
  return {
    programmes,
    programme: (id) => programmes().find((one) => one.id === id) ?? null,
    async supported(reach) {
      const own = within(reach)
      const [row] = await journal.read<{ n: number }>({
        sql: `SELECT COUNT(DISTINCT finess) AS n FROM programme_enrolment WHERE state IN (${STATES})${own.sql}`,
        parameters: own.parameters,
      })
      return Number(row?.n ?? 0)
    },
    async sums(reach) {
      const own = within(reach)
      const rows = await journal.read<SumRow & { readonly programme: string }>({
        sql: `SELECT programme, ${SUMS} FROM programme_enrolment WHERE 1 = 1${own.sql} GROUP BY programme`,
        parameters: own.parameters,
      })
      return new Map(rows.map((row) => [row.programme, sumsOf(row)]))
    },
    async enrolments(programme, filter, reach) {
      const { sql, parameters } = conditions(programme, filter, reach)
      const rows = await journal.read<EnrolmentRow>({
        sql: `SELECT * FROM programme_enrolment WHERE ${sql} ORDER BY name, id LIMIT ${MOST_ENROLMENTS}`,
        parameters,
      })
      return rows.map(enrolmentOf)
    },
    async territories(programme, reach) {
      const { sql, parameters } = conditions(programme, {}, reach)
      const rows = await journal.read<SumRow & { readonly department: string }>({
        sql: `SELECT department, ${SUMS} FROM programme_enrolment WHERE ${sql} GROUP BY department ORDER BY department`,
        parameters,
      })
      return rows.map((row): TerritorySums => ({ department: row.department, ...sumsOf(row) }))
    },
    async enrolledAt(finess, reach) {
      if (finess.length === 0) return []
      const own = within(reach)
      const rows = await journal.read<EnrolmentRow>({
        sql: `SELECT * FROM programme_enrolment WHERE finess IN (${finess.map(() => '?').join(', ')})${own.sql}
          ORDER BY since_ms DESC, id LIMIT ${MOST_ENROLMENTS}`,
        parameters: [...finess, ...own.parameters],
      })
      return rows.map(enrolmentOf)
    },
    async establishmentsIn(programme, reach) {
      const own = within(reach)
      const rows = await journal.read<{ establishment: string | null; finess: string }>({
        sql: `SELECT DISTINCT establishment, finess FROM programme_enrolment WHERE programme = ? AND state <> 'dropped'${own.sql}`,
        parameters: [programme, ...own.parameters],
      })
      const ids = new Set(rows.map(({ establishment }) => establishment))
      const numbers = new Set(rows.map(({ finess }) => finess))
      // One that was declared in the region after it was enrolled is known by its number.
      return seenBy(config(), reach)
        .filter(
          ({ id, finess }) => ids.has(id) || [finess.ej, ...finess.eg].some((one) => one !== null && numbers.has(one)),
        )
        .map(({ id }) => id)
    },
    one: (id, reach) => readOne(id, reach, parts),
  }
}

const STATES = ENGAGED.map((state) => `'${state}'`).join(', ')
const PAID = 'paid_advance + paid_start_up + paid_use'
/** Of what was dropped, as much is engaged as was paid: so that what is left to pay is engaged less paid. */
const SUMS = `COUNT(*) AS enrolments, SUM(CASE WHEN state IN (${STATES}) THEN COALESCE(cents, 0) ELSE ${PAID} END) AS engaged,
  SUM(${PAID}) AS paid`

interface SumRow {
  readonly enrolments: number
  readonly engaged: number
  readonly paid: number
}

function sumsOf({ enrolments, engaged, paid }: SumRow): ProgrammeSums {
  return { enrolments: Number(enrolments), engaged: Number(engaged), paid: Number(paid) }
}

function conditions(programme: string, { state, department, kind }: EnrolmentFilter, reach: Reach | null) {
  const own = within(reach)
  const asked = Object.entries({ state, department, kind }).filter(([, value]) => value !== undefined)
  return {
    sql: `programme = ?${asked.map(([column]) => ` AND ${column} = ?`).join('')}${own.sql}`,
    parameters: [programme, ...asked.map(([, value]) => value as SqlValue), ...own.parameters],
  }
}

/** Everything beside an enrolment; null: there is none within the reach, or its programme has no file any more. */
async function readOne(id: string, reach: Reach | null, parts: ProgrammeParts): Promise<EnrolmentDetail | null> {
  const row = await enrolmentAt(parts.journal, id)
  const programme = parts.programmes().find((one) => one.id === row?.programme)
  if (row === null || programme === undefined || !reaches(reach, row.establishment)) return null
  const enrolment = enrolmentOf(row)
  const [payments, steps, targets, milestones] = await Promise.all([
    readPayments(parts.journal, id),
    readSteps(parts.journal, id),
    targetValues(enrolment, programme, parts),
    milestoneStandings(enrolment, programme, parts),
  ])
  return {
    ...{ enrolment, programme, payments, steps, targets, milestones },
    parts: enrolment.cents === null ? null : partsOfAmount(enrolment.cents, programme.shares),
    moves: offeredMoves({ programme, enrolment, targets, milestones }),
  }
}
