import type { EnrolmentFault } from '../../../core/programme-commands.ts'
import type { EnrolmentState, Need, PaymentPart } from '../../../core/programmes.ts'
import type { Language } from '../../../formats/http/language.ts'
import type { EnrolmentColumn } from '../../../formats/programme-csv.ts'
import { EN } from './words-en.ts'
import { FR } from './words-fr.ts'

/** Every word of the pages of programmes, in one language. */
export interface ProgrammeWords {
  readonly title: string
  /** Above the programmes of one establishment. */
  readonly ofOne: string
  readonly lead: string
  readonly supported: (count: string) => string
  /** Of an envelope of the region: what is not engaged. */
  readonly free: string
  readonly requirements: string
  readonly none: string
  readonly confirm: string
  readonly confirmTells: string
  readonly invented: string
  readonly inventedTells: string
  readonly programme: string
  readonly period: string
  readonly periodOf: (from: string, to: string | null) => string
  readonly envelope: string
  readonly scopes: Readonly<Record<'national' | 'region', string>>
  readonly noEnvelope: string
  readonly enrolments: string
  readonly engaged: string
  readonly paid: string
  readonly left: string
  readonly leftTells: string
  readonly bars: string
  readonly barsAbout: (engaged: string, paid: string) => string
  readonly all: string
  readonly publisher: string
  readonly source: string
  readonly kindsName: string
  readonly kinds: Readonly<Record<string, string>>
  readonly rules: string
  readonly domains: string
  readonly domain: string
  readonly domainsEach: (most: string) => string
  readonly exceptions: string
  readonly exception: (who: string, domains: string) => string
  readonly tracks: string
  readonly track: string
  readonly size: (minimum: string | null, maximum: string | null) => string
  readonly deposit: string
  readonly depositOf: (from: string | null, to: string | null) => string
  readonly projects: string
  readonly project: string
  readonly payment: string
  readonly parts: Readonly<Record<PaymentPart, string>>
  readonly part: string
  readonly share: string
  readonly targets: string
  readonly target: string
  readonly threshold: string
  readonly fraction: (numerator: string, denominator: string) => string
  readonly byCounts: string
  readonly byPeople: string
  readonly states: Readonly<Record<EnrolmentState, string>>
  readonly state: string
  readonly territory: string
  readonly territories: string
  readonly kind: string
  readonly any: string
  readonly show: string
  readonly list: string
  readonly listNone: string
  readonly most: (most: string) => string
  readonly establishment: string
  readonly body: string
  readonly amount: string
  readonly total: string
  readonly csv: string
  readonly enrol: string
  readonly enrolTells: string
  readonly enrolAct: string
  readonly fields: Readonly<Record<EnrolmentColumn, string>>
  readonly fileField: string
  readonly helps: Readonly<Record<'finess' | 'name' | 'bodyCount' | 'domains' | 'amount' | 'source', string>>
  readonly inventedTick: string
  readonly confirmTick: string
  readonly faultsTitle: string
  readonly faults: Readonly<Record<EnrolmentFault, string>>
  readonly importTitle: string
  readonly importLead: (columns: string) => string
  readonly importFile: string
  readonly importTry: string
  readonly importAct: string
  readonly importTried: (count: string) => string
  readonly imported: (count: string) => string
  readonly importRefused: string
  readonly line: string
  readonly field: string
  readonly problem: string
  readonly enrolment: string
  readonly since: string
  readonly statement: string
  readonly nextTitle: string
  readonly next: Readonly<Record<EnrolmentState, string>>
  readonly missing: string
  readonly needs: Readonly<Record<Need, string>>
  readonly move: string
  readonly moves: (from: EnrolmentState, to: EnrolmentState) => string
  readonly movedBy: string
  readonly amounts: string
  readonly granted: string
  readonly notGranted: string
  readonly grantAct: string
  readonly pay: string
  readonly payAct: string
  readonly payNone: string
  readonly paidOn: string
  readonly payments: string
  readonly paymentsNone: string
  readonly value: string
  readonly standing: Readonly<Record<'met' | 'unmet' | 'none', string>>
  readonly measured: string
  readonly declaredBy: (who: string, why: string) => string
  readonly declare: string
  readonly numerator: string
  readonly denominator: string
  readonly declareAct: string
  readonly milestones: string
  readonly milestone: string
  readonly milestonesNone: string
  readonly milestonesTell: string
  readonly byPerson: string
  readonly before: Readonly<Record<'start-up' | 'use', string>>
  readonly reached: Readonly<Record<'yes' | 'no' | 'unknown', string>>
  readonly outside: string
  readonly timeline: string
  readonly made: string
  readonly when: string
  readonly platform: string
  readonly who: string
  readonly why: string
  readonly what: string
  readonly back: string
}

/** The catalogue of each language. */
export const PROGRAMME_WORDS: Readonly<Record<Language, ProgrammeWords>> = { fr: FR, en: EN }
