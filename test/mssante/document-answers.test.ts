import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { documents } from '../../src/app/wiring/documents.ts'
import type { Config } from '../../src/core/config.ts'
import type { Intake, Journal } from '../../src/core/journal.ts'
import { domainOf, type MailArrival, type MailKind } from '../../src/core/mail.ts'
import { zamOriginal } from '../../src/formats/documents/zam.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { keptAddress } from '../../src/formats/mail/address.ts'
import { writeMail } from '../../src/formats/mail/compose.ts'
import { writeDsn } from '../../src/formats/mail/dsn.ts'
import { koMailSubject, type MdnToWrite, writeMdn } from '../../src/formats/mail/mdn.ts'
import { keyedRows } from '../../src/formats/whitelist/list.ts'
import type { ListState } from '../../src/mssante/age.ts'
import { trustSpace } from '../../src/mssante/trust-space.ts'
import { whiteList } from '../../src/mssante/white-list.ts'
import { begin, decide, POISON_AFTER } from '../../src/pipeline/decide.ts'
import { acceptingMail } from '../../src/pipeline/mail/accept.ts'
import { mailBeside } from '../../src/pipeline/mail/beside.ts'
import { ownMail } from '../../src/pipeline/mail/own.ts'
import { cda, mdm, message } from '../support/documents.ts'
import { openStore } from '../support/stores.ts'

const BOX = 'documents@op.mssante.test'
const DOCTOR = 'paul@a.mssante.test'
const WARD = 'service@autre.mssante.test'
const [A, C] = ['CN=a.exemple.test,O=A\\, B,C=FR', 'CN=c.exemple.test,O=C,C=FR']
const quiet = { info() {}, warn() {}, error() {} }
const meter = { count() {}, observe() {} }

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let config: Config
let nowMs = Date.UTC(2026, 10, 23, 10)
let state: ListState = 'fresh'
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} }
const rest = { description: '', responsible: '', support: '', changed: '2026-11-20T06:00:00Z' }
const pairs = [
  ['a.mssante.test', A],
  ['a2.mssante.test', A],
  ['c.mssante.test', C],
] as const
const list = whiteList(keyedRows(pairs.map(([domain, subject]) => ({ ...rest, domain, subject }))).rows, nowMs)

beforeAll(async () => {
  store = await openStore()
  journal = store.journal
  const { revision } = await journal.adopt('test', 0, '{}')
  config = {
    ...{ revision, region: { name: 'Région (fictive)', timeZone: 'Europe/Paris' } },
    establishments: new Map([['ch-exemple', { id: 'ch-exemple', name: 'CH Exemple', finess: { ej: null, eg: [] } }]]),
    ...{ destinations: new Map(), maps: new Map() },
    mail: {
      operator: {
        host: 'mail.op.mssante.test',
        retry: { expiresMs: 3_600_000 },
        domains: new Map([
          ['op.mssante.test', {}],
          ['autre.mssante.test', {}],
        ]),
        testDomains: new Set(),
        documents: new Map([['ch-exemple', { establishment: 'ch-exemple', mailbox: BOX, dmp: null, receive: null }]]),
      },
    },
  } as unknown as Config
})
afterAll(() => store?.end())

/** A mail with a document of ours that is out; its id, by which its Message-ID begins. */
async function sent(address: string): Promise<string> {
  const id = machineIds.uuid()
  const read = readMessage(Buffer.from(message(mdm('T02', cda(), `M-${id}`))), 'UNICODE UTF-8')
  if (!read.ok) throw new Error(read.code)
  const recipient = { address, person: null, structure: null }
  const row = {
    sql: `INSERT INTO document_mail (mail, at_ms, origin, establishment, original, recipient, address, message_id, unique_id,
      receipt, read_receipt, test) VALUES (?, ?, ?, 'ch-exemple', ?, ?, ?, ?, '1.2.3', 'wanted', 'wanted', 1)`,
    parameters: [
      id,
      nowMs,
      id,
      JSON.stringify(zamOriginal(read.message)),
      JSON.stringify(recipient),
      address,
      `${id}@op.mssante.test`,
    ],
  }
  await journal.commit([own('MAIL^XDM', Buffer.from('X: y\r\n\r\n'), { id, to: address, cause: null, rows: [row] })])
  return id
}

