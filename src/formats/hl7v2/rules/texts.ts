/** Sentences for findings of rules, in both languages: the rule's own text, else one made from what it asks. */
import type { Finding } from '../../../core/message.ts'
import type { Hl7Profiles } from './profiles.ts'
import { type Assertion, assertionOf, type WrittenConditions, type WrittenRule, type WrittenTest } from './written.ts'

/** Languages that sentences are made in. */
export type Language = 'fr' | 'en'

const MOST_VALUES = 12

/** What is said of a finding, and the id of the rule that made it with its clause, for those who look for the cause. */
export interface RuleSentence {
  readonly text: string
  readonly reference: string
}

/** The sentence of a finding that a rule made; null when no rule in force has its id. Pure; no value of the message. */
export function ruleSentence(finding: Finding, profiles: Hl7Profiles, language: Language): RuleSentence | null {
  const rule = profiles.known.get(String(finding.params?.['rule'] ?? ''))
  if (rule === undefined) return null
  const at = finding.at ?? ''
  return {
    text: 'segments' in rule ? structureText(finding, at, language) : ruleText(rule, at, language),
    reference: rule.clause === undefined ? rule.id : `${rule.id}, ${rule.clause}`,
  }
}

/** What a rule says of a place. */
export function ruleText(rule: WrittenRule, at: string, language: Language): string {
  if (rule.text !== undefined) return rule.text[language]
  const assertion = assertionOf(rule)
  const said = assertion === null ? at : SENTENCES[language][assertion](at, rule)
  return said + conditionText(rule.when, language)
}

function structureText({ code }: Finding, at: string, language: Language): string {
  const sentences: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
    SEGMENT_MISSING: { fr: `le segment ${at} est obligatoire`, en: `segment ${at} is required` },
    SEGMENT_ORDER: { fr: `le segment ${at} n'est pas à sa place`, en: `segment ${at} is out of order` },
    CARDINALITY: { fr: `le segment ${at} est de trop`, en: `there is one segment ${at} too many` },
  }
  const other = { fr: `le segment ${at} n'est pas prévu ici`, en: `segment ${at} is not foreseen here` }
  return (sentences[code] ?? other)[language]
}

function valuesText(values: readonly string[] | string): string {
  if (typeof values === 'string') return values
  const shown = values.slice(0, MOST_VALUES).join(', ')
  return values.length > MOST_VALUES ? `${shown}…` : shown
}

type Sentences = Readonly<Record<Assertion, (at: string, rule: WrittenRule) => string>>

function countText({ min, max }: NonNullable<WrittenRule['count']>, language: Language): string {
  const [least, to] = language === 'fr' ? ['au moins', 'à'] : ['at least', 'to']
  if (min !== undefined && max !== undefined) return min === max ? `${min}` : `${min} ${to} ${max}`
  return min === undefined ? `0 ${to} ${max}` : `${least} ${min}`
}

const SENTENCES: Readonly<Record<Language, Sentences>> = {
  fr: {
    required: (at) => `${at} est obligatoire`,
    forbidden: (at) => `${at} ne doit pas être présent`,
    max: (at, { max }) => `${at} : ${max} répétition(s) au plus`,
    in: (at, rule) => `${at} : valeur hors de la liste (${valuesText(rule.in ?? [])})`,
    notIn: (at, { notIn }) => `${at} : valeur exclue (${valuesText(notIn ?? [])})`,
    contains: (at, { contains }) => `${at} doit comporter l'une des valeurs ${valuesText(contains ?? [])}`,
    pattern: (at) => `${at} n'a pas la forme attendue`,
    type: (at, { type }) => `${at} n'est pas de type ${type}`,
    equals: (at, { equals }) => `${at} diffère de ${equals}`,
    matrix: (at, { matrix }) => `${at} : valeur incompatible avec ${matrix?.by}`,
    count: (at, { count, where }) =>
      `${at} : ${countText(count ?? {}, 'fr')} attendu(s)${conditionText(where, 'fr', 'pour')}`,
    check: (at, { check }) => `${at} : ${check}`,
  },
  en: {
    required: (at) => `${at} is required`,
    forbidden: (at) => `${at} must not be there`,
    max: (at, { max }) => `${at}: at most ${max} repetition(s)`,
    in: (at, rule) => `${at}: the value is not listed (${valuesText(rule.in ?? [])})`,
    notIn: (at, { notIn }) => `${at}: the value is excluded (${valuesText(notIn ?? [])})`,
    contains: (at, { contains }) => `${at} must have one of the values ${valuesText(contains ?? [])}`,
    pattern: (at) => `${at} does not have the form expected`,
    type: (at, { type }) => `${at} is not of type ${type}`,
    equals: (at, { equals }) => `${at} differs from ${equals}`,
    matrix: (at, { matrix }) => `${at}: the value does not go with ${matrix?.by}`,
    count: (at, { count, where }) =>
      `${at}: ${countText(count ?? {}, 'en')} expected${conditionText(where, 'en', 'for')}`,
    check: (at, { check }) => `${at}: ${check}`,
  },
}

/** ` quand ZBE-4 vaut UPDATE, CANCEL`. */
function conditionText(
  conditions: WrittenConditions | undefined,
  language: Language,
  word = language === 'fr' ? 'quand' : 'when',
): string {
  if (conditions === undefined) return ''
  const each = Object.entries(conditions).map(([at, test]) => testText(at, test, language))
  return ` ${word} ${each.join(language === 'fr' ? ' et ' : ' and ')}`
}

function testText(at: string, test: WrittenTest, language: Language): string {
  const fr = language === 'fr'
  if (test === 'present') return `${at} ${fr ? 'est présent' : 'is there'}`
  if (test === 'absent') return `${at} ${fr ? 'est absent' : 'is absent'}`
  if (typeof test === 'object' && 'not' in test) return `${at} ${fr ? 'ne vaut pas' : 'is not'} ${valuesText(test.not)}`
  return `${at} ${fr ? 'vaut' : 'is'} ${valuesText(test)}`
}
