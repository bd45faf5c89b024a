import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyList } from '../../../src/formats/whitelist/verify.ts'
import { readRevocationLists } from '../../../src/formats/x509/revocation-list.ts'
import { type Lab, MADE_MS, makeLab, manyRows, signedList } from '../../support/lab-list.ts'
import { revocationList } from '../../support/peers/crl.ts'
import type { Identity } from '../../support/peers/pki.ts'
import { missing } from '../../support/world/needs.ts'

const DAY_MS = 86_400_000
const NOW_MS = MADE_MS + 3_600_000
const need = missing('openssl', ['version'])

describe.skipIf(need !== null)(`revocation of the signer ${need ?? ''}`, () => {
  let lab: Lab
  let lists: Readonly<Record<string, string>>
  beforeAll(async () => {
    lab = await makeLab([{ domain: 'x.test', subject: 'CN=x' }])
    const pair = (name: string): Identity => ({
      subject: name,
      key: readFileSync(join(lab.dir, `${name}.key`), 'utf8'),
      cert: readFileSync(join(lab.dir, `${name}.pem`), 'utf8'),
    })
    const [root, issuing, signer, publisher] = ['root', 'issuing', 'signer', 'publisher'].map(pair) as [
      Identity,
      Identity,
      Identity,
      Identity,
    ]
    const next = NOW_MS + 3_600_000
    lists = {
      root: revocationList(root, [], next),
      good: revocationList(issuing, [publisher], next),
      revoked: revocationList(issuing, [signer], next),
      'authority revoked': revocationList(root, [issuing], next),
      stale: revocationList(issuing, [], NOW_MS - 1_000),
      'stale, revoked': revocationList(issuing, [signer], NOW_MS - 1_000),
      'to come': revocationList(issuing, [], NOW_MS + 2 * DAY_MS),
    }
  })
  afterAll(() => lab?.remove())

  test.each<[what: string, lists: readonly string[], stale: 'refuse' | 'warn', fault: string | null]>([
    ['nobody is revoked', ['root', 'good'], 'refuse', null],
    ['the signer is', ['root', 'revoked'], 'refuse', 'revoked'],
    ['the signer is, whatever the policy', ['root', 'revoked'], 'warn', 'revoked'],
    ['the signer is on one of two lists', ['root', 'good', 'revoked'], 'refuse', 'revoked'],
    ['its authority is', ['authority revoked', 'good'], 'refuse', 'revoked'],
    ['there is no list of its authority', ['root'], 'refuse', 'crl-missing'],
    ['there is no list of the root', ['good'], 'warn', 'crl-missing'],
    ['the list is past its next update', ['root', 'stale'], 'refuse', 'crl-stale'],
    ['the list is past its next update, and used', ['root', 'stale'], 'warn', null],
    ['an old list names the signer', ['root', 'stale, revoked'], 'warn', 'revoked'],
    ['a fresh list stands beside an old one', ['root', 'stale', 'good'], 'refuse', null],
    ['the list is not in force yet', ['root', 'to come'], 'refuse', 'crl-stale'],
  ])('%s', (_what, names, stale, fault) => {
    const revocation = { lists: names.flatMap((name) => readRevocationLists(lists[name]!)), stale }
    const bytes = Buffer.from(signedList(lab, manyRows(2)))
    const result = verifyList(bytes, { ...lab.trust, revocation }, { nowMs: NOW_MS })
    expect(result.ok ? null : result.fault).toEqual(fault === null ? null : { code: 'WHITELIST_SIGNER', at: fault })
  })
})
