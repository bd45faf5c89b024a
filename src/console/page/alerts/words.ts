import type { Language } from '../../../formats/http/language.ts'

/** Every word of the pages of alerts beside those of the alerts themselves, in one language. */
export interface AlertPageWords {
  readonly title: string
  readonly one: string
  readonly none: string
  readonly noneFound: string
  readonly about: string
  readonly columns: Readonly<Record<'severity' | 'what' | 'about' | 'since' | 'last' | 'times' | 'state', string>>
  readonly all: string
  readonly filter: string
  readonly filters: Readonly<Record<'state' | 'kind' | 'severity', string>>
  readonly more: string
  readonly help: string
  readonly facts: string
  readonly snoozedUntil: (time: string) => string
  readonly by: (who: string, why: string) => string
  readonly acts: string
  readonly acknowledge: string
  readonly snooze: string
  readonly during: string
  readonly durations: readonly (readonly [hours: number, word: string])[]
  readonly reason: string
  readonly reasonMissing: string
  readonly noActs: string
  readonly notices: string
  readonly noNotices: string
  readonly noticeColumns: Readonly<Record<'channel' | 'what' | 'state' | 'attempts' | 'when', string>>
  readonly noticeWhats: Readonly<Record<'raised' | 'ended', string>>
  readonly noticeStates: Readonly<Record<'waiting' | 'sent' | 'failed', string>>
  readonly messages: string
  readonly conformity: string
  readonly back: string
}

const FR: AlertPageWords = {
  title: 'Alertes',
  one: 'Alerte',
  none: 'Rien à signaler. Une alerte apparaît ici dès que la plateforme remarque une panne, un silence, une attente trop longue ou un certificat qui expire ; elle se termine seule quand sa cause disparaît.',
  noneFound: 'Aucune alerte ne répond à ces critères.',
  about: 'Une cause, une alerte : ce qui se répète est compté. Une alerte se termine seule quand sa cause disparaît.',
  columns: {
    severity: 'Gravité',
    what: 'Alerte',
    about: 'Concerne',
    since: 'Depuis',
    last: 'Dernière fois',
    times: 'Nombre',
    state: 'État',
  },
  all: 'toutes',
  filter: 'Filtrer',
  filters: { state: 'État', kind: 'Nature', severity: 'Gravité' },
  more: 'Suite',
  help: 'Que faire',
  facts: 'Faits',
  snoozedUntil: (time) => `En sourdine jusqu'au ${time}`,
  by: (who, why) => `${who} : ${why}`,
  acts: 'Agir',
  acknowledge: 'Prendre en compte',
  snooze: 'Mettre en sourdine',
  during: 'Durée',
  durations: [
    [1, '1 heure'],
    [4, '4 heures'],
    [24, '1 jour'],
    [168, '7 jours'],
  ],
  reason: 'Motif (conservé)',
  reasonMissing: 'Un motif est nécessaire.',
  noActs: 'Cette alerte est terminée : il ne reste rien à faire.',
  notices: 'Personnes prévenues',
  noNotices: "Personne n'est prévenu de cette alerte : aucun canal (notify) de la configuration ne la demande.",
  noticeColumns: { channel: 'Canal', what: 'Objet', state: 'État', attempts: 'Essais', when: 'Quand' },
  noticeWhats: { raised: 'Début', ended: 'Fin' },
  noticeStates: { waiting: "En attente d'envoi", sent: 'Envoyé', failed: 'Abandonné' },
  messages: 'Voir les messages',
  conformity: "L'exigence et ce qu'il y a à faire",
  back: 'Toutes les alertes',
}

const EN: AlertPageWords = {
  title: 'Alerts',
  one: 'Alert',
  none: 'Nothing to tell. An alert appears here as soon as the gateway notices a fault, a silence, a wait that is too long or a certificate that expires; it ends by itself when its cause is gone.',
  noneFound: 'No alert answers to this.',
  about: 'One cause, one alert: what comes again is counted. An alert ends by itself when its cause is gone.',
  columns: {
    severity: 'Severity',
    what: 'Alert',
    about: 'Concerns',
    since: 'Since',
    last: 'Last time',
    times: 'Times',
    state: 'State',
  },
  all: 'all',
  filter: 'Filter',
  filters: { state: 'State', kind: 'Kind', severity: 'Severity' },
  more: 'More',
  help: 'What to do',
  facts: 'Facts',
  snoozedUntil: (time) => `Snoozed until ${time}`,
  by: (who, why) => `${who}: ${why}`,
  acts: 'Act',
  acknowledge: 'Acknowledge',
  snooze: 'Snooze',
  during: 'For how long',
  durations: [
    [1, '1 hour'],
    [4, '4 hours'],
    [24, '1 day'],
    [168, '7 days'],
  ],
  reason: 'Reason (kept)',
  reasonMissing: 'A reason is needed.',
  noActs: 'This alert is over: nothing is left to do.',
  notices: 'Who was told',
  noNotices: 'Nobody is told of this alert: no channel (notify) of the configuration asks for it.',
  noticeColumns: { channel: 'Channel', what: 'What', state: 'State', attempts: 'Attempts', when: 'When' },
  noticeWhats: { raised: 'Raised', ended: 'Ended' },
  noticeStates: { waiting: 'Waiting', sent: 'Sent', failed: 'Given up' },
  messages: 'See the messages',
  conformity: 'The requirement, and what to do',
  back: 'All alerts',
}

/** The catalogue of each language. */
export const ALERT_PAGE_WORDS: Readonly<Record<Language, AlertPageWords>> = { fr: FR, en: EN }
