/** A month of a simulated region: who sends what, and the faults that are planted in it. The same seed makes the same month. */

import type { Framework, Measure, Side, TrafficRule } from '../../src/core/conformity.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { Finding } from '../../src/core/message.ts'
import { frameworkOf, requirementOf } from '../conformity/pieces.ts'
import { random } from '../support/world/random.ts'

/** Days of the month. */
export const DAYS = 30
const DAY_MS = 86_400_000
/** Midnight in Paris of the first day. */
export const FIRST_MS = Date.UTC(2026, 8, 30, 22)
/** When the region's day so-and-so (from 1) ends. */
export const endOfDay = (day: number): number => FIRST_MS + day * DAY_MS - 60_000

/** What is wrong with an establishment. `test`: it sends tests only, and nothing may come of them. */
export const PLANTED = [
  'none',
  'rate',
  'low-rate',
  'version',
  'silence',
  'ins',
  'refused',
  'no-results',
  'test',
] as const
/** One of them. */
export type Planted = (typeof PLANTED)[number]

/** One establishment of the region. */
export interface Structure {
  readonly n: number
  readonly id: string
  readonly kind: 'hospital' | 'nursing-home'
  readonly product: string
  readonly planted: Planted
  /** The day (from 1) on which what is planted begins. */
  readonly from: number
}

/** One message, or what was refused as one. */
export interface Happening {
  readonly atMs: number
  readonly day: number
  readonly establishment: string
  readonly kind: string
  readonly application: string
  readonly softwareVersion: string
  readonly test: boolean
  /** What it claims to be. */
  readonly profiles: readonly string[]
  readonly findings: readonly Finding[]
  readonly refused: ErrorCode | null
}

const PRODUCTS = ['GAM-A', 'GAM-B', 'DPI-C', 'DUI-D']
const FORM: Finding = { code: 'SEGMENT_END', class: 'form' }
const MISSING: Finding = { code: 'FIELD_MISSING', class: 'contract', params: { rule: 'PAM-PID-32' } }
const DOCUMENT: Finding = { code: 'FIELD_MISSING', class: 'contract', params: { rule: 'CDA-OBX-5' } }
const CDA = ['2.1', 'CISIS_CDA_HL7_V2']
const KEY: Finding = { code: 'INS_KEY', class: 'contract' }

/** How large a month is. */
export interface MonthSize {
  readonly hospitals: number
  readonly homes: number
  /** Some so many: each establishment sends its part. */
  readonly messages: number
}

/** A month, told a day at a time: none of it is kept. */
export interface Month {
  readonly structures: readonly Structure[]
  /** What one of them sends on a day (from 1). */
  of(structure: Structure, day: number): readonly Happening[]
  /** What all of them send on a day, in order of time. */
  on(day: number): readonly Happening[]
  /** How many messages there were before a day. */
  before(day: number): number
}

/** What a home sends in the month. */
const PER_HOME = 8

/** Makes a month. */
export function monthOf(seed: number, { hospitals, homes, messages }: MonthSize): Month {
  const structures = structuresOf(seed, hospitals, homes)
  const perHospital = Math.floor((messages - homes * PER_HOME) / hospitals)
  // Spread evenly, so that every week has its part; the hour is anybody's.
  const firstOf = ({ kind }: Structure, day: number): number =>
    Math.ceil(((day - 1) * (kind === 'hospital' ? perHospital : PER_HOME)) / DAYS)
  const ended = (one: Structure, day: number): number => (one.planted === 'silence' ? Math.min(day, one.from) : day)
  return {
    structures,
    of(one, day) {
      const [first, last] = [firstOf(one, day), firstOf(one, ended(one, day + 1))]
      const { between, pick } = random(Math.imul(seed + 1, 0x9e3779b1) ^ (one.n * 64 + day))
      return Array.from({ length: Math.max(0, last - first) }, (_, k): Happening => {
        const i = first + k
        const atMs = FIRST_MS + (day - 1) * DAY_MS + between(0, DAY_MS - 1)
        const kind = kindOf(one, i, pick(['ADT^A28', 'ADT^A31', 'ADT^A01']))
        return { atMs, day, establishment: one.id, kind, ...shown(one, i, day, kind) }
      })
    },
    on(day) {
      return structures.flatMap((one) => this.of(one, day)).sort((a, b) => a.atMs - b.atMs)
    },
    before: (day) => structures.reduce((sum, one) => sum + firstOf(one, ended(one, day)), 0),
  }
}

