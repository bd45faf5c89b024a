import type { EstablishmentKind } from '../../../core/config.ts'
import type { PlanChange } from '../../../core/operations.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Every word of the pages of the configuration, in one language. */
export interface ConfigurationWords {
  readonly title: string
  readonly parts: string
  readonly tabs: Readonly<Record<'establishments' | 'routes' | 'file' | 'revisions' | 'change', string>>
  readonly running: (revision: string) => string
  readonly by: string
  readonly when: string
  readonly why: string
  readonly noReason: string
  readonly doors: string
  readonly noDoor: string
  readonly door: string
  readonly address: string
  readonly protection: string
  readonly tls: Readonly<Record<'none' | 'server' | 'mutual', string>>
  readonly establishments: string
  readonly noEstablishment: string
  readonly establishment: string
  readonly kind: string
  readonly kinds: Readonly<Record<EstablishmentKind, string>>
  readonly recognised: string
  readonly destinations: string
  readonly noDestination: string
  readonly strict: string
  readonly yes: string
  readonly no: string
  readonly identity: string
  readonly id: string
  readonly finessLegal: string
  readonly finessGeographic: string
  readonly sends: string
  readonly facilities: string
  readonly certificates: string
  readonly keys: string
  readonly fingerprint: (start: string) => string
  readonly clients: string
  readonly clientKeys: (count: string) => string
  readonly sendsFor: string
  readonly charset: string
  readonly strictTells: string
  readonly lenientTells: string
  readonly ackPolicy: string
  readonly byProfile: string
  readonly byDefault: string
  readonly answersTo: string
  readonly sameConnection: string
  readonly destination: string
  readonly type: string
  readonly use: string
  readonly uses: Readonly<Record<'qualification' | 'production', string>>
  readonly order: string
  readonly orders: Readonly<Record<'patient' | 'destination' | 'none', string>>
  readonly plain: string
  readonly itsRoutes: string
  readonly allRoutes: string
  readonly picture: (routes: string) => string
  readonly pictureTells: string
  readonly senders: string
  readonly everyone: string
  readonly inside: string
  readonly routes: string
  readonly noRoute: string
  readonly route: string
  readonly what: string
  readonly from: string
  readonly to: string
  readonly lane: string
  readonly lanes: Readonly<Record<'urgent' | 'normal', string>>
  readonly work: string
  readonly asCame: string
  readonly toFormat: Readonly<Record<'fhir' | 'hl7v2', string>>
  readonly edits: (count: string) => string
  readonly anything: string
  readonly conditions: Readonly<Record<'receivers' | 'service' | 'performer' | 'category' | 'profile', string>>
  readonly only: string
  readonly filter: string
  readonly show: string
  readonly file: string
  readonly fileOf: (revision: string) => string
  readonly fileTells: string
  readonly lines: string
  readonly revisions: string
  readonly revision: string
  readonly noRevision: string
  readonly older: string
  readonly newest: string
  readonly compare: string
  readonly compareWith: string
  readonly changesOf: (from: string, to: string) => string
  readonly first: string
  readonly done: (revision: string) => string
  readonly goBack: string
  readonly goBackTo: (revision: string) => string
  readonly change: string
  readonly reread: string
  readonly rereadTells: string
  readonly rereadAct: string
  readonly write: string
  readonly writeTells: string
  readonly text: string
  readonly writeAct: string
  readonly planAgain: string
  readonly planOf: Readonly<Record<'file' | 'text', string>>
  readonly planOfRevision: (revision: string) => string
  readonly nothingDone: string
  readonly movedOn: string
  readonly problems: string
  readonly noProblem: string
  readonly line: string
  readonly column: string
  readonly place: string
  readonly problem: string
  readonly severities: Readonly<Record<'error' | 'warning', string>>
  readonly changes: string
  readonly noChange: string
  readonly part: string
  readonly partNames: Readonly<Record<PlanChange['part'], string>>
  readonly name: string
  readonly happens: string
  readonly happenings: Readonly<Record<PlanChange['what'], string>>
  readonly settings: string
  readonly absent: string
  readonly effects: string
  readonly affected: (destination: string, open: string, parked: string) => string
  readonly orphaned: (destination: string) => string
  readonly restart: (part: string) => string
  readonly noEffect: string
  readonly apply: string
  readonly notWritten: string
  readonly reason: string
  readonly park: string
  readonly applyAct: string
  readonly mendFirst: string
  readonly mayNot: string
  /** A name and its value. */
  readonly pair: (name: string, value: string) => string
  readonly problemNames: Readonly<Record<string, string>>
}

