/** Abstract message syntax (HL7 v2.5.1 §2.12) as data: `MSH [{SFT}] PID { OBR [{NTE}] }`, and matching it. */

/** A segment, or a group of nodes. */
export interface StructureNode {
  readonly segment: string | null
  readonly nodes: readonly StructureNode[]
  readonly optional: boolean
  readonly repeats: boolean
  /** Names that can stand first in it. */
  readonly first: ReadonlySet<string>
}

/** A structure, ready to be matched. */
export interface Structure {
  readonly nodes: readonly StructureNode[]
  readonly names: ReadonlySet<string>
  /** Segments without which no message has this structure. */
  readonly always: readonly string[]
}

const TOKEN = /\s*([[\]{}]|[A-Z][A-Z0-9]{2}|[a-z][a-zA-Z0-9]*)/y
const DEEPEST = 12

/**
 * Reads the notation; `parts` are what lower-case names stand for.
 * @throws {RangeError} with a sentence that says what is wrong */
export function parseStructure(text: string, parts: Readonly<Record<string, string>> = {}): Structure {
  const nodes = sequence(tokensOf(text, parts, 0), { at: 0 }, null)
  const names = new Set<string>()
  collect(nodes, names)
  return { nodes, names, always: [...new Set(nodes.flatMap(alwaysOf))] }
}

function tokensOf(text: string, parts: Readonly<Record<string, string>>, depth: number): string[] {
  if (depth > DEEPEST) throw new RangeError('parts use each other in a circle')
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex
    const token = TOKEN.exec(text)?.[1]
    if (token === undefined) throw new RangeError(`${JSON.stringify(text.slice(from, from + 12))} is no segment`)
    const end = TOKEN.lastIndex
    if (/^[a-z]/.test(token)) {
      if (!Object.hasOwn(parts, token)) throw new RangeError(`there is no part named ${token}`)
      tokens.push(...tokensOf(parts[token]!, parts, depth + 1))
    } else tokens.push(token)
    TOKEN.lastIndex = end
  }
  return tokens
}

function sequence(tokens: readonly string[], cursor: { at: number }, close: string | null): StructureNode[] {
  const nodes: StructureNode[] = []
  for (;;) {
    const token = tokens[cursor.at++]
    if (token === undefined) {
      if (close !== null) throw new RangeError(`${close} is missing`)
      return nodes
    }
    if (token === close) return nodes
    if (token === ']' || token === '}') throw new RangeError(`${token} closes nothing`)
    nodes.push(token === '[' || token === '{' ? bracket(token, tokens, cursor) : segmentNode(token))
  }
}

function bracket(token: '[' | '{', tokens: readonly string[], cursor: { at: number }): StructureNode {
  const inner = sequence(tokens, cursor, token === '[' ? ']' : '}')
  if (inner.length === 0) throw new RangeError('a bracket is empty')
  const [only] = inner
  const marks = token === '[' ? { optional: true } : { repeats: true }
  // `[{NTE}]` is one node with both marks.
  if (inner.length === 1) return { ...only!, ...marks }
  return { segment: null, nodes: inner, optional: false, repeats: false, first: firstOf(inner), ...marks }
}

function segmentNode(segment: string): StructureNode {
  return { segment, nodes: [], optional: false, repeats: false, first: new Set([segment]) }
}

function firstOf(nodes: readonly StructureNode[]): ReadonlySet<string> {
  const first = new Set<string>()
  for (const node of nodes) {
    for (const name of node.first) first.add(name)
    if (!node.optional) break
  }
  return first
}

function collect(nodes: readonly StructureNode[], names: Set<string>): void {
  for (const node of nodes) {
    if (node.segment !== null) names.add(node.segment)
    collect(node.nodes, names)
  }
}

function alwaysOf(node: StructureNode): string[] {
  if (node.optional) return []
  return node.segment !== null ? [node.segment] : node.nodes.flatMap(alwaysOf)
}

/** What does not fit: `missing` names a segment; the others name the index of the segment that stands wrong. */
export type Misfit =
  | { readonly what: 'missing'; readonly segment: string; readonly index: number }
  | { readonly what: 'order' | 'unexpected' | 'repeated'; readonly segment: string; readonly index: number }

