import type { Config } from '../../../core/config.ts'
import { ERRORS } from '../../../core/errors.ts'
import { faultKind, isProbeFault } from '../../../core/probe-faults.ts'
import { profilesOf } from '../../../formats/hl7v2/rules/compile.ts'
import { ruleText } from '../../../formats/hl7v2/rules/texts.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { codeLabel } from '../messages/pieces.ts'
import { CONFORMITY_WORDS } from './words.ts'

/** Stands for findings of a message that has too many to be named. */
const MORE = '…'

/** A fault that a probe named, in words; what is no such word is shown as it is. */
export function faultShown(word: string, language: Language): Html {
  return isProbeFault(word) ? html`${faultKind(word, language)} <code>${word}</code>` : html`<code>${word}</code>`
}

/**
 * What was in the way, in words: of a rule what it says, of a code the beginning of its help. What neither knows (a rule of a
 * validator) is shown as it is. */
export function findingText(finding: string, { rules }: Pick<Config, 'rules'>, language: Language): string {
  const words = CONFORMITY_WORDS[language]
  if (finding === MORE) return words.moreFindings
  if (finding === 'SLOW') return words.slow
  if (Object.hasOwn(words.outcomes, finding)) return words.outcomes[finding] ?? finding
  if (Object.hasOwn(ERRORS, finding)) return codeLabel(finding, language)
  const rule = rules === undefined ? undefined : profilesOf(rules).known.get(finding)
  if (rule === undefined) return finding
  return 'segments' in rule ? words.structure(rule.id) : ruleText(rule, rule.place ?? rule.at, language)
}

/** The same, with the name that rules and help have for it. */
export function findingShown(finding: string, config: Pick<Config, 'rules'>, language: Language): Html {
  const text = findingText(finding, config, language)
  return text === finding ? html`<code>${finding}</code>` : html`${text} <code>${finding}</code>`
}
