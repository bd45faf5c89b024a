import type { Act, CaseState, Part, PRECISIONS, Remark, TIME_SOURCES } from '../../core/cases.ts'
import type { Channel, DelayName, ServiceKind, TimeName, Told } from '../../core/services.ts'
import type { Language } from '../http/language.ts'

/** The words of cases in one language: on pages, in notices, in print. None of them says what should be decided. */
export interface CaseWords {
  /** Before everything of a drill. */
  readonly drill: string
  readonly test: string
  readonly late: string
  readonly kinds: Readonly<Record<ServiceKind, string>>
  readonly states: Readonly<Record<CaseState, string>>
  readonly parts: Readonly<Record<Part, string>>
  readonly times: Readonly<Record<TimeName, string>>
  readonly precisions: Readonly<Record<(typeof PRECISIONS)[number], string>>
  readonly sources: Readonly<Record<(typeof TIME_SOURCES)[number], string>>
  readonly told: Readonly<Record<Told, string>>
  readonly channels: Readonly<Record<Channel, string>>
  readonly delays: Readonly<Record<DelayName, string>>
  readonly acts: Readonly<Record<Act['what'], string>>
  /** What the gateway notes by itself; `said`: the reason, the number of the order or that of the other case. */
  readonly remarks: Readonly<Record<Remark, (said: string) => string>>
  readonly vias: Readonly<Record<'fhir' | 'hl7v2' | 'form', string>>
  readonly identity: Readonly<Record<'provisional' | 'retrieved' | 'validated' | 'qualified', string>>
  readonly identityToCheck: string
  readonly toVerify: string
  readonly joined: (requests: number) => string
  readonly imagesOf: (received: number, expected: number | null) => string
  readonly imagesHeld: string
  readonly noTime: string
  readonly chipImages: string
  readonly chipBiology: string
  /** How far a step is, for those who hear the page. */
  readonly reached: Readonly<Record<'done' | 'now' | 'waits' | 'held', string>>
}