interface Own {
  readonly id?: string
  readonly to: string
  readonly cause: string | null
  readonly rows?: Intake['rows']
}

function own(kind: MailKind, bytes: Buffer, { id = machineIds.uuid(), to, cause, rows = [] }: Own) {
  return ownMail(
    {
      ...{ id, atMs: nowMs, kind, bytes, cause, rows, establishment: null, messageId: `${id}@op.mssante.test` },
      envelope: { sender: '', returns: null, id: null, eightBit: true, utf8: false },
      recipient: { address: to, notify: ['never'], original: null },
      ...{ automatic: true, xMss: {}, test: true },
    },
    config,
    machineIds,
  )
}

type What = 'delivered' | 'failed' | 'displayed' | 'error' | 'ko'

/** What `from` says of a mail of ours to `address`. */
function said(what: What, mail: string, address: string, from: string): { kind: MailKind; bytes: Buffer } {
  const messageId = `<${mail}@op.mssante.test>`
  const time = { atMs: nowMs, timeZone: 'Europe/Paris' }
  const id = `<${machineIds.uuid()}@${domainOf(from)}>`
  const names = { ...time, messageId: id, to: keptAddress(BOX) }
  const header = Buffer.from(`Message-ID: ${messageId}\r\n\r\n`)
  if (what === 'delivered' || what === 'failed') {
    const one = { address: keptAddress(address), original: null, remoteMta: null, diagnostic: null }
    const status = what === 'failed' ? '5.1.1' : '2.0.0'
    const recipients = [{ ...one, action: what, status, lastAttemptMs: null, willRetryUntilMs: null }]
    const report = { ...names, domain: domainOf(from), reportingMta: 'mx', envid: mail, arrivedAtMs: nowMs, recipients }
    return { kind: 'MAIL^DSN', bytes: writeDsn({ ...report, original: { header, whole: null } }) }
  }
  if (what === 'ko') {
    const bytes = writeMail({
      ...{ from: { name: '', address: keptAddress(from) }, to: [{ name: '', address: keptAddress(BOX) }] },
      ...{ subject: koMailSubject('E_INS', 'XDM/1.0/DDM+Essai'), text: 'KO', date: time, messageId: id },
      ...{ headers: [], attachments: [{ name: 'original.eml', type: 'message/rfc822', bytes: header }] },
    })
    return { kind: 'MAIL', bytes }
  }
  const mdn: MdnToWrite = {
    ...{ ...names, from: keptAddress(from), product: 'Logiciel (fictif)', automatic: true },
    disposition: what === 'error' ? 'processed' : 'displayed',
    error: what === 'error' ? { code: 'E_INS', label: 'INS non qualifiée' } : null,
    original: { messageId, subject: '', recipient: null, finalRecipient: keptAddress(address), header: null },
  }
  return { kind: 'MAIL^MDN', bytes: writeMdn(mdn) }
}

/** Brings it to the mailbox of documents: another operator of that subject, or a user of ours; its id. */
async function brought(by: string | { user: string }, from: string, it: { kind: MailKind; bytes: Buffer }) {
  const id = machineIds.uuid()
  const staging = journal.stage(id, nowMs)
  await staging.write(it.bytes)
  const user = typeof by === 'string' ? null : { id: by.user, how: 'token' as const, addresses: [from] }
  const arrival: MailArrival = {
    entrance: user === null ? 'smtp' : 'submission',
    peer: {
      ...{ address: '127.0.0.1:1', loopback: true, hello: 'a', tls: null, certificate: null },
      ...{ subject: typeof by === 'string' ? by : null, user },
    },
    receivedAtMs: nowMs,
    envelope: { sender: '', returns: null, id: null, eightBit: true, utf8: false },
    recipients: [{ address: BOX, notify: [], original: null }],
    ...{ id, staged: await staging.end() },
    facts: { kind: it.kind, messageId: id, from: [from], hops: 0, loops: 0, automatic: true, xMss: {} },
  }
  const parts = { journal, config: () => config, closed: () => null, clock, ids: machineIds, log: quiet, meter }
  const answer = await acceptingMail(parts)(arrival)
  if ('code' in answer) throw new Error(answer.code)
  return answer.messageId
}

