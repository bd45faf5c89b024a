import type { Level, Verdict } from '../../core/conformity.ts'

/** Words of the printed statement, in one language. */
export interface StatementWords {
  readonly title: string
  readonly establishment: string
  readonly framework: string
  readonly made: string
  readonly window: string
  readonly use: string
  readonly uses: Readonly<Record<'production' | 'qualification', string>>
  readonly share: (met: number, of: number) => string
  readonly toConfirm: string
  /** A verdict that a person set. */
  readonly byPerson: string
  readonly since: string
  readonly messages: (good: number, total: number) => string
  readonly measuredOn: string
  readonly signature: string
  readonly checked: string
  readonly page: (n: number, of: number) => string
  readonly verdicts: Readonly<Record<Verdict, string>>
  readonly levels: Readonly<Record<Level, string>>
}

/** In both languages. */
export const STATEMENT_WORDS: Readonly<Record<'fr' | 'en', StatementWords>> = {
  fr: {
    title: 'Constat de conformité mesurée',
    establishment: 'Établissement',
    framework: 'Référentiel',
    made: 'Établi le',
    window: 'Période mesurée',
    use: 'Usage',
    uses: { production: 'Production', qualification: 'Qualification (essais seulement)' },
    share: (met, of) => `${met} exigence(s) obligatoire(s) conforme(s) sur ${of}`,
    toConfirm: 'à confirmer',
    byPerson: 'décidé par une personne',
    since: 'depuis le',
    messages: (good, total) => `${good} sur ${total}`,
    measuredOn: 'mesuré sur',
    signature: 'Signature',
    checked: 'À vérifier par « passerelle conformity verify » avec la clé publique de la région.',
    page: (n, of) => `Page ${n} sur ${of}`,
    verdicts: {
      met: 'Conforme',
      partly: 'Partiel',
      unmet: 'Non conforme',
      lapsed: 'Échu',
      'not-applicable': 'Sans objet',
      'not-measured': 'Non mesuré',
    },
    levels: { mandatory: 'obligatoire', recommended: 'recommandé', optional: 'optionnel', indicator: 'indicateur' },
  },
  en: {
    title: 'Statement of measured conformity',
    establishment: 'Establishment',
    framework: 'Framework',
    made: 'Made on',
    window: 'Measured period',
    use: 'Use',
    uses: { production: 'Production', qualification: 'Qualification (trials only)' },
    share: (met, of) => `${met} of ${of} mandatory requirements met`,
    toConfirm: 'to be confirmed',
    byPerson: 'decided by a person',
    since: 'since',
    messages: (good, total) => `${good} of ${total}`,
    measuredOn: 'measured on',
    signature: 'Signature',
    checked: 'To be checked by “passerelle conformity verify” with the public key of the region.',
    page: (n, of) => `Page ${n} of ${of}`,
    verdicts: {
      met: 'Met',
      partly: 'Partly met',
      unmet: 'Not met',
      lapsed: 'Lapsed',
      'not-applicable': 'Not applicable',
      'not-measured': 'Not measured',
    },
    levels: { mandatory: 'mandatory', recommended: 'recommended', optional: 'optional', indicator: 'indicator' },
  },
}