const FR: ConfigurationWords = {
  title: 'Configuration',
  parts: 'Parties de la configuration',
  tabs: {
    establishments: 'Qui émet, et comment',
    routes: 'Ce qui va où',
    file: 'Fichier de région',
    revisions: 'Révisions',
    change: 'Modifier',
  },
  running: (revision) => `Révision ${revision}, en service`,
  by: 'Par',
  when: 'Quand',
  why: 'Motif',
  noReason: 'sans motif (démarrage)',
  doors: 'Entrées de ce nœud',
  noDoor: 'Ce nœud n’a pas d’entrée.',
  door: 'Entrée',
  address: 'Adresse',
  protection: 'Chiffrement',
  tls: { none: 'aucun (réseau de confiance)', server: 'TLS', mutual: 'TLS mutuel' },
  establishments: 'Établissements',
  noEstablishment: 'Aucun établissement : déclarez-en un dans region.yaml, sous « establishments ».',
  establishment: 'Établissement',
  kind: 'Nature',
  kinds: {
    hospital: 'Centre hospitalier',
    'university-hospital': 'Centre hospitalier universitaire',
    'nursing-home': 'EHPAD',
    'disability-home': 'Structure pour personnes handicapées',
    social: 'Structure sociale',
    samu: 'SAMU',
    'expert-centre': "Centre d'expertise",
    platform: 'Plateforme',
  },
  recognised: 'Reconnu par',
  destinations: 'Destinataires',
  noDestination: "Cet établissement ne reçoit rien : il n'a pas de destinataire.",
  strict: 'Contrôle strict',
  yes: 'oui',
  no: 'non',
  identity: 'Identité',
  id: 'Identifiant',
  finessLegal: 'FINESS juridique (EJ)',
  finessGeographic: 'FINESS géographiques (EG)',
  sends: 'Quand il émet',
  facilities: 'Noms admis dans MSH-4',
  certificates: 'Certificats',
  keys: 'Clés HTTP',
  fingerprint: (start) => `empreinte ${start}…`,
  clients: 'Systèmes à jeton (SMART)',
  clientKeys: (count) => `${count} clé(s) publique(s)`,
  sendsFor: 'Émet aussi pour',
  charset: 'Jeu de caractères si MSH-18 est vide',
  strictTells: 'oui : un écart au contrat est refusé',
  lenientTells: 'non : un écart au contrat est noté et le message passe',
  ackPolicy: 'Lecture de AE et AR',
  byProfile: 'selon le volet du message',
  byDefault: 'par défaut',
  answersTo: 'Réponses applicatives vers',
  sameConnection: 'la connexion du message',
  destination: 'Destinataire',
  type: 'Protocole',
  use: 'Usage',
  uses: { qualification: 'qualification', production: 'production' },
  order: 'Ordre',
  orders: { patient: 'par patient', destination: 'strict', none: 'libre' },
  plain: 'sans chiffrement',
  itsRoutes: 'Routes de cet établissement',
  allRoutes: 'Toutes les routes',
  picture: (routes) => `Schéma de ${routes} route(s)`,
  pictureTells:
    'À gauche qui émet, au milieu les routes, à droite qui reçoit. Trait double : priorité urgence. Le tableau dit la même chose.',
  senders: 'Émetteurs',
  everyone: 'Tous les établissements',
  inside: 'Plateforme (sur place)',
  routes: 'Routes',
  noRoute: 'Aucune route : rien ne part. Déclarez-en une dans region.yaml, sous « routes ».',
  route: 'Route',
  what: 'Messages',
  from: 'De',
  to: 'Vers',
  lane: 'Priorité',
  lanes: { urgent: 'Urgence', normal: 'Normale' },
  work: 'Transformation',
  asCame: 'tel que reçu',
  toFormat: { fhir: 'converti en FHIR', hl7v2: 'converti en HL7 v2' },
  edits: (count) => `${count} modification(s)`,
  anything: 'tout message',
  conditions: {
    receivers: 'destiné à',
    service: 'service',
    performer: 'exécutant',
    category: 'catégorie',
    profile: 'profil',
  },
  only: 'Routes de',
  filter: 'Restreindre le schéma',
  show: 'Afficher',
  file: 'Fichier de région',
  fileOf: (revision) => `Révision ${revision} telle que chargée`,
  fileTells:
    'Partie commune à tous les nœuds, relue de la base. Les secrets ne sont jamais dans la configuration ; une clé ne paraît que par le début de son empreinte. Tables, règles et entrées du nœud sont à part.',
  lines: 'Texte numéroté',
  revisions: 'Révisions',
  revision: 'Révision',
  noRevision: 'Aucune révision.',
  older: 'Plus anciennes',
  newest: 'Les plus récentes',
  compare: 'Comparer',
  compareWith: 'Comparer avec la révision',
  changesOf: (from, to) => `De la révision ${from} à la révision ${to}`,
  first: 'Première révision : rien avant elle.',
  done: (revision) => `C'est fait : la révision ${revision} est en service.`,
  goBack: 'Revenir en arrière',
  goBackTo: (revision) => `Préparer le retour à la révision ${revision}`,
  change: 'Modifier la configuration',
  reread: 'Relire le fichier',
  rereadTells:
    'Lit le fichier region.yaml de ce nœud et montre ce que son application changerait. Rien n’est encore fait.',
  rereadAct: 'Relire le fichier et montrer les effets',
  write: 'Modifier le texte',
  writeTells:
    'Le texte est celui de la configuration en service. Les empreintes « … » valent pour les clés qu’elles désignent : laissez-les.',
  text: 'Texte de la configuration (YAML)',
  writeAct: 'Montrer les effets',
  planAgain: 'Recalculer les effets',
  planOf: { file: 'Effets du fichier de région', text: 'Effets du texte modifié' },
  planOfRevision: (revision) => `Effets du retour à la révision ${revision}`,
  nothingDone: 'Rien n’est fait avant « Appliquer ».',
  movedOn:
    'La source ou la configuration a changé depuis : voici les effets à présent. Vérifiez-les avant d’appliquer.',
  problems: 'Problèmes',
  noProblem: 'Aucun problème.',
  line: 'Ligne',
  column: 'Colonne',
  place: 'Endroit',
  problem: 'Problème',
  severities: { error: 'Erreur', warning: 'Avertissement' },
  changes: 'Changements',
  noChange: 'Rien ne change.',
  part: 'Partie',
  partNames: {
    destination: 'Destinataire',
    route: 'Route',
    establishment: 'Établissement',
    service: 'Service',
    table: 'Table de codes',
    map: 'Table de correspondance',
    fhir: 'Profils FHIR',
    rule: 'Règle',
    rules: 'Fichier de règles',
    operator: 'Compte',
    region: 'Région',
    movements: 'Mouvements',
    retention: 'Conservation',
    identities: 'Identités',
  },
  name: 'Nom',
  happens: 'Devient',
  happenings: { added: 'ajouté', removed: 'retiré', changed: 'modifié', moved: 'déplacé' },
  settings: 'Réglages',
  absent: 'absent',
  effects: 'Effets sur les remises',
  affected: (destination, open, parked) =>
    `${destination} : ${open} remise(s) en cours et ${parked} à traiter suivent le nouveau réglage.`,
  orphaned: (destination) => `${destination} disparaît alors que des remises l'attendent.`,
  restart: (part) => `${part} : changera au prochain démarrage du nœud.`,
  noEffect: 'Aucune remise n’est touchée.',
  apply: 'Appliquer',
  notWritten:
    'Le fichier region.yaml n’est pas réécrit : reportez-y le changement, sinon le prochain démarrage sur ce fichier le défait.',
  reason: 'Motif (conservé avec l’acte)',
  park: 'Mettre de côté les remises dont le destinataire disparaît',
  applyAct: 'Appliquer',
  mendFirst: 'Corrigez les erreurs : une configuration qui en a ne s’applique pas.',
  mayNot: 'Votre rôle permet de regarder, pas d’appliquer.',
  pair: (name, value) => `${name} : ${value}`,
  problemNames: {
    UNREADABLE: 'Illisible',
    YAML: 'YAML mal formé',
    UNKNOWN_KEY: 'Réglage inconnu',
    MISSING: 'Réglage obligatoire absent',
    WRONG_TYPE: 'Mauvais type de valeur',
    BAD_VALUE: 'Valeur non admise',
    OUT_OF_BOUNDS: 'Hors limites',
    NOT_IN_RELEASE: 'Pas dans cette version',
    SECRET_INLINE: 'Secret écrit dans le fichier',
    REFERENCE_EMPTY: 'Référence vide',
    FILE_MISSING: 'Fichier absent',
    TLS_MATERIAL: 'Clé ou certificat inutilisable',
    CERTIFICATE_EXPIRED: 'Certificat échu',
    CERTIFICATE_TWICE: 'Certificat déclaré deux fois',
    CRL_MISSING: 'Liste de révocation absente',
    CRL_STALE: 'Liste de révocation périmée',
    BAD_JWKS: 'Clés publiques illisibles',
    BAD_URL: 'Adresse non admise',
    PLAIN_DESTINATION: 'Destinataire sans chiffrement',
    BAD_EDIT: 'Modification mal écrite',
    BAD_TRANSFORM: 'Conversion impossible',
    NO_CONVERSION: 'Pas de conversion pour ce type',
    DISTINGUISHED_NAME: 'Nom distinctif mal écrit',
    ID_TWICE: 'Identifiant en double',
    NAME_TWICE: 'Nom en double',
    NAME_RESERVED: 'Nom réservé',
    KEY_TWICE: 'Clé en double',
    FACILITY_TWICE: 'MSH-4 en double',
    FINESS_KEY: 'Clé du numéro FINESS fausse',
    PORT_TWICE: 'Port en double',
    PLAIN_DOOR: 'Entrée sans chiffrement',
    BUDGET_BELOW_FRAME: 'Mémoire inférieure au plus long message',
    RETRY_ORDER: 'Délais de nouvel essai incohérents',
    UNKNOWN_DESTINATION: 'Destinataire inconnu',
    UNKNOWN_ESTABLISHMENT: 'Établissement inconnu',
    UNKNOWN_SERVICE: 'Service inconnu',
    UNKNOWN_TABLE: 'Table inconnue',
    BAD_TABLE: 'Table inutilisable',
    BAD_SERVICE: 'Service mal écrit',
    UNKNOWN_PROFILE: 'Profil inconnu',
    BAD_DEFINITIONS: 'Définitions FHIR inutilisables',
    BAD_RULES: 'Règles inutilisables',
    UNKNOWN_RULE: 'Règle inconnue',
    BAD_PATH: 'Chemin mal écrit',
    NO_TAKER: 'Aucun destinataire possible',
  },
}

