import type { Role } from '../../core/roles.ts'
import type { Language } from '../../formats/http/language.ts'
import type { Ending } from './sessions.ts'

/** Every word of sign-in and of the page on one's session, in one language. */
export interface SignInWords {
  readonly signIn: string
  readonly with: (provider: string) => string
  readonly providersLead: string
  readonly noWay: string
  readonly demo: string
  readonly demoLead: string
  readonly signedOut: string
  readonly emergency: string
  readonly emergencyLead: string
  readonly emergencyOpen: string
  readonly account: string
  readonly password: string
  readonly oneTimeCode: string
  readonly chooseRole: string
  readonly chooseRoleLead: (who: string) => string
  readonly take: (role: string) => string
  readonly session: string
  readonly you: string
  readonly name: string
  readonly role: string
  readonly reach: string
  readonly wholeRegion: string
  readonly nothing: string
  readonly products: string
  readonly content: string
  readonly yes: string
  readonly by: string
  readonly since: string
  readonly lastUsed: string
  readonly endsAt: string
  readonly endsUnused: string
  readonly byKey: string
  readonly noOverview: string
  readonly otherRoles: string
  readonly mine: string
  readonly noOther: string
  readonly all: string
  readonly noneOpen: string
  readonly shownOf: (shown: number, all: number) => string
  readonly end: string
  readonly endOf: (since: string) => string
  readonly endAll: string
  readonly actions: string
  readonly going: string
  readonly goOn: string
  readonly ways: Readonly<Record<'demo' | 'local' | 'launch', string>>
  readonly notDone: string
  readonly startAgain: string
  readonly subject: string
  readonly noSubject: string
  readonly about: Readonly<Record<Role, string>>
  readonly endings: Readonly<Record<Ending, string>>
}

const FR: SignInWords = {
  signIn: 'Connexion',
  with: (provider) => `Se connecter avec ${provider}`,
  providersLead: "L'identité est vérifiée chez le fournisseur d'identité ; aucun mot de passe n'est saisi ici.",
  noWay:
    "Aucune voie de connexion n'est configurée : l'administrateur déclare un fournisseur sous signIn dans region.yaml.",
  demo: 'DÉMONSTRATION',
  demoLead: 'Région et personnes fictives : choisissez un rôle, sans mot de passe.',
  signedOut: 'Vous êtes déconnecté.',
  emergency: "Accès d'urgence (bris de glace)",
  emergencyLead:
    "À n'utiliser que si aucun fournisseur d'identité ne répond. Chaque usage déclenche une alerte et figure dans l'audit.",
  emergencyOpen: "Accès d'urgence (bris de glace)",
  account: 'Compte',
  password: 'Mot de passe',
  oneTimeCode: 'Code à usage unique (6 chiffres)',
  chooseRole: 'Choisir un rôle',
  chooseRoleLead: (who) => `${who}, vous avez plusieurs rôles. Vous pourrez en changer ensuite sur « Ma session ».`,
  take: (role) => `Prendre le rôle ${role}`,
  session: 'Ma session',
  you: 'Qui je suis',
  name: 'Nom',
  role: 'Rôle',
  reach: 'Périmètre',
  wholeRegion: 'toute la région, selon le rôle',
  nothing: 'aucun établissement',
  products: 'logiciels',
  content: 'Contenu des messages, avec motif',
  yes: 'oui',
  by: 'Connecté par',
  since: 'Depuis',
  lastUsed: 'Dernière activité',
  endsAt: 'Fin au plus tard',
  endsUnused: 'Fin sans activité',
  byKey: "une clé d'accès, sans session",
  noOverview: "Ce rôle n'a pas encore de page d'accueil : ses pages, s'il en a, sont au menu.",
  otherRoles: 'Changer de rôle',
  mine: 'Mes autres sessions',
  noOther: 'Aucune autre session ouverte.',
  all: 'Sessions ouvertes de tous',
  noneOpen: 'Aucune session ouverte.',
  shownOf: (shown, all) => `Les ${shown} sessions utilisées en dernier, sur ${all} ouvertes.`,
  end: 'Terminer',
  endOf: (since) => `Terminer la session ouverte ${since}`,
  endAll: 'Me déconnecter partout',
  actions: 'Action',
  going: 'Connexion établie',
  goOn: 'Continuer',
  ways: { demo: 'la démonstration', local: "l'accès d'urgence", launch: 'le dossier patient' },
  notDone: 'Connexion impossible',
  startAgain: 'Recommencer la connexion',
  subject: 'Identifiant',
  noSubject: "le fournisseur d'identité n'en a pas donné",
  about: {
    requester: 'demande un avis pour ses patients',
    expert: 'répond aux demandes',
    coordination: "suit l'organisation régionale",
    secretariat: 'rendez-vous, sans texte clinique',
    'establishment-it': 'ses flux, ses anomalies, ses messages',
    editor: 'les anomalies de son logiciel, sans contenu',
    support: 'métadonnées, pour aider',
    operator: 'métadonnées et actions, sans contenu',
    'conformity-officer': 'raccordements et conformité',
    'programme-officer': 'financement, sans messages',
    dpo: 'vie privée et audit',
    auditor: 'audit et sécurité',
    admin: 'configuration, sans contenu',
  },
  endings: {
    idle: 'sans activité',
    absolute: 'durée maximale atteinte',
    'not-granted': "le rôle n'est plus accordé",
    'sign-out': 'déconnexion',
    everywhere: 'déconnexion partout',
    'by-another': 'terminée par un tiers',
  },
}

