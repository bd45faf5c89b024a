import { codeOf } from '../../core/errors.ts'
import type { Statement } from '../../core/journal.ts'
import { mailboxKey } from '../../core/mail.ts'
import type { MailFile, MailFolder, MailPlace } from '../../core/webmail.ts'
import { written } from '../../formats/mail/address.ts'
import { fromAddresses, readHeader } from '../../formats/mail/header.ts'
import { HEAD_BYTES, itemFacts } from '../../formats/mail/item.ts'
import { readMdn } from '../../formats/mail/mdn.ts'
import { flagsRow, goneRow, itemId, itemRow, receiptRow } from './item-rows.ts'
import type { WebmailParts } from './parts.ts'

/** Files whose headers are read at one opening; the others at the next. */
const AT_ONCE = 500
/** Rows of one commit. */
const ROWS = 200

type Parts = Pick<WebmailParts, 'journal' | 'files'>

/** Keeps the rows of mailboxes in step with their folders. */
export class InStep {
  readonly #parts: Parts
  /** Stamps of folders whose rows are in step. */
  readonly #stamps = new Map<string, string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Looks at a folder and writes what is new, changed and gone. Gives how many files are still to be read. */
  async look(address: string, folder: MailFolder): Promise<number> {
    const { journal, files } = this.#parts
    const key = `${address}/${folder}`
    const stamp = await files.stamp(address, folder)
    if (stamp !== null && this.#stamps.get(key) === stamp) return 0
    const [there, known] = await Promise.all([
      files.list(address, folder),
      journal.read<Pick<MailFile, 'name' | 'flags'> & { readonly id: string; readonly fresh: number }>({
        sql: 'SELECT id, name, flags, fresh FROM mail_item WHERE address = ? AND folder = ?',
        parameters: [address, folder],
      }),
    ])
    const rows = new Map(known.map((one) => [one.id, one]))
    const changes: Statement[] = []
    const fresh: MailFile[] = []
    for (const file of there) {
      const id = itemId(folder, file.name)
      const row = rows.get(id)
      rows.delete(id)
      if (row === undefined) fresh.push(file)
      else if (row.flags !== file.flags || Number(row.fresh) !== Number(file.fresh)) {
        changes.push(flagsRow(address, folder, file))
      }
    }
    for (const id of rows.keys()) changes.push(goneRow(address, id))
    await this.#write(changes)
    // Newest first: names begin with the time.
    const now = fresh.toSorted((a, b) => arrivedMs(b.name) - arrivedMs(a.name)).slice(0, AT_ONCE)
    for (let at = 0; at < now.length; at += ROWS) {
      const pieces = now
        .slice(at, at + ROWS)
        .map((file) => readOne(this.#parts, { address, folder, name: file.name }, file))
      await this.#write((await Promise.all(pieces)).flat())
    }
    const waiting = fresh.length - now.length
    if (stamp !== null && waiting === 0) this.#stamps.set(key, stamp)
    return waiting
  }

  async #write(rows: readonly Statement[]): Promise<void> {
    for (let at = 0; at < rows.length; at += ROWS) await this.#parts.journal.apply({ rows: rows.slice(at, at + ROWS) })
  }
}

/** Rows of a file that is new here; none when it is gone already. */
async function readOne({ files }: Parts, place: MailPlace, file: MailFile): Promise<Statement[]> {
  try {
    const head = await headOf({ files }, place)
    const facts = itemFacts(head)
    const size = await files.size(place)
    const atMs = arrivedMs(place.name)
    const row = itemRow(place.address, place.folder, file, { facts, atMs, size })
    return facts.kind === 'receipt' ? [row, ...gotReceipt(place.address, head, atMs)] : [row]
  } catch (fault) {
    if (codeOf(fault) === 'NOT_FOUND') return []
    throw fault
  }
}

/** The first octets of a mail. */
export async function headOf({ files }: Pick<Parts, 'files'>, place: MailPlace): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of files.read(place, 0, HEAD_BYTES)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** A recipient of ours says that a mail was read: whoever wrote the receipt, whatever it claims of others. */
function gotReceipt(address: string, head: Buffer, atMs: number): Statement[] {
  const mdn = readMdn(head)
  const from = fromAddresses(readHeader(head))
  if (mdn?.disposition !== 'displayed' || mdn.error !== null || mdn.originalMessageId === null || !from.ok) return []
  return [receiptRow(address, 'got', mdn.originalMessageId, mailboxKey(written(from.sender)), atMs)]
}

/** When a mail came, by the name of its file (s since 1970 before the first dot). */
export function arrivedMs(name: string): number {
  const seconds = /^(\d{9,11})\./.exec(name)?.[1]
  return seconds === undefined ? 0 : Number(seconds) * 1_000
}
