/** Which namespace a prefix stands for, element by element (Namespaces in XML 1.0, third edition). */
import { nameEnd } from './xml-text.ts'

const XML = 'http://www.w3.org/XML/1998/namespace'
const XMLNS = 'http://www.w3.org/2000/xmlns/'
/** Declarations in force at a time: a document has a dozen. */
const MAX_DECLARED = 1_000

/** An attribute with its name as written and its value as read. */
export interface XmlAttribute {
  readonly name: string
  readonly value: string
}

/** Prefixes in force; what an element declares is undone with it, so that each declaration is paid for once. */
export class Namespaces {
  readonly #bound = new Map<string, string>([
    ['xml', XML],
    ['', ''],
  ])
  readonly #undo: { readonly depth: number; readonly prefix: string; readonly before: string | undefined }[] = []

  /** Takes what an element declares; false where a declaration is not allowed, null where there are too many. */
  open(attributes: readonly XmlAttribute[], depth: number): boolean | null {
    for (const { name, value } of attributes) {
      if (!name.startsWith('xmlns') || (name.length > 5 && name[5] !== ':')) continue
      const prefix = name.slice(6)
      const uri = value.trim()
      if (prefix === 'xmlns' || uri === XMLNS || (prefix === 'xml') !== (uri === XML)) return false
      if (prefix !== '' && uri === '') return false
      this.#undo.push({ depth, prefix, before: this.#bound.get(prefix) })
      this.#bound.set(prefix, uri)
      if (this.#undo.length > MAX_DECLARED) return null
    }
    return true
  }

  /** Forgets what the element at this depth declared. */
  close(depth: number): void {
    for (let last = this.#undo.at(-1); last?.depth === depth; last = this.#undo.at(-1)) {
      if (last.before === undefined) this.#bound.delete(last.prefix)
      else this.#bound.set(last.prefix, last.before)
      this.#undo.pop()
    }
  }

  /** The namespace of a prefix, '' for none; undefined where it was not declared. */
  of(prefix: string): string | undefined {
    return this.#bound.get(prefix)
  }

  /** Are all prefixes of the attributes declared, and no two of them the same name? `xmlns` itself needs no declaration. */
  sound(attributes: readonly XmlAttribute[]): boolean {
    let seen: Set<string> | undefined
    for (const { name } of attributes) {
      const colon = name.indexOf(':')
      if (colon < 0) continue
      const prefix = name.slice(0, colon)
      if (prefix === 'xmlns') continue
      const uri = this.#bound.get(prefix)
      if (uri === undefined) return false
      seen ??= new Set()
      const expanded = `${uri}}${name.slice(colon + 1)}`
      if (seen.has(expanded)) return false
      seen.add(expanded)
    }
    return true
  }
}

/** Is the name, whose characters are those of a name, one with at most one colon that parts two names (QName)? */
export function isQName(name: string): boolean {
  const colon = name.indexOf(':')
  if (colon < 0) return true
  if (colon === 0 || name.indexOf(':', colon + 1) >= 0) return false
  return colon + 1 < name.length && nameEnd(name, colon + 1, name.length) === name.length
}
