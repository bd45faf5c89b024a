/** Makes docs/roles.md from the table of roles, for who must judge it at an establishment: `node src/app/roles-document.ts`. */
import { writeFileSync } from 'node:fs'
import { SHELL_WORDS } from '../console/page/shell/words.ts'
import { MAY, PERMISSIONS, type Permission, ROLES } from '../core/roles.ts'

type Both = readonly [fr: string, en: string]

/** What each permission lets somebody do. */
const MEANS: Readonly<Record<Permission, Both>> = {
  'session:own': ['se connecter, voir et terminer sa propre session', 'sign in, see and end their own session'],
  'overview:read': ["voir les compteurs, les files d'attente et l'état de santé", 'see counts, queues and health'],
  'messages:read': [
    'voir les messages sans leur contenu : listes, parcours, anomalies',
    'see messages without their content: lists, timeline, findings',
  ],
  'content:read': [
    "révéler le contenu d'un message, avec un motif ; chaque lecture est tracée",
    'reveal the content of a message, with a reason; each reading is noted',
  ],
  'deliveries:act': [
    'renvoyer, clore, passer, rejouer vers la même destination',
    'resend, close, skip, replay to where it went',
  ],
  'replay:elsewhere': [
    'rejouer vers une autre destination : demandé par une personne, approuvé par une autre',
    'replay to another destination: asked for by one person, approved by another',
  ],
  'destinations:act': [
    'suspendre, reprendre, tester une destination ; annoncer une maintenance',
    'pause, resume and test a destination; announce maintenance',
  ],
  'config:read': ['lire la configuration et simuler un changement', 'read the configuration and plan a change'],
  'config:change': ['appliquer un changement, revenir en arrière', 'apply a change, roll back'],
  'alerts:read': ['voir les alertes', 'see alerts'],
  'alerts:act': ['acquitter une alerte, la mettre en sommeil', 'acknowledge and snooze an alert'],
  'onboarding:read': ["voir l'avancement des raccordements", 'see how onboarding goes'],
  'onboarding:change': ['tenir à jour les raccordements', 'keep onboarding up to date'],
  'onboarding:sign': ["signer l'une des deux mises en production", 'sign one of the two signatures of a go-live'],
  'audit:read': ["lire l'audit et ses preuves", 'read the audit and its proofs'],
  'privacy:read': [
    "savoir ce qui est conservé d'un patient et qui l'a consulté ; l'exporter",
    'know what is kept of a patient and who saw it; export it',
  ],
  'privacy:erase': ["effacer les données d'un patient", "erase a patient's data"],
  'incident:export': [
    "exporter les faits, l'étendue et la chronologie d'un incident de sécurité",
    'export facts, scope and timeline of a security incident',
  ],
  'backup:run': ['lancer une sauvegarde', 'run a backup'],
  'cases:read': [
    'voir les dossiers auxquels on prend part : état, délais, intervenants',
    'see the cases one takes part in: state, times, people',
  ],
  'cases:clinical': ['lire le contenu clinique de ces dossiers', 'read the clinical content of these cases'],
  'cases:act': [
    'demander, accepter, rendre un avis, consigner une décision',
    'ask, accept, give advice, record a decision',
  ],
  'appointments:read': ['voir les rendez-vous, sans contenu clinique', 'see appointments, without clinical content'],
  'appointments:act': ['prendre, déplacer et annuler des rendez-vous', 'book, move and cancel appointments'],
  'duty:read': ['voir le tableau de garde', 'see the duty rota'],
  'duty:change': ['modifier le tableau de garde, prendre la garde', 'change the duty rota, take the duty'],
  'mail:read': [
    'voir la liste blanche des opérateurs, les BAL, sans leur contenu, et leurs indicateurs mensuels',
    'see the white list of mail operators, mailboxes without what is in them, and their monthly figures',
  ],
  'mail:act': [
    'confirmer une liste blanche réduite, prolonger une ancienne ; créer, modifier, suspendre et clore des BAL ; importer l’annuaire',
    'confirm a white list that shrank, extend an old one; create, change, suspend and close mailboxes; import the directory',
  ],
  'directory:read': [
    'chercher une BAL dans l’annuaire, hors liste rouge',
    'search the directory of mailboxes, without the red list',
  ],
  'mailbox:use': [
    'lire et envoyer au nom de sa BAL, ou d’une BAL déléguée',
    'read and send as one’s own mailbox, or one that is delegated',
  ],
  'conformity:read': [
    'voir la conformité mesurée : matrice, établissements, logiciels ; aucun message ni patient',
    'see measured conformity: matrix, establishments, software; no message and no patient',
  ],
  'conformity:file': [
    'voir, déposer et retirer des preuves de conformité',
    'see, file and withdraw evidence of conformity',
  ],
  'conformity:review': [
    "accepter ou refuser une preuve déposée par quelqu'un d'autre",
    'accept or reject evidence that somebody else filed',
  ],
  'conformity:publish': [
    'publier et retirer des référentiels, fixer un verdict et lever ce qui est fixé',
    'publish and withdraw frameworks, set a verdict and lift what was set',
  ],
  'programmes:read': [
    'voir les programmes, les dossiers, les montants et les versements',
    'see programmes, enrolments, amounts and payments',
  ],
  'programmes:change': [
    'inscrire un établissement, fixer un montant, faire avancer un dossier, noter un versement, importer un fichier',
    'enrol an establishment, grant an amount, move an enrolment on, note a payment, import a file',
  ],
  'measures:read': ['voir les délais, volumes et coûts, sans patient', 'see intervals, counts and costs, no patient'],
  'sessions:act': ["voir et terminer les sessions d'autrui", 'see and end the sessions of others'],
}

