import type { FhirAsk } from '../../core/fhir.ts'
import type { BundleEntry } from '../../formats/fhir/bundle.ts'
import { isObject, type JsonObject, text } from '../../formats/fhir/json.ts'
import type { OutcomeIssue } from '../../formats/fhir/outcome.ts'
import { conditionalReferences } from '../../formats/fhir/references.ts'
import type { Under } from './judge.ts'
import { tokenRow } from './rows.ts'
import { existing, unlessToken } from './single.ts'

/** An entry of a transaction, as the request of its own that it stands for. */
export interface Planned {
  readonly entry: BundleEntry
  readonly ask: FhirAsk
  /** Id that the resource has, or will have. */
  readonly id: string
}

/** What a conditional create found in place of what it would make. */
export interface Match {
  /** `Type/ID`. */
  readonly target: string
  /** An entry before it makes that. */
  readonly isNew: boolean
}

/** What conditional creates found, by the place of their entry. */
export type Matches = ReadonlyMap<string, Match>

type Token = NonNullable<ReturnType<typeof unlessToken>>

/** What entries write, found by the value of an identifier that it bears. */
class Written {
  readonly #byValue = new Map<string, { readonly one: Planned; readonly system: string }[]>()

  add(one: Planned): void {
    for (const identifier of [one.entry.resource?.['identifier'] ?? null].flat().filter(isObject)) {
      const value = text(identifier['value'])
      if (value === null) continue
      const found = this.#byValue.get(value) ?? []
      this.#byValue.set(value, found)
      found.push({ one, system: text(identifier['system']) ?? '' })
    }
  }

  /** `Type/ID` of those of a type that a search for the identifier would find. */
  bearing(type: string, { system, value }: Token): string[] {
    const all = this.#byValue.get(value) ?? []
    const found = all.filter((it) => it.one.ask.type === type && (system === null || it.system === system))
    return [...new Set(found.map(({ one }) => `${type}/${one.id}`))]
  }
}

const kept = async (type: string, { system, value }: Token, under: Under): Promise<string[]> => {
  const row = tokenRow('identifier', system, value, under.parts.journal.secret)
  return (await existing(type, row, under)).map(({ id }) => `${type}/${id}`)
}

/**
 * What the conditional creates of a transaction find, one after the other (http.html §3.1.0.11.2): a resource of the caller,
 * else what an entry before makes. More than one is an issue; of the caller's it is left to the create to say so. */
export async function matchesOf(planned: readonly Planned[], under: Under): Promise<Matches | OutcomeIssue> {
  const matches = new Map<string, Match>()
  const before = new Written()
  for (const one of planned) {
    const { ask, entry } = one
    if (ask.interaction !== 'create') continue
    const token = ask.ifNoneExist === null ? null : unlessToken(ask.ifNoneExist)
    if (token !== null && ask.type !== null) {
      const there = await kept(ask.type, token, under)
      const isNew = there.length === 0
      const [target, ...more] = isNew ? before.bearing(ask.type, token) : there
      if (isNew && more.length > 0)
        return { error: 'CONDITION_FAILED', code: 'multiple-matches', expression: entry.place }
      if (target !== undefined && more.length === 0) matches.set(entry.place, { target, isNew })
    }
    if (!matches.has(entry.place)) before.add(one)
  }
  return matches
}

/**
 * Who each conditional reference means once all entries are done (http.html §3.1.0.11.2, step 5): exactly one resource of the
 * caller, as it is then, or the whole Bundle fails (§3.1.0.11.3). */
export async function resolved(
  bundle: JsonObject,
  planned: readonly Planned[],
  matches: Matches,
  under: Under,
): Promise<Map<string, string> | OutcomeIssue> {
  const targets = new Map<string, string>()
  const references = conditionalReferences(bundle)
  if (references.length === 0) return targets
  const written = new Written()
  for (const one of planned) if (!matches.has(one.entry.place)) written.add(one)
  const updated = new Set(planned.filter(({ ask }) => ask.id !== null).map(({ ask, id }) => `${ask.type}/${id}`))
  for (const { reference, type, query, expression } of references) {
    const token = unlessToken(query)
    const there = token === null ? [] : (await kept(type, token, under)).filter((one) => !updated.has(one))
    const [target, ...more] = token === null ? [] : [...there, ...written.bearing(type, token)]
    if (target === undefined || more.length > 0)
      return { error: 'CONDITION_FAILED', code: target === undefined ? 'not-found' : 'multiple-matches', expression }
    targets.set(reference, target)
  }
  return targets
}
