import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { consistencyRanges, consistent, includes, inclusionRanges } from '../../../src/formats/audit/proof.ts'
import {
  type Edge,
  EMPTY_ROOT,
  grown,
  type Hash,
  leafHash,
  NO_LEAVES,
  nodeHash,
  type Range,
  rangeHash,
  rootOf,
  type Subtree,
} from '../../../src/formats/audit/tree.ts'

/** The tree of RFC 6962 §2.1, word for word: the reference that everything else is compared with. */
function mth(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return EMPTY_ROOT
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

const leavesOf = (n: number) => Array.from({ length: n }, (_, i) => leafHash(Buffer.from(`event ${i}`)))
const subtree =
  (leaves: readonly Hash[]) =>
  ({ level, index }: Subtree) =>
    mth(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))
const hashesOf = (leaves: readonly Hash[], ranges: readonly Range[]) =>
  ranges.map((range) => rangeHash(range, subtree(leaves)))

/** Roots over the first n of these leaves, as the public test data of Certificate Transparency has them. */
const KNOWN = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

describe('the tree (RFC 6962 §2.1)', () => {
  it('of nothing is the hash of nothing', () => {
    expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(rootOf(NO_LEAVES)).toEqual(EMPTY_ROOT)
  })

  it('has the roots of the public test data', () => {
    let edge: Edge = NO_LEAVES
    const roots = KNOWN.map((leaf) => {
      edge = grown(edge, leafHash(Buffer.from(leaf, 'hex'))).edge
      return rootOf(edge).toString('hex')
    })
    expect(roots).toEqual(ROOTS)
  })

  it('grows to the same tree, whatever its size, and tells each whole subtree once', () => {
    const told = new Map<string, Hash>()
    const leaves = leavesOf(70)
    let edge: Edge = NO_LEAVES
    for (const leaf of leaves) {
      const now = grown(edge, leaf)
      edge = now.edge
      for (const [{ level, index }, hash] of now.nodes) {
        expect(told.has(`${level} ${index}`)).toBe(false)
        told.set(`${level} ${index}`, hash)
        expect(hash).toEqual(subtree(leaves)({ level, index }))
      }
      expect(rootOf(edge)).toEqual(mth(leaves.slice(0, edge.size)))
    }
    expect(told.size).toBe(70 + 35 + 17 + 8 + 4 + 2 + 1)
  })
})

const spans = (ranges: readonly Range[]) => ranges.map(({ start, end }) => `${start}-${end}`).join(' ')

describe('proofs of the example tree of seven leaves (RFC 6962 §2.1.3)', () => {
  const inclusion: [leaf: number, audit: string][] = [
    [0, '1-2 2-4 4-7'],
    [3, '2-3 0-2 4-7'],
    [4, '5-6 6-7 0-4'],
    [6, '4-6 0-4'],
  ]
  it.each(inclusion)('the audit path of d%i is %s', (leaf, audit) => {
    expect(spans(inclusionRanges(leaf, 7))).toBe(audit)
  })
  const consistency: [first: number, proof: string][] = [
    [3, '2-3 3-4 0-2 4-7'],
    [4, '4-7'],
    [6, '4-6 6-7 0-4'],
    [7, ''],
  ]
  it.each(consistency)('the proof from %i leaves is %s', (first, proof) => {
    expect(spans(consistencyRanges(first, 7))).toBe(proof)
  })
  it('there is none of what is not there', () => {
    for (const bad of [-1, 7, Number.NaN]) expect(() => inclusionRanges(bad, 7)).toThrow(RangeError)
    for (const bad of [0, 8, Number.NaN]) expect(() => consistencyRanges(bad, 7)).toThrow(RangeError)
  })
})

describe('proofs of any tree', () => {
  const sizes = fc
    .integer({ min: 1, max: 130 })
    .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })))

  it('an inclusion proof holds, and for no other leaf, place, size or root', () => {
    fc.assert(
      fc.property(sizes, ([size, index]) => {
        const leaves = leavesOf(size)
        const proof = hashesOf(leaves, inclusionRanges(index, size))
        const claim = { index, size, leaf: leaves[index]!, root: mth(leaves) }
        expect(includes(claim, proof)).toBe(true)
        expect(includes({ ...claim, leaf: leafHash(Buffer.from('other')) }, proof)).toBe(false)
        expect(includes({ ...claim, root: EMPTY_ROOT }, proof)).toBe(false)
        if (size > 1) expect(includes({ ...claim, index: (index + 1) % size }, proof)).toBe(false)
        expect(includes(claim, [...proof, EMPTY_ROOT])).toBe(false)
        if (proof.length > 0) expect(includes(claim, proof.slice(1))).toBe(false)
      }),
    )
  })

  it('a consistency proof holds, and for no tree that begins otherwise', () => {
    fc.assert(
      fc.property(sizes, ([size, before]) => {
        const leaves = leavesOf(size)
        const first = { size: before + 1, root: mth(leaves.slice(0, before + 1)) }
        const second = { size, root: mth(leaves) }
        const proof = hashesOf(leaves, consistencyRanges(first.size, size))
        expect(consistent(first, second, proof)).toBe(true)
        const other = mth([leafHash(Buffer.from('other')), ...leaves.slice(1, before + 1)])
        expect(consistent({ ...first, root: other }, second, proof)).toBe(false)
        expect(consistent(first, { ...second, root: other }, proof)).toBe(false)
        expect(consistent(first, second, [...proof, EMPTY_ROOT])).toBe(false)
      }),
    )
  })

  it('every tree goes on from the empty one, and none goes back', () => {
    const [one, two] = [1, 2].map((size) => ({ size, root: mth(leavesOf(size)) }))
    expect(consistent({ size: 0, root: EMPTY_ROOT }, two!, [])).toBe(true)
    expect(consistent(two!, one!, [])).toBe(false)
  })
})
