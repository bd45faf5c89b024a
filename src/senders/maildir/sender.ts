import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MaildirTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { domainOf, type Mailbox, type OutgoingMailOf } from '../../core/mail.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Consignment, Sender } from '../../core/ports.ts'
import { type Attempt, type SenderParts, senderOf, type To } from '../attempts.ts'
import { givenUp, notOurs } from '../give-up.ts'
import { syncFolder, write } from './files.ts'
import { mailboxFolder, maildirName } from './names.ts'

/** What mail is put into mailboxes with. */
export interface MaildirParts extends SenderParts {
  /** Folder of all mailboxes. */
  readonly folder: string
  readonly outgoing: OutgoingMailOf
  /** The mailbox of an address; null: there is none. */
  readonly mailbox: (address: string) => Promise<Mailbox | null>
}

/**
 * Puts mail into our mailboxes, as Maildir has it: written and synced in `tmp`, then moved into `new` under a name of the
 * delivery's own, so that no reader sees half of one, and a delivery that is tried again after a crash is found. */
export function maildirSender(destination: To<MaildirTarget>, parts: MaildirParts): Sender {
  const attempt: Attempt = (consignment, signal) => put(consignment, parts, signal)
  return senderOf('maildir', destination, parts.log, attempt, { end() {} })
}

async function put(
  consignment: Consignment,
  parts: MaildirParts,
  signal: AbortSignal,
  isFirst = true,
): Promise<Outcome> {
  const { deliveryId, messageId, body, mayBegin, again } = consignment
  const mail = await parts.outgoing(deliveryId, messageId)
  const { address, notify } = mail.recipient
  const box = await parts.mailbox(address)
  if (box === null) return refused('MAIL_BOX_UNKNOWN')
  if (box.state !== 'active') return refused('MAIL_BOX_SUSPENDED')
  const folder = join(parts.folder, mailboxFolder(box.address))
  const bytes = mail.trace.length + body.bytes
  const name = maildirName(mail.receivedAtMs, deliveryId, bytes)
  const tmp = join(folder, 'tmp', name)
  const report = notify.includes('success') ? { report: 'delivered' as const } : {}
  const done: Outcome = { kind: 'delivered', proof: 'in the mailbox', ...report }
  try {
    await makeFolders(folder)
    if (again === true && (await holds(folder, name))) return done
    if (box.quota !== null && (await usedBytes(folder)) + bytes > box.quota) {
      return { kind: 'retry', code: 'MAIL_BOX_FULL' }
    }
    if (signal.aborted) return givenUp(signal)
    if (mayBegin?.() === false) return notOurs()
    await writeWhole(tmp, [mail.trace], body.open(true))
    // Of an attempt before this one it replaces the same bytes.
    await rename(tmp, join(folder, 'new', name))
    await syncFolder(join(folder, 'new'))
    return done
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code
    if (code === 'ENOSPC' || code === 'EDQUOT') return { kind: 'retry', code: 'STORE_FULL', breaker: true }
    if (code === undefined) throw fault
    // The folders that were made are no more: a person took the mailbox away, to restore it.
    if (code === 'ENOENT' && isFirst && made.delete(folder)) return put(consignment, parts, signal, false)
    parts.log.error('maildir.unwritten', { destination: domainOf(address), code: 'STORE_FAILED' }, fault)
    return { kind: 'retry', code: 'MAIL_DEFERRED', answer: code, breaker: true }
  }
}

/** Writes a file whole, or leaves none: a disk that is full needs the room. */
async function writeWhole(...[path, head, body]: Required<Parameters<typeof write>>): Promise<void> {
  try {
    await write(path, head, body)
  } catch (fault) {
    await rm(path, { force: true }).catch(() => {})
    throw fault
  }
}

function refused(code: ErrorCode): Outcome {
  return { kind: 'refused', code, answer: code }
}

const made = new Set<string>()

async function makeFolders(folder: string): Promise<void> {
  if (made.has(folder)) return
  for (const part of ['tmp', 'new', 'cur']) await mkdir(join(folder, part), { recursive: true, mode: 0o700 })
  await syncFolder(folder)
  made.add(folder)
}

/** Is it there, read or unread? A reader that took it has added its flags behind a colon. */
async function holds(folder: string, name: string): Promise<boolean> {
  const lists = await Promise.all([readdir(join(folder, 'new')), readdir(join(folder, 'cur'))])
  return lists.some((names) => names.some((one) => one === name || one.startsWith(`${name}:`)))
}

/** Bytes that the mailbox holds, by the sizes in the names of its files (Maildir++). */
async function usedBytes(folder: string): Promise<number> {
  const lists = await Promise.all([readdir(join(folder, 'new')), readdir(join(folder, 'cur'))])
  return lists.flat().reduce((sum, name) => sum + Number(/,S=(\d+)/.exec(name)?.[1] ?? 0), 0)
}
