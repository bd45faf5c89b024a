/**
 * The words of conformity. A **framework** (a publisher's, in one version) has **domains**, a domain has **requirements**, and a
 * requirement says how it is **judged**: by live traffic, by a probe, by evidence that somebody filed and another person reviewed,
 * or from other requirements. A **verdict** is what the judging came to for one establishment; it stands beside what it was made of. */
import type { Use } from './config.ts'

/** A text in both languages of the console. */
export interface InBoth {
  readonly fr: string
  readonly en: string
}

/** Life of a framework, in the words of the CI-SIS catalogue. */
export const FRAMEWORK_STATUSES = ['draft', 'public-comment', 'trial', 'final', 'deprecated', 'closed'] as const
/** One of them. */
export type FrameworkStatus = (typeof FRAMEWORK_STATUSES)[number]

/** How binding a requirement is. `indicator`: it counts for a programme and obliges nobody. */
export const LEVELS = ['mandatory', 'recommended', 'optional', 'indicator'] as const
/** One of them. */
export type Level = (typeof LEVELS)[number]

/**
 * What judging came to: Conforme, Partiel, Non conforme, Échu, Sans objet, Non mesuré. `not-measured` is too little to say
 * anything, and never counts as met. */
export const VERDICTS = ['met', 'partly', 'unmet', 'lapsed', 'not-applicable', 'not-measured'] as const
/** One of them. */
export type Verdict = (typeof VERDICTS)[number]

/** Which messages a traffic rule looks at: those an establishment sent, or those it was sent and had to answer. */
export type Side = 'sent' | 'received'

/**
 * A rule on live traffic. `kinds` as in routes (`ADT^A28`, `ADT^*`, a FHIR type); `window` whole days that end today; under
 * `minimum` messages nothing is said. Findings are named by the id of the rule that found them (`PAM-PID-32`) or by their code
 * (`INS_KEY`); `*` at the end stands for any ending, in profiles too. */
export interface TrafficRule {
  readonly side: Side
  readonly kinds: readonly string[]
  /** Only messages that claim one of these profiles (a component of MSH-21, meta.profile); absent: all. */
  readonly profiles?: readonly string[]
  /** Not those that claim one of these; absent: none. */
  readonly notProfiles?: readonly string[]
  readonly windowDays: number
  readonly minimum: number
  readonly measure: Measure
}

/** What of the messages is measured. Shares are of one: 0.99. */
export type Measure =
  /** Share of messages without these findings; a message refused for its content (`refused` false: not counted) has none of them right. */
  | {
      readonly what: 'share'
      readonly without: readonly string[]
      readonly refused: boolean
      readonly atLeast: number
      readonly partly: number | null
    }
  /** No message has one of these findings. */
  | { readonly what: 'absence'; readonly of: readonly string[] }
  /** So many messages at least. */
  | { readonly what: 'presence'; readonly messages: number }
  /** Side `received`: share of messages whose first attempt was answered positively, within a time when one is given. */
  | {
      readonly what: 'answered'
      readonly withinMs: number | null
      readonly atLeast: number
      readonly partly: number | null
    }

/** What a probe looks at. Only endpoints that region.yaml declares are ever asked. */
export const PROBES = ['tls', 'mllp', 'fhir-capability', 'fhir-exchange', 'mail', 'dicomweb', 'clock'] as const
/** One of them. */
export type ProbeKind = (typeof PROBES)[number]

/** How a requirement is judged. */
export type Judging =
  | { readonly by: 'traffic'; readonly rule: TrafficRule }
  /** Every endpoint of the establishment of that kind passes; a result older than `validDays` has lapsed. `settings`: what the probe asks. */
  | {
      readonly by: 'probe'
      readonly probe: ProbeKind
      readonly validDays: number
      readonly settings: Readonly<Record<string, unknown>>
    }
  /** A document or statement, filed and reviewed; valid so many days unless the reviewer says otherwise. */
  | {
      readonly by: 'evidence'
      readonly accepts: 'document' | 'statement' | 'either'
      readonly validDays: number
      readonly remindDays: number
    }
  /**
   * Cases of test books (`identities/TWOINS`), passed at the sandbox door not longer ago than `validDays`. It is judged for
   * qualification alone: for production it does not apply. */
  | { readonly by: 'trial'; readonly cases: readonly string[]; readonly validDays: number }
  /** `need` of these requirements of the same framework (ids) are met. */
  | { readonly by: 'derived'; readonly of: readonly string[]; readonly need: number | 'all' }

