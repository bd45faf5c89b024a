import type { AlertKind, AlertState, AlertView, Severity } from '../../core/alerts.ts'
import type { Language } from '../http/language.ts'
import { durationText } from './duration.ts'

/** The words of alerts, on pages and in notices, in one language. */
export interface AlertWords {
  readonly kinds: Readonly<Record<AlertKind, string>>
  readonly severities: Readonly<Record<Severity, string>>
  readonly states: Readonly<Record<AlertState, string>>
  readonly region: string
  readonly ended: string
  /** One line that says what it is; `who` is the name of its subject. */
  readonly sentence: (alert: Pick<AlertView, 'kind' | 'code' | 'params'>, who: string) => string
}

type Sentence = (params: AlertView['params'], who: string) => string
const ms = (value: string | number | undefined): number => Number(value ?? 0)
const day = (value: string | number | undefined, language: Language): string =>
  new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'long',
    timeZone: 'Europe/Paris',
  }).format(new Date(String(value)))

const moment = (value: string | number | undefined, language: Language): string =>
  new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: 'Europe/Paris',
  }).format(new Date(String(value)))

const FR_SENTENCES: Readonly<Record<AlertKind, Sentence>> = {
  urgent: (_p, who) => `Remise urgente non arrivée : ${who}`,
  conservation: (p) => `Compte faux : écart de ${p['difference']} message(s)`,
  disk: (p) =>
    `Espace disque : ${mebibytes(p['freeBytes'])} Mio libres, réserve de ${mebibytes(p['reserveBytes'])} Mio`,
  store: () => "Le dépôt ou l'audit a été altéré",
  unreachable: (_p, who) => `${who} est injoignable`,
  silence: (p, who) =>
    `${who} n'envoie plus rien depuis ${durationText(ms(p['silentMs']), 'fr')} (d'habitude : au plus ${durationText(ms(p['usualMs']), 'fr')} à cette heure)`,
  'queue-age': (p, who) =>
    `${who} : le plus ancien message attend depuis ${durationText(ms(p['ageMs']), 'fr')} (${p['count']} en attente)`,
  'error-rate': (p, who) => `${who} : ${p['failed']} échecs sur ${p['of']} en dix minutes`,
  parked: (p, who) => `${who} : ${p['count']} remise(s) à traiter`,
  'late-refusal': (_p, who) => `${who} : refus tardif, ou un numéro de message employé deux fois`,
  certificate: (p, who) =>
    p['endsAt'] === undefined
      ? `${who} : liste de révocation périmée`
      : `Certificat de ${who} : fin le ${day(p['endsAt'], 'fr')} (${p['days']} j)`,
  clock: (p) => `L'horloge de la machine a sauté${p['jump'] === undefined ? '' : ` de ${p['jump']}`}`,
  notice: (_p, who) => `Les alertes ne partent plus par « ${who} »`,
  duty: ({ from, hours }, who) =>
    hours === undefined
      ? `Garde de ${who} : non prise, ou essai non reçu, depuis ${moment(from, 'fr')}`
      : `Garde de ${who} : ${hours} h sans personne, à partir de ${moment(from, 'fr')}`,
  untold: (p, who) => `${who} : ${p['count']} alerte(s) de télémédecine non parties`,
  patient: (_p, who) => `${who} : patients de dossiers de télémédecine à vérifier`,
  unread: (_p, who) => `${who} : message de télémédecine sans effet, à consulter`,
  'white-list': (p) =>
    p['times'] !== undefined
      ? `Liste blanche refusée ${p['times']} fois`
      : p['lost'] !== undefined
        ? `Liste blanche à confirmer : ${p['lost']} lignes de moins`
        : p['hours'] === undefined
          ? 'Pas de liste blanche'
          : `Liste blanche non confirmée depuis ${p['hours']} h`,
  antivirus: () => 'L’antivirus de la messagerie ne répond pas',
  documents: (p, who) =>
    p['mailbox'] === undefined
      ? `${who} : un document par messagerie a échoué`
      : `${who} : la boîte des documents manque, est suspendue ou n'est pas applicative`,
  conformity: (p, who) =>
    `Conformité en recul : ${who}${p['share'] === undefined ? '' : ` (${p['share']} % des messages)`}`,
}