/** The establishments: every fault is planted in hospitals, some in homes. */
function structuresOf(seed: number, hospitals: number, homes: number): readonly Structure[] {
  const { pick } = random(seed)
  const one = (n: number, kind: Structure['kind'], planted: Planted): Structure => ({
    ...{ n, id: `${kind === 'hospital' ? 'h' : 'n'}-${n}`, kind, planted, product: pick(PRODUCTS) },
    from: planted === 'silence' ? 8 : planted === 'version' ? 21 : 1,
  })
  return [
    ...Array.from({ length: hospitals }, (_, i) => one(i, 'hospital', PLANTED[i % PLANTED.length]!)),
    ...Array.from({ length: homes }, (_, i) => one(hospitals + i, 'nursing-home', i % 7 === 0 ? 'ins' : 'none')),
  ]
}

function kindOf({ planted }: Structure, i: number, identity: string): string {
  return i % 10 === 9 && planted !== 'no-results' ? 'ORU^R01' : identity
}

/** What a message of theirs looks like. Rates are exact: every so-many-th message, so that no verdict hangs on luck. */
function shown(
  { planted, from, product }: Structure,
  i: number,
  day: number,
  kind: string,
): Pick<Happening, 'application' | 'softwareVersion' | 'test' | 'profiles' | 'findings' | 'refused'> {
  const begun = day >= from
  const wrong = (every: number): boolean => begun && i % every === 0
  const noted = i % 4 === 0 ? [FORM] : []
  const of = { application: product, softwareVersion: planted === 'none' ? '' : '1' }
  const fine = { ...of, test: planted === 'test', profiles: [], findings: noted, refused: null }
  if (planted === 'test') return { ...fine, findings: [MISSING, KEY] }
  // Every other result carries a document, and says so; some documents are wrong.
  if (kind === 'ORU^R01' && i % 20 === 9) return { ...fine, profiles: CDA, findings: i % 60 === 9 ? [DOCUMENT] : [] }
  if (kind === 'ORU^R01') return fine
  if (planted === 'rate') return wrong(3) ? { ...fine, findings: [MISSING] } : fine
  if (planted === 'low-rate') return wrong(20) ? { ...fine, findings: [FORM, MISSING] } : fine
  if (planted === 'version') return begun ? { ...fine, softwareVersion: '2', findings: [MISSING] } : fine
  if (planted === 'ins') return wrong(5) ? { ...fine, findings: [KEY] } : fine
  if (planted === 'refused') return wrong(4) ? { ...fine, refused: 'FIELD_MISSING' } : fine
  return fine
}

const rule = (measure: Measure, more: Partial<TrafficRule> = {}): TrafficRule => ({
  ...{ side: 'sent' as Side, kinds: ['ADT^*'], windowDays: 30, minimum: 5, measure },
  ...more,
})
const share: Measure = { what: 'share', without: ['PAM-*'], refused: true, atLeast: 0.99, partly: 0.9 }

const documents: Measure = { what: 'share', without: ['CDA-*'], refused: true, atLeast: 0.99, partly: 0.5 }
const results = { kinds: ['ORU^R01'], windowDays: 14, minimum: 1 }

/** What the region is judged by: a rule of each sort, over a month and over a week. */
export const FRAMEWORK: Framework = {
  ...frameworkOf([
    requirementOf('MONTH', { by: 'traffic', rule: rule(share) }),
    requirementOf('WEEK', { by: 'traffic', rule: rule(share, { windowDays: 7, minimum: 3 }) }),
    requirementOf('INS', { by: 'traffic', rule: rule({ what: 'absence', of: ['INS_KEY'] }) }),
    requirementOf('RESULTS', {
      by: 'traffic',
      rule: rule({ what: 'presence', messages: 2 }, { kinds: ['ORU^R01'], windowDays: 14 }),
    }),
    requirementOf('DOCUMENTS', { by: 'traffic', rule: rule(documents, { ...results, profiles: ['CISIS_CDA_*'] }) }),
    requirementOf('PLAIN', { by: 'traffic', rule: rule(documents, { ...results, notProfiles: ['CISIS_CDA_HL7_V2'] }) }),
    requirementOf('WHOLE', { by: 'derived', of: ['MONTH', 'WEEK', 'INS'], need: 'all' }),
  ]),
  appliesTo: ['hospital', 'nursing-home'],
}
