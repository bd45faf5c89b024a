import type { Language } from '../../../formats/http/language.ts'
import type { ListName } from './list-note.ts'
import type { Standing } from './mark.ts'

/** Every word the overview shows, in one language. */
export interface Words {
  readonly title: string
  readonly asOf: string
  readonly refresh: string
  readonly live: string
  readonly stale: string
  readonly node: string
  readonly standings: Readonly<Record<Standing, string>>
  readonly counts: string
  readonly cards: Readonly<
    Record<'received' | 'closed' | 'inFlight' | 'parked' | 'refused' | 'delivered' | 'day' | 'alerts', string>
  >
  readonly balanced: string
  readonly unbalanced: (difference: string) => string
  readonly alerts: string
  readonly noAlerts: string
  readonly allAlerts: string
  /** Pages that have all of a table. */
  readonly lists: Readonly<Record<ListName, string>>
  readonly someOf: (shown: string, all: string) => string
  readonly find: string
  readonly every: string
  readonly show: string
  readonly noneFound: string
  readonly board: string
  readonly establishment: string
  readonly sends: string
  readonly last: string
  readonly never: string
  readonly day: string
  readonly takes: string
  readonly noDestinations: string
  readonly usual: (silence: string) => string
  readonly notLearned: string
  readonly noEstablishments: string
  readonly queues: string
  readonly destination: string
  readonly standing: string
  readonly waiting: string
  readonly oldest: string
  readonly nothingWaits: string
  readonly parked: string
  readonly delivered: string
  readonly paused: (who: string, why: string) => string
  readonly flows: string
  readonly flow: string
  readonly from: string
  readonly to: string
  readonly anybody: string
  readonly platform: string
  readonly urgent: string
  readonly noFlows: string
  readonly map: string
  readonly mapAbout: string
  readonly mapSource: string
  readonly charts: string
  readonly throughput: string
  readonly throughputAbout: (received: string, delivered: string, refused: string) => string
  readonly received: string
  readonly refused: string
  readonly latency: string
  readonly latencyAbout: (half: string, most: string) => string
  readonly half: string
  readonly most: string
  readonly noTraffic: string
  readonly figures: string
  readonly hour: string
  readonly certificates: string
  readonly part: string
  readonly ends: string
  readonly left: string
  readonly days: (n: number) => string
  readonly expired: string
  readonly noCertificates: string
  readonly doors: string
  readonly door: string
  readonly address: string
  readonly connections: string
}

const FR: Words = {
  title: "Vue d'ensemble",
  asOf: 'État à',
  refresh: 'Actualiser',
  live: 'En direct',
  stale: "La plateforme ne répond plus : l'état affiché n'est plus à jour.",
  node: 'Nœud',
  standings: { sound: 'Normal', idle: 'Sans trafic', paused: 'En pause', watch: 'À surveiller', alarm: 'En alarme' },
  counts: 'Messages',
  cards: {
    received: 'Reçus',
    closed: 'Terminés',
    inFlight: 'En cours',
    parked: 'À traiter',
    refused: "Refusés à l'entrée",
    delivered: 'Remis',
    day: 'Reçus en 24 heures',
    alerts: 'Alertes en cours',
  },
  balanced: 'Compte juste : reçus = terminés + en cours + à traiter.',
  unbalanced: (difference) => `Compte faux : écart de ${difference} entre reçus et terminés + en cours + à traiter.`,
  alerts: 'Alertes en cours',
  noAlerts: 'Aucune alerte en cours.',
  allAlerts: 'Toutes les alertes',
  lists: {
    rows: 'Tous les établissements, avec recherche',
    queues: 'Tous les destinataires, avec recherche',
    flows: 'Tous les flux, avec recherche',
  },
  someOf: (shown, all) => `${shown} sur ${all}, à surveiller d'abord.`,
  find: 'Nom',
  every: 'tous',
  show: 'Afficher',
  noneFound: 'Rien ne correspond : élargissez la recherche.',
  board: 'Établissements',
  establishment: 'Établissement',
  sends: 'Émission',
  last: 'Dernier reçu',
  never: 'aucun',
  day: 'Reçus (24 h)',
  takes: 'Réception',
  noDestinations: 'ne reçoit rien',
  usual: (silence) => `silence habituel à cette heure : ${silence}`,
  notLearned: 'silence habituel non encore appris',
  noEstablishments: 'Aucun établissement : déclarez-les dans la configuration (establishments).',
  queues: 'Destinataires',
  destination: 'Destinataire',
  standing: 'État',
  waiting: "En attente d'envoi",
  oldest: 'Plus ancien en attente',
  nothingWaits: 'rien en attente',
  parked: 'À traiter',
  delivered: 'Remis',
  paused: (who, why) => `en pause par ${who} : ${why}`,
  flows: 'Flux',
  flow: 'Flux',
  from: 'Émetteurs',
  to: 'Destinataires',
  anybody: 'tous',
  platform: 'la plateforme',
  urgent: 'priorité urgence',
  noFlows: 'Aucun flux : déclarez-les dans la configuration (routes).',
  map: 'Carte',
  mapAbout:
    'Établissements et flux de la région ; les tableaux « Établissements » et « Flux » disent la même chose en texte.',
  mapSource: 'Fond de carte : svg-maps, CC BY 4.0.',
  charts: 'Les dernières 24 heures',
  throughput: 'Messages par minute',
  throughputAbout: (received, delivered, refused) =>
    `En 24 heures : ${received} reçus, ${delivered} remis, ${refused} refusés à l'entrée.`,
  received: 'reçus',
  refused: "refusés à l'entrée",
  latency: 'Temps de réponse à l’émetteur (ms)',
  latencyAbout: (half, most) =>
    `En dernier : la moitié des réponses en ${half} ms au plus, 95 % en ${most} ms au plus.`,
  half: 'la moitié',
  most: '95 %',
  noTraffic: 'Aucun message dans les dernières 24 heures.',
  figures: 'Les chiffres, heure par heure',
  hour: 'Heure',
  certificates: 'Certificats',
  part: 'Présenté par',
  ends: 'Fin',
  left: 'Reste',
  days: (n) => `${n} jour${n > 1 ? 's' : ''}`,
  expired: 'expiré',
  noCertificates: 'Aucun certificat : toutes les liaisons sont en clair.',
  doors: 'Entrées de ce nœud',
  door: 'Entrée',
  address: 'Adresse',
  connections: 'Connexions',
}

