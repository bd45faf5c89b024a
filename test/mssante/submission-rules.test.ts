import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Journal } from '../../src/core/journal.ts'
import type { MailEnvelope, MailFacts, MailOperator, MailPeer, MailUser, TrustSpace } from '../../src/core/mail.ts'
import { parseNodeName, writeDistinguishedName } from '../../src/formats/x509/distinguished-name.ts'
import { submissionRules } from '../../src/mssante/rules.ts'
import { putMailboxes } from '../support/mail/region.ts'
import { realClock } from '../support/peers/clock.ts'
import { authority } from '../support/peers/pki.ts'
import { openStore } from '../support/stores.ts'

const CAMILLE = '899700000017'
const [OWN, SERVICE, OTHER, APP] = ['camille', 'service', 'dominique', 'app'].map(
  (name) => `${name}@op.mssante.test`,
) as [string, string, string, string]
const shown = new X509Certificate(authority('CA ESSAI').issue('app.op.mssante.test').cert)
const operator = {
  limits: { maxBytes: 1_000, maxHops: 50 },
  domains: new Map(),
  passwords: [{ name: 'lab', sha256: '', addresses: [OWN] }],
  submissionsPerMinute: 3,
} as unknown as MailOperator

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
beforeAll(async () => {
  store = await openStore()
  journal = store.journal
  await putMailboxes(journal, [
    { address: OWN, kind: 'PER', owner: CAMILLE },
    { address: SERVICE, delegates: [CAMILLE] },
    { address: OTHER, kind: 'PER', owner: '899700000025' },
    { address: APP, kind: 'APP', certificate: writeDistinguishedName(parseNodeName(shown.subject)) },
  ])
})
afterAll(() => store?.end())

const rules = () => submissionRules({ journal, operator: () => operator, trust: {} as TrustSpace, clock: realClock })
const envelope = (sender: string): MailEnvelope => ({ sender, returns: null, id: null, eightBit: false, utf8: false })
const facts = (from: readonly string[], kind: MailFacts['kind'] = 'MAIL'): MailFacts => ({
  ...{ kind, messageId: null, from, hops: 0, loops: 0, automatic: false, xMss: {} },
})
/** Whoever signed in, with all addresses of the world: what they were at the sign-in counts for nothing. */
function peer(how: MailUser['how']): MailPeer {
  const id = { token: CAMILLE, certificate: 'CN=app', password: 'lab' }[how]
  return {
    ...{ address: '127.0.0.1:1', loopback: true, hello: 'a', tls: { version: '', cipher: '' }, subject: null },
    certificate: how === 'certificate' ? shown.raw : null,
    user: { id, how, addresses: [OWN, SERVICE, OTHER, APP] },
  }
}

test.each<[how: MailUser['how'], sender: string, code: string | null]>([
  ['token', OWN, null],
  ['token', SERVICE, null],
  ['token', OTHER, 'MAIL_SENDER_NOT_YOURS'],
  ['certificate', APP, null],
  ['certificate', OWN, 'MAIL_SENDER_NOT_YOURS'],
  ['password', OWN, null],
  ['password', SERVICE, 'MAIL_SENDER_NOT_YOURS'],
])('signed in by %s, as %s: %s', async (how, sender, code) => {
  expect((await rules().sender(peer(how), envelope(sender), null))?.code ?? null).toBe(code)
})

test.each<[how: MailUser['how'], kind: MailFacts['kind'], from: readonly string[], code: string | null]>([
  ['certificate', 'MAIL^MDN', [APP], null],
  ['token', 'MAIL^MDN', [SERVICE], null],
  ['certificate', 'MAIL^MDN', [OWN], 'MAIL_FROM_OTHER'],
  ['token', 'MAIL^MDN', [OWN, SERVICE], 'MAIL_FROM_OTHER'],
  ['token', 'MAIL^MDN', [], 'MAIL_FROM_OTHER'],
  ['token', 'MAIL', [OWN], 'MAIL_SENDER_NOT_YOURS'],
  ['token', 'MAIL^DSN', [OWN], 'MAIL_SENDER_NOT_YOURS'],
])('the null sender, signed in by %s, with %s from %j: %s', async (how, kind, from, code) => {
  expect(await rules().sender(peer(how), envelope(''), null)).toBe(null)
  expect((await rules().header(peer(how), envelope(''), facts(from, kind)))?.code ?? null).toBe(code)
})

test('so many mails of one who signed in a minute, whoever they name as sender, and afresh in the next', async () => {
  let nowMs = 0
  const parts = { journal, operator: () => operator, trust: {} as TrustSpace, clock: { monotonicMs: () => nowMs } }
  const counting = submissionRules(parts)
  const tries = async (how: MailUser['how'], senders: readonly string[]) => {
    const said: (string | null)[] = []
    for (const sender of senders) said.push((await counting.sender(peer(how), envelope(sender), null))?.code ?? null)
    return said
  }
  expect(await tries('token', [OWN, SERVICE, '', OWN, ''])).toEqual([null, null, null, 'MAIL_RATE', 'MAIL_RATE'])
  expect(await tries('password', [OWN])).toEqual([null])
  nowMs = 60_000
  expect(await tries('token', [OWN])).toEqual([null])
})

test('what was withdrawn since the sign-in is withdrawn', async () => {
  const who = peer('token')
  expect(await rules().sender(who, envelope(SERVICE), null)).toBe(null)
  await journal.apply({ rows: [{ sql: 'DELETE FROM mailbox_delegate WHERE address = ?', parameters: [SERVICE] }] })
  expect(await rules().sender(who, envelope(SERVICE), null)).toEqual({ code: 'MAIL_SENDER_NOT_YOURS' })
  expect(await rules().header(who, envelope(''), facts([SERVICE], 'MAIL^MDN'))).toEqual({ code: 'MAIL_FROM_OTHER' })
  const closed = { sql: "UPDATE mailbox SET state = 'suspended' WHERE address = ?", parameters: [APP] }
  await journal.apply({ rows: [closed] })
  expect(await rules().sender(peer('certificate'), envelope(APP), null)).toEqual({ code: 'MAIL_BOX_SUSPENDED' })
})
