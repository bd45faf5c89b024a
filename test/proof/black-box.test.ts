/** The black-box tests of the interoperability reference, through the real doors, for a strict sender and for one that is not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missing } from '../support/world/needs.ts'
import { type Bench, DOORS, DPI, openBench, SENDERS } from './black-box/bench.ts'
import { DOCUMENTS } from './black-box/documents.ts'
import { RESOURCES } from './black-box/fhir.ts'
import { IDENTITIES } from './black-box/identities.ts'
import { MOVEMENTS } from './black-box/movements.ts'
import { storeFull } from './black-box/store-full.ts'
import type { Row } from './black-box/table.ts'
import { TRANSPORT } from './black-box/transport.ts'

const ROWS: readonly Row[] = [...MOVEMENTS, ...IDENTITIES, ...TRANSPORT, ...DOCUMENTS, ...RESOURCES]

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

describe.each(SENDERS)('a sender that is %s', (sender) => {
  describe.each(DOORS)('at the door %s', (door) => {
    const rows = ROWS.filter(({ doors = DOORS }) => doors.includes(door))
    const runs = rows.map(({ number, name, run }) => ({ number, name, run }))
    test.each(runs)('$number: $name', async ({ number, run }) => {
      await run({ bench, sender, door, tag: `B${number}-${sender[0]}${door[0]}`.toUpperCase() })
    })
  })
})

test('what was promised is received once, and nothing else', () => {
  const ids = bench.world.receiver(DPI).ledger.map(({ controlId }) => controlId)
  expect(ids.toSorted()).toEqual([...bench.promised].toSorted())
})

const strace = missing('strace', ['-V'])
test.skipIf(strace)(
  `20: enhanced mode, the store is full: CE (CR by the guides), original mode AE (AR); nothing lost, sent again it is taken ${strace ?? ''}`,
  storeFull,
)

test('the table has every number', () => {
  const numbers = new Set([...ROWS.map(({ number }) => number), 20])
  expect([...numbers].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 38 }, (_, i) => i + 1))
})
