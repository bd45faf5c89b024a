/** Why a mail did not arrive, in the codes that platforms show (ANS, table SMTPERRORCODE of ZAM^Z02). */

import type { DsnRecipient } from '../mail/dsn.ts'

/** The table: code and words. */
export const SMTP_ERROR_CODES: ReadonlyMap<string, string> = new Map([
  ['101', 'Connexion au serveur impossible'],
  ['111', 'Connexion refusée'],
  ['251', 'Destinataire sur un autre serveur, message relayé'],
  ['252', 'Destinataire non vérifié, envoi tenté'],
  ['420', "Délai dépassé pendant l'envoi"],
  ['421', 'Service indisponible'],
  ['422', 'Boîte du destinataire pleine'],
  ['431', 'Espace ou mémoire insuffisants'],
  ['432', 'Mot de passe de transition nécessaire'],
  ['441', 'Le serveur du destinataire ne répond pas'],
  ['442', "Connexion interrompue pendant l'envoi"],
  ['450', 'Boîte momentanément indisponible'],
  ['451', 'Erreur de traitement'],
  ['452', 'Ressources système insuffisantes'],
  ['500', 'Commande non reconnue'],
  ['501', 'Paramètre mal formé'],
  ['502', 'Commande non implémentée'],
  ['503', 'Mauvaise séquence de commandes'],
  ['504', 'Paramètre non implémenté'],
  ['510', 'Adresse incorrecte'],
  ['512', 'Domaine du destinataire introuvable'],
  ['513', "Type d'adresse incorrect"],
  ['523', 'Message trop volumineux'],
  ['530', 'Authentification requise'],
  ['541', 'Message rejeté par le destinataire'],
  ['550', 'Boîte du destinataire indisponible'],
  ['551', 'Relais refusé'],
  ['552', 'Espace de la boîte dépassé'],
  ['553', 'Nom de boîte non valide'],
  ['554', "Échec définitif de l'envoi"],
])

/** Statuses of RFC 3463 that say more than a reply code which the table lacks. */
const BY_STATUS: readonly (readonly [status: RegExp, code: string])[] = [
  [/^[45]\.1\.(1|6)$/, '550'],
  [/^[45]\.1\.(2|10)$/, '512'],
  [/^[45]\.1\.3$/, '553'],
  [/^4\.2\.2$/, '422'],
  [/^5\.2\.2$/, '552'],
  [/^[45]\.2\.[13]$/, '550'],
  [/^[45]\.3\.4$/, '523'],
  [/^4\.3\.1$/, '431'],
  [/^[45]\.4\.(1|7)$/, '441'],
  [/^[45]\.4\.2$/, '442'],
  [/^[45]\.4\.4$/, '512'],
  [/^5\.7\.(8|9|11)$/, '530'],
  [/^5\.7\./, '541'],
  [/^4\./, '451'],
]

/** How a delivery ended, as a report tells it (RFC 3464): Status, and Diagnostic-Code with or without its type. */
export type DeliveryStatus = Pick<DsnRecipient, 'status' | 'diagnostic'>

/** The reply code that a diagnostic begins with. */
const REPLY = /^(?:[\w-]+;)?\s*([2-5]\d\d)(?:[\s-]|$)/

/** The code for an outcome: the reply's own where the table has it, else what the status means, else 554. */
export function smtpErrorOf({ status, diagnostic }: DeliveryStatus): {
  readonly code: string
  readonly display: string
} {
  const own = REPLY.exec(diagnostic ?? '')?.[1] ?? ''
  const meant = BY_STATUS.find(([form]) => form.test(status))?.[1] ?? '554'
  const code = SMTP_ERROR_CODES.has(own) ? own : meant
  return { code, display: SMTP_ERROR_CODES.get(code)! }
}
