import type { Language } from '../../../formats/http/language.ts'

/** Every word of the pages of duty, in one language. */
export interface DutyWords {
  readonly title: string
  readonly lead: string
  readonly none: string
  readonly week: (monday: string) => string
  readonly before: string
  readonly after: string
  readonly coordination: string
  readonly places: Readonly<Record<0 | 1 | 2, string>>
  readonly place: string
  readonly nobody: (hours: string) => string
  readonly change: string
  readonly changeTitle: (rota: string) => string
  readonly changeLead: string
  readonly running: string
  readonly columns: Readonly<
    Record<'place' | 'person' | 'rpps' | 'phone' | 'mobile' | 'from' | 'until' | 'remove', string>
  >
  readonly line: (n: number) => string
  readonly removeLine: (n: number) => string
  readonly more: string
  readonly save: string
  readonly refused: string
  readonly empty: (place: string, from: string, until: string) => string
  readonly overlap: (place: string, people: string, from: string, until: string) => string
  readonly wrong: Readonly<Record<'hours' | 'person' | 'number' | 'place', string>>
  readonly dutyOf: (person: string) => string
  readonly from: string
  readonly until: string
  readonly phone: string
  readonly taken: (when: string, by: string) => string
  readonly notTaken: string
  readonly takenShort: string
  readonly testTitle: string
  readonly testLead: string
  readonly sound: string
  readonly soundPlayed: string
  readonly test: string
  readonly noChannel: string
  readonly notices: string
  readonly channels: Readonly<Record<'sms' | 'voice', string>>
  readonly states: Readonly<Record<'waiting' | 'sent' | 'delivered' | 'failed' | 'dropped', string>>
  readonly heard: string
  readonly heardSound: string
  readonly heardSms: string
  readonly heardVoice: string
  readonly take: string
  readonly takeAgain: string
  readonly handOver: string
  readonly handOverLead: string
  readonly handOverNone: string
  readonly handTo: string
  readonly hand: string
  readonly handed: (n: number) => string
  readonly noNext: string
  readonly back: string
}

const FR: DutyWords = {
  title: 'Tableau de garde',
  lead: "Qui répond, par centre et par service. Une heure sans personne est signalée une semaine à l'avance.",
  none: "Aucun tableau de garde : aucun service de télémédecine n'est ouvert à vos établissements.",
  week: (monday) => `Semaine du ${monday}`,
  before: 'Semaine précédente',
  after: 'Semaine suivante',
  coordination: 'Coordination régionale',
  places: { 0: 'Coordination', 1: '1er de garde', 2: '2e de garde' },
  place: 'Place',
  nobody: (hours) => `Personne ${hours}`,
  change: 'Modifier',
  changeTitle: (rota) => `Modifier la garde : ${rota}`,
  changeLead:
    "Chaque ligne est une garde qui commence dans la semaine ; la dernière peut finir après. Le tableau n'est enregistré que si aucune heure n'est vide et si personne ne se chevauche.",
  running: 'Gardes commencées avant la semaine (elles restent)',
  columns: {
    place: 'Place',
    person: 'Nom',
    rpps: 'RPPS',
    phone: 'Téléphone',
    mobile: 'Mobile pour SMS',
    from: 'Début',
    until: 'Fin',
    remove: 'Retirer',
  },
  line: (n) => `Garde ${n}`,
  removeLine: (n) => `Retirer la garde ${n}`,
  more: 'Ajouter des lignes',
  save: 'Enregistrer le tableau',
  refused: "Rien n'est enregistré. À reprendre :",
  empty: (place, from, until) => `${place} : personne du ${from} au ${until}`,
  overlap: (place, people, from, until) => `${place} : ${people} ensemble du ${from} au ${until}`,
  wrong: {
    hours: 'le début est hors de la semaine, ou la fin avant le début',
    person: 'le nom manque, ou le RPPS n’a pas 11 chiffres',
    number: "ce n'est pas un numéro de téléphone",
    place: "cette place n'existe pas ici",
  },
  dutyOf: (person) => `Garde de ${person}`,
  from: 'Du',
  until: 'Au',
  phone: 'Téléphone',
  taken: (when, by) => `Prise le ${when} par ${by}`,
  notTaken: 'Pas encore prise',
  takenShort: 'prise',
  testTitle: 'Vérifier les alertes',
  testLead: 'Avant de prendre la garde : écoutez le son de ce poste, et recevez un SMS et un appel de test.',
  sound: 'Écouter le son',
  soundPlayed: "Le son vient d'être joué.",
  test: 'Envoyer le SMS et appeler',
  noChannel: "La région n'a ni SMS ni appel : seul le son de l'écran prévient.",
  notices: 'Tests envoyés',
  channels: { sms: 'SMS', voice: 'Appel' },
  states: {
    waiting: "En attente d'envoi",
    sent: 'Envoyé',
    delivered: 'Remis',
    failed: 'Non remis',
    dropped: 'Sans objet',
  },
  heard: "Ce que j'ai entendu ou reçu",
  heardSound: 'Le son de ce poste',
  heardSms: 'Le SMS de test',
  heardVoice: "L'appel de test",
  take: 'Je prends la garde',
  takeAgain: 'Consigner à nouveau',
  handOver: 'Relève',
  handOverLead: 'Dossiers en cours du centre, à transmettre à qui prend la suite.',
  handOverNone: "Aucun dossier en cours : rien n'est à transmettre.",
  handTo: 'Transmettre à',
  hand: 'Transmettre ces dossiers',
  handed: (n) => (n === 1 ? '1 dossier transmis.' : `${n} dossiers transmis.`),
  noNext: "Personne n'est inscrit après cette garde : complétez le tableau.",
  back: 'Tableau de garde',
}

