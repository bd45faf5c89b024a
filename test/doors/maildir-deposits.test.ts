import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Deposit, type Deposited, deposit } from '../../src/senders/maildir/deposit.ts'
import { DepositThreads } from '../../src/senders/maildir/threads.ts'
import { notebook } from '../support/peers/notebook.ts'

const BYTES = 50_000
const root = mkdtempSync(join(tmpdir(), 'deposits-'))
afterAll(() => rmSync(root, { recursive: true }))

function newBox(): { readonly top: string; readonly folder: string } {
  const top = join(mkdtempSync(join(root, 'top-')), 'mailboxes')
  return { top, folder: join(top, 'op.mssante.test', 'anne') }
}
const mail = (n: number, box: { readonly top: string; readonly folder: string }, quota: number | null): Deposit => ({
  ...box,
  name: `170000000${n}.d${n}.passerelle,S=${BYTES}`,
  trace: new Uint8Array(0),
  bytes: BYTES,
  quota,
  again: false,
})
const letter = (): Uint8Array<ArrayBuffer> => new Uint8Array(BYTES).fill(0x78)

describe('quota', () => {
  test('mails that come together do not pass it', async () => {
    const threads = new DepositThreads(notebook().log)
    // All threads run, and wait.
    await Promise.all(Array.from({ length: 24 }, (_, n) => threads.deposit(mail(n, newBox(), null), letter())))
    // Long enough to be written that another thread looks meanwhile.
    const [path, bytes] = [join(root, 'long'), 8_000_000]
    writeFileSync(path, new Uint8Array(bytes))
    const body = { path, bytes, sha256: hash('sha256', new Uint8Array(bytes)) }
    for (const box of [newBox(), newBox(), newBox()]) {
      const mails = Array.from({ length: 8 }, (_, n) =>
        threads.deposit({ ...mail(n, box, 10_000_000), name: `170000000${n}.d${n}.host,S=${bytes}`, bytes }, body),
      )
      expect((await Promise.all(mails)).toSorted()).toEqual([...Array<Deposited>(7).fill('full'), 'there'])
      expect(readdirSync(join(box.folder, 'new'))).toHaveLength(1)
    }
    await threads.stop()
  })

  test.each<[where: string, lies: string, takes: Deposited]>([
    ['unread', 'new/1.a.host,S=50000', 'full'],
    ['read', 'cur/1.a.host,S=50000:2,S', 'full'],
    ['in another folder', '.Archive/cur/1.a.host,S=50000:2,S', 'full'],
    ['sent', '.Sent/cur/1.a.host,S=50000:2,S', 'full'],
    ['thrown away', '.Trash/cur/1.a.host,S=50000:2,S', 'full'],
    ['in a folder that IMAP made, unread there', '.Dossier.Sous-dossier/new/1.a.host,S=50000', 'full'],
    ['without its size in its name', '.Archive/cur/1.a.host:2,', 'full'],
    ['still being written', 'tmp/1.a.host,S=50000', 'there'],
    ['a list of Dovecot', '.Archive/dovecot.index', 'there'],
    ['a file beside the folders', '.subscriptions', 'there'],
  ])('a mail that is %s', (_where, lies, takes) => {
    const box = newBox()
    mkdirSync(join(box.folder, dirname(lies)), { recursive: true })
    writeFileSync(join(box.folder, lies), letter())
    expect(deposit(mail(2, box, 99_999), letter())).toBe(takes)
    expect(deposit(mail(3, box, 200_000), letter())).toBe('there')
    expect(deposit(mail(4, box, null), letter())).toBe('there')
  })
})

test.each<[at: string, name: (own: string) => string]>([
  ['new', (own) => own],
  ['cur', (own) => `${own}:2,S`],
  ['.Archive/cur', (own) => `${own}:2,S`],
  ['.Dossier.Sous/cur', (own) => `${own}:2,S`],
  // As Dovecot names what it has measured, and as an attempt did that wrote fewer header lines.
  ['cur', (own) => `${own},W=50900:2,S`],
  ['new', (own) => own.replace(/=\d+$/, '=49900')],
])('a mail that was put and lies in %s is there once', (at, name) => {
  const box = newBox()
  const one = mail(1, box, 60_000)
  expect(deposit(one, letter())).toBe('there')
  mkdirSync(join(box.folder, at), { recursive: true })
  renameSync(join(box.folder, 'new', one.name), join(box.folder, at, name(one.name)))
  expect(deposit({ ...one, again: true }, letter())).toBe('there')
  expect(readdirSync(join(box.folder, 'new'))).toHaveLength(at === 'new' ? 1 : 0)
})
