import { GatewayError } from '../../core/errors.ts'
import type { Statement } from '../../core/journal.ts'
import type { Mailbox } from '../../core/mail.ts'
import {
  MAIL_FOLDERS,
  type MailArchive,
  type MailFolder,
  type MailPerson,
  type MailPlace,
  type OpenedMail,
  type WebmailBox,
  type WebmailViews,
} from '../../core/webmail.ts'
import { sameMailbox, written } from '../../formats/mail/address.ts'
import { readAddressList } from '../../formats/mail/address-list.ts'
import { readMailDate } from '../../formats/mail/date.ts'
import { dispositionOf, type MailHeader, readHeader } from '../../formats/mail/header.ts'
import { mailboxesText } from '../../formats/mail/item.ts'
import type { MimeStructure } from '../../formats/mail/structure.ts'
import { ZIP_BUDGET, type ZipBudget } from '../../formats/xdm/zip-read.ts'
import { usedRows } from '../mailboxes.ts'
import { archiveOf, documentOf } from './archive.ts'
import { downloadOf, originalOf, partHead, piecesOf, structureOf, textOf } from './contents.ts'
import { draftOf } from './drafts.ts'
import { headOf, type InStep } from './in-step.ts'
import { ITEM_COLUMNS, type ItemRow, itemOf } from './item-rows.ts'
import { boxesOf, boxOf, type WebmailParts } from './parts.ts'
import { searchItems } from './search.ts'
import { receiptGivenAtMs, sentOf } from './sent.ts'

/** Archives of one mail that are opened. */
const MOST_ARCHIVES = 3

/** Reads the mailboxes of people. `completes`: addresses that words may mean. */
export function webmailViews(
  parts: WebmailParts,
  inStep: InStep,
  completes: WebmailViews['completes'] = async () => [],
): WebmailViews {
  const { files, journal } = parts
  const seen = async (person: MailPerson, address: string, id: string) => {
    const box = await boxOf(parts, person, address)
    const row = await rowOf(parts, inStep, box.address, id)
    const place: MailPlace = { address: box.address, folder: row.folder, name: row.name }
    // Before anything of it is shown.
    const rows = usedRows(box.address, parts.clock.nowMs(), parts.config().region.timeZone)
    await journal.apply({ rows, events: [await openedEvent(parts, person, place, id)] })
    return { box, row, place }
  }
  return {
    get open() {
      return files.open && parts.config().mail?.operator !== undefined
    },
    completes,
    async boxes(person) {
      const boxes = await boxesOf(parts, person)
      return Promise.all(boxes.map((box) => shownBox(parts, inStep, box, person)))
    },
    async box(person, address) {
      return shownBox(parts, inStep, await boxOf(parts, person, address), person)
    },
    async list(person, address, ask) {
      const box = await boxOf(parts, person, address)
      const waiting = await inStep.look(box.address, ask.folder)
      return { ...(await searchItems(parts, box.address, ask)), own: box.owner === person.identifier, waiting }
    },
    async read(person, address, id) {
      const { box, row, place } = await seen(person, address, id)
      return opened(parts, box, row, place)
    },
    async piece(person, address, id, n) {
      const { place } = await seen(person, address, id)
      return downloadOf(files, place, await structureOf(files, place), n).download
    },
    async original(person, address, id) {
      return originalOf(files, (await seen(person, address, id)).place)
    },
    async document(person, address, id, { piece, document, pdf }) {
      const { place } = await seen(person, address, id)
      const bytes = await archiveBytes(parts, place, await structureOf(files, place), piece)
      return documentOf(bytes, budgetOf(parts), document, pdf)
    },
    async draft(person, address, { item, mode }) {
      const { box, place } = await seen(person, address, item)
      const { text } = await textOf(files, place, await structureOf(files, place))
      return draftOf(mode, readHeader(await headOf(parts, place)), text, box.address)
    },
  }
}

/** The row of an item; a folder that changed meanwhile is looked at once more. @throws {GatewayError} NOT_FOUND */
export async function rowOf(
  { journal }: Pick<WebmailParts, 'journal'>,
  inStep: InStep,
  address: string,
  id: string,
): Promise<ItemRow> {
  if (!/^[0-9a-f]{32}$/.test(id)) throw new GatewayError('NOT_FOUND')
  const ask: Statement = {
    sql: `SELECT ${ITEM_COLUMNS} FROM mail_item WHERE address = ? AND id = ?`,
    parameters: [address, id],
  }
  const [row] = await journal.look<ItemRow>(ask)
  if (row !== undefined) return row
  for (const folder of MAIL_FOLDERS) await inStep.look(address, folder)
  const [found] = await journal.look<ItemRow>(ask)
  if (found === undefined) throw new GatewayError('NOT_FOUND')
  return found
}

