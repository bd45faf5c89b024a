/** What people see of programmes and do in them. `reach` null: the whole region; else enrolments of one's own establishments. */
import type { Reach } from './caller.ts'
import type { EstablishmentKind } from './config.ts'
import type { FrameworkName, InBoth, Verdict } from './conformity.ts'
import type { ConformityAct } from './conformity-commands.ts'
import type {
  EnrolmentMove,
  EnrolmentState,
  Need,
  PaymentPart,
  Programme,
  ProgrammeMilestone,
  ProgrammeTarget,
} from './programmes.ts'

/** Longest text that says where a fact was published (characters). */
export const SOURCE_LENGTH = 400

/** Who runs an establishment, and how many establishments it brings along; null: not told. */
export interface ManagingBody {
  readonly finess: string | null
  readonly name: string | null
  readonly count: number | null
}

/** What is said of an enrolment when it is made. What is null may be known of the establishment by its FINESS number. */
export interface NewEnrolment {
  readonly programme: string
  readonly finess: string
  readonly name: string | null
  readonly kind: string | null
  readonly department: string | null
  readonly body: ManagingBody
  readonly domains: readonly string[]
  readonly project: string | null
  /** Day on which it was applied for (`YYYY-MM-DD`). */
  readonly depositedOn: string | null
  /** Granted or asked for; null: not yet known. */
  readonly cents: number | null
  /** Where it was published; '': nowhere. */
  readonly source: string
  readonly invented: boolean
  /** What is said is not verified. */
  readonly confirm: boolean
}

/** An establishment in a programme. */
export interface Enrolment {
  readonly id: string
  readonly programme: string
  readonly finess: string
  /** Its id in region.yaml; null: it is none of the region's. */
  readonly establishment: string | null
  readonly name: string
  readonly kind: EstablishmentKind
  readonly department: string
  readonly body: ManagingBody
  readonly domains: readonly string[]
  readonly project: string | null
  /** By which way it was applied for; null: the programme has but one. */
  readonly track: string | null
  readonly depositedOn: string | null
  readonly state: EnrolmentState
  readonly cents: number | null
  readonly paid: Readonly<Record<PaymentPart, number>>
  readonly source: string
  readonly invented: boolean
  readonly confirm: boolean
  readonly sinceMs: number
}

/** What is wrong with what was said of an enrolment. */
export const ENROLMENT_FAULTS = [
  'file',
  'programme',
  'finess',
  'finess-key',
  'name',
  'kind',
  'kind-not-eligible',
  'department',
  'domains',
  'domain-unknown',
  'domains-too-many',
  'project',
  'body-finess',
  'body-count',
  'no-track',
  'day',
  'deposit-closed',
  'amount',
  'source',
  'state',
  'paid',
  'flag',
  'text',
  'encoding',
  'enrolled',
] as const
/** One of them. */
export type EnrolmentFault = (typeof ENROLMENT_FAULTS)[number]

/** A fault, and the field that it is in. */
export interface EnrolmentProblem {
  readonly field: string
  readonly fault: EnrolmentFault
}

/** What became of an enrolment that was asked for. */
export type Enrolled =
  | { readonly ok: true; readonly enrolment: Enrolment }
  | { readonly ok: false; readonly problems: readonly EnrolmentProblem[] }

/** What became of a move. */
export type Moved =
  | { readonly ok: true; readonly enrolment: Enrolment }
  /** `missing`: what it needs first; empty: there is no such move. */
  | { readonly ok: false; readonly missing: readonly Need[] }

/** Money that went out. */
export interface NewPayment {
  readonly part: PaymentPart
  readonly cents: number
  /** Day on which it was paid (`YYYY-MM-DD`). */
  readonly paidOn: string
}

/** A payment as it is kept. */
export interface Payment extends NewPayment {
  readonly who: string
  readonly why: string
  readonly atMs: number
}

/** A move as it is kept; `from` null: the enrolment was made. */
export interface EnrolmentStep {
  readonly from: EnrolmentState | null
  readonly to: EnrolmentState
  readonly who: string
  readonly why: string
  readonly atMs: number
}

/** The fraction of a target; `by` null: nobody told it and nothing was counted. */
export interface TargetValue {
  readonly target: ProgrammeTarget
  readonly numerator: number
  readonly denominator: number
  readonly by: 'counts' | 'declared' | null
  /** Null: nothing can be said. */
  readonly met: boolean | null
  /** Who declared it, when and why; null: it was counted. */
  readonly declared: { readonly who: string; readonly why: string; readonly atMs: number } | null
}

/** A requirement of a milestone, as it stands at the establishment. */
export interface MilestoneRequirement {
  readonly framework: FrameworkName
  readonly requirement: string
  /** Null: no framework of that name was published, or it has no such requirement. */
  readonly text: InBoth | null
  /** Is the framework in force? Then the page of the establishment tells more. */
  readonly inForce: boolean
  readonly verdict: Verdict
  /** A person set the verdict, or waived the requirement. */
  readonly byPerson: boolean
  /** Null: never judged. */
  readonly sinceMs: number | null
}

