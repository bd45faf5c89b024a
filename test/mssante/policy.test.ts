import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/core/errors.ts'
import { keyedRows } from '../../src/formats/whitelist/list.ts'
import {
  parseDistinguishedName,
  parseNodeName,
  writeDistinguishedName,
} from '../../src/formats/x509/distinguished-name.ts'
import { judge, type ListFacts } from '../../src/mssante/accept.ts'
import { type AgeFacts, type ListState, stateAt, stateCode, waitCode } from '../../src/mssante/age.ts'
import { difference } from '../../src/mssante/difference.ts'
import { trustSpace } from '../../src/mssante/trust-space.ts'
import { mayCarry, servesDomain, type WhiteList, whiteList } from '../../src/mssante/white-list.ts'
import { authority } from '../support/peers/pki.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 10, 20)

function listOf(...pairs: readonly (readonly [domain: string, subject: string])[]): WhiteList {
  const rows = pairs.map(([domain, subject]) => ({
    domain,
    subject,
    description: '',
    responsible: '',
    support: '',
    changed: '2026-11-20T06:00:00Z',
  }))
  return whiteList(keyedRows(rows).rows, NOW)
}

const A = 'CN=a.exemple.test,O=A,ST=Loire (42),C=FR'
const B = 'CN=b.exemple.test,O=B,C=FR'
const LIST = listOf(
  ['a.mssante.test', A],
  ['hôpital.test', A],
  ['b.mssante.test', B],
  ['ab.mssante.test', A],
  ['ab.mssante.test', B],
)
const key = (name: string): string => parseDistinguishedName(name).key
/** The subject as a handshake shows it. */
const peer = parseNodeName('C=FR\nST=Loire (42)\nO=A\nCN=a.exemple.test').key

test.each<[subject: string, domain: string | null, carry: string | null, serve: string | null]>([
  [peer, 'a.mssante.test', null, null],
  [peer, 'A.MSSANTE.TEST', null, null],
  [peer, 'xn--hpital-ixa.test', null, null],
  [peer, 'HÔPITAL.test', null, null],
  [peer, 'ab.mssante.test', null, null],
  [key(B), 'ab.mssante.test', null, null],
  [peer, 'b.mssante.test', 'MAIL_PEER_OTHER', 'MAIL_PEER_OTHER'],
  [peer, 'sub.a.mssante.test', 'MAIL_DOMAIN_UNLISTED', 'MAIL_DOMAIN_UNLISTED'],
  [peer, 'mssante.test', 'MAIL_DOMAIN_UNLISTED', 'MAIL_DOMAIN_UNLISTED'],
  [peer, 'gmail.com', 'MAIL_DOMAIN_UNLISTED', 'MAIL_DOMAIN_UNLISTED'],
  [peer, 'a.mssante.test/', 'MAIL_DOMAIN_UNLISTED', 'MAIL_DOMAIN_UNLISTED'],
  [key('CN=c,C=FR'), 'a.mssante.test', 'MAIL_PEER_UNLISTED', 'MAIL_PEER_UNLISTED'],
  [key('CN=A.exemple.test,O=A,ST=Loire (42),C=FR'), 'a.mssante.test', 'MAIL_PEER_UNLISTED', 'MAIL_PEER_UNLISTED'],
  [key('CN=c,C=FR'), 'gmail.com', 'MAIL_PEER_UNLISTED', 'MAIL_DOMAIN_UNLISTED'],
])('%s may carry or serve %s', (subject, domain, carry, serve) => {
  expect(mayCarry(LIST, subject, domain)).toBe(carry)
  expect(servesDomain(LIST, subject, domain!)).toBe(serve)
})

test.each<[state: ListState, lacks: boolean]>([
  ['fresh', true],
  ['stale', true],
  ['old', false],
  ['closed', false],
  ['none', false],
])('a list that is %s: whether it is certain that a domain is not in it', (state, lacks) => {
  const trust = trustSpace({ list: () => LIST, state: () => state })
  expect(trust.lacks('gmail.com')).toBe(lacks)
  expect(trust.lacks('a.mssante.test')).toBe(false)
  expect(trustSpace({ list: () => null, state: () => state }).lacks('gmail.com')).toBe(false)
})

const shown = (cn: string) => new X509Certificate(authority('CA ESSAI').issue(cn).cert)
const [KNOWN, STRANGER] = [shown('connu.exemple.test'), shown('inconnu.exemple.test')]

