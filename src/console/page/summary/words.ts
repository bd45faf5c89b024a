import type { Language } from '../../../formats/http/language.ts'

/** The words of printed pages of a case in one language. */
export interface SummaryWords {
  readonly title: string
  readonly back: string
  readonly report: string
  readonly draft: string
  readonly printed: (when: string) => string
  readonly born: (date: string) => string
  readonly sections: Readonly<
    Record<'identity' | 'clock' | 'severity' | 'images' | 'biology' | 'advice' | 'decision' | 'phones', string>
  >
  readonly reason: string
  readonly none: string
  readonly nihss: string
  readonly read: (when: string) => string
}

/** The catalogue. */
export const SUMMARY_WORDS: Readonly<Record<Language, SummaryWords>> = {
  fr: {
    title: 'Synthèse de transfert',
    back: 'Retour au dossier',
    report: 'Compte rendu',
    draft: "Projet : le compte rendu n'est pas encore fait",
    printed: (when) => `État du dossier : ${when}`,
    born: (date) => `né(e) le ${date}`,
    sections: {
      identity: 'Identité',
      clock: 'Heures et horloges',
      severity: 'Gravité',
      images: 'Imagerie',
      biology: 'Biologie',
      advice: 'Avis',
      decision: 'Décision consignée',
      phones: 'Téléphones',
    },
    reason: 'Motif',
    none: 'Non renseigné',
    nihss: 'NIHSS',
    read: (when) => `lu le ${when}`,
  },
  en: {
    title: 'Transfer summary',
    back: 'Back to the case',
    report: 'Report',
    draft: 'Draft: the report is not made yet',
    printed: (when) => `State of the case: ${when}`,
    born: (date) => `born ${date}`,
    sections: {
      identity: 'Identity',
      clock: 'Times and clocks',
      severity: 'Severity',
      images: 'Imaging',
      biology: 'Biology',
      advice: 'Advice',
      decision: 'Decision recorded',
      phones: 'Phones',
    },
    reason: 'Reason',
    none: 'Not told',
    nihss: 'NIHSS',
    read: (when) => `read ${when}`,
  },
}
