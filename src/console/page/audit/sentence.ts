import type { AuditFact } from '../../../formats/audit/event.ts'
import { factsOf } from '../../../formats/audit/record.ts'
import type { Language } from '../../../formats/http/language.ts'
import { CONFORMITY_ACTS_EN, CONFORMITY_ACTS_FR } from './conformity-acts.ts'
import { MAIL_ACTS_EN, MAIL_ACTS_FR } from './mail-acts.ts'
import { STRUCTURE_ACTS_EN, STRUCTURE_ACTS_FR } from './structure-acts.ts'

/** What a sentence needs beside its event. */
export interface SentenceParts {
  readonly language: Language
  /** A day and a time in words. */
  readonly moment: (atMs: number) => string
  /** The role of a person in words; null: not known. */
  readonly roleOf: (who: string) => string | null
}

interface Facts {
  /** « du message X » or nothing, ready to stand behind a noun. */
  readonly message: string
  readonly place: string
  /** What the event says beside, ready to stand at the end. */
  readonly detail: string
}
type Act = (facts: Facts) => string

const FR: Readonly<Record<string, Act>> = {
  'read-body': ({ message }) => `a révélé le contenu${message}`,
  resend: ({ message }) => `a demandé un nouvel essai de remise${message}`,
  close: ({ message }) => `a clos sans envoi une remise${message}`,
  skip: ({ message }) => `a laissé passer les messages suivants, devant une remise${message}`,
  replay: ({ message }) => (message === '' ? 'a renvoyé des messages' : `a renvoyé le contenu${message}`),
  pause: ({ place }) => `a suspendu les envois${place}`,
  resume: ({ place }) => `a repris les envois${place}`,
  probe: ({ place }) => `a essayé la connexion${place}`,
  test: ({ place }) => `a essayé la connexion${place}`,
  'apply-config': () => 'a mis en service une autre configuration',
  park: () => 'a mis de côté des remises',
  backup: () => 'a lancé une sauvegarde',
  alert: ({ message }) => `a signalé une alerte${message === '' ? '' : ` à propos${message}`}`,
  answer: ({ message }) => `a noté une réponse à propos${message || " d'un message"}`,
  'find-patient': () => 'a recherché ce qui est conservé du patient',
  'export-patient': () => 'a exporté ce qui est conservé du patient',
  'plan-erasure': () => "a simulé l'effacement de ce qui est conservé du patient",
  'erase-patient': () => 'a effacé ce qui était conservé du patient',
  'report-patient': () => 'a établi le rapport des accès au patient',
  'export-incident': () => "a établi le document d'un incident de sécurité",
  list: () => 'a consulté une liste de messages',
  'search-patient': () => 'a recherché les messages du patient',
  'read-message': ({ message }) => `a consulté, sans son contenu, le détail${message}`,
  'read-resource': () => 'a lu des ressources FHIR',
  'read-case': ({ detail }) => `a consulté un dossier de télémédecine${detail}`,
  'list-cases': () => 'a consulté une liste de dossiers de télémédecine',
  'list-appointments': () => 'a consulté des rendez-vous',
  'list-registered': () => 'a consulté le formulaire de demande et les patients qui y sont proposés',
  'read-config': () => 'a consulté la configuration',
  'read-audit': () => "a consulté l'audit",
  'read-privacy': () => 'a consulté la page des droits des patients',
  refused: ({ detail }) => `a demandé ce que son rôle ne permet pas${detail}`,
  unrecognised: ({ detail }) => `s'est présenté sans être reconnu${detail}`,
  'prune-audit': () => "a retiré de l'audit les événements dont la durée est passée",
  'sign-in': () => 'a ouvert une session',
  'sign-out': () => 'a fermé sa session',
  'end-session': () => 'a vu ou fait finir une session',
  'refuse-sign-in': ({ detail }) => `n'a pas été admis à la connexion${detail}`,
  'take-role': ({ detail }) => `a pris un rôle${detail}`,
  'break-glass': () => "a ouvert un accès d'urgence (bris de glace)",
  'acknowledge-alert': () => 'a pris en compte une alerte',
  'snooze-alert': () => 'a mis une alerte en sourdine',
  'publish-slots': () => 'a proposé des créneaux de rendez-vous',
  'withdraw-slot': () => 'a retiré un créneau de rendez-vous',
  'appointment-proposed': ({ detail }) => `a demandé un rendez-vous${detail}`,
  'appointment-booked': ({ detail }) => `a réservé ou déplacé un rendez-vous${detail}`,
  'appointment-arrived': ({ detail }) => `a noté une arrivée en salle d'attente${detail}`,
  'appointment-fulfilled': ({ detail }) => `a noté une séance comme faite${detail}`,
  'appointment-cancelled': ({ detail }) => `a annulé un rendez-vous${detail}`,
  'appointment-noshow': ({ detail }) => `a noté une absence à un rendez-vous${detail}`,
  'session-link-requester': ({ detail }) => `a ouvert un lien de séance${detail}`,
  'session-link-patient': ({ detail }) => `a ouvert un lien de séance pour le patient${detail}`,
  'session-link-expert': ({ detail }) => `a ouvert un lien de séance comme expert${detail}`,
  'keep-attachment': () => 'a ajouté une photo ou un document à un dossier',
  'read-attachment': ({ detail }) => `a vu une photo ou un document d'un dossier${detail}`,
  agenda: ({ message }) => `a lu un agenda${message === '' ? '' : `, à propos${message}`}`,
  identity: ({ message }) => `a mis à jour une identité à la suite${message || " d'un message"}`,
  ...MAIL_ACTS_FR,
  ...CONFORMITY_ACTS_FR,
  ...STRUCTURE_ACTS_FR,
}

