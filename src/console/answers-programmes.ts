/** What the API answers about programmes; the types are those of core/programmes and core/programme-commands. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'
import { VERDICTS } from '../core/conformity.ts'
import { ENROLMENT_STATES, NEEDS, PAYMENT_PARTS } from '../core/programmes.ts'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const time = Type.String({ format: 'date-time' })
const both = Type.Object({ fr: text(), en: text() })
const count = Type.Integer({ minimum: 0 })
const cents = Type.Integer({ minimum: 0, description: 'Whole cents of euro' })
const points = Type.Integer({ minimum: 0, maximum: 10_000, description: 'Basis points: 1/100 of a percent' })
const confirm = Type.Boolean({ description: 'The fact is not verified' })
const currency = Type.Literal('EUR')
const state = oneOf(ENROLMENT_STATES)
const byPart = <T extends TSchema>(value: T) =>
  Type.Object(Object.fromEntries(PAYMENT_PARTS.map((part) => [part, value])) as Record<string, T>)
const deposit = orNull(Type.Object({ from: orNull(text()), to: orNull(text()) }))
const Sums = { enrolments: count, engaged: cents, paid: cents }
const named = { id: text(), name: both }
const Counted = Type.Object({
  side: oneOf(['sent', 'received']),
  kinds: Type.Array(text()),
  without: Type.Array(text()),
})

const Programme = {
  ...named,
  publisher: text(),
  period: Type.Object({ from: text('YYYY-MM-DD'), to: orNull(text('YYYY-MM-DD')), confirm }),
  source: text(),
  confirm,
  envelopes: Type.Array(Type.Object({ scope: oneOf(['national', 'region']), cents, source: text(), confirm })),
  kinds: Type.Array(text('As in region.yaml')),
  domains: Type.Array(Type.Object({ ...named, deposit, confirm })),
  domainsEach: orNull(count),
  domainsEachConfirm: confirm,
  exceptions: Type.Array(Type.Object({ finess: text(), domains: count, source: text(), confirm })),
  tracks: Type.Array(
    Type.Object({ ...named, minimum: orNull(count), maximum: orNull(count), deposit, source: text(), confirm }),
  ),
  projects: Type.Array(Type.Object(named)),
  shares: byPart(points),
  sharesSource: text(),
  sharesConfirm: confirm,
  targets: Type.Array(
    Type.Object({
      ...named,
      domains: orNull(Type.Array(text())),
      ...{ numerator: both, denominator: both, threshold: points, source: text(), confirm },
      counts: orNull(Type.Object({ numerator: Counted, denominator: Counted, windowDays: count, minimum: count })),
    }),
  ),
  milestones: Type.Array(
    Type.Object({
      ...named,
      domains: orNull(Type.Array(text())),
      before: oneOf(['start-up', 'use']),
      requirements: Type.Array(Type.Object({ framework: text('id@version'), requirement: text() })),
      confirm,
    }),
  ),
  sums: Type.Object(Sums),
}
const Enrolment = {
  id: text(),
  programme: text(),
  finess: text(),
  establishment: orNull(text('Id in region.yaml; null: none of the region’s')),
  name: text(),
  kind: text(),
  department: text(),
  body: Type.Object({ finess: orNull(text()), name: orNull(text()), count: orNull(count) }),
  domains: Type.Array(text()),
  project: orNull(text()),
  track: orNull(text()),
  depositedOn: orNull(text('YYYY-MM-DD')),
  state,
  source: text(),
  invented: Type.Boolean(),
  confirm,
  amountCents: orNull(cents),
  paidCents: byPart(cents),
  since: time,
}
const Detail = Type.Object({
  currency,
  ...Enrolment,
  partsCents: orNull(byPart(cents)),
  payments: Type.Array(
    Type.Object({ part: text(), paidOn: text(), who: text(), why: text(), amountCents: cents, at: time }),
  ),
  steps: Type.Array(Type.Object({ from: orNull(state), to: state, who: text(), why: text(), at: time })),
  targets: Type.Array(
    Type.Object({
      ...{ target: text(), name: both, threshold: points, confirm },
      ...{
        numerator: count,
        denominator: count,
        by: orNull(oneOf(['counts', 'declared'])),
        met: orNull(Type.Boolean()),
      },
      declared: orNull(Type.Object({ who: text(), why: text(), at: time })),
    }),
  ),
  milestones: Type.Array(
    Type.Object({
      ...{ milestone: text(), name: both, before: text(), reached: orNull(Type.Boolean()) },
      requirements: Type.Array(
        Type.Object({
          ...{ framework: text(), requirement: text(), text: orNull(both), verdict: oneOf(VERDICTS) },
          ...{ byPerson: Type.Boolean(), since: orNull(time) },
        }),
      ),
    }),
  ),
  moves: Type.Array(
    Type.Object({
      to: state,
      second: Type.Boolean({ description: 'By another person than who moved it last' }),
      missing: Type.Array(oneOf(NEEDS)),
    }),
  ),
})

const AT = '/api/conformity/programmes'
const ONE = `${AT}/:programme/enrolments/:id`

/** By method and address: one sentence, and what a 200 holds. */
export const PROGRAMME_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  [`GET ${AT}`]: [
    'Programmes of funding, with what is engaged and paid',
    Type.Object({ currency, programmes: Type.Array(Type.Object(Programme)) }),
  ],
  [`GET ${AT}/:programme`]: ['One programme', Type.Object({ currency, ...Programme })],
  [`GET ${AT}/:programme/totals`]: [
    'Totals by department',
    Type.Object({
      currency,
      programme: text(),
      territories: Type.Array(Type.Object({ department: text(), ...Sums })),
    }),
  ],
  [`GET ${AT}/:programme/enrolments`]: [
    'Enrolments of a programme, by name',
    Type.Object({ currency, enrolments: Type.Array(Type.Object(Enrolment)) }),
  ],
  [`GET ${AT}/:programme/enrolments.csv`]: ['The same as a file, which may be imported again', text('CSV')],
  [`POST ${AT}/:programme/enrolments`]: [
    'Enrol an establishment; refused with every field that is wrong (`problems`)',
    Type.Object(Enrolment),
  ],
  [`POST ${AT}/:programme/enrolments/import`]: [
    'Import a file: all lines, or none and every problem of every line (`problems`)',
    Type.Object({ created: count, dryRun: Type.Boolean() }),
  ],
  [`GET ${ONE}`]: ['One enrolment: money, targets, milestones, history, and what comes next', Detail],
  [`POST ${ONE}/amount`]: ['Set what is granted, while nothing was paid', Type.Object(Enrolment)],
  [`POST ${ONE}/state`]: ['Move it on; refused with what the move still needs (`problems`)', Type.Object(Enrolment)],
  [`POST ${ONE}/payments`]: ['Note a payment of a part', Type.Object(Enrolment)],
  [`POST ${ONE}/targets`]: ['Declare the fraction of a target', Type.Object(Enrolment)],
}
