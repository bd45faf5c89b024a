import type { Role } from '../../../core/roles.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Every word around a page, in one language. */
export interface ShellWords {
  readonly product: string
  readonly skip: string
  readonly menu: string
  readonly otherLanguage: string
  readonly theme: string
  readonly themes: Readonly<Record<Theme, string>>
  readonly demo: string
  readonly maintenance: string
  readonly guide: string
  readonly signedIn: (who: string, role: string) => string
  readonly account: string
  readonly signOut: string
  readonly version: string
  readonly revision: string
  readonly failed: string
  readonly ended: string
  readonly endedTells: string
  readonly endedHeld: string
  readonly signInAgain: string
  readonly lost: string
  readonly lostTells: string
  readonly back: string
  readonly keys: string
  readonly close: string
  /** What each key does, `g` and the letter of a page aside. */
  readonly keyHelp: Readonly<Record<'/' | 'j' | 'k' | '?', string>>
  readonly goes: (page: string) => string
  readonly pages: Readonly<Record<PageName, string>>
  readonly roles: Readonly<Record<Role | 'establishment', string>>
}

/** How a page looks; `auto`: as the person's system says. */
export const THEMES = ['auto', 'light', 'dark', 'contrast'] as const
/** One of them. */
export type Theme = (typeof THEMES)[number]

/** Pages of the menu. */
export type PageName =
  | 'structures'
  | 'cases'
  | 'overview'
  | 'messages'
  | 'treat'
  | 'requests'
  | 'appointments'
  | 'duty'
  | 'degraded'
  | 'alerts'
  | 'configuration'
  | 'onboarding'
  | 'audit'
  | 'privacy'
  | 'measures'
  | 'mail'
  | 'letters'
  | 'conformity'

const FR: ShellWords = {
  product: "Plateforme d'échanges",
  skip: 'Aller au contenu',
  menu: 'Pages',
  otherLanguage: 'English',
  theme: 'Affichage',
  themes: { auto: 'Selon le système', light: 'Clair', dark: 'Sombre', contrast: 'Contraste élevé' },
  demo: 'DÉMONSTRATION · région et patients fictifs',
  maintenance: 'Maintenance prévue',
  guide: 'Découvrir en cinq étapes',
  signedIn: (who, role) => `${who} · ${role}`,
  account: 'Ma session',
  signOut: 'Se déconnecter',
  version: 'Version',
  revision: 'Configuration n°',
  failed: 'Impossible',
  ended: 'Votre session est terminée',
  endedTells: "Rien n'a été enregistré ni envoyé.",
  endedHeld: 'Ce que vous écriviez est gardé dans cet onglet : vous le retrouverez.',
  signInAgain: 'Se connecter de nouveau',
  lost: 'Page introuvable',
  lostTells:
    "Cette adresse ne mène à aucune page : elle est mal écrite, ou la page n'existe plus. Repartez de l'accueil.",
  back: "Retour à l'accueil",
  keys: 'Raccourcis clavier',
  close: 'Fermer',
  keyHelp: {
    '/': 'Rechercher',
    j: 'Ligne suivante',
    k: 'Ligne précédente',
    '?': 'Afficher cette liste',
  },
  goes: (page) => `Aller à : ${page}`,
  pages: {
    cases: 'Dossiers',
    overview: "Vue d'ensemble",
    messages: 'Messages',
    treat: 'À traiter',
    requests: 'Demander un avis',
    appointments: 'Rendez-vous',
    duty: 'Garde',
    degraded: 'Procédure dégradée',
    alerts: 'Alertes',
    configuration: 'Configuration',
    onboarding: 'Raccordements',
    audit: 'Audit',
    privacy: 'Vie privée',
    measures: 'Délais et volumes',
    mail: 'Messagerie',
    letters: 'Courrier',
    conformity: 'Conformité',
    structures: 'Établissements',
  },
  roles: {
    requester: 'Clinicien demandeur',
    expert: 'Expert',
    coordination: 'Coordination',
    secretariat: 'Secrétariat',
    'establishment-it': "Informatique d'établissement",
    editor: 'Éditeur de logiciel',
    support: 'Support',
    operator: 'Exploitant',
    'conformity-officer': 'Chargé de conformité',
    'programme-officer': 'Chargé de programme',
    dpo: 'Délégué à la protection des données',
    auditor: 'Auditeur, sécurité',
    admin: 'Administrateur',
    establishment: 'Établissement',
  },
}

const EN: ShellWords = {
  product: 'Exchange platform',
  skip: 'Skip to content',
  menu: 'Pages',
  otherLanguage: 'Français',
  theme: 'Display',
  themes: { auto: 'As the system', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
  demo: 'DEMONSTRATION · invented region and patients',
  maintenance: 'Planned maintenance',
  guide: 'Discover in five steps',
  signedIn: (who, role) => `${who} · ${role}`,
  account: 'My session',
  signOut: 'Sign out',
  version: 'Version',
  revision: 'Configuration no.',
  failed: 'Not possible',
  ended: 'Your session has ended',
  endedTells: 'Nothing was kept or sent.',
  endedHeld: 'What you were writing is held in this tab: you will find it again.',
  signInAgain: 'Sign in again',
  lost: 'No such page',
  lostTells: 'This address leads to no page: it is mistyped, or the page is no more. Go back to the start.',
  back: 'Back to the start',
  keys: 'Keyboard shortcuts',
  close: 'Close',
  keyHelp: {
    '/': 'Search',
    j: 'Next row',
    k: 'Row before',
    '?': 'Show this list',
  },
  goes: (page) => `Go to: ${page}`,
  pages: {
    cases: 'Cases',
    overview: 'Overview',
    messages: 'Messages',
    treat: 'To treat',
    requests: 'Ask for advice',
    appointments: 'Appointments',
    duty: 'Duty',
    degraded: 'Degraded mode',
    alerts: 'Alerts',
    configuration: 'Configuration',
    onboarding: 'Onboarding',
    audit: 'Audit',
    privacy: 'Privacy',
    measures: 'Intervals and volumes',
    mail: 'Secure mail',
    letters: 'Mail',
    conformity: 'Conformity',
    structures: 'Establishments',
  },
  roles: {
    requester: 'Requesting clinician',
    expert: 'Expert',
    coordination: 'Coordination',
    secretariat: 'Secretariat',
    'establishment-it': "Establishment's IT",
    editor: 'Software editor',
    support: 'Support',
    operator: 'Operator',
    'conformity-officer': 'Conformity officer',
    'programme-officer': 'Programme officer',
    dpo: 'Data protection officer',
    auditor: 'Auditor, security',
    admin: 'Administrator',
    establishment: 'Establishment',
  },
}

/** The catalogue of each language. */
export const SHELL_WORDS: Readonly<Record<Language, ShellWords>> = { fr: FR, en: EN }
