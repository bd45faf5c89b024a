import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { MaildirTarget, SmtpTarget } from '../../src/core/config.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { Mailbox, OutgoingMail } from '../../src/core/mail.ts'
import type { Sender } from '../../src/core/ports.ts'
import { maildirSender } from '../../src/senders/maildir/sender.ts'
import { DepositThreads } from '../../src/senders/maildir/threads.ts'
import { smtpSender } from '../../src/senders/smtp/sender.ts'
import { realClock } from '../support/peers/clock.ts'
import { destinationAt } from '../support/peers/destination.ts'
import { consignmentOf } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { everybodyListed } from '../support/peers/trust.ts'

const away = async (): Promise<never> => {
  throw new GatewayError('STORE_UNREACHABLE')
}
const outgoing = async (): Promise<OutgoingMail> => ({
  envelope: { sender: 'u@op.mssante.test', returns: null, id: null, eightBit: false, utf8: false },
  recipient: { address: 'u@far.mssante.test', notify: [], original: null },
  trace: Buffer.alloc(0),
  receivedAtMs: 0,
})
const parts = { clock: realClock, ...notebook() }
const threads = new DepositThreads(parts.log)
afterAll(() => threads.stop())

const smtp: SmtpTarget = {
  ...{ type: 'smtp', how: 'smtp', domain: 'far.mssante.test', hello: 'mail.op.test', host: '127.0.0.1', port: 1 },
  ...{ tls: null, nameServers: [], lookupMs: 1_000 },
}
const maildir = { type: 'maildir' } as MaildirTarget
const put = { folder: '/nowhere', threads }

test.each<[what: string, sender: Sender]>([
  [
    'by SMTP',
    smtpSender(
      { ...destinationAt(1), target: smtp },
      { ...parts, outgoing: away, trust: everybodyListed, mailbox: async () => null },
    ),
  ],
  [
    'into a mailbox',
    maildirSender({ ...destinationAt(1), target: maildir }, { ...parts, ...put, outgoing: away, mailbox: away }),
  ],
  [
    'into a mailbox that cannot be looked up',
    maildirSender({ ...destinationAt(1), target: maildir }, { ...parts, ...put, outgoing, mailbox: away }),
  ],
])(
  'a store that is away before a mail leaves, %s: it has not left, and nobody is told that it may have',
  async (_, sender) => {
    const one = consignmentOf(Buffer.from('From: <u@op.mssante.test>\r\n\r\nx\r\n'))
    expect(await sender.send(one, AbortSignal.timeout(10_000))).toEqual({ kind: 'retry', code: 'STORE_UNREACHABLE' })
    await sender.close()
  },
)

test('a mailbox whose folder is of no use holds up no other mailbox of the domain', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mail-sender-'))
  mkdirSync(join(folder, 'far.mssante.test'))
  writeFileSync(join(folder, 'far.mssante.test', 'u'), 'a file in the place of the folder')
  const mailbox = async () => ({ address: 'u@far.mssante.test', state: 'active', quota: null }) as Mailbox
  const to = { ...destinationAt(1), target: maildir }
  const sender = maildirSender(to, { ...parts, threads, folder, outgoing, mailbox })
  const one = consignmentOf(Buffer.from('From: <u@op.mssante.test>\r\n\r\nx\r\n'))
  const outcome = await sender.send(one, AbortSignal.timeout(10_000))
  expect(outcome).toEqual({ kind: 'retry', code: 'MAIL_DEFERRED', answer: 'ENOTDIR' })
  await sender.close()
  rmSync(folder, { recursive: true })
})
