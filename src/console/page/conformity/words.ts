import type { Use } from '../../../core/config.ts'
import type { Level, Measure, Verdict, Why } from '../../../core/conformity.ts'
import type { Language } from '../../../formats/http/language.ts'
import { EN } from './words-en.ts'
import { FR } from './words-fr.ts'

/** Counts of a verdict, for its sentence. */
export interface Counted {
  readonly good: string
  readonly total: string
  /** `total` less `good`. */
  readonly bad: string
}

/** The words of the pages of conformity in one language. */
export interface ConformityWords {
  readonly title: string
  readonly parts: string
  /** Name of the file. */
  readonly statementFile: string
  readonly tabs: Readonly<Record<'matrix' | 'products' | 'changes', string>>
  /** What the pages are, and what they are not. */
  readonly statement: string
  readonly empty: string
  readonly emptyTells: string
  readonly framework: string
  readonly use: string
  readonly uses: Readonly<Record<Use, string>>
  readonly useTells: Readonly<Record<Use, string>>
  readonly show: string
  readonly csv: string
  readonly confirm: string
  readonly confirmTells: string
  readonly verdict: string
  readonly verdicts: Readonly<Record<Verdict, string>>
  readonly verdictTells: Readonly<Record<Verdict, string>>
  readonly legend: string
  readonly levels: Readonly<Record<Level, string>>
  readonly kind: string
  readonly territory: string
  readonly domain: string
  readonly text: string
  readonly all: string
  readonly establishment: string
  readonly matrix: string
  readonly matrixTells: string
  readonly noRow: string
  readonly more: (shown: string, all: string) => string
  readonly allDomains: string
  readonly cards: Readonly<Record<'establishments' | 'complete' | 'share', string>>
  readonly ofAll: (met: string, of: string) => string
  /** Difference to thirty days ago, in points. */
  readonly points: (difference: string, one: boolean) => string
  readonly steady: string
  readonly byTerritory: string
  readonly closest: string
  readonly closestTells: string
  readonly noneClose: string
  readonly missing: string
  readonly mandatoryMet: string
  readonly department: string
  readonly finess: string
  readonly failing: string
  readonly noneFailing: string
  readonly unmeasured: string
  readonly met: string
  readonly notAsked: string
  readonly lapsing: string
  readonly until: string
  readonly noneAsked: string
  readonly requirement: string
  readonly why: string
  readonly whys: Readonly<Record<Why, (counted: Counted) => string>>
  readonly countedName: string
  readonly measured: (good: string, total: string) => string
  readonly expected: Readonly<Record<Measure['what'], (share: string, within: string) => string>>
  /** `minimum` null: none is needed before something is said. */
  readonly window: (days: string, minimum: string | null) => string
  readonly by: Readonly<Record<'evidence' | 'probe' | 'trial' | 'derived', (days: string) => string>>
  readonly since: string
  readonly regressed: (was: string) => string
  readonly source: string
  readonly software: string
  readonly next: string
  readonly found: string
  readonly messages: (n: string) => string
  readonly examples: string
  readonly moreFindings: string
  readonly slow: string
  readonly outcomes: Readonly<Record<string, string>>
  readonly structure: (id: string) => string
  readonly history: string
  readonly noHistory: string
  readonly ownOnly: string
  readonly products: string
  readonly productsTells: string
  readonly product: string
  readonly noProducts: string
  readonly sites: string
  readonly faults: string
  readonly noFaults: string
  readonly moreLines: (shown: string, all: string) => string
  readonly metAt: (n: string) => string
  readonly changes: string
  readonly changesTells: string
  readonly noChanges: string
  readonly from: string
  readonly to: string
  readonly when: string
  readonly change: string
  readonly better: string
  readonly worse: string
  readonly first: string
  readonly older: string
  /** Names of columns in files. */
  readonly columns: Readonly<Record<ColumnName, string>>
}

/** Columns of files. */
export type ColumnName =
  | 'framework'
  | 'use'
  | 'establishment'
  | 'name'
  | 'kind'
  | 'department'
  | 'column'
  | 'domain'
  | 'requirement'
  | 'level'
  | 'text'
  | 'verdict'
  | 'was'
  | 'why'
  | 'good'
  | 'total'
  | 'since'
  | 'until'
  | 'at'
  | 'found'
  | 'software'
  | 'product'
  | 'judgedBy'
  | 'document'
  | 'clause'
  | 'confirm'

/** The catalogue of each language. */
export const CONFORMITY_WORDS: Readonly<Record<Language, ConformityWords>> = { fr: FR, en: EN }
