/** What the API answers about acts of conformity; the types are those of core/conformity-commands. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'
import { EVIDENCE_STATES, EVIDENCE_TYPES } from '../core/conformity-commands.ts'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })
const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const act = Type.Object({ by: text(), at: time, why: text() })
const ASKED = { establishment: text(), framework: text('id@version'), requirement: text() }

const EVIDENCE = {
  id: text(),
  ...ASKED,
  state: oneOf(EVIDENCE_STATES),
  statement: text('In words; may be empty'),
  document: orNull(
    Type.Object({
      type: oneOf(EVIDENCE_TYPES),
      bytes: Type.Integer({ minimum: 1 }),
      sha256: text('Lower-case hex'),
    }),
  ),
  filedBy: text(),
  filedAt: time,
  validUntil: orNull(time),
  reviewed: orNull(act),
  withdrawn: orNull(act),
}
const Evidence = Type.Object(EVIDENCE)
const Override = Type.Object({
  ...ASKED,
  use: oneOf(['production', 'qualification']),
  verdict: text(),
  who: text(),
  why: text(),
  at: time,
  until: orNull(time),
})

/** By method and address: one sentence, and what a 200 holds. */
export const CONFORMITY_ACT_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'POST /api/conformity/evidence': [
    'File evidence: a statement, a document or both, for another person to review',
    Evidence,
  ],
  'GET /api/conformity/evidence': [
    'Evidence, newest first',
    Type.Object({
      evidence: Type.Array(Evidence),
      next: orNull(text('Give it as `after` for the next page; null: this is the last')),
    }),
  ],
  'GET /api/conformity/evidence/lapsing': [
    'Accepted evidence whose time is nearly over or over, soonest first, at most 500; of each requirement the one that counts',
    Type.Object({
      evidence: Type.Array(
        Type.Object({
          ...EVIDENCE,
          lapsed: Type.Boolean(),
          renewed: Type.Boolean({ description: 'Something newer waits for review' }),
        }),
      ),
    }),
  ],
  'GET /api/conformity/evidence/:id': ['One piece of evidence', Evidence],
  'POST /api/conformity/evidence/:id/review': ['Accept it until a day, or reject it; not by who filed it', Evidence],
  'POST /api/conformity/evidence/:id/withdraw': ['It counts no more', Evidence],
  'GET /api/conformity/overrides': [
    'Verdicts that people set and that still hold, newest first',
    Type.Object({ overrides: Type.Array(Override) }),
  ],
  'POST /api/conformity/overrides': ['Set a verdict, until a day or until it is lifted', Override],
  'POST /api/conformity/overrides/lift': ['Lift a verdict that was set', Type.Object({ lifted: Type.Boolean() })],
  'POST /api/conformity/frameworks': [
    'Publish a framework (YAML) for ever; refused with every problem, its line and column (`problems`)',
    Type.Object({
      name: text('id@version'),
      new: Type.Boolean({ description: 'False: it was published before, in the same words' }),
      requirements: Type.Integer({ minimum: 0 }),
    }),
  ],
  'POST /api/conformity/frameworks/:name/withdraw': [
    'It counts no more, and stays known',
    Type.Object({ name: text(), state: Type.Literal('withdrawn') }),
  ],
}
