import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MaildirTarget } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import { domainOf, type Mailbox, type OutgoingMailOf } from '../../core/mail.ts'
import type { Body } from '../../core/message.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Consignment, Sender } from '../../core/ports.ts'
import { returnPathHeader } from '../../formats/mail/trace-header.ts'
import { type Attempt, beforehand, type SenderParts, senderOf, type To } from '../attempts.ts'
import { givenUp, notOurs } from '../give-up.ts'
import type { Deposit, Deposited } from './deposit.ts'
import { write } from './files.ts'
import { mailboxFolder, maildirName } from './names.ts'
import type { DepositThreads } from './threads.ts'

/** Up to so many bytes a mail is given to the thread with its bytes. */
const SMALL_BYTES = 64 * 1024

/** What is wrong with the folder of one mailbox (its owner, its place), by which the others are not to be held up. */
const OF_ONE_BOX: ReadonlySet<string> = new Set([
  ...['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG'],
])

/** What mail is put into mailboxes with. */
export interface MaildirParts extends SenderParts {
  /** Folder of all mailboxes. */
  readonly folder: string
  readonly outgoing: OutgoingMailOf
  /** The mailbox of an address; null: there is none. */
  readonly mailbox: (address: string) => Promise<Mailbox | null>
  readonly threads: DepositThreads
}

/**
 * Puts mail into our mailboxes, as Maildir has it, so that no reader sees half of one, and a delivery that is tried again
 * after a crash is found. */
export function maildirSender(destination: To<MaildirTarget>, parts: MaildirParts): Sender {
  const attempt: Attempt = (consignment, signal) => put(consignment, parts, signal)
  return senderOf('maildir', destination, parts.log, attempt, { end() {} })
}

async function put(consignment: Consignment, parts: MaildirParts, signal: AbortSignal): Promise<Outcome> {
  const { deliveryId, messageId, body, mayBegin, again } = consignment
  const mail = await beforehand(() => parts.outgoing(deliveryId, messageId))
  if ('kind' in mail) return mail
  const { address, notify } = mail.recipient
  const found = await beforehand(async () => ({ box: await parts.mailbox(address) }))
  if ('kind' in found) return found
  const { box } = found
  if (box === null) return refused('MAIL_BOX_UNKNOWN')
  if (box.state !== 'active') return refused('MAIL_BOX_SUSPENDED')
  const trace = Buffer.concat([returnPathHeader(mail.envelope.sender), mail.trace])
  const bytes = trace.length + body.bytes
  const one: Deposit = {
    top: parts.folder,
    folder: join(parts.folder, mailboxFolder(box.address)),
    name: maildirName(mail.receivedAtMs, deliveryId, bytes),
    trace,
    bytes,
    quota: box.quota,
    again: again === true,
  }
  const begin = await beforehand(() => ready(one, body, parts.threads))
  if (typeof begin !== 'function') return begin
  if (signal.aborted) return givenUp(signal)
  if (mayBegin?.() === false) return notOurs()
  const deposited = await begin()
  if (deposited === 'there') {
    const report = notify.includes('success') ? { report: 'delivered' as const } : {}
    return { kind: 'delivered', proof: 'in the mailbox', ...report }
  }
  if (deposited === 'full') return { kind: 'retry', code: 'MAIL_BOX_FULL' }
  if (deposited === 'damaged') return { kind: 'retry', code: 'BODY_DAMAGED' }
  const { errno } = deposited
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return { kind: 'retry', code: 'STORE_FULL', breaker: true }
  const fault = Object.assign(new Error(errno), { code: errno })
  parts.log.error('maildir.unwritten', { destination: domainOf(address), code: 'STORE_FAILED' }, fault)
  return { kind: 'retry', code: 'MAIL_DEFERRED', answer: errno, ...(OF_ONE_BOX.has(errno) ? {} : { breaker: true }) }
}

/** What puts it. A large one that is in no file is put into one first, beside those that are being written. */
async function ready(one: Deposit, body: Body, threads: DepositThreads): Promise<() => Promise<Deposited>> {
  const { file, bytes, sha256 } = body
  if (file !== undefined) return () => threads.deposit(one, { path: file, bytes, sha256 })
  if (bytes > SMALL_BYTES) {
    const path = join(one.folder, 'tmp', `${one.name}.part`)
    return async () => {
      try {
        await mkdir(join(one.folder, 'tmp'), { recursive: true, mode: 0o700 })
        await write(path, [], body.open())
        return await threads.deposit(one, { path, bytes, sha256 })
      } catch (fault) {
        if (codeOf(fault) === 'BODY_DAMAGED') return 'damaged'
        const { errno, code } = fault as NodeJS.ErrnoException
        if (errno === undefined || code === undefined) throw fault
        return { errno: code }
      } finally {
        await rm(path, { force: true })
      }
    }
  }
  const whole = new Uint8Array(bytes)
  let at = 0
  for await (const part of body.open()) {
    whole.set(part, at)
    at += part.length
  }
  return () => threads.deposit(one, whole)
}

function refused(code: ErrorCode): Outcome {
  return { kind: 'refused', code, answer: code }
}
