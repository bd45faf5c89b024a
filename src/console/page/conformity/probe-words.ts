import type { ProbeOutcome, ProbeStep } from '../../../core/probes.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Words of probes that people ask for, in one language. */
export interface ProbeWords {
  readonly title: (name: string) => string
  readonly ask: string
  readonly askOne: string
  readonly tells: string
  readonly requirement: string
  readonly every: string
  readonly go: string
  readonly running: string
  readonly results: string
  readonly none: string
  readonly noneAsked: string
  readonly endpoint: string
  readonly outcome: string
  readonly outcomes: Readonly<Record<ProbeOutcome, string>>
  readonly because: Readonly<Record<NonNullable<ProbeStep['because']>, string>>
  readonly faults: string
  readonly facts: string
  readonly answered: (length: string) => string
  readonly endpoints: (n: string) => string
  readonly later: string
  readonly back: string
}

/** The catalogue of each language. */
export const PROBE_WORDS: Readonly<Record<Language, ProbeWords>> = {
  fr: {
    title: (name) => `Contrôles des points d'accès · ${name}`,
    ask: "Lancer les contrôles des points d'accès",
    askOne: 'Lancer ce contrôle',
    tells:
      "Un contrôle se connecte aux points d'accès déclarés de l'établissement et, en qualification, peut envoyer un message de test. Le motif est noté dans l'audit.",
    requirement: 'Exigence',
    every: 'Toutes celles qui se jugent par un contrôle',
    go: 'Lancer',
    running: 'Contrôles en cours',
    results: 'Résultats',
    none: "Aucun point d'accès de l'établissement n'est déclaré pour ces exigences : rien n'a été contrôlé.",
    noneAsked: 'Aucune exigence de ce référentiel ne se juge par un contrôle pour cet établissement.',
    endpoint: "Point d'accès",
    outcome: 'Résultat',
    outcomes: { pass: 'Réussi', fail: 'En défaut', unreachable: 'Injoignable' },
    because: {
      busy: 'pas fait : un autre contrôle y est en cours',
      rate: 'pas fait : trop de contrôles dans la minute, recommencez dans une minute',
      stopped: 'pas fait : un autre nœud a pris le relais',
    },
    faults: 'En défaut',
    facts: 'Constaté',
    answered: (length) => `réponse en ${length}`,
    endpoints: (n) => (n === '1' ? "1 point d'accès" : `${n} points d'accès`),
    later: 'Les verdicts suivent en quelques secondes.',
    back: "Retour à la page de l'établissement",
  },
  en: {
    title: (name) => `Probes of endpoints · ${name}`,
    ask: 'Make the probes of endpoints',
    askOne: 'Make this probe',
    tells:
      'A probe connects to the declared endpoints of the establishment and, in qualification, may send a test message. The reason is noted in the audit.',
    requirement: 'Requirement',
    every: 'All that are judged by a probe',
    go: 'Start',
    running: 'Probes under way',
    results: 'Results',
    none: 'No endpoint of the establishment is declared for these requirements: nothing was probed.',
    noneAsked: 'No requirement of this framework is judged by a probe for this establishment.',
    endpoint: 'Endpoint',
    outcome: 'Result',
    outcomes: { pass: 'Passed', fail: 'Failed', unreachable: 'Not reached' },
    because: {
      busy: 'not made: another probe is under way there',
      rate: 'not made: too many probes this minute, try again in a minute',
      stopped: 'not made: another node has taken over',
    },
    faults: 'At fault',
    facts: 'Seen',
    answered: (length) => `answered in ${length}`,
    endpoints: (n) => (n === '1' ? '1 endpoint' : `${n} endpoints`),
    later: 'Verdicts follow within seconds.',
    back: 'Back to the page of the establishment',
  },
}
