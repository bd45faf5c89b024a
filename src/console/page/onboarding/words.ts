import type { Hindrance, OnboardingState, ProbeStep } from '../../../core/onboarding.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Every word of the pages of onboarding, in one language. */
export interface OnboardingWords {
  readonly title: string
  readonly states: Readonly<Record<OnboardingState, string>>
  readonly counts: string
  readonly lead: string
  readonly all: string
  readonly none: string
  readonly establishment: string
  readonly flow: string
  readonly state: string
  readonly progress: string
  readonly steps: (done: string, needed: string) => string
  readonly since: string
  readonly begin: string
  readonly beginTells: string
  readonly known: string
  readonly another: string
  readonly newId: string
  readonly newName: string
  readonly beginAct: string
  readonly of: (name: string, flow: string) => string
  readonly sheet: string
  readonly block: string
  readonly back: string
  readonly guide: string
  readonly step: Readonly<Record<'open' | 'done', string>>
  readonly optional: string
  readonly forAll: string
  readonly owner: string
  readonly on: string
  readonly note: string
  readonly writtenBy: string
  readonly write: string
  readonly save: string
  readonly finish: string
  readonly reopen: string
  readonly reopenTells: string
  readonly test: string
  readonly tested: string
  readonly reached: Readonly<Record<ProbeStep, string>>
  readonly finess: Readonly<Record<'same' | 'absent' | 'taken' | 'form' | 'key' | 'keyless', string>>
  readonly subject: string
  readonly issuer: string
  readonly until: string
  readonly fingerprint: string
  readonly declared: string
  readonly declaredTells: Readonly<Record<'yes' | 'no', string>>
  readonly cases: string
  readonly noBook: string
  readonly case: string
  readonly result: string
  readonly results: Readonly<Record<'passed' | 'failed' | 'waiting', string>>
  readonly message: string
  readonly how: string
  readonly example: string
  readonly sandboxTells: (doors: string) => string
  readonly trials: string
  readonly noTrial: string
  readonly strangers: string
  readonly when: string
  readonly kind: string
  readonly controlId: string
  readonly answer: string
  readonly noAnswer: string
  readonly told: string
  readonly taken: string
  readonly again: string
  readonly signatures: string
  readonly noSignature: string
  readonly who: string
  readonly why: string
  readonly signTells: string
  readonly reason: string
  readonly sign: string
  readonly withdraw: string
  readonly suspend: string
  readonly resume: string
  readonly management: string
  readonly history: string
  readonly noHistory: string
  readonly act: string
  readonly acts: Readonly<Record<string, string>>
  readonly hindrances: Readonly<Record<Hindrance, string>>
  readonly blockTells: string
  readonly blockText: string
}

