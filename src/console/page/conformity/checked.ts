/** A finding of a message that somebody tries out, in words: what is wrong, by which rule, where that is written. */
import type { Config } from '../../../core/config.ts'
import type { Finding } from '../../../core/message.ts'
import { type Checked, type CheckSeverity, findingName, severityOf } from '../../../core/self-check.ts'
import { profilesOf } from '../../../formats/hl7v2/rules/compile.ts'
import { ruleSource } from '../../../formats/hl7v2/rules/sources.ts'
import { ruleSentence } from '../../../formats/hl7v2/rules/texts.ts'
import type { Language } from '../../../formats/http/language.ts'
import { helpOf } from '../../../formats/http/problem.ts'

/** A finding with what is said of it. */
export interface ToldFinding {
  readonly severity: CheckSeverity
  readonly class: Finding['class']
  readonly code: Finding['code']
  readonly at: string
  /** Id of the rule, or ''. */
  readonly rule: string
  /** Document and clause; '' where the definition of the code is all there is. */
  readonly source: string
  /** `framework requirement` of those for which the message would count against the establishment by it. */
  readonly fails: readonly string[]
  readonly said: Readonly<Record<Language, string>>
}

const ORDER: readonly CheckSeverity[] = ['blocking', 'mend', 'know']

/** Everything that was found, the gravest first, each once at each place. */
export function toldFindings({ messages, requirements, strict }: Checked, config: Config): readonly ToldFinding[] {
  const all = new Map<string, ToldFinding>()
  for (const finding of messages.flatMap(({ findings }) => findings)) {
    const name = findingName(finding)
    const fails = requirements
      .filter(({ failing }) => failing.includes(name))
      .map(({ framework, requirement }) => `${framework} ${requirement}`)
    const one = told(finding, strict, config, fails)
    all.set([one.code, one.rule, one.at].join(' '), one)
  }
  return [...all.values()].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
}

/** What `$validate` says beside that: nothing of it stands in the way. */
export function toldAdvice({ advice }: Checked, config: Config): readonly ToldFinding[] {
  return advice.map((finding) => ({ ...told(finding, false, config, []), severity: 'know' }))
}

function told(finding: Finding, strict: boolean, config: Config, fails: readonly string[]): ToldFinding {
  const { code, class: sort, at = '', params } = finding
  const rule = typeof params?.['rule'] === 'string' ? params['rule'] : ''
  const { rules } = config
  return {
    ...{ severity: severityOf(sort, strict), class: sort, code, at, rule, fails },
    source: rule === '' || rules === undefined ? '' : (ruleSource(rule, rules) ?? ''),
    said: { fr: said(finding, config, 'fr'), en: said(finding, config, 'en') },
  }
}

function said(finding: Finding, { rules }: Config, language: Language): string {
  const sentence = rules === undefined ? null : ruleSentence(finding, profilesOf(rules), language)
  return sentence?.text ?? helpOf(finding.code, language)
}
