/** The words of closing reports. A region sets its own in the table `report-words` (`from,to`: the name here, its words). */
import type { Participant } from '../../core/cases.ts'
import { CASE_WORDS } from '../case/words.ts'
import type { Moment } from '../measures/moments.ts'
import type { Incident } from './report.ts'

/** Names of moments, in French. */
const MOMENTS: Readonly<Record<Moment, string>> = {
  ...CASE_WORDS.fr.times,
  request: 'Demande',
  seen: 'Demande vue',
  accepted: 'Prise en charge',
  reached: 'Expert joint par téléphone',
  'images-sent': 'Images envoyées',
  'images-complete': 'Images complètes',
  advice: 'Avis rendu',
  'advice-read': 'Avis lu',
  decision: 'Décision consignée',
  appointment: 'Rendez-vous',
  closed: 'Clôture',
}

const INCIDENTS: Readonly<Record<Incident['what'], string>> = {
  'delivery-failed': "Envoi d'un message en échec",
  'delivery-late': "Envoi d'un message retardé ou répété",
  'notice-failed': 'Notification non remise',
  'images-held': 'Images retenues : identité à vérifier',
  'images-stalled': "Transfert d'images interrompu",
  alert: 'Alerte de la passerelle',
}

const ROLES: Readonly<Partial<Record<Participant['role'], string>>> = {
  requester: 'Demandeur',
  expert: 'Expert',
  coordination: 'Coordination',
  secretariat: 'Secrétariat',
}

const DEFAULT = {
  drill: 'EXERCICE',
  test: 'TEST',
  /** What the law asks of such a report, in the region's own words; recalled articles are the region's to confirm. */
  legal: '',
  account: 'Compte rendu',
  request: 'Demande',
  reason: 'Motif',
  site: 'Établissement demandeur',
  centre: 'Centre expert',
  number: 'Numéro de dossier',
  act: 'Acte',
  advice: 'Avis',
  decision: 'Décision consignée',
  noDecision: 'Aucune décision consignée',
  noAdvice: 'Aucun avis rendu',
  times: 'Heures',
  participants: 'Participants',
  rpps: 'RPPS',
  treatingDoctor: 'Médecin traitant',
  participant: 'Participant',
  consent: 'Consentement',
  consentGiven: 'Consentement recueilli par',
  consentNone: 'Consentement non recueilli',
  consentWhy: 'Raison',
  consentUnsaid: 'Aucun recueil consigné',
  nihss: 'Score NIHSS',
  nihssDiffers: 'le total donné ne correspond pas à la somme des items',
  images: 'Imagerie',
  biology: 'Biologie',
  incidents: 'Incidents techniques',
  noIncident: 'Aucun incident technique relevé par la passerelle',
  late: 'Saisie a posteriori',
  told: 'à vérifier',
}

/** Every word of a report. */
export type ReportWords = typeof DEFAULT & {
  readonly moments: Readonly<Record<Moment, string>>
  readonly incidentNames: Readonly<Record<Incident['what'], string>>
  readonly roles: Readonly<Partial<Record<Participant['role'], string>>>
}

/** Name of the region's table. */
export const REPORT_WORDS = 'report-words'

/** The words with the region's own before them. Pure. */
export function reportWords(own: ReadonlyMap<string, string> | undefined): ReportWords {
  const replaced = <Word extends string>(words: Readonly<Record<Word, string>>): Record<Word, string> =>
    Object.fromEntries(Object.entries<string>(words).map(([name, word]) => [name, own?.get(name) ?? word])) as Record<
      Word,
      string
    >
  return { ...replaced(DEFAULT), moments: replaced(MOMENTS), incidentNames: replaced(INCIDENTS), roles: ROLES }
}

/** A role for people. */
export function roleWord(role: Participant['role'], { roles, participant }: ReportWords): string {
  return roles[role] ?? participant
}