const FR: CaseWords = {
  drill: 'EXERCICE',
  test: 'Test',
  late: 'Saisie a posteriori',
  kinds: { stroke: 'Télé-AVC', teleconsultation: 'Téléconsultation', 'tele-expertise': 'Télé-expertise' },
  states: {
    requested: 'Demandé',
    seen: 'Vu',
    accepted: 'Pris en charge',
    refused: 'Refusé par tous les centres',
    planned: 'Rendez-vous pris',
    arrived: 'Patient arrivé',
    advised: 'Avis rendu',
    'advice-read': 'Avis lu',
    decided: 'Décision consignée',
    done: 'Terminé',
    cancelled: 'Annulé',
  },
  parts: {
    requester: 'Demandeur',
    centre: 'Centre expert',
    imaging: 'Imagerie du site',
    interventional: 'Neuroradiologie interventionnelle',
    coordination: 'Coordination',
  },
  times: {
    'last-seen-well': 'Vu sans déficit pour la dernière fois',
    onset: 'Début constaté',
    discovery: 'Découverte, réveil',
    'first-contact': 'Premier contact médical',
    arrival: 'Arrivée',
    'imaging-begun': "Début de l'imagerie",
    'imaging-ended': "Fin de l'imagerie",
    needle: 'Début thrombolyse',
    'groin-puncture': 'Ponction',
    'transfer-departure': 'Départ du transfert',
    'transfer-arrival': 'Arrivée du transfert',
  },
  precisions: {
    minute: 'à la minute',
    'quarter-hour': "au quart d'heure",
    hour: "à l'heure près",
    'half-day': 'à la demi-journée',
    day: 'au jour près',
  },
  sources: {
    witness: 'témoin',
    patient: 'patient',
    carer: 'entourage ou soignant',
    record: 'dossier',
    system: 'logiciel',
    estimate: 'estimation',
  },
  told: {
    'duty-1': "Expert d'astreinte",
    'duty-2': "Deuxième expert d'astreinte",
    coordination: 'Coordination',
    'next-centre': 'Centre suivant',
    requester: 'Demandeur',
    owner: 'Centre qui a pris en charge',
    imaging: 'Imagerie du site',
    everybody: 'Tous',
  },
  channels: {
    console: 'Écran et son',
    sms: 'SMS',
    voice: 'Appel',
    webhook: 'Notification logicielle',
    system: 'Logiciel du centre',
  },
  delays: {
    'seen-not-accepted': 'Vu, pas encore pris en charge',
    'accepted-without-advice': 'Pris en charge, avis attendu',
    'images-absent': 'Images demandées, pas encore reçues',
    'transfer-stalled': "Transfert d'images arrêté",
    'advice-not-opened': 'Avis rendu, pas encore lu par le demandeur',
    'decision-not-recorded': 'Décision pas encore consignée',
    'request-undelivered': 'Demande pas encore remise au logiciel du centre',
    'answer-due': 'Réponse attendue',
  },
  acts: {
    request: 'Demande',
    separate: 'Demandes séparées',
    see: 'Vu par le centre',
    accept: 'Pris en charge',
    refuse: 'Refusé',
    reached: 'Neurologue joint par téléphone',
    'tell-time': 'Heure renseignée',
    score: 'Score NIHSS',
    biology: 'Biologie reçue',
    study: "Examen d'imagerie",
    images: 'Images reçues',
    'images-sent': 'Examen terminé, images envoyées',
    'confirm-identity': 'Identité confirmée',
    invite: 'Avis complémentaire demandé',
    advise: 'Avis rendu',
    'read-advice': 'Avis lu',
    decide: 'Décision consignée',
    consent: 'Consentement',
    write: 'Message',
    identity: 'Identité mise à jour',
    'hand-over': 'Relève',
    report: 'Compte rendu',
    finish: 'Terminé',
    cancel: 'Annulé',
    appointment: 'Rendez-vous',
    rung: 'Alerte',
    late: 'Rappel de délai',
    clock: "L'horloge du serveur a été remise à l'heure",
  },
  remarks: {
    'taken-back': (said) => `Une des demandes réunies est annulée par son demandeur (${said}) ; les autres restent.`,
    'other-cancel': (said) =>
      `L'annulation de la demande n° ${said} est arrivée sans l'identité de ce patient : le dossier continue. Appelez le demandeur.`,
    'other-request': (said) =>
      `Le dossier ${said} porte le même numéro ou la même INS, pour un autre patient : rien n'est réuni. Vérifiez les deux identités.`,
    'same-patient': (said) =>
      `Le dossier ${said} est désormais du même patient, dont l'identité a changé : les deux restent ouverts. Accordez-vous.`,
    'asked-again': (said) =>
      `Le dossier ${said} est du même patient : une demande faite après la réponse est un dossier à part, avec ses propres heures.`,
  },
  vias: { fhir: 'logiciel (FHIR)', hl7v2: 'logiciel (HL7 v2)', form: 'formulaire' },
  identity: {
    provisional: 'Identité provisoire',
    retrieved: 'Identité récupérée',
    validated: 'Identité validée',
    qualified: 'Identité qualifiée',
  },
  identityToCheck: 'Identité à vérifier',
  toVerify: 'à vérifier',
  joined: (requests) => (requests < 2 ? '1 demande' : `${requests} demandes réunies`),
  imagesOf: (received, expected) =>
    expected === null ? `${received} image${received < 2 ? '' : 's'}` : `Images ${received} sur ${expected}`,
  imagesHeld: 'Images retenues : identité à vérifier',
  noTime: 'heure inconnue',
  chipImages: 'Images',
  chipBiology: 'Biologie',
  reached: { done: 'fait', now: 'en cours', waits: 'à venir', held: 'bloqué' },
}

