/** Scope of evidence of conformity: it is an establishment's. */
import type { Statement } from '../../src/core/journal.ts'
import { sha256 } from '../console/region.ts'
import { hiddenFrom } from './scope-persons.ts'
import type { Row } from './scope-rows.ts'
import { type Ask, markOf, otherOf, type Scene, type Side, type Told, type Who } from './scope-world.ts'

/** Evidence of a side that is only looked at, and what is withdrawn over the API and on the page. */
const NAMES = ['seen', 'api', 'page'] as const
const idOf = (side: Side, name: (typeof NAMES)[number] = 'seen'): string => `evidence-${side}-${name}`

/** Rows of evidence of a side, each with a document of its own. */
export function evidenceOf(side: Side, nowMs: number): Statement[] {
  const [mark, data] = [markOf(side), Buffer.from(markOf(side))]
  return NAMES.flatMap((name) => [
    {
      sql: `INSERT INTO conformity_evidence (id, establishment, framework, requirement, state, statement, file, media_type,
          bytes, sha256, filed_by, filed_at_ms) VALUES (?, ?, ?, ?, 'filed', ?, ?, 'text/plain', ?, ?, ?, ?)`,
      parameters: [
        ...[idOf(side, name), `ch-${side}`, 'essai@1', mark, mark, idOf(side, name), data.length, sha256(mark), mark],
        nowMs,
      ],
    },
    {
      sql: 'INSERT INTO conformity_evidence_part (evidence, n, data) VALUES (?, 0, ?)',
      parameters: [idOf(side, name), data],
    },
  ])
}

const list = (path: string): Row => ({ kind: 'list', ask: () => ({ path }) })
const one = (ask: (side: Side) => Ask): Row => ({ kind: 'one', ask: ({ side }) => ask(side) })
const asked = (side: Side) => ({ establishment: `ch-${side}`, framework: 'essai@1', requirement: 'none' })

/** For an establishment of theirs they are told what is wrong (`own`), for another that it is not there. */
async function ownAlone(
  { call }: Scene,
  who: Who,
  ask: (side: Side) => Ask,
  own: (told: Told) => boolean,
): Promise<string[]> {
  const faults: string[] = []
  for (const side of ['a', 'b'] as const) {
    faults.push(...hiddenFrom(who, side, await call(who, side, ask(otherOf(side)))))
    const told = await call(who, side, ask(side))
    if (!own(told)) faults.push(`${side} got ${told.status} for its own: ${told.text.slice(0, 200)}`)
  }
  return faults
}

/** Rows of evidence. */
export const EVIDENCE_ROWS: Readonly<Record<string, Row>> = {
  'GET /api/conformity/evidence': list('/api/conformity/evidence'),
  // None of it is of a framework in force here: what is shown of one's own stands in test/conformity/acts.test.ts.
  'GET /api/conformity/evidence/lapsing': {
    kind: 'told',
    check: async ({ call }, who) => {
      const faults: string[] = []
      for (const side of ['a', 'b'] as const) {
        const told = await call(who, side, { path: '/api/conformity/evidence/lapsing?within=9999%20d' })
        if (told.status !== 200) faults.push(`${side} got ${told.status}`)
        if (told.text.includes(markOf(otherOf(side)))) faults.push(`${side} sees the other side`)
      }
      return faults
    },
  },
  'GET /api/conformity/evidence/:id': one((side) => ({ path: `/api/conformity/evidence/${idOf(side)}` })),
  'GET /api/conformity/evidence/:id/file': one((side) => ({ path: `/api/conformity/evidence/${idOf(side)}/file` })),
  'GET /conformite/preuves': list('/conformite/preuves'),
  'GET /conformite/preuves/:id': one((side) => ({ path: `/conformite/preuves/${idOf(side)}` })),
  'GET /conformite/preuves/:id/document': one((side) => ({ path: `/conformite/preuves/${idOf(side)}/document` })),
  'GET /conformite/preuves/deposer': {
    kind: 'told',
    check: async ({ call }, who) => {
      const told = await call(who, 'a', { path: '/conformite/preuves/deposer' })
      const main = told.text.replace(/^.*<main/s, '')
      return told.status === 200 && !main.includes(markOf('b')) ? [] : [`got ${told.status}`]
    },
  },
  'POST /api/conformity/evidence': {
    kind: 'told',
    check: (scene, who) =>
      ownAlone(
        scene,
        who,
        (side) => ({ path: '/api/conformity/evidence', json: { ...asked(side), statement: 'x' } }),
        ({ status, text }) => status === 422 && text.includes('EVIDENCE_REQUIREMENT'),
      ),
  },
  'POST /conformite/preuves/deposer': {
    kind: 'told',
    check: (scene, who) =>
      ownAlone(
        scene,
        who,
        (side) => ({
          path: '/conformite/preuves/deposer',
          form: { establishment: `ch-${side}`, asked: 'essai@1 none', statement: 'x' },
        }),
        ({ status }) => status === 200,
      ),
  },
  'POST /api/conformity/evidence/:id/withdraw': one((side) => ({
    path: `/api/conformity/evidence/${idOf(side, 'api')}/withdraw`,
    json: { reason: 'x' },
  })),
  'POST /conformite/preuves/:id/retirer': {
    kind: 'told',
    check: (scene, who) =>
      ownAlone(
        scene,
        who,
        (side) => ({ path: `/conformite/preuves/${idOf(side, 'page')}/retirer`, form: { reason: 'x' } }),
        ({ status, to }) => status === 303 && to?.startsWith('/conformite/preuves/evidence-') === true,
      ),
  },
}
