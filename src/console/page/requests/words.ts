import type { Language } from '../../../formats/http/language.ts'
import type { Wrong } from './read.ts'
import { EN } from './words-en.ts'
import { FR } from './words-fr.ts'

/** Every word of the forms of requests beside those of cases and services, in one language. */
export interface RequestWords {
  readonly title: string
  readonly lead: string
  readonly none: string
  readonly ask: (service: string) => string
  readonly askFor: (site: string) => string
  readonly site: string
  readonly answered: (centres: string) => string
  readonly answeredByNobody: string
  readonly lateTitle: (service: string) => string
  readonly lateLink: string
  readonly lateLead: string
  readonly usualLink: string
  readonly wrongTitle: string
  readonly wrong: Readonly<Record<Wrong, string>>
  readonly must: string
  readonly patient: string
  readonly resident: string
  readonly registered: (hours: number) => string
  readonly registeredAt: (when: string) => string
  readonly born: (date: string) => string
  readonly otherPatient: string
  readonly fromRecord: string
  readonly family: string
  readonly given: string
  readonly again: string
  readonly againHelp: string
  readonly birth: string
  readonly sex: string
  readonly sexes: Readonly<Record<'unknown' | 'female' | 'male', string>>
  readonly ipp: string
  readonly provisional: string
  readonly when: string
  readonly day: string
  readonly hour: string
  readonly hourHelp: string
  readonly unknownTime: string
  readonly understood: (text: string) => string
  readonly check: string
  readonly date: string
  readonly askedAt: string
  readonly otherTimes: string
  readonly reason: string
  readonly reasonHelp: string
  readonly phone: string
  readonly phoneRemembered: string
  readonly more: string
  readonly moreOpen: string
  readonly drill: string
  readonly send: string
  readonly sendLate: string
  readonly steps: Readonly<Record<1 | 2 | 3, string>>
  readonly stepOf: (n: number) => string
  readonly next: string
  readonly before: string
  readonly add: string
  readonly photos: string
  readonly documents: string
  readonly photoHelp: string
  readonly documentHelp: string
  readonly attached: (n: number) => string
  readonly remove: string
  readonly sending: string
  readonly broken: string
  readonly lost: string
  readonly consent: string
  readonly consentHelp: string
  readonly consentGiven: string
  readonly consentNot: string
  readonly consentBy: string
  readonly consentWhy: string
  readonly doctor: string
  readonly doctorRpps: string
  readonly doctorPhone: string
  readonly doctorMail: string
  readonly yes: string
  readonly no: string
  readonly notKnown: string
  readonly choose: string
  readonly notDone: string
  readonly unattached: string
  readonly openCase: string
}

/** The catalogue of each language. */
export const REQUEST_WORDS: Readonly<Record<Language, RequestWords>> = { fr: FR, en: EN }