const EN: SignInWords = {
  signIn: 'Sign in',
  with: (provider) => `Sign in with ${provider}`,
  providersLead: 'Who you are is checked at the identity provider; no password is typed here.',
  noWay: 'No way to sign in is configured: the administrator declares a provider under signIn in region.yaml.',
  demo: 'DEMONSTRATION',
  demoLead: 'Invented region and people: choose a role, without password.',
  signedOut: 'You are signed out.',
  emergency: 'Emergency access (break-glass)',
  emergencyLead: 'Only when no identity provider answers. Each use raises an alert and stands in the audit.',
  emergencyOpen: 'Emergency access (break-glass)',
  account: 'Account',
  password: 'Password',
  oneTimeCode: 'One-time code (6 digits)',
  chooseRole: 'Choose a role',
  chooseRoleLead: (who) => `${who}, you have several roles. You may change later on “My session”.`,
  take: (role) => `Take the role ${role}`,
  session: 'My session',
  you: 'Who I am',
  name: 'Name',
  role: 'Role',
  reach: 'Reach',
  wholeRegion: 'the whole region, as the role says',
  nothing: 'no establishment',
  products: 'products',
  content: 'Content of messages, with a reason',
  yes: 'yes',
  by: 'Signed in by',
  since: 'Since',
  lastUsed: 'Last used',
  endsAt: 'Ends at the latest',
  endsUnused: 'Ends when unused',
  byKey: 'a key, without session',
  noOverview: 'This role has no start page yet: its pages, if any, are in the menu.',
  otherRoles: 'Take another role',
  mine: 'My other sessions',
  noOther: 'No other session is open.',
  all: "Everybody's open sessions",
  noneOpen: 'No session is open.',
  shownOf: (shown, all) => `The ${shown} sessions used last, of ${all} that are open.`,
  end: 'End',
  endOf: (since) => `End the session opened ${since}`,
  endAll: 'Sign me out everywhere',
  actions: 'Action',
  going: 'Signed in',
  goOn: 'Go on',
  ways: { demo: 'the demonstration', local: 'emergency access', launch: 'the patient record' },
  notDone: 'Sign-in failed',
  startAgain: 'Start again',
  subject: 'Identifier',
  noSubject: 'the provider gave none',
  about: {
    requester: 'asks for advice on their patients',
    expert: 'answers requests',
    coordination: 'follows the region’s organisation',
    secretariat: 'appointments, no clinical text',
    'establishment-it': 'own flows, findings and messages',
    editor: "own product's findings, no content",
    support: 'metadata, to help',
    operator: 'metadata and actions, no content',
    'conformity-officer': 'onboarding and conformity',
    'programme-officer': 'funding, no messages',
    dpo: 'privacy and audit',
    auditor: 'audit and security',
    admin: 'configuration, no content',
  },
  endings: {
    idle: 'unused',
    absolute: 'longest life reached',
    'not-granted': 'the role is no longer granted',
    'sign-out': 'signed out',
    everywhere: 'signed out everywhere',
    'by-another': 'ended by somebody else',
  },
}

/** The catalogue of each language. */
export const SIGN_IN_WORDS: Readonly<Record<Language, SignInWords>> = { fr: FR, en: EN }
