import type { CheckedFormat, CheckSeverity, Examined } from '../../../core/self-check.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Words of the page on which a message is tried out. */
export interface CheckWords {
  readonly tab: string
  readonly title: string
  readonly lead: string
  /** What may be tried out, and what becomes of it. */
  readonly only: string
  readonly establishment: string
  readonly paste: string
  readonly pasteHelp: string
  readonly file: string
  readonly fileHelp: string
  readonly act: string
  readonly nothing: string
  readonly result: string
  readonly formats: Readonly<Record<CheckedFormat, string>>
  readonly answers: Readonly<Record<Exclude<Examined['answer'], null>, string>>
  readonly noAnswer: string
  readonly because: string
  readonly kind: string
  readonly product: string
  readonly profiles: string
  readonly severities: Readonly<Record<CheckSeverity, string>>
  readonly severityTells: Readonly<Record<CheckSeverity, string>>
  readonly findings: string
  readonly noFindings: string
  readonly severity: string
  readonly place: string
  readonly said: string
  readonly source: string
  readonly asked: string
  readonly failing: string
  readonly noneFailing: string
  readonly satisfied: string
  readonly noneSatisfied: string
  readonly requirement: string
  readonly framework: string
  readonly by: string
  readonly advice: string
  readonly adviceTells: string
  readonly counted: string
}

const FR: CheckWords = {
  tab: 'Essayer un message',
  title: 'Essayer un message',
  lead: 'Le message est lu et jugé par le code qui juge les échanges réels : mêmes règles, mêmes identités, mêmes réponses. Vous voyez aussitôt ce qui bloque, ce qui est à corriger, et les exigences que cela concerne.',
  only: "Uniquement des messages de test, sans patient réel. Rien n'est conservé ni transmis, et rien ne compte pour un verdict ; pour que des essais comptent en qualification, envoyez-les à l'entrée d'essai.",
  establishment: 'Établissement émetteur',
  paste: 'Message',
  pasteHelp: 'HL7 v2 (un segment par ligne), FHIR en JSON, ou un document CDA. Laissez vide pour envoyer un fichier.',
  file: 'Fichier',
  fileHelp: 'Les octets tels quels : HL7 v2, FHIR en JSON, document CDA ou archive XDM (zip), 4 Mio au plus.',
  act: 'Essayer',
  nothing: 'Collez un message, ou choisissez un fichier.',
  result: 'Résultat',
  formats: { hl7v2: 'HL7 v2', fhir: 'FHIR', cda: 'Document CDA', xdm: 'Archive XDM' },
  answers: {
    taken: 'Le message serait accepté.',
    refused: 'Le message serait refusé.',
    parked: 'Le message serait accepté, et mis de côté pour une personne.',
  },
  noAnswer:
    "Un document est jugé ici pour lui-même ; ce qu'en dit le message ou le courriel qui le porte s'y ajoute à l'envoi.",
  because: 'Motif',
  kind: 'Type de message',
  product: 'Logiciel (MSH-3)',
  profiles: 'Profils annoncés',
  severities: { blocking: 'Bloquante', mend: 'À corriger', know: 'Information' },
  severityTells: {
    blocking: 'fait refuser le message, ou le met de côté',
    mend: 'le message passe, et compte contre les exigences citées',
    know: 'le message passe',
  },
  findings: 'Anomalies',
  noFindings: "Aucune anomalie n'a été trouvée.",
  severity: 'Gravité',
  place: 'Lieu',
  said: "Ce qui n'est pas comme attendu",
  source: 'Règle et source',
  asked: 'Exigences manquées',
  failing: 'Exigences que ce message manque',
  noneFailing: 'Ce message ne manque aucune exigence en vigueur.',
  satisfied: 'Exigences pour lesquelles ce message compte',
  noneSatisfied: 'Ce message ne compte pour aucune exigence en vigueur.',
  requirement: 'Exigence',
  framework: 'Référentiel',
  by: 'En cause',
  advice: 'Ce que la validation FHIR ajoute',
  adviceTells:
    'Les échanges réels ne sont pas tenus à ces points, sauf si la ressource annonce un profil ou que la région en demande un.',
  counted: 'Compte en sa faveur',
}

const EN: CheckWords = {
  tab: 'Try a message',
  title: 'Try a message',
  lead: 'The message is read and judged by the code that judges live traffic: the same rules, identities and answers. You see at once what blocks, what is to be mended, and which requirements that concerns.',
  only: 'Test messages alone, without a real patient. Nothing is kept or passed on, and nothing counts for a verdict; for trials that count for qualification, send them to the sandbox door.',
  establishment: 'Sending establishment',
  paste: 'Message',
  pasteHelp: 'HL7 v2 (one segment a line), FHIR in JSON, or a CDA document. Leave it empty to send a file.',
  file: 'File',
  fileHelp: 'The bytes as they are: HL7 v2, FHIR in JSON, a CDA document or an XDM archive (zip), at most 4 MiB.',
  act: 'Try',
  nothing: 'Paste a message, or choose a file.',
  result: 'Result',
  formats: { hl7v2: 'HL7 v2', fhir: 'FHIR', cda: 'CDA document', xdm: 'XDM archive' },
  answers: {
    taken: 'The message would be taken.',
    refused: 'The message would be refused.',
    parked: 'The message would be taken, and set aside for a person.',
  },
  noAnswer:
    'A document is judged by itself here; what the message or mail that carries it says of it comes on top when it is sent.',
  because: 'Why',
  kind: 'Kind of message',
  product: 'Software (MSH-3)',
  profiles: 'Profiles claimed',
  severities: { blocking: 'Blocking', mend: 'To mend', know: 'To know' },
  severityTells: {
    blocking: 'the message is refused for it, or set aside',
    mend: 'the message passes, and counts against the requirements named',
    know: 'the message passes',
  },
  findings: 'What was found',
  noFindings: 'Nothing wrong was found.',
  severity: 'How grave',
  place: 'Where',
  said: 'What is not as it should be',
  source: 'Rule and source',
  asked: 'Requirements missed',
  failing: 'Requirements that this message misses',
  noneFailing: 'This message misses no requirement in force.',
  satisfied: 'Requirements for which this message counts',
  noneSatisfied: 'This message counts for no requirement in force.',
  requirement: 'Requirement',
  framework: 'Framework',
  by: 'Because of',
  advice: 'What FHIR validation adds',
  adviceTells: 'Live traffic is not held to these, unless the resource claims a profile or the region asks one.',
  counted: 'Counts in its favour',
}

/** By language. */
export const CHECK_WORDS: Readonly<Record<Language, CheckWords>> = { fr: FR, en: EN }