const EN: Readonly<Record<string, Act>> = {
  'read-body': ({ message }) => `revealed the content${message}`,
  resend: ({ message }) => `asked for another attempt at a delivery${message}`,
  close: ({ message }) => `closed a delivery${message} unsent`,
  skip: ({ message }) => `let later messages pass a delivery${message}`,
  replay: ({ message }) => (message === '' ? 'sent messages again' : `sent the content${message} again`),
  pause: ({ place }) => `paused what is sent${place}`,
  resume: ({ place }) => `resumed what is sent${place}`,
  probe: ({ place }) => `tried the connection${place}`,
  test: ({ place }) => `tried the connection${place}`,
  'apply-config': () => 'put another configuration into service',
  park: () => 'set deliveries aside',
  backup: () => 'began a backup',
  alert: ({ message }) => `raised an alert${message.replace(' of', ' about')}`,
  answer: ({ message }) => `noted an answer${message}`,
  'find-patient': () => 'looked for what is kept of the patient',
  'export-patient': () => 'exported what is kept of the patient',
  'plan-erasure': () => 'made a trial of erasing what is kept of the patient',
  'erase-patient': () => 'erased what was kept of the patient',
  'report-patient': () => 'made the report of accesses to the patient',
  'export-incident': () => 'made the document of a security incident',
  list: () => 'looked at a list of messages',
  'search-patient': () => 'searched for the messages of the patient',
  'read-message': ({ message }) => `looked at the detail${message}, without its content`,
  'read-resource': () => 'read FHIR resources',
  'read-case': ({ detail }) => `looked at a case of telemedicine${detail}`,
  'list-cases': () => 'looked at a list of cases of telemedicine',
  'list-appointments': () => 'looked at appointments',
  'list-registered': () => 'looked at the form of a request and the patients it offers',
  'read-config': () => 'looked at the configuration',
  'read-audit': () => 'looked at the audit',
  'read-privacy': () => "looked at the page of patients' rights",
  refused: ({ detail }) => `asked for what their role does not allow${detail}`,
  unrecognised: ({ detail }) => `came without being recognised${detail}`,
  'prune-audit': () => 'removed from the audit the events whose time is over',
  'sign-in': () => 'signed in',
  'sign-out': () => 'signed out',
  'end-session': () => 'had a session ended',
  'refuse-sign-in': ({ detail }) => `was not let in at sign-in${detail}`,
  'take-role': ({ detail }) => `took a role${detail}`,
  'break-glass': () => 'opened an emergency access (break glass)',
  'acknowledge-alert': () => 'acknowledged an alert',
  'snooze-alert': () => 'put an alert off',
  'publish-slots': () => 'offered time for appointments',
  'withdraw-slot': () => 'withdrew a slot for appointments',
  'appointment-proposed': ({ detail }) => `asked for an appointment${detail}`,
  'appointment-booked': ({ detail }) => `booked or moved an appointment${detail}`,
  'appointment-arrived': ({ detail }) => `noted an arrival in the waiting room${detail}`,
  'appointment-fulfilled': ({ detail }) => `noted a session as held${detail}`,
  'appointment-cancelled': ({ detail }) => `cancelled an appointment${detail}`,
  'appointment-noshow': ({ detail }) => `noted that nobody came to an appointment${detail}`,
  'session-link-requester': ({ detail }) => `opened a link of a session${detail}`,
  'session-link-patient': ({ detail }) => `opened a link of a session for the patient${detail}`,
  'session-link-expert': ({ detail }) => `opened a link of a session as the expert${detail}`,
  'keep-attachment': () => 'added a photo or document to a case',
  'read-attachment': ({ detail }) => `saw a photo or document of a case${detail}`,
  agenda: ({ message }) => `read an agenda${message === '' ? '' : `, about${message}`}`,
  identity: ({ message }) => `updated an identity because${message || ' of a message'}`,
  ...MAIL_ACTS_EN,
  ...CONFORMITY_ACTS_EN,
  ...STRUCTURE_ACTS_EN,
}

