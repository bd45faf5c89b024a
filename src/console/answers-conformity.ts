/** What the API answers about conformity; the types are those of core/conformity and core/conformity-views. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'
import { FRAMEWORK_STATUSES, LEVELS, VERDICTS, WHYS } from '../core/conformity.ts'
import { SEVERITIES } from '../core/self-check.ts'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })
const count = Type.Integer({ minimum: 0 })
const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const verdict = oneOf(VERDICTS)
const level = oneOf(LEVELS)
const both = Type.Object({ fr: text(), en: text() })
const share = Type.Object({ met: count, of: count })
const trend = Type.Object({ now: share, before: orNull(share) })
const ask = { framework: text('`ci-sis@2026.1`'), use: oneOf(['production', 'qualification']) }
const named = { id: text(), name: text(), kind: text(), department: orNull(text('Of its FINESS number')) }
const found = { finding: text('Id of a rule, or a code of docs/errors.md'), messages: count }

const Requirement = Type.Object({
  id: text(),
  level,
  text: both,
  source: Type.Object({ document: text(), clause: orNull(text()) }),
  confirm: Type.Boolean({ description: 'The fact behind it is not verified' }),
  appliesTo: orNull(Type.Array(text())),
  next: both,
  judging: Type.Object({ by: oneOf(['traffic', 'probe', 'evidence', 'derived']) }, { additionalProperties: true }),
})
const Framework = Type.Object({
  framework: text(),
  id: text(),
  version: text(),
  name: both,
  publisher: text(),
  status: oneOf(FRAMEWORK_STATUSES),
  validFrom: text('YYYY-MM-DD'),
  validTo: orNull(text('YYYY-MM-DD')),
  appliesTo: Type.Array(text('Kind of establishment')),
  source: text(),
  confirm: Type.Boolean(),
  domains: Type.Array(Type.Object({ id: text(), name: both, requirements: Type.Array(Requirement) })),
})
const Cell = Type.Object({
  verdict,
  counts: Type.Object(Object.fromEntries(VERDICTS.map((one) => [one, count])), { description: 'Requirements' }),
})
const Matrix = Type.Object({
  ...ask,
  columns: Type.Array(Type.Object({ id: text(), name: both, level: orNull(level), confirm: Type.Boolean(), trend })),
  rows: Type.Array(Type.Object({ ...named, cells: Type.Array(Cell) })),
  trend,
  complete: share,
  closest: Type.Array(Type.Object({ ...named, share, missing: Type.Array(text()) })),
  departments: Type.Array(text()),
  kinds: Type.Array(text()),
  weeks: Type.Array(Type.Object({ day: text('The last of the week'), met: count, of: count })),
})
const Change = Type.Object({
  at: time,
  establishment: text(),
  requirement: text(),
  was: orNull(verdict),
  verdict,
  why: oneOf(WHYS),
  good: count,
  total: count,
})
const Line = Type.Object({
  requirement: text(),
  domain: text(),
  level,
  text: both,
  next: both,
  confirm: Type.Boolean(),
  verdict,
  why: oneOf(WHYS),
  good: count,
  total: count,
  software: Type.Array(text('MSH-3')),
  regressedFrom: orNull(verdict),
  progress: orNull(
    Type.Object({
      of: oneOf(['least', 'flow', 'right', 'wrong', 'parts']),
      ...{ done: count, needed: count, more: orNull(count), share: orNull(Type.Number()), first: orNull(text()) },
    }),
  ),
  found: Type.Array(
    Type.Object({ ...found, examples: Type.Array(Type.Object({ message: text(), kind: text(), at: time })) }),
  ),
  since: orNull(time),
  judgedAt: orNull(time),
  until: orNull(time),
})
const Establishment = Type.Object({
  ...named,
  ...ask,
  finess: Type.Object({ ej: orNull(text()), eg: Type.Array(text()) }),
  share,
  requirements: Type.Array(Line),
  lapsing: Type.Array(Type.Object({ requirement: text(), until: time })),
  history: Type.Array(Change),
})
const Products = Type.Object({
  ...ask,
  products: Type.Array(Type.Object({ product: text('MSH-3'), establishments: count, share })),
  lines: Type.Array(
    Type.Object({
      product: text(),
      requirement: text(),
      level,
      failing: Type.Array(Type.Object({ id: text(), name: text(), verdict, good: count, total: count })),
      met: count,
      found: Type.Array(Type.Object(found)),
    }),
  ),
})
const File = text('CSV')
const Fhir = text('FHIR R4 as JSON')

const Probes = Type.Object({
  probes: Type.Array(
    Type.Object({
      requirement: text('framework@version/requirement'),
      probe: text(),
      endpoint: text(),
      because: orNull(text('Why it was not made: busy, rate, stopped')),
      outcome: orNull(text('pass, fail or unreachable')),
      faults: Type.Array(Type.Object({ fault: text(), params: Type.Record(Type.String(), Type.String()), said: both })),
      facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
      at: orNull(time),
    }),
  ),
})

const ToldFinding = Type.Object({
  severity: oneOf(SEVERITIES),
  class: oneOf(['form', 'contract', 'safety']),
  code: text('A code of docs/errors.md'),
  at: text('HL7 path, FHIRPath or path in the document'),
  rule: text(),
  source: text('Document and clause'),
  fails: Type.Array(text('`ci-sis@2026.1 PAM-IDENTITY`')),
  said: both,
})
const CheckedAnswer = Type.Object({
  establishment: text(),
  format: oneOf(['hl7v2', 'fhir', 'cda', 'xdm']),
  answer: orNull(oneOf(['taken', 'refused', 'parked'])),
  refused: orNull(Type.Object({ code: text('A code of docs/errors.md'), at: orNull(text()) })),
  messages: Type.Array(Type.Object({ kind: text(), application: text('MSH-3'), profiles: Type.Array(text()) })),
  findings: Type.Array(ToldFinding),
  requirements: Type.Array(
    Type.Object({
      framework: ask.framework,
      requirement: text(),
      level,
      text: both,
      confirm: Type.Boolean(),
      counts: oneOf(['for', 'against']),
      failing: Type.Array(text('Id of a rule, or a code')),
    }),
  ),
  advice: Type.Array(ToldFinding, { description: 'What $validate adds; live traffic is not held to it' }),
})

/** By method and address: one sentence, and what a 200 holds. */
export const CONFORMITY_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/conformity/frameworks': ['Frameworks in force', Type.Object({ frameworks: Type.Array(Framework) })],
  'GET /api/conformity/frameworks.csv': ['Their requirements as a file', File],
  'GET /api/conformity/matrix': ['Establishments × domains of a framework, and how it changes', Matrix],
  'GET /api/conformity/matrix.csv': ['The same as a file', File],
  'GET /api/conformity/establishments/:id': ['One establishment: what fails first, why, and what to do', Establishment],
  'GET /api/conformity/establishments/:id/requirements.csv': ['Its requirements as a file', File],
  'POST /api/conformity/establishments/:id/probe': ['Probes its endpoints now, as requirements ask', Probes],
  'GET /api/conformity/establishments/:id/statement': ['The signed statement, as JSON or PDF', text('A file')],
  'GET /api/conformity/establishments/:id/test-report': ['How it meets each requirement, as a TestReport', Fhir],
  'GET /api/conformity/establishments/:id/measure-report': ['How many it meets by domain, as a MeasureReport', Fhir],
  'GET /api/conformity/test-reports': ['TestReports of all, with their Organizations, in one Bundle', Fhir],
  'GET /api/conformity/measure-reports': ['MeasureReports of the region and of all, in one Bundle', Fhir],
  'POST /api/conformity/check': ['Tries a message out: judged as live traffic is, kept nowhere', CheckedAnswer],
  'GET /api/conformity/key': ['What vouches for statements', Type.Object({ publicKey: text('PEM') })],
  'GET /api/conformity/changes': [
    'Verdicts that became others, newest first',
    Type.Object({
      changes: Type.Array(Change),
      next: orNull(Type.Integer({ description: 'Give it as `after` for the next page; null: this is the last' })),
    }),
  ],
  'GET /api/conformity/changes.csv': ['The same as a file', File],
  'GET /api/conformity/products': ['Requirements × software products: one fault is one line', Products],
  'GET /api/conformity/products.csv': ['The same as a file', File],
}