const EN: DutyWords = {
  title: 'Duty rota',
  lead: 'Who answers, by centre and service. An hour without anybody is told a week ahead.',
  none: 'No rota: no telemedicine service is open to your establishments.',
  week: (monday) => `Week of ${monday}`,
  before: 'Week before',
  after: 'Week after',
  coordination: 'Coordination of the region',
  places: { 0: 'Coordination', 1: 'First on duty', 2: 'Second on duty' },
  place: 'Place',
  nobody: (hours) => `Nobody ${hours}`,
  change: 'Change',
  changeTitle: (rota) => `Change the rota: ${rota}`,
  changeLead:
    'Each line is a duty that begins in the week; the last may end after it. The rota is saved only when no hour is empty and nobody overlaps.',
  running: 'Duties that began before the week (they stay)',
  columns: {
    place: 'Place',
    person: 'Name',
    rpps: 'RPPS',
    phone: 'Telephone',
    mobile: 'Mobile for SMS',
    from: 'From',
    until: 'Until',
    remove: 'Remove',
  },
  line: (n) => `Duty ${n}`,
  removeLine: (n) => `Remove duty ${n}`,
  more: 'Add lines',
  save: 'Save the rota',
  refused: 'Nothing was saved. Please look again at:',
  empty: (place, from, until) => `${place}: nobody from ${from} until ${until}`,
  overlap: (place, people, from, until) => `${place}: ${people} together from ${from} until ${until}`,
  wrong: {
    hours: 'it begins outside the week, or ends before it begins',
    person: 'the name is missing, or the RPPS has not 11 digits',
    number: 'this is no telephone number',
    place: 'there is no such place here',
  },
  dutyOf: (person) => `Duty of ${person}`,
  from: 'From',
  until: 'Until',
  phone: 'Telephone',
  taken: (when, by) => `Taken on ${when} by ${by}`,
  notTaken: 'Not taken yet',
  takenShort: 'taken',
  testTitle: 'Check the alerts',
  testLead: 'Before you take the duty: hear the sound of this screen, and receive a test message and call.',
  sound: 'Hear the sound',
  soundPlayed: 'The sound was played.',
  test: 'Send the message and call',
  noChannel: 'The region has neither short messages nor calls: only the sound of the screen tells.',
  notices: 'Tests sent',
  channels: { sms: 'Short message', voice: 'Call' },
  states: { waiting: 'Waiting', sent: 'Sent', delivered: 'Delivered', failed: 'Not delivered', dropped: 'Dropped' },
  heard: 'What I heard or received',
  heardSound: 'The sound of this screen',
  heardSms: 'The test message',
  heardVoice: 'The test call',
  take: 'I take the duty',
  takeAgain: 'Record again',
  handOver: 'Hand-over',
  handOverLead: 'Cases of the centre that go on, to be handed to who comes next.',
  handOverNone: 'No case goes on: nothing is to be handed over.',
  handTo: 'Hand over to',
  hand: 'Hand over these cases',
  handed: (n) => (n === 1 ? '1 case handed over.' : `${n} cases handed over.`),
  noNext: 'Nobody comes after this duty: complete the rota.',
  back: 'Duty rota',
}

/** The catalogue of each language. */
export const DUTY_WORDS: Readonly<Record<Language, DutyWords>> = { fr: FR, en: EN }