test.each<[state: ListState, sure: boolean]>([
  ['fresh', true],
  ['stale', true],
  ['old', false],
])('what a list that is %s lacks is refused for good: %s', (state, sure) => {
  const subject = writeDistinguishedName(parseNodeName(KNOWN.subject))
  const list = listOf(['a.mssante.test', subject], ['b.mssante.test', B])
  const trust = trustSpace({ list: () => list, state: () => state })
  const no = (code: string) => (sure ? code : 'MAIL_PEER_UNSURE')
  expect(trust.carries(KNOWN.raw, 'a.mssante.test')).toBeNull()
  expect(trust.carries(KNOWN.raw, null)).toBeNull()
  expect(trust.carries(KNOWN.raw, 'b.mssante.test')).toBe(no('MAIL_PEER_OTHER'))
  expect(trust.carries(KNOWN.raw, 'new.mssante.test')).toBe(no('MAIL_DOMAIN_UNLISTED'))
  expect(trust.carries(STRANGER.raw, 'a.mssante.test')).toBe(no('MAIL_PEER_UNLISTED'))
  expect(trust.carries(STRANGER.raw, null)).toBe(no('MAIL_PEER_UNLISTED'))
  expect(trust.speaksFor(subject, 'b.mssante.test')).toBe(no('MAIL_PEER_OTHER'))
  expect(trust.speaksFor('no name', 'b.mssante.test')).toBe('MAIL_PEER_UNLISTED')
  expect(ERRORS.MAIL_PEER_UNSURE.smtp).toBe('451 4.7.0')
})

test('the null sender is taken from any listed peer', () => {
  expect(mayCarry(LIST, peer, null)).toBeNull()
  expect(mayCarry(LIST, key('CN=c'), null)).toBe('MAIL_PEER_UNLISTED')
})

const facts = (rows: number, generatedAtMs = NOW, sha256 = `${rows}`): ListFacts => ({ rows, generatedAtMs, sha256 })

test.each<[name: string, next: ListFacts, current: ListFacts | null, confirmed: string | null, said: string]>([
  ['the first', facts(10), null, null, 'take'],
  ['an empty first', facts(0), null, null, 'refuse WHITELIST_FORM'],
  ['newer', facts(10, NOW), facts(9, NOW - HOUR), null, 'take'],
  ['the same bytes', facts(9, NOW - HOUR), facts(9, NOW - HOUR), null, 'same'],
  ['older', facts(10, NOW - 2 * HOUR), facts(9, NOW - HOUR), null, 'refuse WHITELIST_OLDER'],
  ['other bytes of the same time', facts(10, NOW - HOUR), facts(9, NOW - HOUR), null, 'refuse WHITELIST_OLDER'],
  ['a little ahead', facts(10, NOW + 60_000), null, null, 'take'],
  ['of the future', facts(10, NOW + HOUR), null, null, 'refuse WHITELIST_FUTURE'],
  ['a fifth less', facts(80), facts(100, NOW - HOUR), null, 'take'],
  ['more than a fifth less', facts(79), facts(100, NOW - HOUR), null, 'waits WHITELIST_SHRUNK'],
  ['halved, confirmed', facts(50), facts(100, NOW - HOUR), '50', 'take'],
  ['halved, another one confirmed', facts(50), facts(100, NOW - HOUR), '51', 'waits WHITELIST_SHRUNK'],
  ['halved and older, confirmed', facts(50, NOW - 2 * HOUR), facts(100, NOW - HOUR), '50', 'refuse WHITELIST_OLDER'],
  ['emptied, confirmed', facts(0), facts(100, NOW - HOUR), '0', 'refuse WHITELIST_FORM'],
])('%s', (_name, next, current, confirmed, said) => {
  const judgement = judge(next, current, NOW, undefined, confirmed)
  expect('code' in judgement ? `${judgement.what} ${judgement.code}` : judgement.what).toBe(said)
})

const since = (hours: number, extendedHours: number | null = null): AgeFacts => ({
  confirmedAtMs: NOW - hours * HOUR,
  extendedUntilMs: extendedHours === null ? null : NOW + extendedHours * HOUR,
})

test.each<[facts: AgeFacts | null, state: string, code: string | null, wait: string | null]>([
  [null, 'none', 'WHITELIST_NONE', 'WHITELIST_NONE'],
  [since(0), 'fresh', null, null],
  [since(-1), 'fresh', null, null],
  [since(5.99), 'fresh', null, null],
  [since(6), 'stale', 'WHITELIST_STALE', null],
  [since(24), 'old', 'WHITELIST_OLD', null],
  [since(71.9), 'old', 'WHITELIST_OLD', null],
  [since(72), 'closed', 'WHITELIST_CLOSED', 'WHITELIST_CLOSED'],
  [since(96, 1), 'old', 'WHITELIST_OLD', null],
  [since(96, -1), 'closed', 'WHITELIST_CLOSED', 'WHITELIST_CLOSED'],
  [since(1, 100), 'fresh', null, null],
])('%j is %s', (age, state, code, wait) => {
  const found = stateAt(age, NOW)
  expect([found.state, stateCode(found.state), waitCode(found.state)]).toEqual([state, code, wait])
})

test('what changed between two lists', () => {
  const next = listOf(['a.mssante.test', A], ['b.mssante.test', A], ['ab.mssante.test', A], ['new.test', B])
  const pair = (domain: string, subject: string) => ({ domain, subject })
  expect(difference(LIST, next)).toEqual({
    added: [pair('b.mssante.test', A), pair('new.test', B)],
    removed: [pair('ab.mssante.test', B), pair('b.mssante.test', B), pair('xn--hpital-ixa.test', A)],
    moved: ['b.mssante.test'],
  })
  expect(difference(null, next).added).toHaveLength(4)
  expect(difference(LIST, LIST)).toEqual({ added: [], removed: [], moved: [] })
})