/**
 * Compares the names of a message's segments with a structure; '' and Z segments that the structure does not name are
 * passed over. Each segment that is not known is told once; after the first that stands in the wrong place no more is
 * said of order, as nothing after it can be placed surely. Linear in the segments. */
export function matchStructure(names: readonly string[], structure: Structure): readonly Misfit[] {
  if (names.length > LONGEST_KNOWN) return matched(names, structure)
  const sequence = names.join('\r')
  let known = knownOf.get(structure)
  if (known === undefined) knownOf.set(structure, (known = new Map()))
  const before = known.get(sequence)
  if (before !== undefined) return before
  const misfits = matched(names, structure)
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(sequence, misfits)
  return misfits
}

/** A sender's messages have few shapes: the answers for so many of so many segments are kept for each structure. */
const MOST_KNOWN = 256
const LONGEST_KNOWN = 40
const knownOf = new WeakMap<Structure, Map<string, readonly Misfit[]>>()

function matched(names: readonly string[], structure: Structure): Misfit[] {
  const misfits: Misfit[] = []
  const known: number[] = []
  const strangers = new Set<string>()
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    if (structure.names.has(name)) known.push(i)
    else if (name !== '' && name[0] !== 'Z' && !strangers.has(name)) {
      strangers.add(name)
      misfits.push({ what: 'unexpected', segment: name, index: i })
    }
  }
  new Match(names, known, misfits).run(structure)
  return misfits
}

class Match {
  readonly #names: readonly string[]
  readonly #known: readonly number[]
  readonly #misfits: Misfit[]
  readonly #last = new Map<string, number>()
  #at = 0
  /** The segment just matched cannot repeat. */
  #single = false
  #lost = false

  constructor(names: readonly string[], known: readonly number[], misfits: Misfit[]) {
    this.#names = names
    this.#known = known
    this.#misfits = misfits
    for (let i = 0; i < known.length; i++) this.#last.set(names[known[i]!]!, i)
  }

  run(structure: Structure): void {
    this.#sequence(structure.nodes)
    while (!this.#lost && this.#at < this.#known.length) this.#stray()
    if (!this.#lost) return
    // What is not there at all is missing wherever the rest stands.
    for (const name of structure.always) if (!this.#last.has(name)) this.#missing(name)
  }

  get #now(): string {
    return this.#at < this.#known.length ? this.#names[this.#known[this.#at]!]! : ''
  }

  #sequence(nodes: readonly StructureNode[]): void {
    for (const node of nodes) {
      if (this.#lost) return
      if (node.segment === null) this.#group(node)
      else this.#segment(node, node.segment)
    }
  }

  #segment(node: StructureNode, name: string): void {
    while (!node.optional && this.#now !== name && !this.#lost) {
      // Absent from here on: it is missing, and the rest is placed without it.
      if ((this.#last.get(name) ?? -1) < this.#at) break
      this.#stray()
    }
    if (this.#now !== name) {
      if (!node.optional && !this.#lost) this.#missing(name)
      return
    }
    this.#at++
    this.#single = !node.repeats
    if (node.repeats) while (this.#now === name) this.#at++
  }

  #group(node: StructureNode): void {
    if (!node.first.has(this.#now) && node.optional) return
    do {
      const before = this.#at
      this.#sequence(node.nodes)
      if (this.#at === before) return
    } while (!this.#lost && node.repeats && node.first.has(this.#now))
  }

  /** The segment at hand has no place here: one too many of those before it, or out of order. */
  #stray(): void {
    const index = this.#known[this.#at]!
    const name = this.#names[index]!
    const before = this.#at > 0 ? this.#names[this.#known[this.#at - 1]!] : ''
    if (this.#single && before === name) {
      this.#misfits.push({ what: 'repeated', segment: name, index })
      this.#at++
    } else {
      this.#misfits.push({ what: 'order', segment: name, index })
      this.#lost = true
    }
  }

  #missing(segment: string): void {
    const told = this.#misfits.some((one) => one.what === 'missing' && one.segment === segment)
    const index = this.#known[Math.min(this.#at, this.#known.length) - 1] ?? 0
    if (!told) this.#misfits.push({ what: 'missing', segment, index })
  }
}
