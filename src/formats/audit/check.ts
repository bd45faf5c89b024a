import type { KeyObject } from 'node:crypto'
import { differences } from './difference.ts'
import { isLeafSigned, isSigned, keyIdOf, publicKeyOf, type TreeHead } from './head.ts'
import { type Lines, readLines } from './lines.ts'
import { type Edge, grown, rootOf, subtreesOf } from './tree.ts'

/** What is wrong with an export. `n` and `at`: the event's number and time, as signed where it was; `line`: from 1, in the file. */
export interface AuditFault {
  readonly what: /** An event is not as it was signed; was taken out; was put in; stands elsewhere than it was signed. */
    | 'altered'
    | 'removed'
    | 'added'
    | 'moved'
    /** A tree head is not signed by the key, or not of these events. */
    | 'head'
    /** The export ends before what a head says; or has no head at its end. */
    | 'cut'
    /** The key is not the one expected, or there is none. */
    | 'key'
  readonly n: number | null
  readonly at: string | null
  readonly line: number | null
}

/** What a check found. */
export interface AuditChecked {
  readonly events: number
  /** Number of the first one; 1 unless the export begins later. */
  readonly first: number
  /** Which key signed; to compare with what was noted elsewhere. */
  readonly keyId: string | null
  readonly head: TreeHead | null
  readonly faults: readonly AuditFault[]
}

/** What is known of an audit from elsewhere. */
export interface Expected {
  /** Public key, PEM. */
  readonly key?: string
  /** Heads that were noted before: the export must go on from them. */
  readonly heads?: readonly TreeHead[]
}

/** How far apart the numbers of two events that follow each other in altered proofs are looked for. */
const MOST_GONE = 1_000
/** How often that is done: each look costs some 100 ms, and proofs that were all forged have no better answer. */
const MOST_LOOKS = 50

/**
 * Checks an export by itself: that its events are those that were signed, in their order and without a gap, up to its last
 * head. Without a key from elsewhere it tells which key signed, no more. Reads the chunks once; holds 140 bytes an event. */
export async function checkExport(
  chunks: AsyncIterable<Uint8Array>,
  expected: Expected = {},
  progress: (bytes: number) => void = () => {},
): Promise<AuditChecked> {
  const lines = await readLines(chunks, progress)
  const { start } = lines
  const key = start === null ? null : publicKeyOf(start.publicKey)
  if (start === null || key === null) return { ...summary(lines), keyId: null, faults: [fault('key')] }
  const faults: AuditFault[] = []
  const trusted = expected.key === undefined ? key : publicKeyOf(expected.key)
  if (trusted === null || !trusted.equals(key)) faults.push(fault('key'))
  const signed = provenEvents(lines, key)
  faults.push(...signed.faults, ...lineFaults(lines, signed.entries))
  const known = expected.heads ?? []
  faults.push(...headFaults(lines, key, known))
  return { ...summary(lines), keyId: keyIdOf(key), faults: inOrder(faults) }
}

function summary(lines: Lines): Omit<AuditChecked, 'faults' | 'keyId'> {
  return { events: lines.events.count, first: lines.start?.first ?? 1, head: lines.heads.at(-1)?.head ?? null }
}

function fault(
  what: AuditFault['what'],
  n: number | null = null,
  atMs: number | null = null,
  line: number | null = null,
) {
  return { what, n, at: atMs === null ? null : new Date(atMs).toISOString(), line } satisfies AuditFault
}

function inOrder(faults: readonly AuditFault[]): readonly AuditFault[] {
  return faults.toSorted(
    (a, b) => (a.n ?? a.line ?? Number.MAX_SAFE_INTEGER) - (b.n ?? b.line ?? Number.MAX_SAFE_INTEGER),
  )
}

/** The proofs that hold: which entry is of which event. */
interface Proven {
  readonly entries: readonly { readonly entry: number; readonly n: number }[] | null
  readonly faults: readonly AuditFault[]
}

/**
 * Which proofs are those that were signed. When every head agrees with them they are, all of them, without a look at the
 * signature of each; else each is asked for its number: the one it should have, or a later one where some are gone. */
function provenEvents(lines: Lines, key: KeyObject): Proven {
  if (headsAgree(lines, key)) return { entries: null, faults: [] }
  const { proofs, start } = lines
  const entries: { entry: number; n: number }[] = []
  const faults: AuditFault[] = []
  let n = start?.first ?? 1
  let strange: number[] = []
  let looks = MOST_LOOKS
  for (let entry = 0; entry < proofs.count; entry += 1) {
    const holds = (at: number) =>
      isLeafSigned(at, proofs.times[entry]!, proofs.hashes.at(entry), proofs.signatures.at(entry), key)
    // The next in order; else, where entries before did not hold, so many further on; else where others are gone.
    let found = n
    const last = n + strange.length + (looks > 0 ? MOST_GONE : 0)
    if (!holds(found)) {
      if (strange.length > 0 && holds(n + strange.length)) found = n + strange.length
      else if (entry - (entries.at(-1)?.entry ?? -1) > 1 || !next(lines, entry, n + 1, key)) {
        looks -= 1
        while (found <= last && !holds(found)) found += 1
      } else found = last + 1
    }
    if (found > last) {
      strange.push(entry)
      continue
    }
    faults.push(...between(lines, n, found, strange))
    entries.push({ entry, n: found })
    n = found + 1
    strange = []
  }
  faults.push(...strange.map((entry, i) => fault('altered', n + i, proofs.times[entry] ?? null)))
  return { entries, faults }
}

