import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkExport } from '../../../src/formats/audit/check.ts'
import { type ExportProofs, readLine } from '../../../src/formats/audit/exported.ts'
import { publicPem } from '../../../src/formats/audit/head.ts'
import { leafHash } from '../../../src/formats/audit/tree.ts'
import { chunked, exportLines, FIRST_MS, newKey, sealedAudit } from './sealed.ts'

const KEY = newKey()
const WHOLE = await exportLines(10, KEY)
/** Line 0 is the start, events 1 to 10 stand in lines 1 to 10 (counted from 0), then proofs and heads. */
const PROOFS = 11
const at = (n: number) => new Date(FIRST_MS + (n - 1) * 1_000).toISOString()

async function faultsOf(lines: readonly string[], expected = {}) {
  const { faults } = await checkExport(chunked(lines), expected)
  return faults.map(({ what, n, at: time, line }) => [what, n, time, line])
}

/** The proofs changed as whoever forges an event would. */
function forged(
  lines: readonly string[],
  change: (proofs: { hashes: Buffer[]; signatures: Buffer[]; times: number[] }) => void,
) {
  const line = readLine(lines[PROOFS]!) as ExportProofs
  const cut = (text: string, size: number) => {
    const bytes = Buffer.from(text, 'base64')
    return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  }
  const proofs = { hashes: cut(line.hashes, 32), signatures: cut(line.signatures, 64), times: [...line.times] }
  change(proofs)
  const joined = (list: Buffer[]) => Buffer.concat(list).toString('base64')
  return lines.with(
    PROOFS,
    JSON.stringify({
      ...line,
      hashes: joined(proofs.hashes),
      signatures: joined(proofs.signatures),
      times: proofs.times,
    }),
  )
}
const altered = (line: string) => line.replace('reason', 'Reason')

test('an export as it was written has no fault, whatever pieces it is read in', async () => {
  for (const size of [1, 7, 100_000]) {
    const checked = await checkExport(chunked(WHOLE, size), { key: publicPem(KEY.publicKey) })
    expect(checked).toMatchObject({ events: 10, first: 1, keyId: KEY.keyId, faults: [], head: { size: 10 } })
  }
})

test('an export that begins later, of no event, or of exactly a whole subtree, has none either', async () => {
  for (const [count, first] of [
    [10, 4],
    [10, 9],
    [10, 10],
    [8, 5],
    [0, 1],
    [1, 1],
  ] as const) {
    expect(await faultsOf(await exportLines(count, KEY, first))).toEqual([])
  }
})

describe('what was done to the lines is told, with number, time and line', () => {
  const cases: [name: string, change: (lines: string[]) => string[], faults: unknown[][]][] = [
    ['one event altered', (l) => l.with(3, altered(l[3]!)), [['altered', 3, at(3), 4]]],
    [
      'two far from each other altered',
      (l) => l.with(2, altered(l[2]!)).with(9, altered(l[9]!)),
      [
        ['altered', 2, at(2), 3],
        ['altered', 9, at(9), 10],
      ],
    ],
    ['the first one removed', (l) => l.toSpliced(1, 1), [['removed', 1, at(1), null]]],
    ['one in the middle removed', (l) => l.toSpliced(5, 1), [['removed', 5, at(5), null]]],
    [
      'the last two removed',
      (l) => l.toSpliced(9, 2),
      [
        ['removed', 9, at(9), null],
        ['removed', 10, at(10), null],
      ],
    ],
    ['one put in', (l) => l.toSpliced(5, 0, altered(l[4]!)), [['added', null, at(4), 6]]],
    ['one put in twice', (l) => l.toSpliced(5, 0, l[4]!), [['added', null, at(4), 6]]],
    ['two neighbours swapped', (l) => l.with(6, l[7]!).with(7, l[6]!), [['moved', 7, at(7), 7]]],
    ['one moved to the end', (l) => l.toSpliced(11, 0, l[2]!).toSpliced(2, 1), [['moved', 2, at(2), 11]]],
    ['an empty line put in', (l) => l.toSpliced(2, 0, ''), [['added', null, null, 3]]],
    ['a byte that is no UTF-8', (l) => l.with(4, `${l[4]} `), [['altered', 4, at(4), 5]]],
  ]
  test.each(cases)('%s', async (_, change, faults) => {
    expect(await faultsOf(change([...WHOLE]))).toEqual(faults)
  })
})

