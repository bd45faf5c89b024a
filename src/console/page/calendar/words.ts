import type { AppointmentStatus, CancelReason, SessionRole } from '../../../core/appointments.ts'
import type { LinkState } from '../../../core/case-sheet.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Every word of the pages of appointments, in one language. */
export interface CalendarWords {
  readonly title: string
  readonly lead: string
  readonly none: string
  readonly service: string
  readonly week: (monday: string) => string
  readonly before: string
  readonly after: string
  readonly today: string
  readonly noSlots: string
  readonly free: string
  readonly busy: string
  readonly choose: (time: string, centre: string) => string
  readonly bookFor: (number: string) => string
  readonly moveFor: (number: string) => string
  readonly stopBooking: string
  readonly toPlan: string
  readonly toPlanLead: string
  readonly moreToPlan: (n: number) => string
  readonly plan: string
  readonly publish: string
  readonly publishLead: string
  readonly centre: string
  readonly date: string
  readonly from: string
  readonly until: string
  readonly minutes: string
  readonly weeks: string
  readonly offer: string
  readonly offered: (n: number) => string
  readonly wrongHours: string
  readonly withdraw: string
  readonly withdrawSlot: (time: string) => string
  readonly one: (number: string) => string
  readonly status: string
  readonly statuses: Readonly<Record<AppointmentStatus, string>>
  readonly when: string
  readonly site: string
  readonly caseLink: string
  readonly sheetLink: string
  readonly case: string
  readonly noClinical: string
  readonly patient: string
  readonly name: string
  readonly birth: string
  readonly identity: string
  readonly identifiers: string
  readonly asked: string
  readonly closed: string
  readonly noAppointment: string
  readonly documents: string
  readonly noDocument: string
  readonly photo: (n: number) => string
  readonly document: (n: number) => string
  readonly links: Readonly<Record<LinkState, string>>
  readonly waiting: string
  readonly waits: (since: string) => string
  readonly notHere: string
  readonly roles: Readonly<Record<SessionRole, string>>
  readonly arrives: Readonly<Record<SessionRole, string>>
  readonly join: string
  readonly joinLink: string
  readonly joinUntil: (time: string) => string
  readonly fulfil: string
  readonly noShow: string
  readonly move: string
  readonly cancel: string
  readonly cancelReason: string
  readonly reasons: Readonly<Record<CancelReason, string>>
  readonly stale: string
  readonly back: string
  readonly acts: string
}

const FR: CalendarWords = {
  title: 'Rendez-vous',
  lead: 'Créneaux des centres par semaine. Aucune donnée clinique ici : un numéro de dossier, un site, une heure.',
  none: "Aucun service avec rendez-vous n'est ouvert dans la région.",
  service: 'Service',
  week: (monday) => `Semaine du ${monday}`,
  before: 'Semaine précédente',
  after: 'Semaine suivante',
  today: 'Cette semaine',
  noSlots: 'Aucun créneau ce jour',
  free: 'libre',
  busy: 'occupé',
  choose: (time, centre) => `Choisir ${time}, ${centre}`,
  bookFor: (number) => `Dossier ${number} : choisissez un créneau libre, il est réservé aussitôt.`,
  moveFor: (number) => `Rendez-vous du dossier ${number} : choisissez le nouveau créneau.`,
  stopBooking: 'Ne plus choisir',
  toPlan: 'Dossiers sans rendez-vous',
  toPlanLead: 'Téléconsultations demandées, à placer dans un créneau, la plus ancienne en tête.',
  moreToPlan: (n) => `D'autres attendent, arrivés après ceux-ci : ${n}.`,
  plan: 'Choisir un créneau',
  publish: 'Proposer des créneaux',
  publishLead:
    "Le temps proposé est coupé en créneaux ; il peut se répéter chaque semaine. Rien n'est ajouté s'il en recouvre d'autres.",
  centre: 'Centre',
  date: 'Premier jour',
  from: 'De',
  until: 'À',
  minutes: "Durée d'un créneau (min)",
  weeks: 'Pendant combien de semaines',
  offer: 'Proposer',
  offered: (n) => (n === 1 ? '1 créneau ajouté.' : `${n} créneaux ajoutés.`),
  wrongHours: "Rien n'est ajouté : vérifiez le jour, les heures et la durée.",
  withdraw: 'Retirer',
  withdrawSlot: (time) => `Retirer le créneau de ${time}`,
  one: (number) => `Rendez-vous ${number}`,
  status: 'État',
  statuses: {
    proposed: 'Proposé',
    booked: 'Réservé',
    arrived: "En salle d'attente",
    fulfilled: 'Honoré',
    cancelled: 'Annulé',
    noshow: 'Résident absent',
  },
  when: 'Quand',
  site: 'Site',
  caseLink: 'Ouvrir le dossier',
  sheetLink: 'Rendez-vous et documents du dossier',
  case: 'Dossier',
  noClinical: 'Vous voyez les rendez-vous de ce dossier, sans les données cliniques.',
  patient: 'Patient',
  name: 'Nom',
  birth: 'Naissance',
  identity: 'Identité',
  identifiers: 'Identifiants',
  asked: 'Demandé',
  closed: 'Clos',
  noAppointment: 'Aucun rendez-vous.',
  documents: 'Photos et documents',
  noDocument: 'Aucun document.',
  photo: (n) => `Photo ${n}`,
  document: (n) => `Document ${n} (PDF)`,
  links: {
    none: 'sans séance en ligne',
    early: 'lien de séance : pas encore ouvert',
    open: 'lien de séance : ouvert',
    over: 'lien de séance : fermé',
    consent: 'lien de séance : attend le consentement',
  },
  waiting: "Salle d'attente",
  waits: (since) => `présent depuis ${since}`,
  notHere: 'pas encore là',
  roles: { requester: 'Professionnel du site', patient: 'Patient ou résident', expert: 'Expert' },
  arrives: { requester: 'Le professionnel est là', patient: 'Le patient est là', expert: "L'expert est là" },
  join: 'Ouvrir la visioconférence',
  joinLink: 'Rejoindre la visioconférence',
  joinUntil: (time) => `Ce lien est pour vous seul, jusqu'à ${time}.`,
  fulfil: 'Séance tenue',
  noShow: 'Résident absent',
  move: 'Déplacer',
  cancel: 'Annuler le rendez-vous',
  cancelReason: 'Raison',
  reasons: {
    patient: 'à la demande du patient',
    site: 'le site ne peut pas',
    centre: 'le centre ne peut pas',
    technical: 'panne technique',
    consent: 'consentement retiré',
    other: 'autre',
  },
  stale: 'Connexion perdue : état tel que vu en dernier.',
  back: 'Tous les rendez-vous',
  acts: 'Agir',
}

