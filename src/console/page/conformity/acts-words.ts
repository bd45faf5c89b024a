import type { Use } from '../../../core/config.ts'
import type { Judging } from '../../../core/conformity.ts'
import type { EvidenceState, SettableVerdict } from '../../../core/conformity-commands.ts'
import type { Language } from '../../../formats/http/language.ts'
import { EN } from './acts-words-en.ts'
import { FR } from './acts-words-fr.ts'

/** Every word of the pages on which people act for conformity, in one language. */
export interface ConformityActWords {
  readonly tabs: Readonly<Record<'programmes' | 'evidence' | 'frameworks' | 'overrides', string>>
  readonly states: Readonly<Record<EvidenceState, string>>
  readonly verdicts: Readonly<Record<SettableVerdict, string>>
  readonly uses: Readonly<Record<Use, string>>
  readonly accepts: Readonly<Record<Extract<Judging, { by: 'evidence' }>['accepts'], string>>
  readonly establishment: string
  readonly requirement: string
  readonly requirementHelp: string
  readonly framework: string
  readonly reason: string
  readonly reasonMissing: string
  readonly all: string
  readonly state: string
  readonly filter: string
  readonly more: string
  readonly back: string
  readonly evidenceLead: string
  readonly toFile: string
  readonly waiting: string
  readonly waitingNone: string
  readonly lapsing: string
  readonly lapsingMost: (lines: number) => string
  readonly lapsingNone: string
  readonly lapsed: string
  readonly lapses: string
  readonly renewed: string
  readonly list: string
  readonly listNone: string
  readonly filedBy: string
  readonly filedAt: string
  readonly validUntil: string
  readonly see: string
  readonly one: string
  readonly statement: string
  readonly statementHelp: string
  readonly document: string
  readonly documentHelp: string
  readonly download: (type: string, size: string) => string
  readonly documentGone: string
  readonly reviewed: string
  readonly withdrawn: string
  readonly actOf: (who: string, why: string) => string
  readonly review: string
  readonly reviewOwn: string
  readonly accept: string
  readonly reject: string
  readonly until: string
  readonly untilHelp: string
  readonly withdraw: string
  readonly withdrawTells: string
  readonly file: string
  readonly fileNone: string
  readonly fileAct: string
  readonly frameworksLead: string
  readonly frameworks: string
  readonly frameworksNone: string
  readonly frameworkStates: Readonly<Record<'published' | 'withdrawn', string>>
  readonly version: string
  readonly publisher: string
  readonly validity: (from: string, to: string | null) => string
  readonly validityName: string
  readonly published: string
  readonly text: string
  readonly asNew: string
  readonly notReadable: string
  readonly withdrawFramework: string
  readonly publish: string
  readonly publishTells: string
  readonly yaml: string
  readonly check: string
  readonly publishAct: string
  readonly problems: string
  readonly problem: string
  readonly line: string
  readonly column: string
  readonly place: string
  readonly lineText: string
  readonly checked: (name: string, isNew: boolean) => string
  readonly publishedNow: (name: string, isNew: boolean) => string
  readonly overridesLead: string
  readonly overrides: string
  readonly overridesNone: string
  readonly setBy: string
  readonly use: string
  readonly verdict: string
  readonly forGood: string
  readonly untilDay: string
  readonly lift: string
  readonly set: string
  readonly setAct: string
  readonly setNone: string
  readonly overrideUntilHelp: string
}

/** The catalogue of each language. */
export const CONFORMITY_ACT_WORDS: Readonly<Record<Language, ConformityActWords>> = { fr: FR, en: EN }
