/** Bringing an establishment into the region: by which steps, for which flow, and how far it is. */
import type { EstablishmentKind } from './config.ts'
import type { ErrorCode } from './errors.ts'
import type { Statement } from './journal.ts'
import type { Finding, FindingClass } from './message.ts'

/** A text in both languages. */
export interface Texts {
  readonly fr: string
  readonly en: string
}

/** Where an establishment stands with a flow: à raccorder, en qualification, en production, suspendu. */
export const ONBOARDING_STATES = ['to-connect', 'qualifying', 'production', 'suspended'] as const
/** One of them. */
export type OnboardingState = (typeof ONBOARDING_STATES)[number]

/** What the gateway looks at itself before a step may be done; `sign`: two people, and nothing else, end it. */
export const STEP_CHECKS = ['none', 'finess', 'certificate', 'network', 'test-book', 'sign'] as const
/** One of them. */
export type StepCheck = (typeof STEP_CHECKS)[number]

/** Something that a step asks for. `certificate`: PEM, of which only what it says is kept. */
export interface FieldRule {
  readonly id: string
  readonly type: 'text' | 'date' | 'finess' | 'certificate' | 'host' | 'port' | 'choice'
  readonly name: Texts
  readonly required: boolean
  /** Of a `choice`: the values, with their names. */
  readonly choices: Readonly<Record<string, Texts>>
}

/** A step, as `profiles/onboarding/steps.yaml` has it. */
export interface StepRule {
  readonly id: string
  readonly name: Texts
  readonly help: Texts
  readonly check: StepCheck
  /** Done once for all flows of an establishment. */
  readonly once: boolean
  /** Done, it brings the flow into qualification. */
  readonly qualifies: boolean
  /** The flow may go live without it. */
  readonly optional: boolean
  readonly fields: readonly FieldRule[]
}

/** What is exchanged, as `profiles/onboarding/flows.yaml` has it. */
export interface FlowRule {
  readonly id: string
  readonly name: Texts
  /** The guide of the framework that it follows. */
  readonly guide: string
  readonly kinds: readonly string[]
  /** MSH-12 expected. */
  readonly version: string
  /** Test book; null: none is run. */
  readonly book: string | null
}

/** What shows that a case of a test book is passed; every key given must hold. */
export interface Expectation {
  /** `either`: a strict establishment is refused for what is noted for another. */
  readonly answer: 'accepted' | 'refused' | 'either'
  /** Code of the refusal. */
  readonly code?: string
  /** Codes that must be told, as findings or as the reason of the refusal. */
  readonly findings?: readonly string[]
  /** No finding of class contract or safety. */
  readonly clean?: boolean
  /** MSH-18, and with `accent` a letter beyond ASCII. */
  readonly charset?: string
  readonly accent?: boolean
  readonly version?: string
  /** The same message again: answered as before. */
  readonly repeat?: boolean
}

/** One case of a test book. */
export interface TestCase {
  /** Also what MSH-10 begins with, so that a message is told to be of this case. */
  readonly id: string
  readonly name: Texts
  readonly how: Texts
  readonly kinds: readonly string[]
  readonly expect: Expectation
  /** Messages to send, in order; the last one shows it. `{facility}` stands for MSH-4. */
  readonly examples: readonly string[]
  /** Character set in which the examples are written when they are sent; absent: that of MSH-18. */
  readonly sentIn?: '8859/15' | 'UNICODE UTF-8'
}

/** A test book, as `profiles/test-books/NAME.yaml` has it. */
export interface TestBook {
  readonly id: string
  readonly name: Texts
  readonly cases: readonly TestCase[]
}

/** All that the pages ask of the data files. */
export interface OnboardingRules {
  readonly steps: readonly StepRule[]
  readonly flows: readonly FlowRule[]
  readonly books: ReadonlyMap<string, TestBook>
}

/** Something that came in at the sandbox door, and what was answered. It has no room for content. */
export interface Trial {
  readonly id: string
  readonly atMs: number
  readonly establishment: string | null
  /** MSH-3; empty: not known. */
  readonly application: string
  readonly kind: string | null
  readonly controlId: string | null
  readonly version: string
  readonly charset: string
  readonly accent: boolean
  readonly repeat: boolean
  /** MSA-1; null: nothing was answered. */
  readonly answer: string | null
  /** Why it was refused; null: it was taken. */
  readonly code: string | null
  /** HL7 path that is to blame. */
  readonly at: string | null
  readonly findings: readonly { readonly code: string; readonly class: FindingClass; readonly at: string | null }[]
}

/** A message that was rehearsed, as far as it is counted. */
export interface Tried {
  readonly establishment: string
  readonly atMs: number
  readonly kind: string
  readonly application: string
  readonly softwareVersion: string
  readonly profiles: readonly string[]
  readonly findings: readonly Finding[]
  /** Why it was refused; null: it was taken. */
  readonly code: ErrorCode | null
}

/** What is written of a rehearsed message beside its trial, in the same commit: so it is counted once, whatever crashes. */
export type CountTried = (tried: Tried) => readonly Statement[]

/** What became of a case: `trial` is the message that showed it. */
export interface CaseResult {
  readonly id: string
  readonly result: 'passed' | 'failed' | 'waiting'
  readonly trial: Trial | null
}

