import type { Language } from '../../formats/http/language.ts'

/** Every word the overview shows, in one language. */
export interface Words {
  readonly title: string
  readonly updated: (time: string) => string
  readonly stale: string
  readonly counts: string
  readonly received: string
  readonly closed: string
  readonly inFlight: string
  readonly parked: string
  readonly refused: string
  readonly balanced: string
  readonly unbalanced: (difference: string) => string
  readonly traffic: string
  readonly establishment: string
  readonly sent: string
  readonly lastSent: string
  readonly delivered: string
  readonly waiting: string
  readonly toHandle: string
  readonly never: string
  readonly queues: string
  readonly destination: string
  readonly oldest: string
  readonly none: string
  readonly doors: string
  readonly door: string
  readonly address: string
  readonly connections: string
  readonly node: string
}

const FR: Words = {
  title: "Vue d'ensemble",
  updated: (time) => `État à ${time}`,
  stale: "La plateforme ne répond plus : l'état affiché n'est plus à jour.",
  counts: 'Messages',
  received: 'Reçus',
  closed: 'Terminés',
  inFlight: 'En cours',
  parked: 'À traiter',
  refused: "Refusés à l'entrée",
  balanced: 'Compte juste : reçus = terminés + en cours + à traiter.',
  unbalanced: (difference) => `Compte faux : écart de ${difference} entre reçus et terminés + en cours + à traiter.`,
  traffic: 'Établissements',
  establishment: 'Établissement',
  sent: 'Reçus de lui',
  lastSent: 'Dernier reçu',
  delivered: 'Remis',
  waiting: "En attente d'envoi",
  toHandle: 'À traiter',
  never: 'aucun',
  queues: 'Destinataires',
  destination: 'Destinataire',
  oldest: 'Plus ancien en attente',
  none: 'rien en attente',
  doors: 'Entrées de ce nœud',
  door: 'Entrée',
  address: 'Adresse',
  connections: 'Connexions',
  node: 'Nœud',
}

const EN: Words = {
  title: 'Overview',
  updated: (time) => `As of ${time}`,
  stale: 'The gateway does not answer any more: what is shown is out of date.',
  counts: 'Messages',
  received: 'Received',
  closed: 'Closed',
  inFlight: 'In flight',
  parked: 'Parked',
  refused: 'Refused at the door',
  balanced: 'Conserved: received = closed + in flight + parked.',
  unbalanced: (difference) => `Not conserved: ${difference} between received and closed + in flight + parked.`,
  traffic: 'Establishments',
  establishment: 'Establishment',
  sent: 'Received from it',
  lastSent: 'Last received',
  delivered: 'Delivered',
  waiting: 'Queued',
  toHandle: 'Parked',
  never: 'none',
  queues: 'Destinations',
  destination: 'Destination',
  oldest: 'Oldest waiting',
  none: 'nothing waiting',
  doors: 'Entrances of this node',
  door: 'Entrance',
  address: 'Address',
  connections: 'Connections',
  node: 'Node',
}

/** The catalogue of each language. */
export const WORDS: Readonly<Record<Language, Words>> = { fr: FR, en: EN }
