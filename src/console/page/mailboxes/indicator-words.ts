import type { XMssName } from '../../../core/mail-indicators.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Words of the page of the months of secure mail. */
export interface IndicatorWords {
  readonly title: string
  readonly lead: string
  readonly from: string
  readonly to: string
  readonly show: string
  readonly span: (months: number) => string
  readonly csv: string
  readonly none: string
  readonly chart: string
  readonly chartAbout: (received: string, sent: string, months: number) => string
  readonly months: string
  readonly month: string
  /** Behind a month that is not counted yet. */
  readonly running: string
  readonly boxMonths: string
  readonly groups: (month: string) => string
  readonly boxGroups: (month: string) => string
  readonly domain: string
  readonly kind: string
  readonly noDomain: string
  readonly noKind: string
  readonly boxes: string
  readonly suspended: string
  readonly created: string
  readonly closed: string
  readonly used: string
  readonly lastUse: string
  readonly received: string
  readonly sent: string
  readonly relayed: string
  readonly volume: string
  readonly refused: string
  readonly failed: string
  readonly codes: string
  readonly code: string
  readonly meaning: string
  readonly xMss: string
  readonly header: string
  readonly value: string
  readonly other: string
  readonly headers: Readonly<Record<XMssName, string>>
  readonly noCodes: string
}

const HEADERS = { codeCda: 'X-MSS-CODECDA', ins: 'X-MSS-INS', nil: 'X-MSS-NIL', mes: 'X-MSS-MES' }

const FR: IndicatorWords = {
  title: 'Indicateurs de la messagerie',
  lead: 'Par mois, dans le fuseau horaire de la région : BAL, messages, volume, refus et en-têtes X-MSS. Aucun patient, aucun objet de message.',
  from: 'Du mois',
  to: 'Au mois',
  show: 'Afficher',
  span: (months) => `Choisissez de 1 à ${months} mois, le premier avant le dernier.`,
  csv: 'Télécharger en CSV',
  none: 'Rien pour ces mois.',
  chart: 'Messages par mois',
  chartAbout: (received, sent, months) => `${received} messages reçus et ${sent} envoyés sur ${months} mois`,
  months: 'Messages, par mois',
  month: 'Mois',
  running: 'provisoire',
  boxMonths: 'BAL, par mois',
  groups: (month) => `Messages par domaine et type de BAL, ${month}`,
  boxGroups: (month) => `BAL par domaine et type, ${month}`,
  domain: 'Domaine',
  kind: 'Type',
  noDomain: 'sans destinataire connu',
  noKind: 'sans BAL',
  boxes: 'En fin de mois',
  suspended: 'Suspendues',
  created: 'Créées',
  closed: 'Closes',
  used: 'Utilisées',
  lastUse: 'Dernière utilisation',
  received: 'Reçus',
  sent: 'Envoyés',
  relayed: 'Vers un autre opérateur',
  volume: 'Volume (Mio)',
  refused: "Refus à l'entrée",
  failed: 'Échecs de remise',
  codes: 'Refus et échecs par code',
  code: 'Code',
  meaning: 'Signification',
  xMss: 'En-têtes X-MSS',
  header: 'En-tête',
  value: 'Valeur',
  other: 'autre valeur',
  headers: HEADERS,
  noCodes: 'Aucun.',
}

const EN: IndicatorWords = {
  title: 'Figures of secure mail',
  lead: 'By month, in the time zone of the region: mailboxes, messages, volume, refusals and X-MSS headers. No patient, no subject of a message.',
  from: 'From month',
  to: 'To month',
  show: 'Show',
  span: (months) => `Choose from 1 to ${months} months, the first before the last.`,
  csv: 'Download as CSV',
  none: 'Nothing for these months.',
  chart: 'Messages by month',
  chartAbout: (received, sent, months) => `${received} messages received and ${sent} sent in ${months} months`,
  months: 'Messages, by month',
  month: 'Month',
  running: 'provisional',
  boxMonths: 'Mailboxes, by month',
  groups: (month) => `Messages by domain and type of mailbox, ${month}`,
  boxGroups: (month) => `Mailboxes by domain and type, ${month}`,
  domain: 'Domain',
  kind: 'Type',
  noDomain: 'no known recipient',
  noKind: 'no mailbox',
  boxes: 'At its end',
  suspended: 'Suspended',
  created: 'Created',
  closed: 'Closed',
  used: 'Used',
  lastUse: 'Last use',
  received: 'Received',
  sent: 'Sent',
  relayed: 'To another operator',
  volume: 'Volume (MiB)',
  refused: 'Refused at the door',
  failed: 'Failed deliveries',
  codes: 'Refusals and failures by code',
  code: 'Code',
  meaning: 'Meaning',
  xMss: 'X-MSS headers',
  header: 'Header',
  value: 'Value',
  other: 'another value',
  headers: HEADERS,
  noCodes: 'None.',
}

/** The catalogue of each language. */
export const INDICATOR_WORDS: Readonly<Record<Language, IndicatorWords>> = { fr: FR, en: EN }
