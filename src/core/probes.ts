/**
 * Probes: what a far side is asked so that a requirement can be judged, and what came of it. A **fault** is a stable word with
 * a sentence in both languages (core/probe-faults); **facts** are a few bounded words and numbers. Neither ever holds a
 * patient's data, or more of what the far side sent than these. */
import type { Use, Way } from './config.ts'
import type { ProbeKind } from './conformity.ts'
import type { DestinationId } from './message.ts'
import type { ProbeFault } from './probe-faults.ts'

/** A way out of the running configuration, as far as probes look at it. Nothing else can be asked. */
export type Endpoint = Pick<Way, 'id' | 'establishment' | 'use' | 'target'>

/** A fault with what its sentence names: words and numbers of ours, or bounded ones of the far side. */
export interface FoundFault {
  readonly fault: ProbeFault
  readonly params: Readonly<Record<string, string>>
}

/** What was learnt, as far as the probe came. Texts of the far side are cut at 64 characters and hold no control character. */
export interface ProbeFacts {
  /** `TLSv1.3` and the IANA name of the suite. */
  readonly tls?: string
  readonly suite?: string
  /** End of the far side's certificate (ms since 1970), and the common names on it. */
  readonly certificateEndMs?: number
  readonly subject?: string
  readonly issuer?: string
  /** What the far side says it is: CapabilityStatement.software, or MSH-3 of its acknowledgement. */
  readonly software?: string
  readonly version?: string
  readonly fhirVersion?: string
  /** From the question to its answer. */
  readonly answerMs?: number
  /** How far its clock is ahead of ours (ms); negative: behind. 0: as near as can be told. */
  readonly skewMs?: number
}

/** `unreachable`: there was no connection, so that nothing is known of what was asked. */
export type ProbeOutcome = 'pass' | 'fail' | 'unreachable'

/** What came of one probe of one endpoint. */
export interface ProbeResult {
  readonly kind: ProbeKind
  readonly endpoint: DestinationId
  readonly establishment: string
  readonly use: Use
  /** Where it was asked, and as whose: the endpoint may be another tomorrow. */
  readonly asked: string
  readonly outcome: ProbeOutcome
  /** None exactly when it passed. */
  readonly faults: readonly FoundFault[]
  readonly facts: ProbeFacts
  /** When it was over, ms since 1970. */
  readonly atMs: number
}

/** Something that is to be probed again and again: every endpoint of an establishment that a kind looks at. */
export interface WantedProbe {
  /** What the results belong to, such as `ci-sis@2026.1/MLLP-01`; with the establishment it is unique. */
  readonly name: string
  readonly establishment: string
  readonly kind: ProbeKind
  /** Of the requirement (docs/probes.md). */
  readonly settings: Readonly<Record<string, unknown>>
  readonly everyMs: number
}

/**
 * How a probe that was asked for went on. `result` null: it was not made, `because` another one is at that endpoint
 * (`busy`), too many were made this minute (`rate`), or another node has taken over (`stopped`). */
export interface ProbeStep {
  readonly wanted: WantedProbe
  readonly endpoint: DestinationId
  readonly result: ProbeResult | null
  readonly because: 'busy' | 'rate' | 'stopped' | null
  /** How many of how many are over. */
  readonly done: number
  readonly total: number
}

/** Takes a result, to be kept. */
export type RecordProbe = (wanted: WantedProbe, result: ProbeResult) => Promise<void>
