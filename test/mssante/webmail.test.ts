import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Config } from '../../src/core/config.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { MailDomain } from '../../src/core/mail.ts'
import type { MailFiles, MailFolder, MailPerson, WebmailCommands, WebmailViews } from '../../src/core/webmail.ts'
import { webmailCommands } from '../../src/mssante/webmail/commands.ts'
import { InStep } from '../../src/mssante/webmail/in-step.ts'
import type { SubmitMail } from '../../src/mssante/webmail/parts.ts'
import { sentOf } from '../../src/mssante/webmail/sent.ts'
import { webmailViews } from '../../src/mssante/webmail/views.ts'
import { mailRow, recipientRow } from '../../src/pipeline/mail/rows.ts'
import { mailFolders } from '../../src/senders/maildir/folders.ts'
import { maildirName } from '../../src/senders/maildir/names.ts'
import { putMailboxes } from '../support/mail/region.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'

const ANNE: MailPerson = { who: 'anne', identifier: '810001234565' }
const PAUL: MailPerson = { who: 'paul', identifier: '810001234573' }
const BOX = 'anne@op.mssante.test'
const TEAM = 'equipe@op.mssante.test'
const CLOSED = 'ancienne@op.mssante.test'
const LISTED = 'liste@op.mssante.test'
const SUSPENDED = 'suspendue@op.mssante.test'
const AWAY = 'anne@ailleurs.mssante.test'

let dir: string
let journal: Journal
let close: () => Promise<void>
let views: WebmailViews
let commands: WebmailCommands
/** What submission says; whatever leaves is another test's. */
let answer: Awaited<ReturnType<SubmitMail>> = [{ code: 'MAIL_OUTSIDE', address: null }]
/** What the folders do instead of what they do. */
let broken: Partial<MailFiles> = {}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'webmail-'))
  const store = await openStore()
  journal = store.journal
  close = () => store.end()
  await putMailboxes(journal, [
    { address: BOX, kind: 'PER', owner: ANNE.identifier },
    { address: TEAM },
    { address: CLOSED, kind: 'PER', owner: ANNE.identifier, state: 'closed' },
    { address: SUSPENDED, kind: 'PER', owner: ANNE.identifier, state: 'suspended' },
    { address: AWAY, kind: 'PER', owner: ANNE.identifier },
  ])
  const row = 'INSERT INTO mailbox_delegate (address, person, since_ms) VALUES (?, ?, 0)'
  await journal.apply({ rows: [{ sql: row, parameters: [TEAM, ANNE.identifier] }] })
  const domain = (name: string, kind: 'maildir' | 'lmtp'): [string, MailDomain] => {
    return [name, { name, establishment: 'ch-exemple', store: { kind } } as MailDomain]
  }
  const domains = new Map([domain('op.mssante.test', 'maildir'), domain('ailleurs.mssante.test', 'lmtp')])
  const limits = { maxBytes: 1_000_000, maxRecipients: 10, zip: { entries: 10, bytes: 1_000_000, ratio: 100 } }
  const operator = { domains, limits, host: 'mail.test', softwareId: null }
  const config = { mail: { operator }, region: { timeZone: 'Europe/Paris' } } as unknown as Config
  const clock = manualClock()
  const parts = {
    journal,
    files: brittle(mailFolders(dir, clock)),
    config: () => config,
    clock,
    ids: { uuid: () => '00000000-0000-4000-8000-000000000000' },
    submit: async () => answer,
    fileName: maildirName,
    product: 'test',
  }
  const inStep = new InStep(parts)
  views = webmailViews(parts, inStep)
  commands = webmailCommands(parts, inStep)
})
afterAll(async () => {
  await close()
  rmSync(dir, { recursive: true, force: true })
})

function brittle(files: MailFiles): MailFiles {
  return new Proxy(files, {
    get(_, name) {
      const own = broken[name as keyof MailFiles] ?? files[name as keyof MailFiles]
      return typeof own === 'function' ? own.bind(files) : own
    },
  })
}

const folder = (address: string, rest: string): string => {
  const [local = '', domain = ''] = address.split('@')
  return join(dir, domain, local, rest)
}
function drop(address: string, n: number, more = ''): string {
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(folder(address, part), { recursive: true })
  const name = `${1_700_000_000 + n}.m${n}.host`
  const lines = [`From: "Sœur ${n}" <s${n}@x.test>`, `Subject: Sujet ${n % 7 === 0 ? 'sept' : 'autre'} 100%`, more]
  writeFileSync(
    folder(address, `new/${name}`),
    `${lines.filter(Boolean).join('\r\n')}\r\nMessage-ID: <${n}@x.test>\r\n\r\nTexte ${n}\r\n`,
  )
  return name
}
const ask = { folder: 'INBOX' as MailFolder, words: '', texts: false, after: null, limit: 50 }