/** A step of an onboarding as it stands. `values`: what people wrote; `facts`: what the gateway saw itself. */
export interface StepNote {
  readonly step: string
  readonly state: 'open' | 'done'
  readonly owner: string
  /** Day, `2026-11-26`; empty: none. */
  readonly on: string
  readonly note: string
  readonly values: Readonly<Record<string, string>>
  readonly facts: Readonly<Record<string, string>>
  readonly who: string
  readonly atMs: number
}

/** One establishment and one flow. */
export interface OnboardingNote {
  readonly establishment: string
  readonly flow: string
  /** Name for people; the region file's where it has the establishment. */
  readonly name: string
  readonly state: OnboardingState
  readonly openedAtMs: number
  readonly movedAtMs: number
  /** Steps done, of those that must be. */
  readonly done: number
  readonly needed: number
}

/** Who signed a go-live, and why. */
export interface Signature {
  readonly who: string
  readonly why: string
  readonly atMs: number
}

/** An onboarding in full. */
export interface Onboarding extends OnboardingNote {
  readonly steps: readonly StepNote[]
  readonly signatures: readonly Signature[]
  readonly cases: readonly CaseResult[]
  readonly trials: readonly Trial[]
  readonly history: readonly {
    readonly atMs: number
    readonly who: string
    readonly what: string
    readonly why: string | null
    readonly detail: string
  }[]
}

/** What pages read. */
export interface OnboardingViews {
  readonly rules: OnboardingRules
  /** Onboardings by state; for the overview. */
  counts(): Promise<Readonly<Record<OnboardingState, number>>>
  /** Those of these establishments; null: all. */
  list(establishments: readonly string[] | null): Promise<readonly OnboardingNote[]>
  /** Null: it was not begun. `applications`: MSH-3 of the trials that are shown, and tell which cases are passed; null: all. */
  one(establishment: string, flow: string, applications: readonly string[] | null): Promise<Onboarding | null>
  /** The last that came at the sandbox door of nobody who is known, oldest first. */
  strangers(): Promise<readonly Trial[]>
}

/** Why an act was not done; the page says it in words. */
export type Hindrance =
  | 'state'
  | 'fields'
  | 'finess-form'
  | 'finess-key'
  | 'certificate-unreadable'
  | 'certificate-missing'
  | 'certificate-expired'
  | 'network-untested'
  | 'test-book'
  | 'steps-open'
  | 'signed-already'
  | 'overtaken'

/** What came of an act; null: it was done. */
export type Done = Hindrance | null

/** What a person writes at a step. */
export interface StepEntry {
  readonly owner: string
  readonly on: string
  readonly note: string
  readonly values: Readonly<Record<string, string>>
}

/** Which onboarding an act is about. */
export interface OnboardingKey {
  readonly establishment: string
  readonly flow: string
}

/** Acts of people; each is an event in the same commit. All throw {GatewayError} NOT_FOUND where there is nothing of the sort. */
export interface OnboardingCommands {
  /** Begins one. @throws {GatewayError} BAD_REQUEST for an id that region.yaml could not hold */
  open(key: OnboardingKey, name: string, who: string): Promise<Done>
  /** Keeps what is written at a step; `finish`: and ends it, if all that it asks for is there. */
  save(key: OnboardingKey, step: string, entry: StepEntry, finish: boolean, who: string): Promise<Done>
  /** Opens a step again; signatures given so far fall, those of every flow where it is of all flows. */
  reopen(key: OnboardingKey, step: string, who: string): Promise<Done>
  /** Connects from here to the address written at the step, once, and keeps how far it came. */
  test(key: OnboardingKey, step: string, entry: StepEntry, who: string): Promise<Done>
  /** One of the two signatures of a go-live; the second brings it into production. */
  sign(key: OnboardingKey, why: string, who: string): Promise<Done>
  /** Takes a go-live back: into qualification again. */
  withdraw(key: OnboardingKey, why: string, who: string): Promise<Done>
  suspend(key: OnboardingKey, why: string, who: string): Promise<Done>
  resume(key: OnboardingKey, why: string, who: string): Promise<Done>
}

/** An address to try. */
export interface ProbeAddress {
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

/**
 * How far a connection came: `address`: it may not be tried from here; `name`: it is not known; `connect`, `tls`: that
 * failed; `done`. No more is said of it. */
export type ProbeStep = 'address' | 'name' | 'connect' | 'tls' | 'done'

/** Tries an address once, at most 10 s. Never rejects. */
export type Probe = (address: ProbeAddress) => Promise<ProbeStep>

/** What the printable sheet and the block of region.yaml are made from. */
export interface OnboardingSheet {
  readonly region: string
  readonly establishment: string
  readonly name: string
  readonly kind: EstablishmentKind
  readonly finess: { readonly ej: string | null; readonly eg: readonly string[] }
  readonly facilities: readonly string[]
  readonly certificates: readonly { readonly issuer: string; readonly subject: string }[]
  readonly charset: string
  readonly strict: boolean
  readonly flows: readonly FlowRule[]
  readonly books: readonly TestBook[]
  readonly doors: readonly {
    readonly name: string
    readonly host: string
    readonly port: number
    readonly tls: boolean
  }[]
  /** Ways by which it receives: `host:port` or URL. */
  readonly destinations: readonly { readonly name: string; readonly type: string; readonly address: string }[]
}