/** Fires what is due about a mail, as the runner does. */
async function fire(id: string, by: Journal = journal): Promise<void> {
  const trust = trustSpace({ list: () => list, state: () => state })
  const sources = { journal: by, config: () => config, trust, version: '0', clock, ids: machineIds, log: quiet, meter }
  const follower = documents(sources)
  for (let n = 0; ; n += 1) {
    nowMs += 1
    const due = (await journal.due(nowMs, 100)).filter(
      (one) => one.follower === 'documents' && one.payload.includes(id),
    )
    const [timer] = due
    if (timer === undefined) return
    expect(n).toBeLessThan(5)
    expect(await journal.apply({ ...(await follower.timer(timer)), fired: [timer.id] })).toBe(true)
  }
}

/** The acknowledgements of a mail's message so far: `Z02 N 550`. */
async function told(mail: string): Promise<readonly string[]> {
  const rows = await journal.look<{ id: string }>({
    sql: "SELECT id FROM message WHERE cause = ? AND kind LIKE 'ZAM^%' ORDER BY id",
    parameters: [mail],
  })
  return Promise.all(
    rows.map(async ({ id }) => {
      const parts: Uint8Array[] = []
      for await (const part of (await journal.body(id)).open()) parts.push(part)
      const text = Buffer.concat(parts).toString()
      const [, event, yes] = /\|ZAM\^(Z0\d)[\s\S]*\|([YN])\^\^expanded/.exec(text)!
      const error = /\rERR\|[^\r]*\|E\|([^\r^]*\^[^\r^]*)/.exec(text)?.[1]
      return [event, yes, ...(error === undefined ? [] : [error])].join(' ')
    }),
  )
}

/** What stands on the timeline of a mail. */
async function codesOf(id: string): Promise<readonly string[]> {
  const sql = "SELECT code FROM event WHERE message = ? AND what = 'documents'"
  return (await journal.look<{ code: string }>({ sql, parameters: [id] })).map(({ code }) => code)
}

describe('what is said of a mail is believed of who answers for its recipient', () => {
  const colleague = { user: '899900000011' }
  test.each<[name: string, to: string, by: string | typeof colleague, from: string, code: string | null]>([
    ['its operator', DOCTOR, A, 'MAILER-DAEMON@a.mssante.test', null],
    ['its operator, under another of its domains', DOCTOR, A, 'MAILER-DAEMON@a2.mssante.test', null],
    ['another operator', DOCTOR, C, 'MAILER-DAEMON@c.mssante.test', 'MAIL_PEER_OTHER'],
    ['another operator, in its name', DOCTOR, C, DOCTOR, 'MAIL_PEER_OTHER'],
    ['one that left the list', DOCTOR, 'CN=gone,C=FR', 'x@c.mssante.test', 'MAIL_PEER_UNLISTED'],
    ['one whose name cannot be read', DOCTOR, 'C=FR,a', 'x@c.mssante.test', 'MAIL_PEER_UNLISTED'],
    ['its operator, of a domain that left the list', 'x@gone.mssante.test', A, DOCTOR, 'MAIL_DOMAIN_UNLISTED'],
    ['a user of ours, of a mail to another operator', DOCTOR, colleague, WARD, 'MAIL_FROM_OTHER'],
    ['a user of ours, of a mail to their own domain', WARD, colleague, WARD, null],
    ['a user of ours, of a mail to another domain of ours', WARD, colleague, 'x@op.mssante.test', 'MAIL_FROM_OTHER'],
    ['another operator, of a mail to a domain of ours', WARD, A, DOCTOR, 'MAIL_DOMAIN_UNLISTED'],
  ])('%s', async (_name, to, by, from, code) => {
    for (const [what, answer] of [
      ['failed', 'Z02 N 550^Boîte du destinataire indisponible'],
      ['error', 'Z03 N 554^INS non qualifiée'],
      ['ko', 'Z03 N 554^E_INS'],
    ] as const) {
      const mail = await sent(to)
      const id = await brought(by, from, said(what, mail, to, from))
      await fire(id)
      expect(await told(mail)).toEqual(code === null ? [answer] : [])
      expect(await codesOf(id)).toEqual(code === null ? [] : [code])
    }
  })

  test('ourselves, of that very mail', async () => {
    const [mail, other] = [await sent(DOCTOR), await sent(DOCTOR)]
    for (const [of, answers] of [
      [other, []],
      [mail, ['Z02 Y']],
    ] as const) {
      const { kind, bytes } = said('delivered', mail, DOCTOR, 'MAILER-DAEMON@op.mssante.test')
      const report = own(kind, bytes, { to: BOX, cause: of })
      await journal.commit([report])
      await fire(report.id)
      expect(await told(mail)).toEqual(answers)
    }
  })

  test('while no list counts nobody is judged, and what was said is looked at again', async () => {
    const mail = await sent(DOCTOR)
    const id = await brought(A, DOCTOR, said('displayed', mail, DOCTOR, DOCTOR))
    state = 'closed'
    await fire(id)
    // A list that is old may lack what a newer one has.
    state = 'old'
    nowMs += 60_000
    const other = await brought('CN=new,C=FR', DOCTOR, said('displayed', mail, DOCTOR, DOCTOR))
    await fire(other)
    expect(await codesOf(other)).toEqual([])
    state = 'closed'
    nowMs += 60_000
    await fire(id)
    expect(await told(mail)).toEqual([])
    state = 'fresh'
    nowMs += 60_000
    await fire(id)
    expect(await told(mail)).toEqual(['Z03 Y'])
  })
})

