import type { EstablishmentKind } from '../../../core/config.ts'
import type { PlanChange } from '../../../core/operations.ts'
import type { Language } from '../../../formats/http/language.ts'
import { EN } from './words-en.ts'
import { FR } from './words-fr.ts'

/** Every word of the pages of the configuration, in one language. */
export interface ConfigurationWords {
  readonly title: string
  readonly parts: string
  readonly tabs: Readonly<Record<'establishments' | 'routes' | 'file' | 'revisions' | 'change', string>>
  readonly running: (revision: string) => string
  readonly by: string
  readonly when: string
  readonly why: string
  readonly noReason: string
  readonly doors: string
  readonly noDoor: string
  readonly door: string
  readonly address: string
  readonly protection: string
  readonly tls: Readonly<Record<'none' | 'server' | 'mutual', string>>
  readonly establishments: string
  readonly noEstablishment: string
  readonly establishment: string
  readonly kind: string
  readonly kinds: Readonly<Record<EstablishmentKind, string>>
  readonly recognised: string
  readonly destinations: string
  readonly noDestination: string
  readonly strict: string
  readonly conformity: string
  readonly yes: string
  readonly no: string
  readonly identity: string
  readonly id: string
  readonly finessLegal: string
  readonly finessGeographic: string
  readonly sends: string
  readonly facilities: string
  readonly certificates: string
  readonly keys: string
  readonly fingerprint: (start: string) => string
  readonly clients: string
  readonly clientKeys: (count: string) => string
  readonly sendsFor: string
  readonly charset: string
  readonly strictTells: string
  readonly lenientTells: string
  readonly ackPolicy: string
  readonly byProfile: string
  readonly byDefault: string
  readonly answersTo: string
  readonly sameConnection: string
  readonly destination: string
  readonly type: string
  readonly use: string
  readonly uses: Readonly<Record<'qualification' | 'production', string>>
  readonly order: string
  readonly orders: Readonly<Record<'patient' | 'destination' | 'none', string>>
  readonly plain: string
  readonly itsRoutes: string
  readonly allRoutes: string
  readonly picture: (routes: string) => string
  readonly pictureTells: string
  readonly tooMany: (most: string) => string
  readonly senders: string
  readonly everyone: string
  readonly inside: string
  readonly routes: string
  readonly noRoute: string
  readonly route: string
  readonly what: string
  readonly from: string
  readonly to: string
  readonly lane: string
  readonly lanes: Readonly<Record<'urgent' | 'normal', string>>
  readonly work: string
  readonly asCame: string
  readonly toFormat: Readonly<Record<'fhir' | 'hl7v2', string>>
  readonly edits: (count: string) => string
  readonly anything: string
  readonly conditions: Readonly<Record<'receivers' | 'service' | 'performer' | 'category' | 'profile', string>>
  readonly only: string
  readonly filter: string
  readonly show: string
  readonly file: string
  readonly fileOf: (revision: string) => string
  readonly fileTells: string
  readonly lines: string
  readonly revisions: string
  readonly revision: string
  readonly noRevision: string
  readonly older: string
  readonly newest: string
  readonly compare: string
  readonly compareWith: string
  readonly changesOf: (from: string, to: string) => string
  readonly first: string
  readonly done: (revision: string) => string
  readonly goBack: string
  readonly goBackTo: (revision: string) => string
  readonly change: string
  readonly reread: string
  readonly rereadTells: string
  readonly rereadAct: string
  readonly write: string
  readonly writeTells: string
  readonly text: string
  readonly writeAct: string
  readonly planAgain: string
  readonly planOf: Readonly<Record<'file' | 'text', string>>
  readonly planOfRevision: (revision: string) => string
  readonly nothingDone: string
  readonly movedOn: string
  readonly problems: string
  readonly noProblem: string
  readonly line: string
  readonly column: string
  readonly place: string
  readonly problem: string
  readonly severities: Readonly<Record<'error' | 'warning', string>>
  readonly changes: string
  readonly noChange: string
  readonly part: string
  readonly partNames: Readonly<Record<PlanChange['part'], string>>
  readonly name: string
  readonly happens: string
  readonly happenings: Readonly<Record<PlanChange['what'], string>>
  readonly settings: string
  readonly absent: string
  readonly effects: string
  readonly affected: (destination: string, open: string, parked: string) => string
  readonly orphaned: (destination: string) => string
  readonly restart: (part: string) => string
  readonly noEffect: string
  readonly apply: string
  readonly notWritten: string
  readonly reason: string
  readonly park: string
  readonly applyAct: string
  readonly mendFirst: string
  readonly mayNot: string
  /** A name and its value. */
  readonly pair: (name: string, value: string) => string
  readonly problemNames: Readonly<Record<string, string>>
}

/** The catalogue of each language. */
export const CONFIGURATION_WORDS: Readonly<Record<Language, ConfigurationWords>> = { fr: FR, en: EN }
