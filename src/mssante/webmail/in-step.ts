import { codeOf } from '../../core/errors.ts'
import type { Statement } from '../../core/journal.ts'
import { mailboxKey } from '../../core/mail.ts'
import type { MailFile, MailFolder, MailPlace } from '../../core/webmail.ts'
import { written } from '../../formats/mail/address.ts'
import { fromAddresses, readHeader } from '../../formats/mail/header.ts'
import { HEAD_BYTES, itemFacts } from '../../formats/mail/item.ts'
import { readMdn } from '../../formats/mail/mdn.ts'
import { flagsRow, goneRow, type ItemRow, itemRow, receiptRow } from './item-rows.ts'
import type { WebmailParts } from './parts.ts'

/** Files whose headers are read at one opening; the others at the next. */
const AT_ONCE = 500
/** Rows of one commit. */
const ROWS = 200
/** Files that are open at a time: what they tell is understood in one turn, when they come together. */
const TOGETHER = 8

type KnownRow = Pick<ItemRow, 'id' | 'name' | 'flags' | 'fresh' | 'at_ms'>
const FIRST: KnownRow = { id: '', name: '', flags: '', fresh: 0, at_ms: -1 }
/** Rows that are asked for at a time. */
const PAGE = 2_000

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
    const { files } = this.#parts
    const key = `${address}/${folder}`
    const stamp = await files.stamp(address, folder)
    if (stamp !== null && this.#stamps.get(key) === stamp) return 0
    const { changes, fresh, waiting } = await this.#compared(address, folder)
    await this.#write(changes)
    await this.#readAll(address, folder, fresh)
    if (stamp !== null && waiting === 0) this.#stamps.set(key, stamp)
    return waiting
  }

  /** Rows of what changed or went; the newest files that have none, and how many more there are. */
  async #compared(address: string, folder: MailFolder) {
    // Rows before files: what comes meanwhile is a file without a row, and never a row without its file.
    const rows = await this.#known(address, folder)
    const changes: Statement[] = []
    let fresh: readonly MailFile[] = []
    let count = 0
    for await (const some of this.#parts.files.list(address, folder)) {
      const unknown: MailFile[] = []
      for (const file of some) {
        const row = rows.get(file.name)
        rows.delete(file.name)
        if (row === undefined) unknown.push(file)
        else if (row.flags !== file.flags || Number(row.fresh) !== Number(file.fresh)) {
          changes.push(flagsRow(address, folder, file))
        }
      }
      count += unknown.length
      if (unknown.length > 0) fresh = newest([...fresh, ...unknown], AT_ONCE)
    }
    for (const { id } of rows.values()) changes.push(goneRow(address, id))
    return { changes, fresh, waiting: count - fresh.length }
  }

  async #readAll(address: string, folder: MailFolder, files: readonly MailFile[]): Promise<void> {
    let rows: Statement[] = []
    for (let at = 0; at < files.length; at += TOGETHER) {
      const pieces = files
        .slice(at, at + TOGETHER)
        .map((file) => readOne(this.#parts, { address, folder, name: file.name, path: file.path }, file))
      rows.push(...(await Promise.all(pieces)).flat())
      if (rows.length < ROWS && at + TOGETHER < files.length) continue
      await this.#write(rows)
      rows = []
    }
  }

  /** The rows of a folder by the names of their files, some at a time: tens of thousands in one answer hold the loop. */
  async #known(address: string, folder: MailFolder): Promise<Map<string, KnownRow>> {
    const rows = new Map<string, KnownRow>()
    for (let last: KnownRow | undefined = FIRST; last !== undefined; ) {
      const page: readonly KnownRow[] = await this.#parts.journal.read<KnownRow>({
        sql: `SELECT id, name, flags, fresh, at_ms FROM mail_item
          WHERE address = ? AND folder = ? AND (at_ms, id) > (?, ?) ORDER BY at_ms, id LIMIT ${PAGE}`,
        parameters: [address, folder, Number(last.at_ms), last.id],
      })
      for (const row of page) rows.set(row.name, row)
      last = page.length < PAGE ? undefined : page.at(-1)
    }
    return rows
  }

  async #write(rows: readonly Statement[]): Promise<void> {
    for (let at = 0; at < rows.length; at += ROWS) await this.#parts.journal.apply({ rows: rows.slice(at, at + ROWS) })
  }
}

/** The newest `most`, newest first: names begin with the time. */
function newest(files: readonly MailFile[], most: number): readonly MailFile[] {
  const dated = files.map((file) => ({ file, atMs: arrivedMs(file.name) }))
  return dated
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(0, most)
    .map(({ file }) => file)
}

/** Rows of a file that is new here; none when it is gone already. */
async function readOne({ files }: Parts, place: MailPlace, file: MailFile): Promise<Statement[]> {
  try {
    const { bytes: head, size } = await files.head(place, HEAD_BYTES)
    const facts = itemFacts(head)
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
  return (await files.head(place, HEAD_BYTES)).bytes
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