describe('a mail that tells an error', () => {
  test('is found by what it answers where the mail does not come back', async () => {
    const mail = await sent(DOCTOR)
    const text = [
      `From: <${DOCTOR}>`,
      'Subject: [KO Integration systeme !][E 7]XDM/1.0/DDM+Essai',
      `In-Reply-To: <${mail}@op.mssante.test>`,
      '',
      'KO',
    ].join('\r\n')
    await fire(await brought(A, DOCTOR, { kind: 'MAIL', bytes: Buffer.from(text) }))
    expect(await told(mail)).toEqual(['Z03 N 554^E 7'])
  })

  test('is read no further than to the header of the mail that comes back, however long that is', async () => {
    const mail = await sent(DOCTOR)
    const { kind, bytes } = said('ko', mail, DOCTOR, DOCTOR)
    const line = `${'x'.repeat(70)}\r\n`
    const long = bytes.toString().replace(`<${mail}@op.mssante.test>\r\n\r\n`, `$&${line.repeat(50_000)}`)
    expect(long.length).toBeGreaterThan(3_000_000)
    const id = await brought(A, DOCTOR, { kind, bytes: Buffer.from(long) })
    let read = 0
    const counting: Journal = Object.create(journal, {
      body: {
        value: async (of: string) => {
          const body = await journal.body(of)
          return {
            bytes: body.bytes,
            async *open() {
              read = 0
              for await (const part of body.open()) {
                read += part.length
                yield part
              }
            },
          }
        },
      },
      look: { value: journal.look.bind(journal) },
      due: { value: journal.due.bind(journal) },
      apply: { value: journal.apply.bind(journal) },
    })
    await fire(id, counting)
    expect(await told(mail)).toEqual(['Z03 N 554^E_INS'])
    expect(read).toBeLessThan(2_500_000)
  })

  test('of a mail that is none of ours moves nothing', async () => {
    const id = await brought(A, DOCTOR, said('ko', machineIds.uuid(), DOCTOR, DOCTOR))
    await fire(id)
    expect(await codesOf(id)).toEqual([])
  })
})

test('a mail that our own work gave up: its sender is told', async () => {
  const mail = await sent(DOCTOR)
  const { id } = (await journal.deliveriesOf(mail))[0]!
  const queued = (await journal.delivery(id))!
  await journal.record(begin(queued, nowMs, false))
  const entry = { ...queued, attempts: POISON_AFTER, lastCode: 'BODY_DAMAGED', sameCode: POISON_AFTER - 1 } as const
  const result = { kind: 'failed', code: 'BODY_DAMAGED' } as const
  const way = { retry: { stepsMs: [60_000], firstMs: 1, factor: 1, maxMs: 1, expiresMs: 1 } } as never
  const move = decide(entry, result, way, { startedAtMs: nowMs, endedAtMs: nowMs, random: 0.5 })
  expect(move.to).toBe('poisoned')
  await journal.record({ ...move, ...mailBeside(entry, move, result) })
  await fire(mail)
  expect(await told(mail)).toEqual(["Z02 N 554^Échec définitif de l'envoi (BODY_DAMAGED)"])
})