const EN: CalendarWords = {
  title: 'Appointments',
  lead: 'Slots of the centres by week. No clinical data here: a number of a case, a site, a time.',
  none: 'No service with appointments is open in the region.',
  service: 'Service',
  week: (monday) => `Week of ${monday}`,
  before: 'Week before',
  after: 'Week after',
  today: 'This week',
  noSlots: 'No slot on this day',
  free: 'free',
  busy: 'busy',
  choose: (time, centre) => `Choose ${time}, ${centre}`,
  bookFor: (number) => `Case ${number}: choose a free slot, it is booked at once.`,
  moveFor: (number) => `Appointment of case ${number}: choose the new slot.`,
  stopBooking: 'Choose no more',
  toPlan: 'Cases without appointment',
  toPlanLead: 'Teleconsultations that were asked for, to be given a slot, the oldest first.',
  moreToPlan: (n) => `More wait, that came after these: ${n}.`,
  plan: 'Choose a slot',
  publish: 'Offer slots',
  publishLead:
    'The time offered is cut into slots; it may come again each week. Nothing is added when it covers others.',
  centre: 'Centre',
  date: 'First day',
  from: 'From',
  until: 'Until',
  minutes: 'Length of a slot (min)',
  weeks: 'For how many weeks',
  offer: 'Offer',
  offered: (n) => (n === 1 ? '1 slot added.' : `${n} slots added.`),
  wrongHours: 'Nothing was added: check the day, the hours and the length.',
  withdraw: 'Withdraw',
  withdrawSlot: (time) => `Withdraw the slot of ${time}`,
  one: (number) => `Appointment ${number}`,
  status: 'State',
  statuses: {
    proposed: 'Proposed',
    booked: 'Booked',
    arrived: 'In the waiting room',
    fulfilled: 'Held',
    cancelled: 'Cancelled',
    noshow: 'No-show',
  },
  when: 'When',
  site: 'Site',
  caseLink: 'Open the case',
  sheetLink: 'Appointments and documents of the case',
  case: 'Case',
  noClinical: 'You see the appointments of this case, without clinical data.',
  patient: 'Patient',
  name: 'Name',
  birth: 'Birth',
  identity: 'Identity',
  identifiers: 'Identifiers',
  asked: 'Requested',
  closed: 'Closed',
  noAppointment: 'No appointment.',
  documents: 'Photos and documents',
  noDocument: 'No document.',
  photo: (n) => `Photo ${n}`,
  document: (n) => `Document ${n} (PDF)`,
  links: {
    none: 'no session online',
    early: 'session link: not open yet',
    open: 'session link: open',
    over: 'session link: closed',
    consent: 'session link: waits for consent',
  },
  waiting: 'Waiting room',
  waits: (since) => `here since ${since}`,
  notHere: 'not here yet',
  roles: { requester: 'Professional of the site', patient: 'Patient or resident', expert: 'Expert' },
  arrives: { requester: 'The professional is here', patient: 'The patient is here', expert: 'The expert is here' },
  join: 'Open the video session',
  joinLink: 'Join the video session',
  joinUntil: (time) => `This link is for you alone, until ${time}.`,
  fulfil: 'Session held',
  noShow: 'No-show',
  move: 'Move',
  cancel: 'Cancel the appointment',
  cancelReason: 'Reason',
  reasons: {
    patient: 'asked by the patient',
    site: 'the site cannot',
    centre: 'the centre cannot',
    technical: 'technical failure',
    consent: 'consent taken back',
    other: 'other',
  },
  stale: 'Connection lost: state as seen last.',
  back: 'All appointments',
  acts: 'Act',
}

/** The catalogue of each language. */
export const CALENDAR_WORDS: Readonly<Record<Language, CalendarWords>> = { fr: FR, en: EN }
