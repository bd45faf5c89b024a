/** Where rules come from, for people who want to read it themselves. */
import type { Hl7Rules } from '../../../core/config.ts'
import type { WrittenRuleFile } from './written.ts'

const known = new WeakMap<Hl7Rules, ReadonlyMap<string, string>>()

/** The document and clause behind a rule or structure, by its id; null: no rule has it, or its file names none. Pure. */
export function ruleSource(id: string, rules: Hl7Rules): string | null {
  let sources = known.get(rules)
  if (sources === undefined) known.set(rules, (sources = sourcesOf(rules)))
  return sources.get(id) ?? null
}

function sourcesOf({ files }: Hl7Rules): ReadonlyMap<string, string> {
  const all = Object.values(files as Readonly<Record<string, WrittenRuleFile>>)
  return new Map(
    all.flatMap(({ source, rules = [], structures = [] }) =>
      [...rules, ...structures].flatMap(({ id, clause }): [string, string][] => {
        const told = [source, clause].filter((one) => one !== undefined).join(', ')
        return told === '' ? [] : [[id, told]]
      }),
    ),
  )
}