/** What is asked. `confirm`: the fact behind it is not verified, and every page says so (« à confirmer »). */
export interface Requirement {
  readonly id: string
  readonly level: Level
  readonly text: InBoth
  readonly source: { readonly document: string; readonly clause: string | null }
  readonly confirm: boolean
  /** Kinds of establishment; null: those of the framework. */
  readonly appliesTo: readonly string[] | null
  /** What to do when it is not met. */
  readonly next: InBoth
  readonly judging: Judging
}

/** A part of a framework, and a column of the matrix. */
export interface Domain {
  readonly id: string
  readonly name: InBoth
  readonly requirements: readonly Requirement[]
}

/** A framework in one version. Once published it never changes; another version is another framework. */
export interface Framework {
  readonly id: string
  readonly version: string
  readonly name: InBoth
  readonly publisher: string
  readonly status: FrameworkStatus
  /** Days, `YYYY-MM-DD`; `validTo` null: until further notice. */
  readonly validFrom: string
  readonly validTo: string | null
  /** Kinds of establishment (region.yaml). */
  readonly appliesTo: readonly string[]
  /** Where it is published, for people. */
  readonly source: string
  readonly confirm: boolean
  readonly domains: readonly Domain[]
}

/** `ci-sis@2026.1`: a framework in one version. */
export type FrameworkName = string
/** Its name. Pure. */
export function frameworkName({ id, version }: Pick<Framework, 'id' | 'version'>): FrameworkName {
  return `${id}@${version}`
}

/** A verdict with what it was made of. */
export interface Judgement {
  readonly verdict: Verdict
  readonly why: Why
  /** Messages that were as they must be, of how many; 0 and 0 where nothing is counted. */
  readonly good: number
  readonly total: number
  /** Findings most often in the way, most frequent first, at most five: the id of a rule or a code, and messages. */
  readonly found: readonly { readonly finding: string; readonly messages: number }[]
  /** Software it was measured on (MSH-3 as sent), by messages. */
  readonly software: readonly string[]
  /** When this stops counting by itself, ms since 1970; null: never. */
  readonly untilMs: number | null
}

/** Why a verdict is what it is; the catalogues say it in words. */
export const WHYS = [
  'fine',
  'too-few',
  'share',
  'found',
  'no-flow',
  'answers',
  'no-evidence',
  'waiting',
  'rejected',
  'expired',
  'probe',
  'no-probe',
  'trial',
  'no-trial',
  'trial-only',
  'parts',
  'waived',
  'overridden',
  'not-asked',
] as const
/** One of them. */
export type Why = (typeof WHYS)[number]

/** A verdict as it is kept for one establishment and requirement. */
export interface KeptVerdict extends Judgement {
  readonly use: Use
  readonly establishment: string
  readonly framework: FrameworkName
  readonly requirement: string
  /** Since when the verdict is what it is, ms since 1970. */
  readonly sinceMs: number
  readonly judgedAtMs: number
  /** What it was before it became worse, until it is that again; null: it did not. */
  readonly regressedFrom: Verdict | null
}

/** Name of a requirement of a framework, as probes are asked for. Pure. */
export function requirementName(framework: FrameworkName, requirement: string): string {
  return `${framework}/${requirement}`
}

/** Name of the followers of conformity: its cursor and its timers. */
export const CONFORMITY_FOLLOWER = 'conformity'

/** What a judgement holds that nothing was counted for. */
export const NOTHING_MEASURED = { good: 0, total: 0, found: [], software: [], untilMs: null } as const satisfies Omit<
  Judgement,
  'verdict' | 'why'
>

/** Something filed as evidence, as judging sees it. */
export interface EvidenceFact {
  readonly requirement: string
  readonly state: 'filed' | 'accepted' | 'rejected' | 'withdrawn'
  readonly filedAtMs: number
  /** Of accepted evidence: when it lapses. */
  readonly validUntilMs: number | null
}

/** The last result of a probe at one endpoint, as judging sees it. */
export interface ProbeFact {
  /** What it was asked for: `ci-sis@2026.1/MLLP-01`. */
  readonly name: string
  readonly endpoint: string
  /** Where it was asked, and as whose; null: an older release did not say. */
  readonly asked: string | null
  readonly outcome: 'pass' | 'fail' | 'unreachable'
  /** Words of what is wrong, worst first. */
  readonly faults: readonly string[]
  readonly atMs: number
}

/** The last that was seen of a case of a test book, as judging sees it. */
export interface TrialFact {
  /** `identities/TWOINS`. */
  readonly name: string
  readonly passed: boolean
  readonly atMs: number
}

/** Cases of test books that an establishment tried since then (ms), each once. */
export type TrialFacts = (establishment: string, sinceMs: number) => Promise<readonly TrialFact[]>

/** A verdict set by a person, with a reason. */
export interface Override {
  readonly requirement: string
  readonly verdict: Verdict
  readonly untilMs: number | null
}