const FR: OnboardingWords = {
  title: 'Raccordements',
  states: {
    'to-connect': 'À raccorder',
    qualifying: 'En qualification',
    production: 'En production',
    suspended: 'Suspendu',
  },
  counts: 'Raccordements par état',
  lead: 'Un raccordement mène un établissement, pour un flux, de la convention à la mise en production.',
  all: 'Raccordements en cours et terminés',
  none: "Aucun raccordement. Commencez-en un ci-dessous : choisissez un établissement et ce qu'il échangera.",
  establishment: 'Établissement',
  flow: 'Flux',
  state: 'État',
  progress: 'Étapes',
  steps: (done, needed) => `${done} sur ${needed}`,
  since: 'Depuis',
  begin: 'Commencer un raccordement',
  beginTells: "L'établissement peut ne pas être encore dans le fichier de région.",
  known: 'Établissement de la région',
  another: 'Un autre (à nommer ci-dessous)',
  newId: 'Identifiant (minuscules, chiffres, traits d’union)',
  newName: 'Nom',
  beginAct: 'Commencer',
  of: (name, flow) => `${name} · ${flow}`,
  sheet: "Fiche pour l'éditeur (à imprimer)",
  block: 'Bloc pour le fichier de région',
  back: 'Retour au raccordement',
  guide: 'Référentiel',
  step: { open: 'À faire', done: 'Fait' },
  optional: 'facultatif',
  forAll: 'vaut pour tous les flux de cet établissement',
  owner: 'Responsable',
  on: 'Date',
  note: 'Note',
  writtenBy: 'Écrit par',
  write: 'Renseigner cette étape',
  save: 'Enregistrer',
  finish: "Enregistrer et terminer l'étape",
  reopen: "Rouvrir l'étape",
  reopenTells: 'Les signatures déjà données tombent.',
  test: 'Essayer la connexion',
  tested: 'Dernier essai',
  reached: {
    address: "adresse refusée : elle ne peut pas être essayée d'ici",
    name: 'nom inconnu',
    connect: 'pas de connexion',
    tls: 'connexion établie, chiffrement refusé',
    done: 'connexion établie',
  },
  finess: {
    same: "clé juste ; c'est cet établissement dans le fichier de région",
    absent: 'clé juste ; pas encore dans le fichier de région',
    taken: 'clé juste, mais déclaré pour un autre établissement',
    form: "n'est pas un numéro FINESS",
    key: 'clé fausse',
    keyless: 'sans clé',
  },
  subject: 'Titulaire',
  issuer: 'Autorité',
  until: 'Échéance',
  fingerprint: 'Empreinte SHA-256',
  declared: 'Dans le fichier de région',
  declaredTells: { yes: 'oui, pour cet établissement', no: 'pas encore' },
  cases: 'Cahier de tests',
  noBook: "Ce flux n'a pas de cahier de tests : l'étape peut être terminée avec une note.",
  case: 'Cas',
  result: 'Résultat',
  results: { passed: 'Réussi', failed: 'Échoué', waiting: 'Pas encore reçu' },
  message: 'Message',
  how: 'Ce qui est attendu',
  example: 'Exemple',
  sandboxTells: (doors) =>
    `Envoyez les messages à l'entrée d'essai (${doors}). MSH-10 commence par le nom du cas et un trait d'union. Rien n'est transmis ; le contenu n'est pas conservé.`,
  trials: "Reçus à l'entrée d'essai",
  noTrial: "Rien n'est encore arrivé à l'entrée d'essai.",
  strangers: "Reçus à l'entrée d'essai d'un émetteur non reconnu (MSH-4)",
  when: 'Quand',
  kind: 'Type',
  controlId: 'MSH-10',
  answer: 'Réponse',
  noAnswer: 'aucune',
  told: 'Motif ou anomalies',
  taken: 'pris',
  again: 'déjà reçu, même réponse',
  signatures: 'Signatures',
  noSignature: 'Personne n’a encore signé.',
  who: 'Qui',
  why: 'Motif',
  signTells: 'Deux personnes différentes signent ; la seconde signature met en production.',
  reason: 'Motif (conservé avec l’acte)',
  sign: 'Signer la mise en production',
  withdraw: 'Retirer la mise en production',
  suspend: 'Suspendre',
  resume: 'Reprendre',
  management: 'Suspendre, reprendre, retirer',
  history: 'Historique',
  noHistory: 'Rien encore.',
  act: 'Acte',
  acts: {
    'onboarding-open': 'Raccordement commencé',
    'onboarding-step': 'Étape',
    'onboarding-test': 'Connexion essayée',
    'onboarding-tested': "Résultat de l'essai",
    'onboarding-sign': 'Première signature',
    'onboarding-live': 'Seconde signature : en production',
    'onboarding-withdraw': 'Mise en production retirée',
    'onboarding-suspend': 'Suspendu',
    'onboarding-resume': 'Repris',
    done: 'terminée',
    written: 'renseignée',
    reopened: 'rouverte',
  },
  hindrances: {
    state: "Pas possible dans l'état où est ce raccordement ; relisez-le.",
    fields: "Enregistré, mais pas terminé : une information obligatoire manque ou n'est pas admise.",
    'finess-form': "Enregistré, mais pas terminé : un numéro n'est pas un numéro FINESS.",
    'finess-key': "Enregistré, mais pas terminé : la clé d'un numéro FINESS est fausse.",
    'certificate-unreadable': "Ce texte n'est pas un certificat (PEM) : rien n'est enregistré.",
    'certificate-missing': 'Enregistré, mais pas terminé : collez le certificat.',
    'certificate-expired': 'Enregistré, mais pas terminé : le certificat est échu.',
    'network-untested': "Enregistré, mais pas terminé : la connexion n'a pas été établie à cette adresse.",
    'test-book': 'Enregistré, mais pas terminé : tous les cas du cahier ne sont pas réussis.',
    'steps-open': 'Pas signé : des étapes obligatoires ne sont pas terminées.',
    'signed-already': 'Vous avez déjà signé : une autre personne doit signer à son tour.',
    overtaken: 'Quelqu’un d’autre a agi en même temps : relisez, puis recommencez.',
  },
  blockTells:
    'À reporter dans region.yaml, puis à vérifier avec « passerelle check » et à appliquer depuis la page Configuration.',
  blockText: 'Texte du bloc',
}

