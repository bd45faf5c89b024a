import type { Language } from '../../../formats/http/language.ts'

/** Every word of the pages and prints of the degraded mode, in one language. */
export interface DegradedWords {
  readonly title: string
  readonly lead: string
  readonly none: string
  readonly kitOf: (site: string) => string
  readonly madeAt: (when: string) => string
  readonly kept: string
  readonly notKept: string
  readonly print: string
  readonly nightly: string
  readonly late: string
  readonly back: string
  readonly numbers: string
  readonly centre15: string
  readonly coordination: string
  readonly places: Readonly<Record<0 | 1 | 2, string>>
  readonly columns: Readonly<Record<'place' | 'person' | 'phone' | 'from' | 'until', string>>
  readonly nobody: string
  readonly steps: string
  readonly stepList: readonly string[]
  readonly sheet: (service: string) => string
  readonly sheetLead: string
  readonly fields: Readonly<Record<SheetField, string>>
  readonly dayHour: string
}

/** Lines of the blank sheet that every service has. */
export type SheetField =
  | 'site'
  | 'written'
  | 'family'
  | 'given'
  | 'birth'
  | 'sex'
  | 'ipp'
  | 'reason'
  | 'callBack'
  | 'reached'
  | 'advice'
  | 'decision'
  | 'by'
  | 'images'
  | 'nihss'

const FR: DegradedWords = {
  title: 'Procédure dégradée',
  lead: 'Un dossier à imprimer par site, pour quand la plateforme ne répond pas. Ces pages restent lisibles dans ce navigateur même sans réseau, une fois ouvertes ici.',
  none: "Aucun de vos établissements ne demande d'avis en urgence : il n'y a rien à imprimer.",
  kitOf: (site) => `Procédure dégradée : ${site}`,
  madeAt: (when) => `Établi le ${when}. Il ne contient aucune donnée de patient.`,
  kept: 'Gardé dans ce navigateur : lisible sans réseau.',
  notKept: 'Ce navigateur ne garde pas ces pages (il faut une connexion chiffrée) : imprimez-les.',
  print: "Imprimez cette page (Ctrl + P) et rangez-la près du téléphone de l'urgence.",
  nightly: 'Fichier de la nuit',
  late: 'Au retour de la plateforme : saisir a posteriori',
  back: 'Tous les sites',
  numbers: 'Qui appeler',
  centre15: 'Centre 15 (SAMU), à tout moment',
  coordination: 'Coordination régionale',
  places: { 0: 'Coordination', 1: '1er de garde', 2: '2e de garde' },
  columns: { place: 'Place', person: 'Nom', phone: 'Téléphone', from: 'Du', until: 'Au' },
  nobody: "Personne n'est inscrit : passez au centre suivant ou au Centre 15.",
  steps: 'Que faire',
  stepList: [
    'Notez l’heure à l’horloge du mur, et remplissez la feuille ci-dessous.',
    'Appelez le 1er de garde du premier centre ; sans réponse, le 2e, puis le centre suivant.',
    'Sans réponse de personne : appelez le Centre 15.',
    'Transmettez les images par le moyen de secours de votre imagerie (envoi direct, support physique).',
    'Écrivez le nom de la personne jointe, l’heure, son avis mot pour mot, et la décision.',
    'Au retour de la plateforme, recopiez chaque feuille par « Saisie a posteriori », avec les heures réelles.',
  ],
  sheet: (service) => `Feuille : ${service}`,
  sheetLead: 'Une feuille par patient. Elle rejoint le dossier du patient.',
  fields: {
    site: 'Établissement',
    written: 'Remplie le / à',
    family: 'Nom de naissance',
    given: 'Prénom',
    birth: 'Date de naissance',
    sex: 'Sexe',
    ipp: 'IPP',
    reason: 'Motif',
    callBack: 'Numéro où vous rappeler',
    reached: 'Expert joint (nom, centre) / à',
    advice: 'Avis, mot pour mot',
    decision: 'Décision / à',
    by: 'Remplie par',
    images: 'Images transmises par / à',
    nihss: 'NIHSS (total sur 42)',
  },
  dayHour: 'jour et heure',
}

const EN: DegradedWords = {
  title: 'Degraded mode',
  lead: 'A kit to print for each site, for when the platform does not answer. These pages stay readable in this browser without a network, once they were opened here.',
  none: 'None of your establishments asks for emergency advice: there is nothing to print.',
  kitOf: (site) => `Degraded mode: ${site}`,
  madeAt: (when) => `Made on ${when}. It holds no data of any patient.`,
  kept: 'Kept in this browser: readable without a network.',
  notKept: 'This browser does not keep these pages (it needs an encrypted connection): print them.',
  print: 'Print this page (Ctrl + P) and keep it by the telephone of the emergency ward.',
  nightly: 'File of the night',
  late: 'When the platform is back: late entry',
  back: 'All sites',
  numbers: 'Whom to call',
  centre15: 'Centre 15 (SAMU), at any time',
  coordination: 'Coordination of the region',
  places: { 0: 'Coordination', 1: 'First on duty', 2: 'Second on duty' },
  columns: { place: 'Place', person: 'Name', phone: 'Telephone', from: 'From', until: 'Until' },
  nobody: 'Nobody is on the rota: go on to the next centre or to the Centre 15.',
  steps: 'What to do',
  stepList: [
    'Note the time of the clock on the wall, and fill in the sheet below.',
    'Call the first on duty of the first centre; without an answer the second, then the next centre.',
    'Without an answer from anybody: call the Centre 15.',
    'Send the images by the fallback of your imaging (direct, or on a medium).',
    'Write down whom you reached, when, the advice word for word, and the decision.',
    'When the platform is back, copy each sheet by “Late entry”, with the true times.',
  ],
  sheet: (service) => `Sheet: ${service}`,
  sheetLead: 'One sheet for each patient. It goes to the patient’s file.',
  fields: {
    site: 'Establishment',
    written: 'Filled in on / at',
    family: 'Name at birth',
    given: 'Given name',
    birth: 'Date of birth',
    sex: 'Sex',
    ipp: 'Patient number',
    reason: 'Reason',
    callBack: 'Number to call you back',
    reached: 'Expert reached (name, centre) / at',
    advice: 'Advice, word for word',
    decision: 'Decision / at',
    by: 'Filled in by',
    images: 'Images sent by / at',
    nihss: 'NIHSS (total of 42)',
  },
  dayHour: 'day and time',
}

/** The catalogue of each language. */
export const DEGRADED_WORDS: Readonly<Record<Language, DegradedWords>> = { fr: FR, en: EN }
