import type { Language } from '../../../formats/http/language.ts'
import type { PARAMETERS } from '../../../formats/measures/costs.ts'
import { INTERVALS } from '../../../formats/measures/moments.ts'

/** The words of the page of measures in one language. */
export interface MeasureWords {
  readonly title: string
  readonly lead: string
  readonly from: string
  readonly until: string
  readonly service: string
  readonly every: string
  readonly show: string
  readonly csvMonths: string
  readonly csvCases: string
  readonly more: string
  readonly empty: string
  readonly intervals: string
  readonly interval: string
  readonly count: string
  readonly median: string
  readonly p90: string
  readonly months: string
  readonly sites: string
  readonly site: string
  readonly month: string
  readonly cases: string
  readonly cancelled: string
  readonly advice15: string
  readonly needle270: string
  readonly adviceMedian: string
  readonly expected: string
  readonly seen: string
  readonly notTold: string
  readonly chart: string
  readonly chartAbout: (cases: number, months: number) => string
  readonly sheet: string
  readonly formula: string
  readonly source: string
  readonly figure: string
  readonly value: string
  readonly parameters: Readonly<Record<(typeof PARAMETERS)[number], string>>
  readonly sums: Readonly<
    Record<'cases' | 'transferred' | 'avoided' | 'cost' | 'costPerCase' | 'gain' | 'balance', string>
  >
  readonly names: Readonly<Record<string, string>>
}

const NAMES: Readonly<Record<string, readonly [fr: string, en: string]>> = {
  'onset-request': ['Début → demande', 'Onset → request'],
  'contact-request': ['Premier contact → demande', 'First contact → request'],
  'arrival-request': ['Arrivée → demande', 'Arrival → request'],
  'request-seen': ['Demande → vue', 'Request → seen'],
  'request-accepted': ['Demande → prise en charge', 'Request → accepted'],
  'request-reached': ['Demande → expert joint', 'Request → expert reached'],
  'request-images': ['Demande → images complètes', 'Request → images complete'],
  'imaging-images': ['Imagerie finie → images complètes', 'Imaging over → images complete'],
  'request-advice': ['Demande → avis', 'Request → advice'],
  'accepted-advice': ['Prise en charge → avis', 'Accepted → advice'],
  'advice-read': ['Avis → avis lu', 'Advice → advice read'],
  'advice-decision': ['Avis → décision', 'Advice → decision'],
  'arrival-needle': ['Arrivée → thrombolyse', 'Arrival → needle'],
  'onset-needle': ['Début → thrombolyse', 'Onset → needle'],
  'onset-puncture': ['Début → ponction', 'Onset → groin puncture'],
  'arrival-departure': ['Arrivée → départ du transfert', 'Arrival → transfer departure'],
  'departure-arrival': ['Départ → arrivée du transfert', 'Departure → transfer arrival'],
  'request-appointment': ['Demande → rendez-vous', 'Request → appointment'],
  'request-closed': ['Demande → clôture', 'Request → closed'],
}
const namesIn = (i: 0 | 1): Readonly<Record<string, string>> =>
  Object.fromEntries(INTERVALS.map(({ id }) => [id, NAMES[id]?.[i] ?? id]))

/** The catalogue. */
export const MEASURE_WORDS: Readonly<Record<Language, MeasureWords>> = {
  fr: {
    title: 'Délais et volumes',
    lead: 'Dossiers terminés, par mois de la demande. Les exercices et les tests ne sont pas comptés.',
    from: 'Du',
    until: "Jusqu'au",
    service: 'Service',
    every: 'Tous',
    show: 'Afficher',
    csvMonths: 'Par site et par mois (CSV)',
    csvCases: 'Par dossier, sans patient (CSV)',
    more: 'La période contient plus de dossiers que la page ne compte : choisissez-en une plus courte.',
    empty: 'Aucun dossier terminé dans cette période.',
    intervals: 'Délais',
    interval: 'Délai',
    count: 'Dossiers',
    median: 'Médiane (min)',
    p90: '90 % en moins de (min)',
    months: 'Par site et par mois',
    sites: 'AVC attendus et vus',
    site: 'Site',
    month: 'Mois',
    cases: 'Terminés',
    cancelled: 'Annulés',
    advice15: 'Avis en 15 min',
    needle270: 'Thrombolyse en 4 h 30',
    adviceMedian: 'Demande → avis, médiane (min)',
    expected: 'Attendus',
    seen: 'Vus',
    notTold: 'non renseigné',
    chart: 'Dossiers par mois',
    chartAbout: (cases, months) => `${cases} dossiers sur ${months} mois`,
    sheet: 'Coûts et gains',
    formula:
      'Coût = dossiers × coût par dossier + coût fixe annuel × durée en années. Gain = transferts évités × coût d’un transfert. Un transfert évité est un dossier dont la décision consignée n’est pas un transfert.',
    source: 'Source',
    figure: 'Grandeur',
    value: 'Valeur',
    parameters: {
      'case-cost': 'Coût par dossier (€)',
      'fixed-cost-per-year': 'Coût fixe annuel (€)',
      'transfer-cost': "Coût d'un transfert (€)",
    },
    sums: {
      cases: 'Dossiers terminés',
      transferred: 'Transferts décidés',
      avoided: 'Transferts évités',
      cost: 'Coût (€)',
      costPerCase: 'Coût par dossier, fixe compris (€)',
      gain: 'Gain (€)',
      balance: 'Gain moins coût (€)',
    },
    names: namesIn(0),
  },
  en: {
    title: 'Intervals and volumes',
    lead: 'Finished cases, by month of the request. Drills and tests are not counted.',
    from: 'From',
    until: 'Until',
    service: 'Service',
    every: 'All',
    show: 'Show',
    csvMonths: 'By site and month (CSV)',
    csvCases: 'By case, no patient (CSV)',
    more: 'The period holds more cases than the page counts: choose a shorter one.',
    empty: 'No finished case in this period.',
    intervals: 'Intervals',
    interval: 'Interval',
    count: 'Cases',
    median: 'Median (min)',
    p90: '90 % within (min)',
    months: 'By site and month',
    sites: 'Strokes expected and seen',
    site: 'Site',
    month: 'Month',
    cases: 'Finished',
    cancelled: 'Cancelled',
    advice15: 'Advice within 15 min',
    needle270: 'Thrombolysis within 4 h 30',
    adviceMedian: 'Request → advice, median (min)',
    expected: 'Expected',
    seen: 'Seen',
    notTold: 'not told',
    chart: 'Cases by month',
    chartAbout: (cases, months) => `${cases} cases in ${months} months`,
    sheet: 'Costs and gains',
    formula:
      'Cost = cases × cost of a case + fixed cost of a year × length in years. Gain = transfers avoided × cost of a transfer. A transfer avoided is a case whose recorded decision is no transfer.',
    source: 'Source',
    figure: 'Figure',
    value: 'Value',
    parameters: {
      'case-cost': 'Cost of a case (€)',
      'fixed-cost-per-year': 'Fixed cost of a year (€)',
      'transfer-cost': 'Cost of a transfer (€)',
    },
    sums: {
      cases: 'Finished cases',
      transferred: 'Transfers decided',
      avoided: 'Transfers avoided',
      cost: 'Cost (€)',
      costPerCase: 'Cost of a case, fixed cost included (€)',
      gain: 'Gain (€)',
      balance: 'Gain minus cost (€)',
    },
    names: namesIn(1),
  },
}
