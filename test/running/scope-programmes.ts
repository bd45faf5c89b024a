/** Scope of programmes: an establishment sees its own enrolments, and totals of nobody else. */
import { newRows } from '../../src/conformity/programme/rows.ts'
import type { Statement } from '../../src/core/journal.ts'
import type { Row } from './scope-rows.ts'
import { markOf, otherOf, type Side } from './scope-world.ts'

const PROGRAMME = 'hopital-numerique'
const idOf = (side: Side): string => `enrolment-${side}`

/** An enrolment of a side; its department is that side's alone. */
export function enrolmentOf(side: Side, nowMs: number): Statement[] {
  return newRows(
    {
      ...{ id: idOf(side), programme: PROGRAMME, finess: side === 'a' ? '530000371' : '440000289' },
      ...{
        establishment: `ch-${side}`,
        name: `${markOf(side)} (fictif)`,
        kind: 'hospital',
        department: `${markOf(side)}-D`,
      },
      body: { finess: null, name: markOf(side), count: null },
      ...{ domains: ['dossier'], project: null, track: null, depositedOn: null, state: 'candidate', cents: null },
      ...{ paid: { advance: 0, 'start-up': 0, use: 0 }, source: markOf(side), invented: true, confirm: false },
      sinceMs: nowMs,
    },
    { who: markOf(side), why: markOf(side) },
  )
}

const list = (path: string): Row => ({ kind: 'list', ask: () => ({ path }) })
const one = (path: (side: Side) => string): Row => ({ kind: 'one', ask: ({ side }) => ({ path: path(side) }) })
/** Of programmes alone: it names nobody. */
const named = (path: string): Row => ({
  kind: 'told',
  check: async ({ call }, who) => {
    const faults: string[] = []
    for (const side of ['a', 'b'] as const) {
      const { status, text } = await call(who, side, { path })
      if (status !== 200) faults.push(`${side} got ${status}`)
      if (text.toLowerCase().includes(markOf(otherOf(side)))) faults.push(`${side} sees ${markOf(otherOf(side))}`)
      // One enrolment is seen, of two.
      if (/"enrolments":2/.test(text)) faults.push(`${side} sees the sums of both`)
    }
    return faults
  },
})

const API = '/api/conformity/programmes'
const PAGES = '/conformite/programmes'

/** Rows of these routes. */
export const PROGRAMME_ROWS: Readonly<Record<string, Row>> = {
  [`GET ${PAGES}`]: named(PAGES),
  [`GET ${PAGES}/:programme`]: list(`${PAGES}/${PROGRAMME}`),
  [`GET ${PAGES}/:programme/dossiers/:id`]: one((side) => `${PAGES}/${PROGRAMME}/dossiers/${idOf(side)}`),
  [`GET ${API}`]: named(API),
  [`GET ${API}/:programme`]: named(`${API}/${PROGRAMME}`),
  [`GET ${API}/:programme/totals`]: list(`${API}/${PROGRAMME}/totals`),
  [`GET ${API}/:programme/enrolments`]: list(`${API}/${PROGRAMME}/enrolments`),
  [`GET ${API}/:programme/enrolments.csv`]: list(`${API}/${PROGRAMME}/enrolments.csv`),
  [`GET ${API}/:programme/enrolments/:id`]: one((side) => `${API}/${PROGRAMME}/enrolments/${idOf(side)}`),
}