const EN_SENTENCES: Readonly<Record<AlertKind, Sentence>> = {
  urgent: (_p, who) => `Urgent delivery has not arrived: ${who}`,
  conservation: (p) => `Not conserved: difference of ${p['difference']} message(s)`,
  disk: (p) => `Disk space: ${mebibytes(p['freeBytes'])} MiB free, reserve of ${mebibytes(p['reserveBytes'])} MiB`,
  store: () => 'The store or the audit has been altered',
  unreachable: (_p, who) => `${who} cannot be reached`,
  silence: (p, who) =>
    `${who} has sent nothing for ${durationText(ms(p['silentMs']), 'en')} (usual: at most ${durationText(ms(p['usualMs']), 'en')} at this hour)`,
  'queue-age': (p, who) =>
    `${who}: the oldest message has waited for ${durationText(ms(p['ageMs']), 'en')} (${p['count']} waiting)`,
  'error-rate': (p, who) => `${who}: ${p['failed']} of ${p['of']} failed in ten minutes`,
  parked: (p, who) => `${who}: ${p['count']} to treat`,
  'late-refusal': (_p, who) => `${who}: refused late, or one message number used twice`,
  certificate: (p, who) =>
    p['endsAt'] === undefined
      ? `${who}: revocation list out of date`
      : `Certificate of ${who}: ends on ${day(p['endsAt'], 'en')} (${p['days']} d)`,
  clock: (p) => `The machine's clock jumped${p['jump'] === undefined ? '' : ` by ${p['jump']}`}`,
  notice: (_p, who) => `Alerts do not leave by “${who}” any more`,
  duty: ({ from, hours }, who) =>
    hours === undefined
      ? `Duty of ${who}: not taken, or its test not heard, since ${moment(from, 'en')}`
      : `Duty of ${who}: ${hours} h without anybody, from ${moment(from, 'en')}`,
  untold: (p, who) => `${who}: ${p['count']} alert(s) of telemedicine not sent`,
  patient: (_p, who) => `${who}: patients of telemedicine cases to check`,
  unread: (_p, who) => `${who}: a message of telemedicine had no effect, look at it`,
  'white-list': (p) =>
    p['times'] !== undefined
      ? `White list refused ${p['times']} times`
      : p['lost'] !== undefined
        ? `White list to be confirmed: ${p['lost']} rows less`
        : p['hours'] === undefined
          ? 'No white list'
          : `White list not confirmed for ${p['hours']} h`,
  antivirus: () => 'The antivirus of secure mail gives no answer',
  documents: (p, who) =>
    p['mailbox'] === undefined
      ? `${who}: a document by mail failed`
      : `${who}: the mailbox of documents is missing, suspended or none of an application`,
  conformity: (p, who) =>
    `Conformity got worse: ${who}${p['share'] === undefined ? '' : ` (${p['share']} % of messages)`}`,
}

function mebibytes(bytes: string | number | undefined): number {
  return Math.round(Number(bytes ?? 0) / 2 ** 20)
}

/** The catalogue of each language. */
export const ALERT_WORDS: Readonly<Record<Language, AlertWords>> = {
  fr: {
    kinds: {
      urgent: 'Urgence non remise',
      conservation: 'Compte des messages',
      disk: 'Espace disque',
      store: 'Dépôt',
      unreachable: 'Destinataire injoignable',
      silence: 'Silence',
      'queue-age': "Attente d'envoi",
      'error-rate': "Taux d'échec",
      parked: 'À traiter',
      'late-refusal': 'Refus tardif',
      certificate: 'Certificat',
      clock: 'Horloge',
      notice: "Envoi d'alerte",
      duty: 'Tableau de garde',
      untold: 'Alerte de télémédecine non partie',
      patient: 'Patient à vérifier',
      unread: 'Message sans effet',
      'white-list': 'Liste blanche',
      antivirus: 'Antivirus',
      documents: 'Documents par messagerie',
      conformity: 'Conformité',
    },
    severities: { urgent: 'Urgente', important: 'Importante', info: 'Information' },
    states: { open: 'Ouverte', acknowledged: 'Prise en compte', ended: 'Terminée' },
    region: 'La plateforme',
    ended: 'Terminé',
    sentence: ({ kind, params }, who) => FR_SENTENCES[kind](params, who),
  },
  en: {
    kinds: {
      urgent: 'Urgent not delivered',
      conservation: 'Conservation',
      disk: 'Disk space',
      store: 'Store',
      unreachable: 'Destination out of reach',
      silence: 'Silence',
      'queue-age': 'Queue age',
      'error-rate': 'Error rate',
      parked: 'To treat',
      'late-refusal': 'Late refusal',
      certificate: 'Certificate',
      clock: 'Clock',
      notice: 'Telling of alerts',
      duty: 'Duty rota',
      untold: 'Telemedicine alert not sent',
      patient: 'Patient to check',
      unread: 'Message without effect',
      'white-list': 'White list',
      antivirus: 'Antivirus',
      documents: 'Documents by mail',
      conformity: 'Conformity',
    },
    severities: { urgent: 'Urgent', important: 'Important', info: 'Information' },
    states: { open: 'Open', acknowledged: 'Acknowledged', ended: 'Ended' },
    region: 'The gateway',
    ended: 'Ended',
    sentence: ({ kind, params }, who) => EN_SENTENCES[kind](params, who),
  },
}

/** Name of an alert's subject: of the establishment where it is one, else as region.yaml has it. Pure. */
export function subjectName(
  subject: string,
  establishments: ReadonlyMap<string, { readonly name: string }>,
  language: Language,
): string {
  if (subject === '*' || subject === 'audit') return ALERT_WORDS[language].region
  const [first = '', ...rest] = subject.split(' ')
  const whose = establishments.get(first)?.name
  if (rest.length > 0 && whose !== undefined) return [whose, ...rest].join(' · ')
  return establishments.get(subject)?.name ?? subject
}