describe('and told as well where the proofs were changed along with the events', () => {
  const hashOf = (line: string) => leafHash(Buffer.from(line))
  test('altered with its hash', async () => {
    const lines = forged(WHOLE.with(3, altered(WHOLE[3]!)), ({ hashes }) => (hashes[2] = hashOf(altered(WHOLE[3]!))))
    expect(await faultsOf(lines)).toEqual(expect.arrayContaining([['altered', 3, at(3), null]]))
    expect((await faultsOf(lines)).filter(([what]) => what !== 'head')).toHaveLength(1)
  })
  test('removed with its proof', async () => {
    const lines = forged(WHOLE, ({ hashes, signatures, times }) => {
      for (const list of [hashes, signatures, times]) list.splice(4, 1)
    }).toSpliced(5, 1)
    const faults = (await faultsOf(lines)).filter(([what]) => what !== 'head' && what !== 'cut')
    expect(faults).toEqual([['removed', 5, null, null]])
  })
  test('added with a proof signed by another key', async () => {
    const other = sealedAudit(10, newKey()).events[4]!
    const lines = forged(WHOLE, ({ hashes, signatures, times }) => {
      hashes.splice(4, 0, hashOf(altered(WHOLE[5]!)))
      signatures.splice(4, 0, Buffer.from(other.signature, 'base64'))
      times.splice(4, 0, FIRST_MS)
    }).toSpliced(5, 0, altered(WHOLE[5]!))
    const faults = (await faultsOf(lines)).filter(([what]) => what !== 'head' && what !== 'cut')
    expect(faults).toEqual([['added', null, at(1), null]])
  })
  test('swapped with their proofs', async () => {
    const lines = forged(WHOLE.with(6, WHOLE[7]!).with(7, WHOLE[6]!), ({ hashes, signatures, times }) => {
      for (const list of [hashes, signatures, times]) [list[5], list[6]] = [list[6]!, list[5]!]
    })
    const told = (await faultsOf(lines)).filter(([what]) => what !== 'head').map(([, n]) => n)
    expect(told.some((n) => n === 6 || n === 7)).toBe(true)
  })
})

describe('heads and key', () => {
  const audit = sealedAudit(12, KEY)
  const cut = (lines: string[]) => lines.toSpliced(9, 2)
  test('the end cut off, and the head with it', async () => {
    expect((await faultsOf(WHOLE.slice(0, -1))).map(([what]) => what)).toContain('cut')
  })
  test('a whole export of fewer events is found by a head that was noted before', async () => {
    const shorter = await exportLines(8, KEY)
    expect(await faultsOf(shorter)).toEqual([])
    expect(await faultsOf(shorter, { heads: [audit.head(10)] })).toEqual([['cut', 10, at(11), null]])
    expect(await faultsOf(WHOLE, { heads: [audit.head(3), audit.head(10)] })).toEqual([])
  })
  test('an old head at the end', async () => {
    const lines = WHOLE.with(-1, JSON.stringify({ passerelle: 'last-head', ...audit.head(8) }))
    expect((await faultsOf(lines)).map(([what]) => what)).toEqual(['cut'])
    expect((await faultsOf(cut(lines))).map(([what]) => what)).toEqual(expect.arrayContaining(['removed', 'cut']))
  })
  test('a head of another tree, or signed by nobody', async () => {
    const other = { ...audit.head(10), root: audit.head(9).root }
    expect(await faultsOf(WHOLE.with(-1, JSON.stringify({ passerelle: 'last-head', ...other })))).toEqual([
      ['head', null, at(11), WHOLE.length],
    ])
  })
  test('another key than the one expected', async () => {
    expect(await faultsOf(WHOLE, { key: publicPem(newKey().publicKey) })).toEqual([['key', null, null, null]])
    expect(await faultsOf(WHOLE, { key: 'none' })).toEqual([['key', null, null, null]])
  })
  test('a file that is no export', async () => {
    expect(await faultsOf(['{}', 'anything'])).toEqual([['key', null, null, null]])
  })
})

test('whatever one line is changed into, it is found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(WHOLE.length - 1), fc.string(), async (line, text) => {
      fc.pre(WHOLE[line] !== text && !text.includes('\n'))
      expect((await faultsOf(WHOLE.with(line, text))).length).toBeGreaterThan(0)
    }),
    { numRuns: 60 },
  )
})

test('whatever lines are taken away or swapped, it is found, and nothing throws', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(WHOLE.length - 1), fc.nat(WHOLE.length - 1), async (a, b) => {
      const swapped = WHOLE.with(a, WHOLE[b]!).with(b, WHOLE[a]!)
      const events = a >= 1 && b >= 1 && a <= 10 && b <= 10
      if (a !== b && events) expect((await faultsOf(swapped)).length).toBeGreaterThan(0)
      else await faultsOf(swapped)
      // A daily head that is left out says nothing of the others.
      if (a < WHOLE.length - 3) expect((await faultsOf(WHOLE.toSpliced(a, 1))).length).toBeGreaterThan(0)
    }),
    { numRuns: 60 },
  )
})
