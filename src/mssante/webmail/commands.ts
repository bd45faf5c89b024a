import { GatewayError } from '../../core/errors.ts'
import { type Mailbox, type MailRecipient, mailboxKey } from '../../core/mail.ts'
import type {
  DraftProblem,
  DraftSource,
  FlagChange,
  MailFolder,
  MailPerson,
  MailPlace,
  MailSent,
  NewMail,
  WebmailCommands,
} from '../../core/webmail.ts'
import { keptAddress, written } from '../../formats/mail/address.ts'
import type { MailAttachment } from '../../formats/mail/compose.ts'
import { dispositionOf, type MailHeader, messageIdOf, readHeader, referencesOf } from '../../formats/mail/header.ts'
import { writeMdn } from '../../formats/mail/mdn.ts'
import { headOf, type InStep } from './in-step.ts'
import { type ItemRow, itemId, receiptRow } from './item-rows.ts'
import { boxOf, type OwnMail, type Refusal, type WebmailParts } from './parts.ts'
import { rowOf } from './views.ts'
import { readDraft, recipientsOf, writtenMail } from './written.ts'

/** Acts on the mailboxes of people. */
export function webmailCommands(parts: WebmailParts, inStep: InStep): WebmailCommands {
  const { files } = parts
  const seen = async (person: MailPerson, address: string, id: string) => {
    const box = await boxOf(parts, person, address)
    const row = await rowOf(parts, inStep, box.address, id)
    return { box, row, place: placeOf(box, row) }
  }
  return {
    async send(person, address, mail) {
      return sendMail(parts, inStep, person, await boxOf(parts, person, address), mail)
    },
    async mark(person, address, id, isSeen) {
      const { place } = await seen(person, address, id)
      await marked(parts, inStep, place, (flags) => withFlag(flags, 'S', isSeen))
    },
    async move(person, address, id, to) {
      const { row, place } = await seen(person, address, id)
      if (to === row.folder) return id
      const read: FlagChange = (flags) => withFlag(withFlag(flags, 'S', true), 'T', false)
      if (!(await files.move(place, to, read))) throw new GatewayError('NOT_FOUND')
      await looked(inStep, place.address, row.folder, to)
      return itemId(to, place.name)
    },
    async purge(person, address, id) {
      const { place } = await seen(person, address, id)
      if (place.folder !== 'Trash') throw new GatewayError('WRONG_STATE')
      await files.remove(place)
      await parts.journal.apply({ events: [eventOf(parts, person, 'purge-mail', `${place.address} ${id}`)] })
      await looked(inStep, place.address, 'Trash')
    },
    async receipt(person, address, id) {
      const { box, row, place } = await seen(person, address, id)
      await sendReceipt(parts, person, box, row, place)
    },
  }
}

function placeOf({ address }: Mailbox, { folder, name }: ItemRow): MailPlace {
  return { address, folder, name }
}

function withFlag(flags: string, flag: string, on: boolean): string {
  return on ? `${flags}${flag}` : flags.replaceAll(flag, '')
}

async function marked({ files }: WebmailParts, inStep: InStep, place: MailPlace, change: FlagChange): Promise<void> {
  await files.flag(place, change)
  await looked(inStep, place.address, place.folder)
}

async function looked(inStep: InStep, address: string, ...folders: readonly MailFolder[]): Promise<void> {
  for (const folder of folders) await inStep.look(address, folder)
}

function eventOf(
  { clock }: WebmailParts,
  { who }: MailPerson,
  what: string,
  detail: string,
  message: string | null = null,
) {
  return { atMs: clock.nowMs(), who, what, why: null, code: null, delivery: null, message, detail }
}

function userOf({ identifier }: MailPerson, { address }: Mailbox): OwnMail['user'] {
  return { id: identifier ?? '', addresses: [address] }
}

