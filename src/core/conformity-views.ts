/**
 * What people and programs are shown of conformity. Times are ms since 1970, texts in both languages; no content of a message,
 * and no patient. `reach` null: the whole region. Whoever is bound to products (MSH-3) is shown what was measured on them, and
 * nothing of what others sent. */
import type { Reach } from './caller.ts'
import type { EstablishmentKind, Use } from './config.ts'
import type { Framework, FrameworkName, InBoth, Judgement, Level, Requirement, Verdict, Why } from './conformity.ts'
import type { MessageId } from './message.ts'

/** What of conformity is looked at: one framework, for one use. */
export interface ConformityAsk {
  readonly framework: FrameworkName
  readonly use: Use
}

/** How many requirements have which verdict. */
export type VerdictCounts = Readonly<Record<Verdict, number>>

/** What several requirements come to together. */
export interface Cell {
  /** By the mandatory ones where there are any; `not-applicable` also where nothing is asked. */
  readonly verdict: Verdict
  readonly counts: VerdictCounts
}

/** A share: `met` of `of`. What is not applicable is in neither. */
export interface Share {
  readonly met: number
  readonly of: number
}

/** Now, and thirty days before; null: not known of single products. */
export interface Trend {
  readonly now: Share
  readonly before: Share | null
}

/** How many were met at the end of a week. */
export interface Week extends Share {
  /** Its last day, `YYYY-MM-DD`, in the region's time zone. */
  readonly day: string
}

/** An establishment as these lists name it. */
export interface Named {
  readonly id: string
  readonly name: string
  readonly kind: EstablishmentKind
  /** Code of its department, from its FINESS number; null: it has none. */
  readonly department: string | null
}

/** Which establishments and domains a matrix shows; every given key must hold. */
export interface MatrixFilter {
  readonly kind?: string
  readonly department?: string
  /** Ids of those that are looked at; absent: all. */
  readonly among?: ReadonlySet<string>
  /** Then its columns are the requirements of this domain. */
  readonly domain?: string
  /** Establishments with this verdict in one of the columns. */
  readonly verdict?: Verdict
  /** In the name, id or FINESS numbers of the establishment; letter case and accents are not looked at. */
  readonly q?: string
  /** True: how much was met week by week is told too. */
  readonly weeks?: boolean
}

/** A column of the matrix: a domain, or a requirement of the one domain that was asked for. */
export interface MatrixColumn {
  readonly id: string
  readonly name: InBoth
  /** Of a requirement; null: it is a domain. */
  readonly level: Level | null
  readonly confirm: boolean
  readonly trend: Trend
}

/** A row of the matrix: one cell for each column. */
export interface MatrixRow extends Named {
  readonly cells: readonly Cell[]
}

/** Who has few mandatory requirements left, and which. */
export interface Closest extends Named {
  readonly share: Share
  /** Ids, at most three. */
  readonly missing: readonly string[]
}

/** Establishments × domains. */
export interface Matrix extends ConformityAsk {
  readonly columns: readonly MatrixColumn[]
  readonly rows: readonly MatrixRow[]
  /** Of all columns. */
  readonly trend: Trend
  /** The same at the end of each of the last 26 weeks, oldest first; none where they were not asked for, or of single products. */
  readonly weeks: readonly Week[]
  /** Those with every mandatory requirement met, of all that have one. */
  readonly complete: Share
  /** Fewest missing first, at most ten. */
  readonly closest: readonly Closest[]
  /** Departments and kinds there are, whatever the filter, to choose from. */
  readonly departments: readonly string[]
  readonly kinds: readonly string[]
}

/** A message that shows a finding: no more than how to find it. */
export interface ExampleMessage {
  readonly message: MessageId
  readonly kind: string
  readonly atMs: number
}

/** What was in the way, with messages that show it (not of refusals: what is refused is no message). */
export interface FoundExample {
  readonly finding: string
  readonly messages: number
  readonly examples: readonly ExampleMessage[]
}