const EN: Words = {
  title: 'Overview',
  asOf: 'As of',
  refresh: 'Refresh',
  live: 'Live',
  stale: 'The gateway does not answer any more: what is shown is out of date.',
  node: 'Node',
  standings: { sound: 'Normal', idle: 'No traffic', paused: 'Paused', watch: 'To watch', alarm: 'Alarm' },
  counts: 'Messages',
  cards: {
    received: 'Received',
    closed: 'Closed',
    inFlight: 'In flight',
    parked: 'Parked',
    refused: 'Refused at the door',
    delivered: 'Delivered',
    day: 'Received in 24 hours',
    alerts: 'Alerts',
  },
  balanced: 'Conserved: received = closed + in flight + parked.',
  unbalanced: (difference) => `Not conserved: ${difference} between received and closed + in flight + parked.`,
  alerts: 'Alerts now',
  noAlerts: 'No alert now.',
  allAlerts: 'All alerts',
  lists: {
    rows: 'All establishments, with search',
    queues: 'All destinations, with search',
    flows: 'All flows, with search',
  },
  someOf: (shown, all) => `${shown} of ${all}, those to watch first.`,
  find: 'Name',
  every: 'all',
  show: 'Show',
  noneFound: 'Nothing fits: search for less.',
  board: 'Establishments',
  establishment: 'Establishment',
  sends: 'Sends',
  last: 'Last received',
  never: 'none',
  day: 'Received (24 h)',
  takes: 'Takes',
  noDestinations: 'takes nothing',
  usual: (silence) => `usual silence at this hour: ${silence}`,
  notLearned: 'usual silence not learned yet',
  noEstablishments: 'No establishment: declare them in the configuration (establishments).',
  queues: 'Destinations',
  destination: 'Destination',
  standing: 'State',
  waiting: 'Queued',
  oldest: 'Oldest waiting',
  nothingWaits: 'nothing waiting',
  parked: 'Parked',
  delivered: 'Delivered',
  paused: (who, why) => `paused by ${who}: ${why}`,
  flows: 'Flows',
  flow: 'Flow',
  from: 'Senders',
  to: 'Destinations',
  anybody: 'all',
  platform: 'the platform',
  urgent: 'urgent lane',
  noFlows: 'No flow: declare them in the configuration (routes).',
  map: 'Map',
  mapAbout: 'Establishments and flows of the region; the tables “Establishments” and “Flows” say the same as text.',
  mapSource: 'Base map: svg-maps, CC BY 4.0.',
  charts: 'The last 24 hours',
  throughput: 'Messages per minute',
  throughputAbout: (received, delivered, refused) =>
    `In 24 hours: ${received} received, ${delivered} delivered, ${refused} refused at the door.`,
  received: 'received',
  refused: 'refused at the door',
  latency: 'Time to answer the sender (ms)',
  latencyAbout: (half, most) => `Last: half of the answers within ${half} ms, 95 % within ${most} ms.`,
  half: 'half',
  most: '95 %',
  noTraffic: 'No message in the last 24 hours.',
  figures: 'The figures, hour by hour',
  hour: 'Hour',
  certificates: 'Certificates',
  part: 'Shown by',
  ends: 'Ends',
  left: 'Left',
  days: (n) => `${n} day${n === 1 ? '' : 's'}`,
  expired: 'expired',
  noCertificates: 'No certificate: every connection is plain.',
  doors: 'Entrances of this node',
  door: 'Entrance',
  address: 'Address',
  connections: 'Connections',
}

/** The catalogue of each language. */
export const WORDS: Readonly<Record<Language, Words>> = { fr: FR, en: EN }