const EN: OnboardingWords = {
  title: 'Onboarding',
  states: { 'to-connect': 'To connect', qualifying: 'Qualifying', production: 'In production', suspended: 'Suspended' },
  counts: 'Onboardings by state',
  lead: 'An onboarding brings an establishment, for one flow, from the agreement to its go-live.',
  all: 'Onboardings under way and done',
  none: 'No onboarding. Begin one below: choose an establishment and what it will exchange.',
  establishment: 'Establishment',
  flow: 'Flow',
  state: 'State',
  progress: 'Steps',
  steps: (done, needed) => `${done} of ${needed}`,
  since: 'Since',
  begin: 'Begin an onboarding',
  beginTells: 'The establishment need not be in the region file yet.',
  known: 'Establishment of the region',
  another: 'Another one (named below)',
  newId: 'Id (lower case, digits, hyphens)',
  newName: 'Name',
  beginAct: 'Begin',
  of: (name, flow) => `${name} · ${flow}`,
  sheet: 'Sheet for the editor (to print)',
  block: 'Block for the region file',
  back: 'Back to the onboarding',
  guide: 'Guide',
  step: { open: 'To do', done: 'Done' },
  optional: 'optional',
  forAll: 'holds for all flows of this establishment',
  owner: 'Owner',
  on: 'Date',
  note: 'Note',
  writtenBy: 'Written by',
  write: 'Fill in this step',
  save: 'Save',
  finish: 'Save and end the step',
  reopen: 'Open the step again',
  reopenTells: 'Signatures given so far fall.',
  test: 'Try the connection',
  tested: 'Last try',
  reached: {
    address: 'address refused: it may not be tried from here',
    name: 'name not known',
    connect: 'no connection',
    tls: 'connected, encryption refused',
    done: 'connected',
  },
  finess: {
    same: 'key holds; this establishment in the region file',
    absent: 'key holds; not in the region file yet',
    taken: 'key holds, but declared for another establishment',
    form: 'is no FINESS number',
    key: 'wrong key',
    keyless: 'without a key',
  },
  subject: 'Subject',
  issuer: 'Issuer',
  until: 'Ends',
  fingerprint: 'SHA-256 fingerprint',
  declared: 'In the region file',
  declaredTells: { yes: 'yes, for this establishment', no: 'not yet' },
  cases: 'Test book',
  noBook: 'This flow has no test book: the step may be ended with a note.',
  case: 'Case',
  result: 'Result',
  results: { passed: 'Passed', failed: 'Failed', waiting: 'Not received yet' },
  message: 'Message',
  how: 'What is expected',
  example: 'Example',
  sandboxTells: (doors) =>
    `Send the messages to the sandbox door (${doors}). MSH-10 begins with the name of the case and a hyphen. Nothing is passed on; the content is not kept.`,
  trials: 'Received at the sandbox door',
  noTrial: 'Nothing has come to the sandbox door yet.',
  strangers: 'Received at the sandbox door from a sender that is not recognised (MSH-4)',
  when: 'When',
  kind: 'Kind',
  controlId: 'MSH-10',
  answer: 'Answer',
  noAnswer: 'none',
  told: 'Reason or findings',
  taken: 'taken',
  again: 'received before, same answer',
  signatures: 'Signatures',
  noSignature: 'Nobody has signed yet.',
  who: 'Who',
  why: 'Reason',
  signTells: 'Two different people sign; the second signature is the go-live.',
  reason: 'Reason (kept with the act)',
  sign: 'Sign the go-live',
  withdraw: 'Take the go-live back',
  suspend: 'Suspend',
  resume: 'Resume',
  management: 'Suspend, resume, take back',
  history: 'History',
  noHistory: 'Nothing yet.',
  act: 'Act',
  acts: {
    'onboarding-open': 'Onboarding begun',
    'onboarding-step': 'Step',
    'onboarding-test': 'Connection tried',
    'onboarding-tested': 'What the try showed',
    'onboarding-sign': 'First signature',
    'onboarding-live': 'Second signature: in production',
    'onboarding-withdraw': 'Go-live taken back',
    'onboarding-suspend': 'Suspended',
    'onboarding-resume': 'Resumed',
    done: 'done',
    written: 'filled in',
    reopened: 'opened again',
  },
  hindrances: {
    state: 'Not possible in the state of this onboarding; read it again.',
    fields: 'Saved, but not ended: something needed is missing or not admitted.',
    'finess-form': 'Saved, but not ended: a number is no FINESS number.',
    'finess-key': 'Saved, but not ended: the key of a FINESS number is wrong.',
    'certificate-unreadable': 'This text is no certificate (PEM): nothing was saved.',
    'certificate-missing': 'Saved, but not ended: paste the certificate.',
    'certificate-expired': 'Saved, but not ended: the certificate has expired.',
    'network-untested': 'Saved, but not ended: no connection was made to this address.',
    'test-book': 'Saved, but not ended: not all cases of the book are passed.',
    'steps-open': 'Not signed: steps that are needed are not done.',
    'signed-already': 'You have signed already: another person must sign too.',
    overtaken: 'Somebody else acted at the same time: read it again, then try once more.',
  },
  blockTells:
    'To be put into region.yaml, then checked with “passerelle check” and applied from the page Configuration.',
  blockText: 'Text of the block',
}

/** The catalogue of each language. */
export const ONBOARDING_WORDS: Readonly<Record<Language, OnboardingWords>> = { fr: FR, en: EN }
