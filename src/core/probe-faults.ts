/** Every fault that a probe can find, each with its sentence in both languages; `{word}` is a parameter of the fault. */
import type { InBoth } from './conformity.ts'

const CATALOGUE = {
  // Any probe
  SETTINGS_WRONG: {
    fr: "Les réglages de l'exigence ne conviennent pas à cette sonde ({at}) : corrigez le référentiel.",
    en: 'The settings of the requirement do not fit this probe ({at}): mend the framework.',
  },
  NO_CONNECTION: {
    fr: "Aucune connexion : l'adresse déclarée ne répond pas ({reason}).",
    en: 'No connection: the declared address does not answer ({reason}).',
  },
  TLS_FAILED: {
    fr: 'La négociation TLS échoue ({reason}) : lancez la sonde TLS de cette destination.',
    en: 'The TLS handshake fails ({reason}): run the TLS probe of this destination.',
  },
  NO_ANSWER: {
    fr: "Rien n'a répondu en {ms} ms.",
    en: 'Nothing was answered within {ms} ms.',
  },
  CONNECTION_CUT: {
    fr: 'Le système a coupé la connexion au lieu de répondre.',
    en: 'The far side cut the connection instead of answering.',
  },
  ANSWER_GARBAGE: {
    fr: "La réponse n'est pas ce que le protocole prévoit.",
    en: 'The answer is not what the protocol has.',
  },
  ANSWER_TOO_LONG: {
    fr: "La réponse dépasse {bytes} octets : elle n'a pas été lue.",
    en: 'The answer is over {bytes} bytes: it was not read.',
  },
  LATE: {
    fr: 'La réponse est venue en {ms} ms ; {within} ms sont admises.',
    en: 'The answer took {ms} ms; {within} ms are allowed.',
  },
  PROBE_BROKE: {
    fr: 'La sonde elle-même a échoué ({reason}) : signalez-le à la plateforme.',
    en: 'The probe itself failed ({reason}): tell the platform.',
  },
  // TLS
  NO_TLS: {
    fr: 'La destination est déclarée sans TLS : les données y passent en clair.',
    en: 'The destination is declared without TLS: data goes there in the clear.',
  },
  NOT_TLS: {
    fr: 'Le système répond, mais pas en TLS.',
    en: 'The far side answers, but not in TLS.',
  },
  OWN_FILES: {
    fr: 'Les fichiers TLS de la destination (clé, certificat, autorité, listes) sont inutilisables ({reason}).',
    en: 'The TLS files of the destination (key, certificate, authority, lists) cannot be used ({reason}).',
  },
  CLIENT_REFUSED: {
    fr: 'Le système refuse le certificat de la passerelle ({alert}).',
    en: "The far side refuses the gateway's certificate ({alert}).",
  },
  TLS_OLD_ONLY: {
    fr: 'Le système ne parle ni TLS 1.2 ni TLS 1.3.',
    en: 'The far side speaks neither TLS 1.2 nor TLS 1.3.',
  },
  TLS_OLD_ACCEPTED: {
    fr: 'Le système accepte encore {version} : désactivez cette version.',
    en: 'The far side still accepts {version}: turn that version off.',
  },
  TLS_VERSION_LACKING: {
    fr: 'Le système ne propose pas {wanted} ; il négocie {found}.',
    en: 'The far side does not offer {wanted}; it agrees on {found}.',
  },
  TLS_WEAK_SUITE: {
    fr: 'Le système accepte la suite {suite}, sans chiffrement authentifié : retirez-la.',
    en: 'The far side accepts the suite {suite}, which does not authenticate what it encrypts: remove it.',
  },
  CHAIN_INCOMPLETE: {
    fr: "La chaîne est incomplète : l'autorité intermédiaire {issuer} n'est pas envoyée.",
    en: 'The chain is incomplete: the intermediate authority {issuer} is not sent.',
  },
  CHAIN_FOREIGN: {
    fr: "La chaîne ne mène pas à l'autorité déclarée : le certificat vient de {issuer}.",
    en: 'The chain does not lead to the declared authority: the certificate is of {issuer}.',
  },
  CHAIN_WRONG: {
    fr: "La chaîne n'est pas acceptée ({reason}).",
    en: 'The chain is not accepted ({reason}).',
  },
  CERTIFICATE_SELF_SIGNED: {
    fr: 'Le certificat est signé par lui-même.',
    en: 'The certificate is signed by itself.',
  },
  CERTIFICATE_EXPIRED: {
    fr: 'Le certificat de {subject} a expiré le {day}.',
    en: 'The certificate of {subject} expired on {day}.',
  },
  CERTIFICATE_EARLY: {
    fr: "Le certificat de {subject} ne vaut qu'à partir du {day}.",
    en: 'The certificate of {subject} is valid from {day} only.',
  },
  CERTIFICATE_EXPIRES: {
    fr: 'Le certificat de {subject} expire le {day}, dans moins de {days} jours.',
    en: 'The certificate of {subject} expires on {day}, in less than {days} days.',
  },
  CERTIFICATE_REVOKED: {
    fr: 'Le certificat est révoqué.',
    en: 'The certificate is revoked.',
  },
  REVOCATION_STALE: {
    fr: 'La liste de révocation de la destination est périmée.',
    en: 'The revocation list of the destination is past its next update.',
  },
  REVOCATION_UNKNOWN: {
    fr: 'Aucune liste de révocation de la destination ne couvre ce certificat.',
    en: 'No revocation list of the destination covers this certificate.',
  },
  HOST_OTHER: {
    fr: 'Le certificat ne porte pas le nom {host}.',
    en: 'The certificate does not bear the name {host}.',
  },
  CLIENT_NOT_ASKED: {
    fr: 'Le système laisse entrer sans certificat client.',
    en: 'The far side lets in who shows no client certificate.',
  },
  KEY_SMALL: {
    fr: 'La clé de {subject} est trop petite : {bits} bits, {least} sont demandés.',
    en: 'The key of {subject} is too small: {bits} bits, {least} are asked.',
  },
  SIGNATURE_WEAK: {
    fr: 'Le certificat de {subject} est signé avec {algorithm}.',
    en: 'The certificate of {subject} is signed with {algorithm}.',
  },
  // MLLP
  WRONG_MSA2: {
    fr: "MSA-2 de l'acquittement n'est pas le MSH-10 du message.",
    en: 'MSA-2 of the acknowledgement is not MSH-10 of the message.',
  },
  ACK_CODE: {
    fr: 'Le message de test est acquitté par {code} ; {wanted} est attendu.',
    en: 'The test message is acknowledged with {code}; {wanted} is expected.',
  },
  MSH_NOT_SWAPPED: {
    fr: "L'acquittement n'inverse pas émetteur et destinataire : il n'est pas adressé à qui a envoyé (MSH-5, MSH-6).",
    en: 'The acknowledgement does not swap sender and receiver: it is not addressed to who sent (MSH-5, MSH-6).',
  },
  // HTTP, FHIR, DICOMweb
  REDIRECTED: {
    fr: "Le système redirige ({status}) : une redirection n'est jamais suivie, déclarez la bonne adresse.",
    en: 'The far side redirects ({status}): a redirection is never followed, declare the right address.',
  },
  UNAUTHORISED: {
    fr: "Le système n'autorise pas la passerelle ({status}).",
    en: 'The far side does not authorise the gateway ({status}).',
  },
  STATUS: {
    fr: 'Étape {step} : la réponse est {status}.',
    en: 'Step {step}: the answer is {status}.',
  },
  WRONG_TYPE: {
    fr: "Le type de contenu de la réponse n'est pas {wanted}.",
    en: 'The content type of the answer is not {wanted}.',
  },
  FHIR_VERSION: {
    fr: 'Le serveur annonce FHIR {found} ; {wanted} est demandé.',
    en: 'The server says FHIR {found}; {wanted} is asked.',
  },
  RESOURCE_LACKING: {
    fr: "Le serveur n'annonce pas la ressource {resource}.",
    en: 'The server does not declare the resource {resource}.',
  },
  INTERACTION_LACKING: {
    fr: "Le serveur n'annonce pas {interaction} pour {resource}.",
    en: 'The server does not declare {interaction} for {resource}.',
  },
  OPERATION_LACKING: {
    fr: "Le serveur n'annonce pas l'opération {operation}.",
    en: 'The server does not declare the operation {operation}.',
  },
  FORMAT_LACKING: {
    fr: "Le serveur n'annonce pas le format {format}.",
    en: 'The server does not declare the format {format}.',
  },
  SECURITY_LACKING: {
    fr: "Le serveur n'annonce pas la sécurité {service}.",
    en: 'The server does not declare the security {service}.',
  },
  NOT_QUALIFICATION: {
    fr: "Un échange de test ne va que vers une destination de qualification : rien n'a été envoyé.",
    en: 'A test exchange only goes to a destination of qualification: nothing was sent.',
  },
  NOT_A_TEST: {
    fr: "Le corps de l'étape {step} n'est pas celui d'un patient de test : rien n'a été envoyé.",
    en: 'The body of step {step} is not one of a test patient: nothing was sent.',
  },
  VALUE_OTHER: {
    fr: "Étape {step} : {path} n'a pas la valeur attendue.",
    en: 'Step {step}: {path} does not have the expected value.',
  },
  VALUE_MISSING: {
    fr: 'Étape {step} : la réponse ne donne pas {name}, dont la suite a besoin.',
    en: 'Step {step}: the answer does not give {name}, which later steps need.',
  },
  NOT_CLEANED: {
    fr: "Étape {step} : ce que l'essai a créé n'a pas été retiré ; ôtez-le à la main.",
    en: 'Step {step}: what the trial made was not removed; take it away by hand.',
  },
  // Mail
  MAIL_UNLISTED: {
    fr: 'La liste blanche ne permet pas de courrier vers {domain} ({code}).',
    en: 'The white list lets no mail go to {domain} ({code}).',
  },
  MAIL_WAY: {
    fr: "Le courrier pour {domain} n'arriverait pas par {host} : {code}.",
    en: 'Mail for {domain} would not arrive by {host}: {code}.',
  },
  // Clock
  NO_TIME: {
    fr: 'Le système ne dit pas son heure.',
    en: 'The far side does not tell its time.',
  },
  CLOCK_SKEW: {
    fr: "L'horloge du système s'écarte de {ms} ms ; {within} ms sont admises.",
    en: 'The clock of the far side is off by {ms} ms; {within} ms are allowed.',
  },
} as const satisfies Record<string, InBoth>

/** A word of the catalogue. Its meaning never changes. */
export type ProbeFault = keyof typeof CATALOGUE

/** The catalogue. */
export const PROBE_FAULTS: Readonly<Record<ProbeFault, InBoth>> = CATALOGUE

/** Is this a word of the catalogue? Pure. */
export function isProbeFault(word: string): word is ProbeFault {
  return Object.hasOwn(CATALOGUE, word)
}

/** What a fault says where nothing is known but its word: what is only added in brackets goes, the rest is left open. Pure. */
export function faultKind(fault: ProbeFault, language: 'fr' | 'en'): string {
  return PROBE_FAULTS[fault][language].replace(/ ?\(\{\w+\}\)/g, '').replace(/\{\w+\}/g, '…')
}

/** What a fault says to people. A word that it was not given is left out. Pure. */
export function faultSentence(
  { fault, params }: { readonly fault: ProbeFault; readonly params: Readonly<Record<string, string>> },
  language: 'fr' | 'en',
): string {
  return PROBE_FAULTS[fault][language].replace(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? '')
}