/** Does the entry behind this one hold under the number that it has when this one alone was altered? */
function next({ proofs }: Lines, entry: number, n: number, key: KeyObject): boolean {
  const after = entry + 1
  return (
    after < proofs.count &&
    isLeafSigned(n, proofs.times[after]!, proofs.hashes.at(after), proofs.signatures.at(after), key)
  )
}

/** Numbers from `n` up to `found` have no entry that holds; `strange` entries stand in their place. */
function between({ proofs }: Lines, n: number, found: number, strange: readonly number[]): readonly AuditFault[] {
  const faults: AuditFault[] = []
  for (let i = 0; i < Math.max(found - n, strange.length); i += 1) {
    const entry = strange[i]
    const atMs = entry === undefined ? null : (proofs.times[entry] ?? null)
    if (n + i >= found) faults.push(fault('added', null, atMs, null))
    else faults.push(fault(entry === undefined ? 'removed' : 'altered', n + i, atMs))
  }
  return faults
}

/** Is every head signed, and the root of the proofs up to it? */
function headsAgree(lines: Lines, key: KeyObject): boolean {
  const wanted = new Map<number, string[]>()
  for (const { head } of lines.heads) wanted.set(head.size, [...(wanted.get(head.size) ?? []), head.root])
  const roots = rootsOf(lines, new Set(wanted.keys()))
  const last = lines.heads.at(-1)
  const whole =
    last?.passerelle === 'last-head' && last.head.size === (lines.start?.first ?? 1) - 1 + lines.proofs.count
  return whole && lines.heads.every(({ head }) => roots?.get(head.size) === head.root && isSigned(head, key))
}

/** The roots over the proofs at these sizes; null when the proofs do not follow each other. */
function rootsOf({ start, proofs }: Lines, sizes: ReadonlySet<number>): ReadonlyMap<number, string> | null {
  const before = (start?.first ?? 1) - 1
  const hashes = (start?.before ?? []).map((one) => Buffer.from(one, 'hex'))
  if (!proofs.follow || hashes.length !== subtreesOf({ start: 0, end: before }).length) return null
  const roots = new Map<number, string>()
  let edge: Edge = { size: before, hashes }
  if (sizes.has(before)) roots.set(before, rootOf(edge).toString('hex'))
  for (let i = 0; i < proofs.count; i += 1) {
    edge = grown(edge, proofs.hashes.at(i)).edge
    if (sizes.has(edge.size)) roots.set(edge.size, rootOf(edge).toString('hex'))
  }
  return roots
}

/** What was done to the events since they were signed. */
function lineFaults(lines: Lines, entries: Proven['entries']): readonly AuditFault[] {
  const { events, proofs, start } = lines
  const first = start?.first ?? 1
  const entry = (i: number) => entries?.[i]?.entry ?? i
  const signed = { count: entries?.length ?? proofs.count, hash: (i: number) => proofs.hashes.text(entry(i)) }
  const told = untrue(lines, entries)
  const found = { count: events.count, hash: (i: number) => events.hashes.text(i) }
  return differences(signed, found).flatMap(({ what, signed: of, place }) => {
    const n = of === null ? null : (entries?.[of]?.n ?? first + of)
    // An event whose proof does not hold either was told of already.
    if (what === 'added' && place !== null && told.has(events.hashes.text(place))) return []
    const atMs = of === null ? events.times[place ?? 0] : proofs.times[entry(of)]
    return [fault(what, n, atMs ?? null, place === null ? null : events.lineOf(place))]
  })
}

/** Hashes of the proofs that did not hold. */
function untrue({ proofs }: Lines, entries: Proven['entries']): ReadonlySet<string> {
  if (entries === null) return new Set()
  const held = new Set(entries.map(({ entry }) => entry))
  return new Set(
    Array.from({ length: proofs.count }, (_, i) => i).flatMap((i) => (held.has(i) ? [] : [proofs.hashes.text(i)])),
  )
}

/** Heads of the file and from elsewhere that are not of these events. */
function headFaults(lines: Lines, key: KeyObject, known: readonly TreeHead[]): readonly AuditFault[] {
  const size = (lines.start?.first ?? 1) - 1 + lines.proofs.count
  const all: readonly { head: TreeHead; line: number | null }[] = [
    ...lines.heads,
    ...known.map((head) => ({ head, line: null })),
  ]
  const roots = rootsOf(lines, new Set(all.map(({ head }) => head.size)))
  const faults = all.flatMap(({ head, line }) => {
    if (!isSigned(head, key)) return [fault('head', null, head.atMs, line)]
    if (head.size > size) return [fault('cut', head.size, head.atMs, line)]
    // A head from before the export's first event says nothing of it.
    if (head.size < (lines.start?.first ?? 1) - 1) return []
    return roots?.get(head.size) === head.root ? [] : [fault('head', head.size, head.atMs, line)]
  })
  const last = lines.heads.at(-1)
  if (last?.passerelle !== 'last-head' || last.head.size < size) faults.push(fault('cut', size, null, null))
  return faults
}