test('whose a mailbox is: owner first, then what is delegated, suspended ones among them; closed ones, and those kept elsewhere, are not there', async () => {
  expect((await views.boxes(ANNE)).map(({ address, own, suspended }) => [address, own, suspended])).toEqual([
    [BOX, true, false],
    [SUSPENDED, true, true],
    [TEAM, false, false],
  ])
  expect(await views.boxes(PAUL)).toEqual([])
  expect(await views.boxes({ who: 'x', identifier: null })).toEqual([])
  for (const [person, address] of [
    [PAUL, BOX],
    [ANNE, CLOSED],
    [ANNE, AWAY],
    [ANNE, 'nobody@op.mssante.test'],
    [{ who: 'x', identifier: null }, TEAM],
  ] as const) {
    await expect(views.list(person, address, ask), address).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
  expect((await views.list(ANNE, 'ANNE+tag@op.mssante.test', ask)).items).toEqual([])
})

test('many files come into the index some at a time, newest first; pages follow each other; what goes, goes', async () => {
  for (let n = 0; n < 620; n += 1) drop(BOX, n)
  const first = await views.list(ANNE, BOX, ask)
  expect([first.waiting, first.items.length, first.items[0]?.from]).toEqual([120, 50, 'Sœur 619'])
  expect((await views.list(ANNE, BOX, ask)).waiting).toBe(0)
  const found: string[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page: Awaited<ReturnType<WebmailViews['list']>> = await views.list(ANNE, BOX, {
      ...ask,
      after: after ?? null,
      limit: 200,
    })
    found.push(...page.items.map(({ from }) => from))
    after = page.next
  }
  expect(found).toEqual(Array.from({ length: 620 }, (_, n) => `Sœur ${619 - n}`))
  expect((await views.box(ANNE, BOX)).folders.INBOX).toEqual({ mails: 620, unread: 620 })
  for (const name of readdirSync(folder(BOX, 'new')).slice(5)) rmSync(folder(BOX, `new/${name}`))
  expect((await views.list(ANNE, BOX, ask)).items.map(({ from }) => from)).toEqual(
    [4, 3, 2, 1, 0].map((n) => `Sœur ${n}`),
  )
})

test('words are found in any case, without accents, and never as a pattern', async () => {
  const found = async (words: string, texts = false) =>
    (await views.list(ANNE, BOX, { ...ask, words, texts })).items.length
  expect([await found('SŒUR'), await found('sept'), await found('autre sœur'), await found('S1@')]).toEqual([
    5, 1, 4, 0,
  ])
  expect([await found('%'), await found('_'), await found('10%'), await found("' OR 1=1 --")]).toEqual([5, 0, 5, 0])
  expect([await found('texte 3', true), await found('texte', true), await found('rien', true)]).toEqual([1, 5, 0])
})

test('opened, marked, moved and removed: here, and behind our back', async () => {
  const { items } = await views.list(ANNE, BOX, ask)
  const [newest, second] = items
  const opened = await views.read(ANNE, BOX, newest!.id)
  expect([opened.text, opened.item.seen]).toEqual(['Texte 4\n', false])
  const events = await journal.look<{ who: string; detail: string }>({
    sql: "SELECT who, detail FROM event WHERE what = 'read-mail'",
    parameters: [],
  })
  expect(events).toEqual([{ who: 'anne', detail: `${BOX} ${newest!.id}` }])
  // A file, an answer and the original show what stands in it.
  await views.piece(ANNE, BOX, newest!.id, 9).catch(() => {})
  await views.draft(ANNE, BOX, { item: newest!.id, mode: 'reply' })
  await views.original(ANNE, BOX, newest!.id)
  const times = await journal.look<{ n: number }>({
    sql: "SELECT COUNT(*) AS n FROM event WHERE what = 'read-mail'",
    parameters: [],
  })
  expect(Number(times[0]?.n)).toBe(4)
  await commands.mark(ANNE, BOX, newest!.id, true)
  await commands.mark(ANNE, BOX, newest!.id, true)
  expect((await views.box(ANNE, BOX)).folders.INBOX).toEqual({ mails: 5, unread: 4 })
  await commands.mark(ANNE, BOX, newest!.id, false)
  expect((await views.box(ANNE, BOX)).folders.INBOX.unread).toBe(5)
  const id = await commands.move(ANNE, BOX, newest!.id, 'Trash')
  await expect(views.read(ANNE, BOX, newest!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await views.read(ANNE, BOX, id)).item.folder).toBe('Trash')
  await expect(commands.purge(ANNE, BOX, second!.id)).rejects.toMatchObject({ code: 'WRONG_STATE' })
  await commands.purge(ANNE, BOX, id)
  await expect(commands.purge(ANNE, BOX, id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  // Its file was renamed by a reader since the list was made, and then removed.
  const file = readdirSync(folder(BOX, 'new')).find((one) => one.includes('.m3.'))!
  renameSync(folder(BOX, `new/${file}`), folder(BOX, `cur/${file}:2,FS`))
  expect((await views.read(ANNE, BOX, second!.id)).text).toBe('Texte 3\n')
  rmSync(folder(BOX, `cur/${file}:2,FS`))
  await expect(views.read(ANNE, BOX, second!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a mark changes its own flag alone, whatever a reader has set behind our back', async () => {
  const [newest] = (await views.list(ANNE, BOX, ask)).items
  const named = () => [...readdirSync(folder(BOX, 'new')), ...readdirSync(folder(BOX, 'cur'))].find(isOf)!
  const number = /\d+/.exec(newest!.from)![0]
  const isOf = (file: string): boolean => file.includes(`.m${number}.`)
  const before = named()
  const place = readdirSync(folder(BOX, 'new')).includes(before) ? 'new' : 'cur'
  renameSync(folder(BOX, `${place}/${before}`), folder(BOX, `cur/${before.split(':')[0]}:2,FR`))
  await commands.mark(ANNE, BOX, newest!.id, true)
  expect(named()).toMatch(/:2,FRS$/)
  await commands.mark(ANNE, BOX, newest!.id, false)
  expect(named()).toMatch(/:2,FR$/)
})

test('a mail that is on its way is told as sent, whatever cannot be done beside it', async () => {
  const [source] = (await views.list(ANNE, BOX, ask)).items
  const fails = async (): Promise<never> => {
    throw new GatewayError('QUERY_TIMEOUT')
  }
  const mail = { to: 's1@x.test', cc: '', subject: 'Re', text: 'Oui', receipt: false, notify: false, files: [] }
  const before = answer
  answer = { messageId: 'm1', repeat: false } as unknown as typeof answer
  broken = { put: fails, stamp: fails, flag: fails }
  try {
    const sent = await commands.send(ANNE, BOX, { ...mail, source: { item: source!.id, mode: 'reply' } })
    expect(sent).toEqual({ ok: true, message: 'm1', copied: false })
  } finally {
    answer = before
    broken = {}
  }
})

test('a receipt is sent only for what asks one address for it, and one that could not be sent may be again', async () => {
  const asks = drop(TEAM, 1, 'Disposition-Notification-To: s1@x.test')
  const several = drop(TEAM, 2, 'Disposition-Notification-To: s1@x.test, s2@x.test')
  const none = drop(TEAM, 3)
  const { items } = await views.list(ANNE, TEAM, ask)
  expect(items.map(({ receiptAsked }) => receiptAsked)).toEqual([false, false, true])
  const codes = []
  for (const { id } of [...items, items[2]!]) {
    codes.push(await commands.receipt(ANNE, TEAM, id).catch(({ code }: { code: string }) => code))
  }
  expect([asks, several, none].length).toBe(3)
  expect(codes).toEqual(['WRONG_STATE', 'WRONG_STATE', 'MAIL_OUTSIDE', 'MAIL_OUTSIDE'])
  const told = await Promise.all(items.map(({ id }) => views.read(ANNE, TEAM, id)))
  expect(told.map(({ receiptTo }) => receiptTo)).toEqual([null, null, { address: 's1@x.test', stranger: false }])
  expect(told[2]?.receiptSentAtMs).toBeNull()
  drop(TEAM, 4, 'Disposition-Notification-To: Qui <autre@x.test>')
  const [newest] = (await views.list(ANNE, TEAM, ask)).items
  const stranger = { address: 'autre@x.test', stranger: true }
  expect((await views.read(ANNE, TEAM, newest!.id)).receiptTo).toEqual(stranger)
})

test('what became of a mail is found by its mailbox, however its sender was written', async () => {
  const facts = { kind: 'MAIL', messageId: 'as-written@x.test', automatic: false, xMss: {} } as const
  const envelope = { sender: 'Anne+lettre@op.mssante.test', returns: null, id: null, eightBit: false, utf8: false }
  const mail = { message: 'as-written', atMs: 1, way: 'sent', peer: 'anne', bytes: 1, envelope, facts } as const
  const to = { address: 's1@x.test', notify: [], original: null }
  const rows = [mailRow({ ...mail, trace: Buffer.alloc(0) }), recipientRow('as-written-1', 'as-written', 1, to)]
  expect(await journal.apply({ rows })).toBe(true)
  expect((await sentOf({ journal }, BOX, '<as-written@x.test>'))?.recipients).toMatchObject([{ address: 's1@x.test' }])
  expect(await sentOf({ journal }, TEAM, '<as-written@x.test>')).toBeNull()
})

test('a receipt counts for whoever wrote it', async () => {
  const mdn = (from: string, final: string): string =>
    [
      `From: ${from}`,
      'Content-Type: multipart/report; report-type=disposition-notification; boundary=b',
      '',
      '--b',
      'Content-Type: message/disposition-notification',
      '',
      `Final-Recipient: rfc822; ${final}`,
      'Original-Message-ID: <sent@mail.test>',
      'Disposition: manual-action/MDN-sent-manually; displayed',
      '',
      '--b--',
    ].join('\r\n')
  writeFileSync(folder(TEAM, 'new/1700000009.mdn.host'), mdn('Paul@x.test', 'autre@x.test'))
  const { items } = await views.list(ANNE, TEAM, ask)
  expect(items[0]?.kind).toBe('receipt')
  const rows = await journal.look<{ way: string; message_id: string; recipient: string }>({
    sql: 'SELECT way, message_id, recipient FROM mail_receipt WHERE address = ?',
    parameters: [TEAM],
  })
  expect(rows).toEqual([{ way: 'got', message_id: '<sent@mail.test>', recipient: 'paul@x.test' }])
})

test('a file is opened where it was listed, before any other listing; one that moved since is found', async () => {
  const name = drop(LISTED, 1)
  const files = mailFolders(dir, manualClock())
  const listed = async (): Promise<string[]> => {
    const found: string[] = []
    for await (const some of files.list(LISTED, 'INBOX')) found.push(...some.map(({ path }) => path))
    return found
  }
  expect(await listed()).toEqual([`new/${name}`])
  const place = { address: LISTED, folder: 'INBOX' as const, name, path: `new/${name}` }
  const whole = await files.head(place, 1_000)
  expect([whole.size, whole.bytes.length]).toEqual([whole.size, whole.size])
  expect((await files.head(place, 7)).bytes.toString()).toBe('From: "')
  // A name that is in no listing: only its path can have led to it.
  expect((await files.head({ ...place, name: 'unlisted' }, 0)).size).toBe(whole.size)
  await expect(files.head({ ...place, name: 'unlisted', path: 'new/other' }, 0)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  renameSync(folder(LISTED, `new/${name}`), folder(LISTED, `cur/${name}:2,FS`))
  expect((await files.head(place, 1_000)).bytes.equals(whole.bytes)).toBe(true)
  expect(await listed()).toEqual([`cur/${name}:2,FS`])
  rmSync(folder(LISTED, `cur/${name}:2,FS`))
  await expect(files.head(place, 0)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('whether a folder changed lately is told by the time that is passed in', async () => {
  const clock = manualClock()
  const files = mailFolders(dir, clock)
  drop(LISTED, 2)
  for (const part of ['new', 'cur']) utimesSync(folder(LISTED, part), clock.nowMs() / 1_000, clock.nowMs() / 1_000)
  expect(await files.stamp(LISTED, 'INBOX')).toBeNull()
  clock.advance(2_000)
  expect(await files.stamp(LISTED, 'INBOX')).toMatch(/^\d+,\d+$/)
})

test('a mailbox of more mails than are asked for at a time is in step with its files, many of one second', async () => {
  rmSync(folder(TEAM, ''), { recursive: true })
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(folder(TEAM, part), { recursive: true })
  const mails = 2_100
  for (let n = 0; n < mails; n += 1) writeFileSync(folder(TEAM, `cur/1700000000.m${n}.host:2,S`), 'Subject: x\r\n\r\n')
  const waiting: number[] = []
  for (let left = 1; left > 0; waiting.push(left)) left = (await views.list(ANNE, TEAM, ask)).waiting
  expect(waiting).toEqual([1_600, 1_100, 600, 100, 0])
  renameSync(folder(TEAM, 'cur/1700000000.m7.host:2,S'), folder(TEAM, 'cur/1700000000.m7.host:2,'))
  rmSync(folder(TEAM, 'cur/1700000000.m8.host:2,S'))
  expect((await views.list(ANNE, TEAM, ask)).waiting).toBe(0)
  expect((await views.box(ANNE, TEAM)).folders.INBOX).toEqual({ mails: mails - 1, unread: 1 })
})