const EN: ConfigurationWords = {
  title: 'Configuration',
  parts: 'Parts of the configuration',
  tabs: {
    establishments: 'Who sends, and how',
    routes: 'What goes where',
    file: 'Region file',
    revisions: 'Revisions',
    change: 'Change',
  },
  running: (revision) => `Revision ${revision}, running`,
  by: 'By',
  when: 'When',
  why: 'Reason',
  noReason: 'no reason (a start)',
  doors: 'Entrances of this node',
  noDoor: 'This node has no entrance.',
  door: 'Entrance',
  address: 'Address',
  protection: 'Encryption',
  tls: { none: 'none (trusted network)', server: 'TLS', mutual: 'mutual TLS' },
  establishments: 'Establishments',
  noEstablishment: 'No establishment: declare one in region.yaml, under “establishments”.',
  establishment: 'Establishment',
  kind: 'Kind',
  kinds: {
    hospital: 'Hospital',
    'university-hospital': 'University hospital',
    'nursing-home': 'Nursing home',
    'disability-home': 'Home for disabled people',
    social: 'Social care',
    samu: 'Emergency call centre',
    'expert-centre': 'Expert centre',
    platform: 'Platform',
  },
  recognised: 'Recognised by',
  destinations: 'Destinations',
  noDestination: 'This establishment receives nothing: it has no destination.',
  strict: 'Strict',
  yes: 'yes',
  no: 'no',
  identity: 'Identity',
  id: 'Id',
  finessLegal: 'FINESS, legal entity (EJ)',
  finessGeographic: 'FINESS, geographic entities (EG)',
  sends: 'When it sends',
  facilities: 'Names accepted in MSH-4',
  certificates: 'Certificates',
  keys: 'HTTP keys',
  fingerprint: (start) => `fingerprint ${start}…`,
  clients: 'Systems with tokens (SMART)',
  clientKeys: (count) => `${count} public key(s)`,
  sendsFor: 'Also sends for',
  charset: 'Character set if MSH-18 is empty',
  strictTells: 'yes: what breaks the contract is refused',
  lenientTells: 'no: what breaks the contract is noted, and the message goes on',
  ackPolicy: 'Reading of AE and AR',
  byProfile: "by the message's profile",
  byDefault: 'by default',
  answersTo: 'Application answers go to',
  sameConnection: "the message's connection",
  destination: 'Destination',
  type: 'Protocol',
  use: 'Use',
  uses: { qualification: 'qualification', production: 'production' },
  order: 'Order',
  orders: { patient: 'per patient', destination: 'strict', none: 'free' },
  plain: 'not encrypted',
  itsRoutes: 'Routes of this establishment',
  allRoutes: 'All routes',
  picture: (routes) => `Picture of ${routes} route(s)`,
  pictureTells:
    'On the left who sends, in the middle the routes, on the right who receives. A double line: urgent. The table says the same.',
  senders: 'Senders',
  everyone: 'All establishments',
  inside: 'Platform (inside)',
  routes: 'Routes',
  noRoute: 'No route: nothing leaves. Declare one in region.yaml, under “routes”.',
  route: 'Route',
  what: 'Messages',
  from: 'From',
  to: 'To',
  lane: 'Priority',
  lanes: { urgent: 'Urgent', normal: 'Normal' },
  work: 'Transform',
  asCame: 'as it came',
  toFormat: { fhir: 'converted to FHIR', hl7v2: 'converted to HL7 v2' },
  edits: (count) => `${count} edit(s)`,
  anything: 'any message',
  conditions: {
    receivers: 'meant for',
    service: 'service',
    performer: 'performer',
    category: 'category',
    profile: 'profile',
  },
  only: 'Routes of',
  filter: 'Narrow the picture',
  show: 'Show',
  file: 'Region file',
  fileOf: (revision) => `Revision ${revision} as loaded`,
  fileTells:
    'The part that all nodes share, read back from the store. Secrets are never in the configuration; a key shows only the start of its fingerprint. Tables, rules and the entrances of the node are apart.',
  lines: 'Numbered text',
  revisions: 'Revisions',
  revision: 'Revision',
  noRevision: 'No revision.',
  older: 'Older ones',
  newest: 'The newest',
  compare: 'Compare',
  compareWith: 'Compare with revision',
  changesOf: (from, to) => `From revision ${from} to revision ${to}`,
  first: 'The first revision: nothing before it.',
  done: (revision) => `Done: revision ${revision} is running.`,
  goBack: 'Go back',
  goBackTo: (revision) => `Prepare going back to revision ${revision}`,
  change: 'Change the configuration',
  reread: 'Read the file again',
  rereadTells: "Reads this node's region.yaml and shows what applying it would change. Nothing is done yet.",
  rereadAct: 'Read the file and show the effects',
  write: 'Change the text',
  writeTells:
    'The text is that of the running configuration. Fingerprints “…” stand for the keys they name: leave them.',
  text: 'Text of the configuration (YAML)',
  writeAct: 'Show the effects',
  planAgain: 'Work out the effects again',
  planOf: { file: 'Effects of the region file', text: 'Effects of the changed text' },
  planOfRevision: (revision) => `Effects of going back to revision ${revision}`,
  nothingDone: 'Nothing is done before “Apply”.',
  movedOn: 'The source or the configuration has changed since: these are the effects now. Check them before you apply.',
  problems: 'Problems',
  noProblem: 'No problem.',
  line: 'Line',
  column: 'Column',
  place: 'Place',
  problem: 'Problem',
  severities: { error: 'Error', warning: 'Warning' },
  changes: 'Changes',
  noChange: 'Nothing changes.',
  part: 'Part',
  partNames: {
    destination: 'Destination',
    route: 'Route',
    establishment: 'Establishment',
    service: 'Service',
    table: 'Code table',
    map: 'Map table',
    fhir: 'FHIR profiles',
    rule: 'Rule',
    rules: 'Rule file',
    operator: 'Account',
    region: 'Region',
    movements: 'Movements',
    retention: 'Retention',
    identities: 'Identities',
  },
  name: 'Name',
  happens: 'Becomes',
  happenings: { added: 'added', removed: 'removed', changed: 'changed', moved: 'moved' },
  settings: 'Settings',
  absent: 'absent',
  effects: 'Effects on deliveries',
  affected: (destination, open, parked) =>
    `${destination}: ${open} open and ${parked} parked deliveries follow the new settings.`,
  orphaned: (destination) => `${destination} goes while deliveries wait for it.`,
  restart: (part) => `${part}: changes at the next start of the node.`,
  noEffect: 'No delivery is touched.',
  apply: 'Apply',
  notWritten:
    'The file region.yaml is not rewritten: make the change there too, or the next start with it undoes this.',
  reason: 'Reason (kept with the act)',
  park: 'Park the deliveries whose destination goes',
  applyAct: 'Apply',
  mendFirst: 'Mend the errors: a configuration that has some cannot be applied.',
  mayNot: 'Your role may look, and not apply.',
  pair: (name, value) => `${name}: ${value}`,
  problemNames: {},
}

/** The catalogue of each language. */
export const CONFIGURATION_WORDS: Readonly<Record<Language, ConfigurationWords>> = { fr: FR, en: EN }