async function shownBox(
  { journal }: WebmailParts,
  inStep: InStep,
  { address, name, owner, state }: Mailbox,
  { identifier }: MailPerson,
): Promise<WebmailBox> {
  for (const folder of MAIL_FOLDERS) await inStep.look(address, folder)
  const rows = await journal.read<{ folder: MailFolder; mails: number; unread: number }>({
    sql: `SELECT folder, COUNT(*) AS mails, SUM(1 - seen) AS unread FROM mail_item WHERE address = ? GROUP BY folder`,
    parameters: [address],
  })
  const counts = MAIL_FOLDERS.map((folder) => {
    const found = rows.find((one) => one.folder === folder)
    return [folder, { mails: Number(found?.mails ?? 0), unread: Number(found?.unread ?? 0) }] as const
  })
  const folders = Object.fromEntries(counts) as WebmailBox['folders']
  return { address, name, own: owner === identifier, suspended: state !== 'active', folders }
}

/** That somebody opened a mail: by the message that it came with, or the item when another program put it there. */
async function openedEvent({ journal, clock }: WebmailParts, { who }: MailPerson, place: MailPlace, id: string) {
  const delivery = /^\d+\.([0-9a-f-]{36})\./.exec(place.name)?.[1]
  const [row] =
    delivery === undefined
      ? []
      : await journal.look<{ message: string }>({
          sql: `SELECT message FROM mail_recipient WHERE delivery = ? UNION SELECT message FROM mail WHERE message = ?`,
          parameters: [delivery, delivery],
        })
  const detail = row === undefined ? `${place.address} ${id}` : place.address
  const same = { atMs: clock.nowMs(), who, what: 'read-mail', why: null, code: null, delivery: null }
  return { ...same, message: row?.message ?? null, detail }
}

async function opened(parts: WebmailParts, box: Mailbox, row: ItemRow, place: MailPlace): Promise<OpenedMail> {
  const { files } = parts
  const structure = await structureOf(files, place)
  const header = readHeader(await headOf(parts, place))
  const list = (name: string) => header.all(name).flatMap(({ value }) => readAddressList(value).mailboxes)
  const { pieces, more } = piecesOf(structure)
  const archives: MailArchive[] = []
  for (const { n } of pieces.filter(({ archive }) => archive).slice(0, MOST_ARCHIVES)) {
    archives.push(await openedArchive(parts, place, structure, n))
  }
  return {
    // In full here; a list cuts them.
    item: { ...itemOf(row), from: mailboxesText(list('from')) || row.sender, to: mailboxesText(list('to')) },
    cc: mailboxesText(list('cc')),
    replyTo: mailboxesText(list('reply-to')) || null,
    dateMs: readMailDate(header.first('date')?.value ?? ''),
    ...(await textOf(files, place, structure)),
    pieces,
    more,
    archives,
    receiptTo: receiptToOf(header),
    receiptSentAtMs: await receiptGivenAtMs(parts, box.address, row.message_id),
    sent: await sentOf(parts, box.address, row.message_id),
  }
}

function receiptToOf(header: MailHeader): OpenedMail['receiptTo'] {
  const [asks, other] = dispositionOf(header)
  if (asks === undefined || other !== undefined) return null
  const from = header.all('from').flatMap(({ value }) => readAddressList(value).mailboxes)
  const stranger = !from.some(({ address }) => sameMailbox(address, asks.address))
  return { address: written(asks.address), stranger }
}

async function openedArchive(
  parts: WebmailParts,
  place: MailPlace,
  structure: MimeStructure,
  n: number,
): Promise<MailArchive> {
  try {
    return await archiveOf(n, await archiveBytes(parts, place, structure, n), budgetOf(parts))
  } catch (fault) {
    if (fault instanceof GatewayError && fault.code === 'XDM_LIMITS') {
      return { piece: n, patient: null, documents: [], codes: [fault.code] }
    }
    throw fault
  }
}

/** The archive in memory: its directory stands at its end. @throws {GatewayError} XDM_LIMITS, NOT_FOUND */
async function archiveBytes(
  { files, config }: WebmailParts,
  place: MailPlace,
  structure: MimeStructure,
  n: number,
): Promise<Buffer> {
  const { part } = downloadOf(files, place, structure, n)
  const most = config().mail?.operator?.limits.maxBytes ?? 0
  const { bytes, whole } = await partHead(files, place, part, most)
  if (!whole) throw new GatewayError('XDM_LIMITS')
  return bytes
}

function budgetOf({ config }: WebmailParts): ZipBudget {
  const zip = config().mail?.operator?.limits.zip
  return zip === undefined ? ZIP_BUDGET : { maxEntries: zip.entries, maxInflated: zip.bytes, maxRatio: zip.ratio }
}