/** A milestone; `reached` null: not all of it was measured, and nothing of it is unmet. */
export interface MilestoneStanding {
  readonly milestone: ProgrammeMilestone
  readonly requirements: readonly MilestoneRequirement[]
  readonly reached: boolean | null
}

/** A move that is there to be made, and what it still needs. */
export interface OfferedMove {
  readonly move: EnrolmentMove
  readonly missing: readonly Need[]
}

/** An enrolment with everything beside it. */
export interface EnrolmentDetail {
  readonly enrolment: Enrolment
  readonly programme: Programme
  /** What each part comes to of what was granted (cents); null: nothing was granted yet. */
  readonly parts: Readonly<Record<PaymentPart, number>> | null
  readonly payments: readonly Payment[]
  readonly steps: readonly EnrolmentStep[]
  readonly targets: readonly TargetValue[]
  readonly milestones: readonly MilestoneStanding[]
  readonly moves: readonly OfferedMove[]
}

/** What enrolments come to (cents). */
export interface ProgrammeSums {
  readonly enrolments: number
  /** Promised: of those that were selected; of those that were dropped, what was paid before. */
  readonly engaged: number
  readonly paid: number
}

/** The same of one department. */
export interface TerritorySums extends ProgrammeSums {
  readonly department: string
}

/** Which enrolments; every given key must hold. */
export interface EnrolmentFilter {
  readonly state?: EnrolmentState
  readonly department?: string
  readonly kind?: string
}

/** Most enrolments of a list or a file. */
export const MOST_ENROLMENTS = 2_000

/** Questions about programmes. */
export interface ProgrammeViews {
  /** In the order of their first day. */
  programmes(): readonly Programme[]
  /** Null: there is none of that id. */
  programme(id: string): Programme | null
  /** How many establishments have money promised, in whatever programme. */
  supported(reach: Reach | null): Promise<number>
  /** By id of the programme; those without any enrolment are absent. */
  sums(reach: Reach | null): Promise<ReadonlyMap<string, ProgrammeSums>>
  /** Of a programme, by name, at most `MOST_ENROLMENTS`. */
  enrolments(programme: string, filter: EnrolmentFilter, reach: Reach | null): Promise<readonly Enrolment[]>
  territories(programme: string, reach: Reach | null): Promise<readonly TerritorySums[]>
  /** Of whatever programme, of establishments with one of these FINESS numbers, the newest first. */
  enrolledAt(finess: readonly string[], reach: Reach | null): Promise<readonly Enrolment[]>
  /** Establishments of the region that are in a programme and were not dropped, by their ids in region.yaml. */
  establishmentsIn(programme: string, reach: Reach | null): Promise<readonly string[]>
  /** Null: there is none, or not for these eyes. */
  one(id: string, reach: Reach | null): Promise<EnrolmentDetail | null>
}

/** What is wrong with a line of a file, from 1, the header. */
export interface ProgrammeLineProblem extends EnrolmentProblem {
  readonly line: number
}

/** What became of a file; with problems nothing was made. */
export interface ProgrammeImport {
  readonly created: number
  readonly dryRun: boolean
  readonly problems: readonly ProgrammeLineProblem[]
}

/** Acts of programmes; each is an event in the same commit. */
export interface ProgrammeCommands {
  enrol(asked: NewEnrolment, act: ConformityAct): Promise<Enrolled>
  /** Sets what is granted, while nothing was paid. @throws {GatewayError} NOT_FOUND, PROGRAMME_AMOUNT, PROGRAMME_CHANGED */
  grant(id: string, cents: number, act: ConformityAct): Promise<Enrolment>
  /** @throws {GatewayError} NOT_FOUND, PROGRAMME_SECOND, PROGRAMME_CHANGED */
  move(id: string, to: EnrolmentState, act: ConformityAct): Promise<Moved>
  /** @throws {GatewayError} NOT_FOUND, PROGRAMME_PAYMENT, PROGRAMME_CHANGED */
  pay(id: string, payment: NewPayment, act: ConformityAct): Promise<Enrolment>
  /** Keeps the fraction of a target. @throws {GatewayError} NOT_FOUND, PROGRAMME_TARGET, PROGRAMME_CHANGED */
  declare(
    id: string,
    value: { readonly target: string; readonly numerator: number; readonly denominator: number },
    act: ConformityAct,
  ): Promise<Enrolment>
  /** All lines of a file of enrolments, or none and every problem of every line. @throws {GatewayError} NOT_FOUND, PROGRAMME_CHANGED */
  import(programme: string, csv: string, dryRun: boolean, act: ConformityAct): Promise<ProgrammeImport>
}
