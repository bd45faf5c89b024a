/** What the register is searched by: words of its own, and signed words that say of what they are (`c_laval`: of a commune). Pure. */
import type { StructureAsk, StructureFacts } from '../../core/structures.ts'
import { foldedWords, joined, SILENT, type SoughtWord } from '../directory/words.ts'

/** Words of one text that are looked at. */
const MOST_WORDS = 12
/** Fewer letters begin the words of half a country. */
const SHORTEST_BEGINNING = 2

const told = (text: string | null): string[] => foldedWords(text ?? '').filter((word) => !SILENT.has(word))

/** All words that a structure is found by, apart by spaces. */
export function wordsOfStructure(facts: StructureFacts): string {
  const { finess, ej, level, kind, category, department, postcode } = facts
  const found = new Set<string>([...told(facts.categoryName), `f_${joined(finess)}`, `l_${level}`])
  for (const word of told(facts.name)) found.add(word).add(`n_${word}`)
  for (const word of told(facts.commune)) found.add(word).add(`c_${word}`)
  if (ej !== null) found.add(`e_${joined(ej)}`)
  if (kind !== null) found.add(`k_${joined(kind)}`)
  if (category !== null) found.add(`y_${joined(category)}`)
  if (department !== null) found.add(`d_${joined(department)}`)
  if (postcode !== null) found.add(`p_${joined(postcode)}`).add(joined(postcode))
  return [...found].join(' ')
}

/**
 * The words that an ask needs, none where it asks for none; null: it asks for words, and none of them can be looked for. `loose`:
 * each of `words` may be a beginning, which costs more where many words begin so; those of a name and commune always may. */
export function soughtStructures(ask: StructureAsk, loose: boolean): readonly SoughtWord[] | null {
  const sought: SoughtWord[] = []
  const each = (sign: string, text: string | undefined, starts = true): boolean => {
    if (text === undefined) return true
    const words = told(text)
      .slice(0, MOST_WORDS)
      .filter((word) => word.length >= SHORTEST_BEGINNING)
    sought.push(...words.map((word) => ({ word: sign + word, starts })))
    return words.length > 0
  }
  const exact = (sign: string, text: string | undefined): void => {
    if (text !== undefined) sought.push({ word: sign + joined(text), starts: false })
  }
  const held = [each('', ask.words, loose), each('n_', ask.name), each('c_', ask.commune)]
  exact('k_', ask.kind)
  exact('l_', ask.level)
  exact('y_', ask.category)
  exact('d_', ask.department)
  exact('p_', ask.postcode)
  return held.includes(false) ? null : sought
}
