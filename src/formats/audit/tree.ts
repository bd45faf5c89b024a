import { hash } from 'node:crypto'

/** A SHA-256 value, 32 bytes. */
export type Hash = Buffer

/** Root of a tree without leaves: the hash of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Hash = hash('sha256', '', 'buffer')

const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

/** Hash of a leaf's bytes: SHA-256(0x00 || bytes) (RFC 6962 §2.1). */
export function leafHash(bytes: Uint8Array): Hash {
  return hash('sha256', Buffer.concat([LEAF, bytes]), 'buffer')
}

/** Hash over two subtrees: SHA-256(0x01 || left || right) (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Hash {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer')
}

/** A subtree whose leaves are a power of two: `2^level` leaves, the `index`-th of its level from 0. It never changes. */
export interface Subtree {
  readonly level: number
  readonly index: number
}

/** Leaves from `start` up to, and without, `end`, counted from 0. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * The whole subtrees that a range is made of, left to right. `start` must be a multiple of the size of the first of them, as
 * it is for every range of RFC 6962. */
export function subtreesOf({ start, end }: Range): readonly Subtree[] {
  const found: Subtree[] = []
  for (let at = start; at < end; ) {
    const level = Math.floor(Math.log2(end - at))
    found.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return found
}

/** Hash of a range of leaves, from its whole subtrees: MTH of RFC 6962 §2.1. `node` gives the hash of each. */
export function rangeHash(range: Range, node: (subtree: Subtree) => Hash): Hash {
  return fold(subtreesOf(range).map(node))
}

/** Whole subtrees of falling size, put together from the right; of none, the empty root. */
export function fold(hashes: readonly Hash[]): Hash {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right))
}

/** The right edge of a tree: the hashes of its whole subtrees, left to right; all that a growing tree needs of itself. */
export interface Edge {
  readonly size: number
  readonly hashes: readonly Hash[]
}

/** The edge of an empty tree. */
export const NO_LEAVES: Edge = { size: 0, hashes: [] }

/** The edge after one leaf more, and the whole subtrees that it completed, the leaf itself first. */
export function grown(edge: Edge, leaf: Hash): { readonly edge: Edge; readonly nodes: readonly [Subtree, Hash][] } {
  const hashes = [...edge.hashes]
  const nodes: [Subtree, Hash][] = [[{ level: 0, index: edge.size }, leaf]]
  let top = leaf
  for (let level = 1, index = edge.size; index % 2 === 1; level += 1) {
    index = (index - 1) / 2
    top = nodeHash(hashes.pop()!, top)
    nodes.push([{ level, index }, top])
  }
  return { edge: { size: edge.size + 1, hashes: [...hashes, top] }, nodes }
}

/** Root of the tree with this edge. */
export function rootOf({ hashes }: Edge): Hash {
  return fold(hashes)
}