/** Every act that has words of its own. */
export const KNOWN_ACTS: readonly string[] = Object.keys(FR)

/** Acts on an onboarding (pipeline/onboarding), with what was done behind it. */
const ONBOARDING = 'onboarding-'
/** Acts whose code says what they are, not that they failed. */
const CODE_TELLS = ['alert', 'refused', 'unrecognised', 'refuse-sign-in', 'refuse-white-list']
const PLACE = /^[^\s/]{1,64}\/[^\s/]{1,64}$/

/** What was done, without who and when: « a révélé le contenu du message … ». An act without words of its own is named. */
export function actText({ what, message, detail }: AuditFact, language: Language): string {
  const fr = language === 'fr'
  const acts = fr ? FR : EN
  const place = PLACE.test(detail ?? '') ? `${fr ? ' vers ' : ' to '}${detail}` : ''
  const beside = factsOf(detail)
  const facts = {
    message: message === null ? '' : `${fr ? ' du message ' : ' of message '}${message}`,
    place,
    detail: beside === '' ? '' : ` (${beside})`,
  }
  if (what.startsWith(ONBOARDING))
    return `${fr ? 'a fait avancer un raccordement' : 'moved an onboarding on'}${facts.detail}`
  const act = Object.hasOwn(acts, what) ? acts[what] : undefined
  return act?.(facts) ?? (fr ? `a fait l'acte « ${what} »${facts.message}` : `did “${what}”${facts.message}`)
}

/** Who did it: a name with the role where it is known; the platform itself; a person at its command line. */
export function whoText(who: string, { language, roleOf }: Omit<SentenceParts, 'moment'>): string {
  const fr = language === 'fr'
  if (who === 'gateway') return fr ? 'la plateforme' : 'the platform'
  if (who === 'unrecognised') return fr ? 'quelqu’un de non reconnu' : 'somebody not recognised'
  if (who.startsWith('cli:'))
    return `${who.slice(4)} (${fr ? 'ligne de commande du serveur' : "server's command line"})`
  const role = roleOf(who)
  return role === null ? who : `${who} (${role})`
}

/** An event in plain words: when, who, what, why. No markup; whatever stands in it was typed by somebody. */
export function sentence(fact: AuditFact, parts: SentenceParts): string {
  const { language, moment } = parts
  const fr = language === 'fr'
  const start = fr ? `Le ${moment(fact.atMs)}` : `On ${moment(fact.atMs)}`
  const why = fact.why === null ? '' : fr ? `, motif : « ${fact.why} »` : `, reason: “${fact.why}”`
  const failed =
    fact.code === null
      ? ''
      : CODE_TELLS.includes(fact.what)
        ? ` (${fact.code})`
        : fr
          ? `, sans succès (${fact.code})`
          : `, without success (${fact.code})`
  return `${start}, ${whoText(fact.who, parts)} ${actText(fact, language)}${why}${failed}.`
}

/** Protocol facts of an event that are worth showing beside it, without the names of patients. */
export function detailText({ detail }: AuditFact): string {
  return PLACE.test(detail ?? '') ? '' : factsOf(detail)
}