async function sendMail(
  parts: WebmailParts,
  inStep: InStep,
  person: MailPerson,
  box: Mailbox,
  mail: NewMail,
): Promise<MailSent> {
  const operator = parts.config().mail?.operator
  if (operator === undefined) throw new GatewayError('NOT_FOUND')
  const people = readDraft(mail, operator.limits.maxRecipients)
  if ('problems' in people) return { ok: false, problems: people.problems }
  const source = mail.source === null ? null : await sourceOf(parts, inStep, box, mail.source)
  const atMs = parts.clock.nowMs()
  const bytes = writtenMail(mail, people, {
    box,
    date: { atMs, timeZone: parts.config().region.timeZone },
    messageId: `<${parts.ids.uuid()}@${operator.host}>`,
    inReplyTo: source?.forwarded === null ? messageIdOf(source.header) : null,
    references: source === null ? [] : threadOf(source.header),
    softwareId: operator.softwareId,
    forwarded: source?.forwarded ?? null,
  })
  const recipients = recipientsOf(people, mail.notify ? ['success', 'failure', 'delay'] : [])
  const utf8 = recipients.some(({ address }) => /[^\x20-\x7e]/.test(address))
  const answer = await parts.submit({
    user: userOf(person, box),
    envelope: { sender: box.address, returns: null, id: null, eightBit: true, utf8 },
    recipients: recipients as unknown as readonly [MailRecipient, ...MailRecipient[]],
    bytes,
  })
  if (!('messageId' in answer))
    return {
      ok: false,
      problems: answer.map((one) =>
        problemOf(
          one,
          people.cc.map(({ address }) => written(address)),
        ),
      ),
    }
  const message = answer.messageId
  await done(parts.journal.apply({ events: [eventOf(parts, person, 'send-mail', box.address, message)] }))
  const name = parts.fileName(atMs, message, bytes.length)
  const copied = await done(parts.files.put({ address: box.address, folder: 'Sent', name }, 'S', bytes))
  await done(looked(inStep, box.address, 'Sent'))
  if (source !== null) {
    const flag = source.forwarded === null ? 'R' : 'P'
    await done(marked(parts, inStep, source.place, (flags) => withFlag(flags, flag, true)))
  }
  return { ok: true, message, copied }
}

/** The mail is on its way: what cannot be done beside it undoes nothing, and whoever were told of a fault would send it again. */
async function done(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch {
    return false
  }
}

function problemOf({ code, address }: Refusal, copies: readonly string[]): DraftProblem {
  if (address !== null) return { field: copies.includes(address) ? 'cc' : 'to', code, address }
  return { field: code === 'MAIL_TOO_LARGE' ? 'files' : 'text', code, address: null }
}

/** What is answered or passed on. */
async function sourceOf(parts: WebmailParts, inStep: InStep, box: Mailbox, { item, mode }: DraftSource) {
  const row = await rowOf(parts, inStep, box.address, item)
  const place = placeOf(box, row)
  const header = readHeader(await headOf(parts, place))
  const forwarded: MailAttachment | null =
    mode === 'forward' ? { name: 'message.eml', type: 'message/rfc822', bytes: await wholeOf(parts, place) } : null
  return { place, header, forwarded }
}

/** All of a mail that is passed on, as it stands in the mailbox. */
async function wholeOf({ files, config }: WebmailParts, place: MailPlace): Promise<Buffer> {
  const { size } = await files.head(place, 0)
  if (size > (config().mail?.operator?.limits.maxBytes ?? 0)) throw new GatewayError('MAIL_TOO_LARGE')
  const pieces: Buffer[] = []
  for await (const piece of files.read(place, 0, size)) pieces.push(piece)
  return Buffer.concat(pieces)
}

function threadOf(header: MailHeader): readonly string[] {
  const own = messageIdOf(header)
  return own === null ? referencesOf(header) : [...referencesOf(header).filter((one) => one !== own), own]
}

async function sendReceipt(
  parts: WebmailParts,
  person: MailPerson,
  box: Mailbox,
  row: ItemRow,
  place: MailPlace,
): Promise<void> {
  const { clock, config, ids, journal, product } = parts
  const operator = config().mail?.operator
  const header = readHeader(await headOf(parts, place))
  const [asks, other] = dispositionOf(header)
  const messageId = messageIdOf(header)
  if (operator === undefined || asks === undefined || other !== undefined || messageId === null) {
    throw new GatewayError('WRONG_STATE')
  }
  const atMs = clock.nowMs()
  // Kept first: whoever presses twice tells once.
  const fresh = await journal.apply({
    rows: [{ ...receiptRow(box.address, 'given', messageId, mailboxKey(written(asks.address)), atMs), rows: 1 }],
    events: [eventOf(parts, person, 'read-receipt', `${box.address} ${row.id}`)],
  })
  if (!fresh) throw new GatewayError('WRONG_STATE')
  const own = keptAddress(box.address)
  const bytes = writeMdn({
    from: own,
    to: asks.address,
    messageId: `<${ids.uuid()}@${operator.host}>`,
    atMs,
    timeZone: config().region.timeZone,
    product,
    automatic: false,
    disposition: 'displayed',
    error: null,
    original: { messageId, subject: header.text('subject'), recipient: null, finalRecipient: own, header: null },
  })
  const answer = await parts.submit({
    user: userOf(person, box),
    envelope: { sender: '', returns: null, id: null, eightBit: true, utf8: false },
    recipients: [{ address: written(asks.address), notify: ['never'], original: null }],
    bytes,
  })
  if ('messageId' in answer) return
  await journal.apply({
    rows: [
      {
        sql: "DELETE FROM mail_receipt WHERE address = ? AND way = 'given' AND message_id = ?",
        parameters: [box.address, messageId],
      },
    ],
  })
  throw new GatewayError(answer[0]?.code ?? 'WRONG_STATE')
}
