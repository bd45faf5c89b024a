import { describe, expect, test } from 'vitest'
import type { Acknowledged } from '../support/world/load.ts'
import type { Received } from '../support/world/receiver.ts'
import { altered, inversions, lost, repeats, tooManyRepeats } from './ledgers.ts'

const promised = new Map<string, Acknowledged>(
  ['A1', 'A2', 'A3', 'B1', 'B2'].map((id) => [
    id,
    { patient: id.charCodeAt(0), seq: Number(id[1]), kind: 'ORU', crc: 7, messages: 1 },
  ]),
)

/** `A1` as it was sent in life 0; `A1*` with other bytes; `A1/2` in life 2. */
function ledger(...lines: readonly string[]): Received[] {
  return lines.map((line, i) => ({
    controlId: line.slice(0, 2),
    crc: line.includes('*') ? 8 : 7,
    connection: 1,
    epoch: Number(line.split('/')[1] ?? 0),
    atMs: i,
    behaviour: 'AA',
  }))
}

const cases: [name: string, lines: string[], lost: string[], altered: string[], inversions: string[]][] = [
  ['all, in order', ['A1', 'B1', 'A2', 'B2', 'A3'], [], [], []],
  ['one never came', ['A1', 'A2', 'A3', 'B1'], ['B2'], [], []],
  ['one was cut short', ['A1', 'A2*', 'A3', 'B1', 'B2'], [], ['A2'], []],
  ['one overtook', ['A2', 'A1', 'A3', 'B1', 'B2'], [], [], ['A1 came after A2']],
  ['two overtook', ['A3', 'A1', 'A2', 'B1', 'B2'], [], [], ['A1 came after A3', 'A2 came after A3']],
  ['a repeat is no inversion', ['A1', 'A2', 'A1', 'A3', 'B1', 'B2'], [], [], []],
  ['what nobody was promised is not judged', ['Z9', 'A1', 'A2', 'A3', 'B1', 'B2'], [], [], []],
]

describe('the judges of the ledgers', () => {
  test.each(cases)('%s', (_name, lines, missing, changed, wrong) => {
    expect(lost(promised, ledger(...lines))).toEqual(missing)
    expect(altered(promised, ledger(...lines))).toEqual(changed)
    expect(inversions(promised, ledger(...lines))).toEqual(wrong)
  })

  test('a repeat after a crash is counted, one without a crash is named', () => {
    const found = repeats(ledger('A1', 'A2', 'A1/1', 'A2/1', 'A2/1', 'A1/3'))
    expect(found.total).toBe(4)
    expect(found.withinOneLife).toEqual(['A2'])
    expect([...found.byLife]).toEqual([
      [1, 3],
      [3, 1],
    ])
    expect(tooManyRepeats(found, 3)).toEqual([])
    expect(tooManyRepeats(found, 2)).toEqual(['3 repeats by life 1, at most 2'])
  })
})
