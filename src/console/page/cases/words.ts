import type { Act } from '../../../core/cases.ts'
import type { Compared, FOUND_TRAITS, IdentityTrait } from '../../../core/images.ts'
import type { SendingSort, SendingStep } from '../../../core/sendings.ts'
import type { Language } from '../../../formats/http/language.ts'
import { EN } from './words-en.ts'
import { FR } from './words-fr.ts'

/** Tabs of the worklist. */
export const TABS = ['open', 'drill', 'closed'] as const
/** One of them. */
export type Tab = (typeof TABS)[number]

/** What somebody is to a case, as far as the page is told apart by it. */
export type Seat = 'requester' | 'centre' | 'coordination'

/** Every word of the pages of cases beside those of cases and clocks, in one language. None says what should be decided. */
export interface CasePageWords {
  readonly title: string
  readonly lead: Readonly<Record<Seat, string>>
  readonly tabs: Readonly<Record<Tab, string>>
  readonly tabsName: string
  readonly empty: Readonly<Record<Seat, string>>
  readonly emptyDrill: string
  readonly emptyClosed: string
  readonly more: string
  readonly service: string
  readonly allServices: string
  readonly filter: string
  readonly ask: string
  readonly lost: string
  readonly live: string
  readonly soundTest: string
  readonly soundOff: string
  readonly soundOn: string
  readonly left: string
  /** Why a case rings for whoever looks. */
  readonly ringing: Readonly<Record<Seat, string>>
  readonly waiting: (since: string) => string
  readonly stateSince: (state: string, since: string) => string
  readonly openedOn: (when: string) => string
  readonly ageBand: (from: number, to: number) => string
  readonly ageUnknown: string
  readonly sexes: Readonly<Record<'male' | 'female' | 'unknown', string>>
  readonly nobodyYet: string
  readonly callRequester: string
  readonly callExpert: string
  readonly callCentre15: string
  readonly noPhone: string
  readonly imagingOnly: string
  readonly appointmentOnly: string
  readonly back: string
  readonly summary: string
  readonly lateEntry: string
  readonly closedOn: (when: string) => string
  readonly sections: Readonly<Record<Section, string>>
  readonly clock: ClockPanelWords
  readonly patient: PatientWords
  readonly images: ImagesWords
  readonly found: FoundWords
  readonly nihss: NihssWords
  readonly exchanges: ExchangeWords
  readonly ladder: LadderWords
  readonly sendings: SendingWords
  readonly compared: ComparedWords
  readonly timeline: TimelineWords
  readonly form: FormWords
  /** What stands on the button of an act, where a person may do it here. */
  readonly buttons: Readonly<Partial<Record<Act['what'], string>>>
}

/** Parts of the page of one case. */
export type Section =
  | 'clock'
  | 'acts'
  | 'ladder'
  | 'requests'
  | 'patient'
  | 'images'
  | 'nihss'
  | 'biology'
  | 'advice'
  | 'messages'
  | 'decision'
  | 'consent'
  | 'appointment'
  | 'attachments'
  | 'participants'
  | 'timeline'
  | 'sendings'

interface ClockPanelWords {
  readonly told: string
  readonly windows: string
  /** How the bars of the windows are read. */
  readonly bars: string
  readonly notTold: string
  readonly since: (name: string) => string
  readonly requested: string
  readonly unverified: string
  readonly ends: (when: string) => string
}

interface PatientWords {
  readonly name: string
  readonly birth: string
  readonly sex: string
  readonly identifiers: string
  readonly status: string
  readonly unknown: string
  readonly treatingDoctor: string
  readonly reason: string
  readonly site: string
  readonly asker: string
  readonly callBack: string
  readonly number: string
  readonly request: (n: number) => string
  readonly via: string
  readonly separate: string
  readonly separateHelp: string
}

interface ImagesWords {
  readonly none: string
  readonly study: string
  readonly modality: string
  readonly received: string
  readonly held: (n: number) => string
  readonly sent: (when: string) => string
  readonly unknownStudy: string
}