const EN: CaseWords = {
  drill: 'EXERCISE',
  test: 'Test',
  late: 'Late entry',
  kinds: { stroke: 'Tele-stroke', teleconsultation: 'Teleconsultation', 'tele-expertise': 'Tele-expertise' },
  states: {
    requested: 'Requested',
    seen: 'Seen',
    accepted: 'Accepted',
    refused: 'Refused by every centre',
    planned: 'Appointment booked',
    arrived: 'Patient arrived',
    advised: 'Advice given',
    'advice-read': 'Advice read',
    decided: 'Decision recorded',
    done: 'Done',
    cancelled: 'Cancelled',
  },
  parts: {
    requester: 'Requester',
    centre: 'Expert centre',
    imaging: "Site's imaging",
    interventional: 'Interventional neuroradiology',
    coordination: 'Coordination',
  },
  times: {
    'last-seen-well': 'Last known well',
    onset: 'Witnessed onset',
    discovery: 'Discovery, waking',
    'first-contact': 'First medical contact',
    arrival: 'Arrival',
    'imaging-begun': 'Imaging begun',
    'imaging-ended': 'Imaging ended',
    needle: 'Thrombolysis begun',
    'groin-puncture': 'Groin puncture',
    'transfer-departure': 'Transfer departed',
    'transfer-arrival': 'Transfer arrived',
  },
  precisions: {
    minute: 'to the minute',
    'quarter-hour': 'to the quarter of an hour',
    hour: 'to the hour',
    'half-day': 'to half a day',
    day: 'to the day',
  },
  sources: {
    witness: 'witness',
    patient: 'patient',
    carer: 'family or carer',
    record: 'record',
    system: 'software',
    estimate: 'estimate',
  },
  told: {
    'duty-1': 'Expert on duty',
    'duty-2': 'Second expert on duty',
    coordination: 'Coordination',
    'next-centre': 'Next centre',
    requester: 'Requester',
    owner: 'Centre that accepted',
    imaging: "Site's imaging",
    everybody: 'Everybody',
  },
  channels: {
    console: 'Screen and sound',
    sms: 'Short message',
    voice: 'Call',
    webhook: 'Webhook',
    system: "Centre's software",
  },
  delays: {
    'seen-not-accepted': 'Seen, not yet accepted',
    'accepted-without-advice': 'Accepted, advice awaited',
    'images-absent': 'Images asked for, not yet received',
    'transfer-stalled': 'Transfer of images stalled',
    'advice-not-opened': 'Advice given, not yet read by the requester',
    'decision-not-recorded': 'Decision not yet recorded',
    'request-undelivered': "Request not yet delivered to the centre's software",
    'answer-due': 'Answer awaited',
  },
  acts: {
    request: 'Request',
    separate: 'Requests separated',
    see: 'Seen by the centre',
    accept: 'Accepted',
    refuse: 'Refused',
    reached: 'Neurologist reached by phone',
    'tell-time': 'Time told',
    score: 'NIHSS score',
    biology: 'Biology received',
    study: 'Imaging study',
    images: 'Images received',
    'images-sent': 'Study done, images sent',
    'confirm-identity': 'Identity confirmed',
    invite: 'Further advice asked for',
    advise: 'Advice given',
    'read-advice': 'Advice read',
    decide: 'Decision recorded',
    consent: 'Consent',
    write: 'Message',
    identity: 'Identity updated',
    'hand-over': 'Hand-over',
    report: 'Report',
    finish: 'Done',
    cancel: 'Cancelled',
    appointment: 'Appointment',
    rung: 'Alert',
    late: 'Reminder of a delay',
    clock: 'The clock of the server was set',
  },
  remarks: {
    'taken-back': (said) => `One of the joined requests was taken back by its requester (${said}); the others stay.`,
    'other-cancel': (said) =>
      `Request no. ${said} was cancelled without this patient's identity: the case goes on. Call the requester.`,
    'other-request': (said) =>
      `Case ${said} has the same number or INS, and another patient: nothing was joined. Check both identities.`,
    'same-patient': (said) =>
      `Case ${said} is of the same patient since an identity changed: both stay open. Agree on them.`,
    'asked-again': (said) =>
      `Case ${said} is of the same patient: what is asked after the answer is a case of its own, with its own times.`,
  },
  vias: { fhir: 'software (FHIR)', hl7v2: 'software (HL7 v2)', form: 'form' },
  identity: {
    provisional: 'Provisional identity',
    retrieved: 'Retrieved identity',
    validated: 'Validated identity',
    qualified: 'Qualified identity',
  },
  identityToCheck: 'Identity to check',
  toVerify: 'to verify',
  joined: (requests) => (requests < 2 ? '1 request' : `${requests} requests joined`),
  imagesOf: (received, expected) =>
    expected === null ? `${received} image${received === 1 ? '' : 's'}` : `Images ${received} of ${expected}`,
  imagesHeld: 'Images held: identity to check',
  noTime: 'time unknown',
  chipImages: 'Images',
  chipBiology: 'Biology',
  reached: { done: 'done', now: 'under way', waits: 'to come', held: 'held' },
}

/** The catalogue of each language. */
export const CASE_WORDS: Readonly<Record<Language, CaseWords>> = { fr: FR, en: EN }

/** What was written, by people or by the gateway itself. */
export function writtenText({ text, remark }: Extract<Act, { what: 'write' }>, language: Language): string {
  return remark === undefined ? text : CASE_WORDS[language].remarks[remark](text)
}