/** How far it is to a requirement that is not met yet: so much of so much, and what still lacks. */
export interface Progress {
  /**
   * What is counted: messages towards the least number at which something is said (`least`) or that is asked for (`flow`); messages that
   * are right, of all (`right`); messages that are wrong and still count, until they are older than the window (`wrong`); parts that
   * are met, cases passed, endpoints that answer (`parts`). */
  readonly of: 'least' | 'flow' | 'right' | 'wrong' | 'parts'
  readonly done: number
  readonly needed: number
  /** Of `right`: so many right messages in a row would do; null: none would, as all are to be right. Else what lacks. */
  readonly more: number | null
  /** Of `right`: the share that is asked, of one. */
  readonly share: number | null
  /** What is most often in the way: the id of a rule or a code; null: nothing is. */
  readonly first: string | null
}

/** A requirement as it stands at one establishment. */
export interface RequirementLine extends Omit<Judgement, 'found'> {
  /** Id of its domain. */
  readonly domain: string
  readonly requirement: Requirement
  readonly found: readonly FoundExample[]
  /** Null: never judged. */
  readonly sinceMs: number | null
  readonly judgedAtMs: number | null
  readonly regressedFrom: Verdict | null
  /** Null: it is met, is not asked, or waits for something that is not counted. */
  readonly progress: Progress | null
}

/** A verdict that became another. */
export interface VerdictChange {
  /** Later ones have greater numbers. */
  readonly n: number
  readonly atMs: number
  readonly establishment: string
  readonly requirement: string
  /** Null: it is the first. */
  readonly was: Verdict | null
  readonly verdict: Verdict
  readonly why: Why
  readonly good: number
  readonly total: number
}

/** Everything of one establishment. */
export interface EstablishmentConformity extends Named, ConformityAsk {
  readonly finess: { readonly ej: string | null; readonly eg: readonly string[] }
  /** Of mandatory requirements. */
  readonly share: Share
  /** Those that fail first, the gravest before the others; then what is not measured, then what is met. */
  readonly lines: readonly RequirementLine[]
  /** Met, and soon not any more by itself, soonest first. */
  readonly lapsing: readonly { readonly requirement: string; readonly untilMs: number }[]
  /** Newest first, at most a hundred; none is kept of single products. */
  readonly history: readonly VerdictChange[]
}

/** Which changes: of a time. */
export interface ChangesAsk extends ConformityAsk {
  readonly sinceMs: number
  readonly untilMs: number
  readonly establishment?: string
  /** 1 to 1000. */
  readonly limit: number
  /** `next` of the page before. */
  readonly after?: number
}

/** How one software product does at one establishment. */
export interface ProductSite {
  readonly id: string
  readonly name: string
  readonly verdict: Verdict
  readonly good: number
  readonly total: number
}

/** A requirement that a software product does not meet, wherever it runs: one fault is one line. */
export interface ProductLine {
  /** MSH-3 as sent. */
  readonly product: string
  readonly requirement: string
  readonly level: Level
  /** Where it is not met. */
  readonly failing: readonly ProductSite[]
  /** At how many it is met. */
  readonly met: number
  readonly found: Judgement['found']
}

/** A product, and at how many establishments something was measured on it. */
export interface Product {
  readonly product: string
  readonly establishments: number
  /** Of its requirements, over all establishments. */
  readonly share: Share
}

/** Questions about conformity. A framework that is not in force: NOT_FOUND. */
export interface ConformityViews {
  /** Those in force, by name and version. */
  frameworks(): Promise<readonly Framework[]>
  /** @throws {GatewayError} NOT_FOUND */
  matrix(ask: ConformityAsk, filter: MatrixFilter, reach: Reach | null): Promise<Matrix>
  /** Null: there is none, or not for these eyes. @throws {GatewayError} NOT_FOUND */
  establishment(id: string, ask: ConformityAsk, reach: Reach | null): Promise<EstablishmentConformity | null>
  /**
   * Newest first; `next` null: no more. Of single products none are kept. Also of a framework that is in force no more.
   * @throws {GatewayError} NOT_FOUND: nobody published one of that name */
  changes(
    ask: ChangesAsk,
    reach: Reach | null,
  ): Promise<{ readonly changes: readonly VerdictChange[]; readonly next: number | null }>
  /** What fails at most establishments first. @throws {GatewayError} NOT_FOUND */
  products(
    ask: ConformityAsk,
    reach: Reach | null,
  ): Promise<{ readonly products: readonly Product[]; readonly lines: readonly ProductLine[] }>
}
