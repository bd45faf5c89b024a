/** What people do for conformity: frameworks that are published, evidence that is filed and reviewed, verdicts that are set. */
import type { Reach } from './caller.ts'
import type { Use } from './config.ts'
import type { EvidenceFact, Framework, FrameworkName, InBoth, Judging, Verdict } from './conformity.ts'

/** Something wrong with the text of a framework: line and column count from 1; `at` reads `domains[0].requirements[2].level`. */
export interface FrameworkProblem {
  readonly line: number
  readonly column: number
  readonly at: string
  readonly code: string
  readonly message: string
}

/** The text of a framework, read. Null: it has problems, and nothing of it is used. */
export interface ReadFramework {
  readonly framework: Framework | null
  readonly problems: readonly FrameworkProblem[]
}

/** Where frameworks come from: the reader of their text, and the files that are shipped or laid beside the region's. */
export interface FrameworkSource {
  /** Reads one YAML text that is to be published; throws nothing. */
  read(yaml: string): ReadFramework
  /** Reads a text that was published, by whatever release: that a rule is gone which it names is no fault. Null: unreadable. */
  readPublished(yaml: string): Framework | null
  /** Texts of the files, good and bad ones. */
  files(): readonly string[]
}

/** A framework on the shelf. */
export interface ShelvedFramework {
  readonly name: FrameworkName
  readonly id: string
  readonly version: string
  readonly state: 'published' | 'withdrawn'
  readonly sha256: string
  /** Null: this release cannot read its text any more. */
  readonly framework: Framework | null
  readonly publishedBy: string
  readonly publishedAtMs: number
  readonly withdrawn: { readonly by: string; readonly atMs: number; readonly why: string } | null
}

/** Published frameworks: what judging, pages and acts read. */
export interface FrameworkShelf {
  /** All that were ever published, by their names. */
  list(): Promise<readonly ShelvedFramework[]>
  /** Null: none was published under that name. */
  one(name: FrameworkName): Promise<ShelvedFramework | null>
  /** Its text as it was published, or null. */
  text(name: FrameworkName): Promise<string | null>
  /** Those that count on a day (`YYYY-MM-DD`): published, not closed, within their dates. */
  inForce(day: string): Promise<readonly Framework[]>
}

/** What became of a text that was to be published. */
export type Published =
  /** `new` false: it stood there in the same words. Of a dry run: what publishing would do. */
  | { readonly ok: true; readonly framework: Framework; readonly new: boolean }
  | { readonly ok: false; readonly problems: readonly FrameworkProblem[] }

/** Who acts, why, and how far they reach. */
export interface ConformityAct {
  readonly who: string
  readonly why: string
  readonly reach: Reach | null
}

/** What documents are taken, by their content and not by what they say. */
export const EVIDENCE_TYPES = [
  'application/pdf',
  'image/png',
  'image/jpeg',
  'text/plain',
  'application/xml',
  'application/zip',
] as const
/** One of them. */
export type EvidenceType = (typeof EVIDENCE_TYPES)[number]

/** Longest document of evidence (bytes). */
export const EVIDENCE_BYTES = 10 * 1024 ** 2
/** Longest statement (characters). */
export const STATEMENT_LENGTH = 4_000

/** States of evidence, in the order of its life. */
export const EVIDENCE_STATES = [
  'filed',
  'accepted',
  'rejected',
  'withdrawn',
] as const satisfies readonly EvidenceFact['state'][]
/** One of them. */
export type EvidenceState = (typeof EVIDENCE_STATES)[number]

/** What a requirement is told by: an establishment, a framework, a requirement of it. */
export interface Asked {
  readonly establishment: string
  readonly framework: FrameworkName
  readonly requirement: string
}

/** What somebody files. */
export interface NewEvidence extends Asked {
  /** In words; empty: none. No patient is ever named in it. */
  readonly statement: string
  /** Null: a statement alone. */
  readonly document: AsyncIterable<Uint8Array> | null
  /** Hex, of the document; null: it is not checked. */
  readonly sha256: string | null
}

/** What is kept of evidence. No name of a file: such names hold those of people. */
export interface Evidence extends Asked {
  readonly id: string
  readonly state: EvidenceState
  readonly statement: string
  readonly document: { readonly type: EvidenceType; readonly bytes: number; readonly sha256: string } | null
  readonly filedBy: string
  readonly filedAtMs: number
  /** Of accepted evidence: when it lapses. */
  readonly validUntilMs: number | null
  readonly reviewed: { readonly by: string; readonly atMs: number; readonly why: string } | null
  readonly withdrawn: { readonly by: string; readonly atMs: number; readonly why: string } | null
}

/** The document that is still kept of it: that of evidence withdrawn before any review is gone. Pure. */
export function keptDocument({ document, state, reviewed }: Evidence): Evidence['document'] {
  return state === 'withdrawn' && reviewed === null ? null : document
}

/** What a reviewer decides. `until`: the last day on which it counts (`YYYY-MM-DD`); null: as long as the requirement says. */
export type EvidenceDecision = { readonly accept: true; readonly until: string | null } | { readonly accept: false }

