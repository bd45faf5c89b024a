import { expect, test } from 'vitest'
import { requestKeys } from '../../src/telemedicine/store/keys.ts'
import { joined } from '../../src/telemedicine/store/rows.ts'
import { openStore } from '../support/stores.ts'
import { request } from './invented.ts'

// The embedded store alone: PostgreSQL keeps statistics of its own.
test('what a request joins is looked up by its keys, however many cases are open', async () => {
  const { journal, end } = await openStore()
  const { sql, parameters } = joined({
    service: 'stroke',
    test: true,
    drill: false,
    openedAfterMs: 1,
    keys: ['a', 'b'],
  })
  const steps = await journal.look<{ detail: string }>({ sql: `EXPLAIN QUERY PLAN ${sql}`, parameters })
  await end()
  expect(steps.map(({ detail }) => detail).slice(0, 2)).toEqual([
    expect.stringMatching(/^SEARCH k USING PRIMARY KEY/),
    expect.stringMatching(/^SEARCH c USING PRIMARY KEY/),
  ])
})

const INS_OID = '1.2.250.1.213.1.4.10'

test.each([
  ['a qualified INS', 'qualified', INS_OID, 'INS', ['INS:279']],
  ['one whose kind is told', 'qualified', `urn:oid:${INS_OID}`, 'INS-NIR', ['INS:279']],
  ['one that is not qualified', 'provisional', INS_OID, 'INS', []],
  ['a billing number under the authority of the INS', 'qualified', INS_OID, 'NH', ['ch-laval:279']],
  ['a number of the hospital', 'qualified', '1.2.3', 'PI', ['ch-laval:279']],
] as const)('%s is what a request joins by, and where', (_name, status, authority, type, expected) => {
  const asked = request()
  const identifiers = [{ authority, value: '279', type }]
  const patient = { ...asked.patient, status, identifiers }
  expect(requestKeys({ keys: [], patient, site: 'ch-laval', placer: null }, (_authority, value) => value)).toEqual(
    expected,
  )
})