const HEAD = `# Rôles et droits / Roles and permissions

Made from \`src/core/roles.ts\` by \`node src/app/roles-document.ts\`; a test compares, and another one asks every address of a
running gateway in every role. The same table rules the API, the console and the command line.

**fr.** Ce qui n'est pas écrit ici est refusé, et le refus est tracé. « région » : toute la région. « les siens » : seulement les
établissements attribués (\`establishments\` dans \`region.yaml\`), ce qu'ils ont émis et ce qui leur est destiné ; pour un éditeur,
seulement ce que son logiciel (\`applications\`, MSH-3) a émis dans ces établissements. D'un message reçu, chacun ne voit et ne
trouve que ses propres remises, et l'état qu'elles lui donnent ; d'une route, son propre bout et l'autre. Qui n'a reçu aucun établissement ne voit rien.
Aucun rôle régional ne voit le contenu d'un message ; \`content: true\` l'accorde à une personne nommée, avec un motif à chaque
lecture, et sans l'INS que l'émetteur n'a pas qualifiée. Toute consultation est tracée : qui, quoi, quand, et pourquoi s'il s'agit
de contenu.

**en.** What is not written here is refused, and the refusal is noted. "region": the whole region. "own": only the establishments
that were given (\`establishments\` in \`region.yaml\`), what they sent and what goes to them; for an editor, only what its product
(\`applications\`, MSH-3) sent there. Of a message that was received, each sees and finds their own deliveries alone, and the state
that these give it; of a route, their own end and the other one. Who was given none sees nothing. No role of the region sees the content of a message;
\`content: true\` grants it to a named person, with a reason each time, and without an INS that its sender has not qualified. Every
look is noted: who, what, when, and why where it is content.

`

const SYSTEMS = `## Systèmes d'un établissement / An establishment's systems

An establishment's system, known by its key or certificate, posts messages (\`POST /hl7\`, FHIR), reads its own messages and their
content, and the FHIR resources that it created or was sent. An access token (SMART Backend Services) allows FHIR only, and of it what
its scope says. / Un système d'établissement, reconnu par sa clé ou son certificat, émet des messages, relit les siens et leur
contenu, et les ressources FHIR qu'il a créées ou reçues. Un jeton d'accès n'ouvre que FHIR, dans la limite de sa portée.

## Ouvert à tous / Open to all

\`/healthz\`, \`/readyz\`, \`/openapi.json\`, \`/docs\`, \`/fhir/metadata\` and the page's own files: they show nothing of anybody.
\`/metrics\` answers calls of the machine itself, and whoever sees the overview of the region.
`

const BREADTHS = { region: ['région', 'region'], own: ['les siens', 'own'] } as const

function section(role: (typeof ROLES)[number]): string {
  const rows = PERMISSIONS.flatMap((permission) => {
    const breadth = MAY[role][permission]
    if (breadth === undefined) return []
    const [fr, en] = MEANS[permission]
    const [loin, far] = BREADTHS[breadth]
    return [`| ${fr} | ${en} | ${loin} / ${far} | \`${permission}\` |\n`]
  })
  const title = `### ${SHELL_WORDS.fr.roles[role]} / ${SHELL_WORDS.en.roles[role]} (\`${role}\`)`
  return `${title}\n\n| peut | may | jusqu'où / how far | permission |\n|---|---|---|---|\n${rows.join('')}\n`
}

/** The whole page docs/roles.md, roles in the order of the table. Pure. */
export function rolesDocument(): string {
  return `${HEAD}## Personnes et scripts / People and scripts\n\n${ROLES.map(section).join('')}${SYSTEMS}`
}

if (import.meta.main) writeFileSync(new URL('../../docs/roles.md', import.meta.url), rolesDocument())