/** Verdicts that a person may set. */
export const SETTABLE = ['met', 'partly', 'unmet', 'not-applicable'] as const satisfies readonly Verdict[]
/** One of them. */
export type SettableVerdict = (typeof SETTABLE)[number]

/** A verdict that is to be set. `until`: the last day on which it holds (`YYYY-MM-DD`); null: until it is lifted. */
export interface NewOverride extends Asked {
  readonly use: Use
  readonly verdict: SettableVerdict
  readonly until: string | null
}

/** A verdict that was set, with who did it and why. */
export interface KeptOverride extends Asked {
  readonly use: Use
  readonly verdict: SettableVerdict
  readonly untilMs: number | null
  readonly who: string
  readonly why: string
  readonly atMs: number
}

/** Acts of conformity. Each is an event in the same commit, and has what it touches judged again. */
export interface ConformityCommands {
  /**
   * Keeps evidence that waits for review. @throws {GatewayError} NOT_FOUND, EVIDENCE_REQUIREMENT, EVIDENCE_EMPTY,
   * EVIDENCE_STATEMENT, EVIDENCE_TYPE, EVIDENCE_MOST, EVIDENCE_BUSY, UPLOAD_TOO_LONG, UPLOAD_DAMAGED; whatever its document throws on the way */
  file(evidence: NewEvidence, act: Omit<ConformityAct, 'why'>): Promise<Evidence>
  /** By another person than who filed it. @throws {GatewayError} NOT_FOUND, EVIDENCE_OWN, EVIDENCE_STATE, CONFORMITY_UNTIL */
  review(id: string, decision: EvidenceDecision, act: ConformityAct): Promise<Evidence>
  /** It counts no more; what was never accepted loses its document. @throws {GatewayError} NOT_FOUND, EVIDENCE_STATE */
  withdraw(id: string, act: ConformityAct): Promise<Evidence>
  /** In place of one set before. @throws {GatewayError} NOT_FOUND, OVERRIDE_REQUIREMENT, CONFORMITY_UNTIL */
  override(override: NewOverride, act: ConformityAct): Promise<KeptOverride>
  /** @throws {GatewayError} NOT_FOUND */
  lift(of: Asked & { readonly use: Use }, act: ConformityAct): Promise<void>
  /** Puts a framework on the shelf, for ever in these words. @throws {GatewayError} FRAMEWORK_TAKEN, FRAMEWORK_WITHDRAWN */
  publish(yaml: string, act: Omit<ConformityAct, 'reach'>): Promise<Published>
  /** The same, told and not done. @throws as `publish` */
  check(yaml: string): Promise<Published>
  /** It counts no more, and stays on the shelf. @throws {GatewayError} NOT_FOUND, FRAMEWORK_WITHDRAWN */
  withdrawFramework(name: FrameworkName, act: Omit<ConformityAct, 'reach'>): Promise<void>
}

/** Which evidence. */
export interface EvidenceFilter {
  readonly establishment?: string
  readonly framework?: FrameworkName
  readonly requirement?: string
  readonly state?: EvidenceState
}

/** Evidence, newest first. `next`: give it as `after`; null: the last page. */
export interface EvidencePage {
  readonly evidence: readonly Evidence[]
  readonly next: string | null
}

/** Accepted evidence that lapses soon, or has lapsed, and that nothing accepted has replaced. */
export interface LapsingEvidence {
  readonly evidence: Evidence
  readonly lapsed: boolean
  /** Something newer waits for review. */
  readonly renewed: boolean
}

/** A requirement for which evidence is filed. */
export interface AskedFor {
  readonly framework: Framework
  readonly requirement: string
  readonly text: InBoth
  readonly judging: Extract<Judging, { by: 'evidence' }>
  /** Kinds of establishment (region.yaml). */
  readonly appliesTo: readonly string[]
}

/** Lines of the list of what lapses. */
export const MOST_LAPSING = 500

/** Questions about evidence and set verdicts; what is not within the reach is not there. */
export interface EvidenceViews {
  /** `limit`: 1 to 500. @throws {GatewayError} QUERY_TIMEOUT */
  list(
    filter: EvidenceFilter,
    page: { readonly limit: number; readonly after?: string },
    reach: Reach | null,
  ): Promise<EvidencePage>
  /** Null: there is none. */
  one(id: string, reach: Reach | null): Promise<Evidence | null>
  /** Its document, once it is kept who looks; null: not there. The last bytes wait for the hash. @throws {GatewayError} BODY_DAMAGED */
  open(
    id: string,
    act: Omit<ConformityAct, 'why'>,
  ): Promise<{ readonly evidence: Evidence; readonly bytes: AsyncIterable<Uint8Array> } | null>
  /** What lapses within a time (ms; absent: the time that its requirement reminds of), soonest first; at most `MOST_LAPSING`. */
  lapsing(reach: Reach | null, withinMs?: number): Promise<readonly LapsingEvidence[]>
  /** Requirements of the frameworks in force that ask for evidence. */
  asked(): Promise<readonly AskedFor[]>
  /** Verdicts that people set and that still hold, newest first. */
  overrides(reach: Reach | null): Promise<readonly KeptOverride[]>
}