interface FoundWords {
  readonly link: string
  readonly title: string
  readonly back: string
  readonly about: (from: string, to: string) => string
  readonly none: string
  readonly noNumber: string
  /** The site has no archive that is connected. */
  readonly noArchive: string
  readonly unreached: string
  readonly study: string
  readonly accession: string
  readonly date: string
  readonly count: string
  readonly uid: string
  readonly reason: string
  readonly attach: string
  readonly untold: string
  readonly traits: Readonly<Record<(typeof FOUND_TRAITS)[number], string>>
  readonly states: Readonly<Record<Compared, string>>
}

interface NihssWords {
  readonly none: string
  readonly total: string
  readonly of42: (total: number) => string
  readonly differs: string
  readonly untestable: string
  readonly items: Readonly<Record<string, string>>
  readonly help: string
}

interface ExchangeWords {
  readonly noAdvice: string
  readonly readAt: (when: string) => string
  readonly notRead: string
  readonly noMessages: string
  readonly noDecision: string
  readonly noConsent: string
  readonly consentGiven: (by: string) => string
  readonly consentNot: (by: string, why: string) => string
  readonly noBiology: string
  readonly join: string
  readonly photo: (n: number) => string
  readonly document: (n: number) => string
  readonly with: (centre: string) => string
  readonly statuses: Readonly<Record<'proposed' | 'booked' | 'arrived' | 'fulfilled' | 'cancelled' | 'noshow', string>>
}

interface LadderWords {
  readonly none: string
  readonly rung: (n: number) => string
  readonly asked: string
  readonly refused: string
  readonly accepted: string
  readonly next: string
  readonly stopped: (when: string) => string
  readonly goesOn: string
  readonly columns: Readonly<Record<'when' | 'whom' | 'channel' | 'state', string>>
  readonly states: Readonly<Record<NoticeStateName, string>>
}

/** What became of a notice; `none`: not known; `unset`: there is no such channel. */
export type NoticeStateName = 'waiting' | 'sent' | 'delivered' | 'failed' | 'dropped' | 'none' | 'unset'

interface ComparedWords {
  readonly caption: string
  readonly trait: string
  readonly ofCase: string
  readonly ofImages: string
  readonly result: string
  readonly untold: string
  readonly traits: Readonly<Record<IdentityTrait, string>>
  readonly states: Readonly<Record<Compared, string>>
}

interface SendingWords {
  readonly none: string
  readonly onScreen: string
  readonly sorts: Readonly<Record<SendingSort, string>>
  readonly steps: Readonly<Record<SendingStep['step'], string>>
  readonly states: Readonly<Record<Exclude<SendingStep['state'], 'done'>, string>>
}

interface TimelineWords {
  readonly recorded: (when: string) => string
  readonly by: string
  readonly gateway: string
  readonly newTime: (name: string, when: string) => string
  readonly noTime: (name: string) => string
  readonly decided: (what: string) => string
  readonly handedTo: (name: string) => string
  readonly identity: (why: string) => string
  readonly reachedBy: (whom: string, when: string) => string
  readonly invited: (ladder: string) => string
  readonly toldTo: (whom: string, step: number) => string
  readonly clockSet: (by: string) => string
}

interface FormWords {
  readonly reason: string
  readonly whom: string
  readonly when: string
  readonly whenNow: string
  readonly text: string
  readonly message: string
  readonly note: string
  readonly decision: string
  readonly time: string
  readonly date: string
  readonly hour: string
  readonly precision: string
  readonly source: string
  readonly unknownTime: string
  readonly to: string
  readonly phone: string
  readonly centre: string
  readonly by: string
  readonly given: string
  readonly notGiven: string
  readonly why: string
  readonly results: string
  readonly more: string
  readonly none: string
  readonly missing: string
  readonly badTime: string
  readonly badScore: string
  readonly changed: string
  readonly changedHelp: string
  readonly notDone: string
}

/** The catalogue of each language. */
export const CASE_PAGE_WORDS: Readonly<Record<Language, CasePageWords>> = { fr: FR, en: EN }
