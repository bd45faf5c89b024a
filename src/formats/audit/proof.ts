import { type Hash, nodeHash, type Range } from './tree.ts'

/** The largest power of two below `n`, for `n` above 1. */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/**
 * What an inclusion proof of leaf `index` (from 0) in a tree of `size` leaves is made of: the ranges whose hashes it holds,
 * in its order (RFC 6962 §2.1.1, PATH). @throws {RangeError} when there is no such leaf */
export function inclusionRanges(index: number, size: number): readonly Range[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`no leaf ${index} in a tree of ${size}`)
  const path = (m: number, start: number, end: number): Range[] => {
    if (end - start <= 1) return []
    const middle = start + split(end - start)
    return m < middle
      ? [...path(m, start, middle), { start: middle, end }]
      : [...path(m, middle, end), { start, end: middle }]
  }
  return path(index, 0, size)
}

/**
 * What a consistency proof between trees of `first` and `second` leaves is made of (RFC 6962 §2.1.2, PROOF); empty when they
 * are the same size. @throws {RangeError} unless 0 < first ≤ second */
export function consistencyRanges(first: number, second: number): readonly Range[] {
  if (!(first > 0 && first <= second)) throw new RangeError(`no tree of ${second} grows from one of ${first}`)
  const sub = (m: number, start: number, end: number, whole: boolean): Range[] => {
    if (m === end) return whole ? [] : [{ start, end }]
    const middle = start + split(end - start)
    return m <= middle
      ? [...sub(m, start, middle, whole), { start: middle, end }]
      : [...sub(m, middle, end, false), { start, end: middle }]
  }
  return sub(first, 0, second, true)
}

/** Does the proof show that the leaf is in the tree with this root? (RFC 9162 §2.1.3.2; the proofs are those of RFC 6962.) */
export function includes(
  { index, size, leaf, root }: { index: number; size: number; leaf: Hash; root: Hash },
  proof: readonly Hash[],
): boolean {
  if (!(index >= 0 && index < size)) return false
  let [at, last, top] = [index, size - 1, leaf]
  for (const one of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      top = nodeHash(one, top)
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
    } else top = nodeHash(top, one)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && top.equals(root)
}

/** A size and the root of the tree of that size. */
export interface Sized {
  readonly size: number
  readonly root: Hash
}

/** Does the proof show that the second tree begins with the first? (RFC 9162 §2.1.4.2.) Every tree begins with the empty one. */
export function consistent(first: Sized, second: Sized, proof: readonly Hash[]): boolean {
  if (first.size > second.size) return false
  if (first.size === second.size) return proof.length === 0 && first.root.equals(second.root)
  if (first.size === 0) return proof.length === 0
  // A first tree that is whole is itself the first hash, and is left out of the proof.
  const whole = Number.isInteger(Math.log2(first.size))
  const [start, ...rest] = whole ? [first.root, ...proof] : proof
  if (start === undefined) return false
  let [at, last] = [first.size - 1, second.size - 1]
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  let [before, after] = [start, start]
  for (const one of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      before = nodeHash(one, before)
      after = nodeHash(one, after)
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
    } else after = nodeHash(after, one)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && before.equals(first.root) && after.equals(second.root)
}
