import type { Hindrance, OnboardingState, ProbeStep } from '../../../core/onboarding.ts'
import type { Language } from '../../../formats/http/language.ts'
import { EN } from './words-en.ts'
import { FR } from './words-fr.ts'

/** Every word of the pages of onboarding, in one language. */
export interface OnboardingWords {
  readonly title: string
  readonly states: Readonly<Record<OnboardingState, string>>
  readonly counts: string
  readonly lead: string
  readonly all: string
  readonly none: string
  readonly establishment: string
  readonly flow: string
  readonly state: string
  readonly progress: string
  readonly steps: (done: string, needed: string) => string
  readonly since: string
  readonly begin: string
  readonly beginTells: string
  readonly known: string
  readonly another: string
  readonly newId: string
  readonly newName: string
  readonly beginAct: string
  readonly of: (name: string, flow: string) => string
  readonly sheet: string
  readonly block: string
  readonly back: string
  readonly guide: string
  readonly step: Readonly<Record<'open' | 'done', string>>
  readonly optional: string
  readonly forAll: string
  readonly owner: string
  readonly on: string
  readonly note: string
  readonly writtenBy: string
  readonly write: string
  readonly save: string
  readonly finish: string
  readonly reopen: string
  readonly reopenTells: string
  readonly test: string
  readonly tested: string
  readonly reached: Readonly<Record<ProbeStep, string>>
  readonly finess: Readonly<Record<'same' | 'absent' | 'taken' | 'form' | 'key' | 'keyless', string>>
  readonly subject: string
  readonly issuer: string
  readonly until: string
  readonly fingerprint: string
  readonly declared: string
  readonly declaredTells: Readonly<Record<'yes' | 'no', string>>
  readonly cases: string
  readonly noBook: string
  readonly case: string
  readonly result: string
  readonly results: Readonly<Record<'passed' | 'failed' | 'waiting', string>>
  readonly message: string
  readonly how: string
  readonly example: string
  readonly sandboxTells: (doors: string) => string
  readonly trials: string
  readonly noTrial: string
  readonly strangers: string
  readonly when: string
  readonly kind: string
  readonly controlId: string
  readonly answer: string
  readonly noAnswer: string
  readonly told: string
  readonly taken: string
  readonly again: string
  readonly signatures: string
  readonly noSignature: string
  readonly who: string
  readonly why: string
  readonly reason: string
  readonly sign: string
  readonly withdraw: string
  readonly suspend: string
  readonly resume: string
  readonly management: string
  readonly history: string
  readonly noHistory: string
  readonly act: string
  readonly acts: Readonly<Record<string, string>>
  readonly hindrances: Readonly<Record<Hindrance, string>>
  readonly blockTells: string
  readonly blockText: string
}

/** The catalogue of each language. */
export const ONBOARDING_WORDS: Readonly<Record<Language, OnboardingWords>> = { fr: FR, en: EN }
