import { codeOf, GatewayError } from '../../core/errors.ts'
import type { SqlValue } from '../../core/journal.ts'
import type { WebmailAsk, WebmailPage } from '../../core/webmail.ts'
import { searchable } from '../../formats/mail/item.ts'
import { structureOf, textOf } from './contents.ts'
import { ITEM_COLUMNS, type ItemRow, itemOf } from './item-rows.ts'
import type { WebmailParts } from './parts.ts'

/** A search in texts looks at so many of the newest mails, for so long, in mails up to this size. */
const TEXTS = 300
const TEXTS_MS = 3_000
const TEXT_MAIL_BYTES = 4 * 1024 * 1024
/** Words of a search. */
const MOST_WORDS = 8

/** Mails of a folder by the words in their subject, sender and recipients; with `texts` also by those in them. */
export async function searchItems(
  parts: WebmailParts,
  address: string,
  ask: WebmailAsk,
): Promise<Omit<WebmailPage, 'waiting' | 'own'>> {
  const words = searchable(ask.words).split(' ').filter(Boolean).slice(0, MOST_WORDS)
  if (ask.texts && words.length > 0) return inTexts(parts, address, ask, words)
  const [where, parameters] = conditions(address, ask)
  for (const word of words) {
    where.push("words LIKE ? ESCAPE '!'")
    parameters.push(`%${word.replace(/[!%_]/g, '!$&')}%`)
  }
  const rows = await rowsOf(parts, where, parameters, ask.limit + 1)
  const shown = rows.slice(0, ask.limit)
  const last = shown.at(-1)
  const next = rows.length > ask.limit && last !== undefined ? `${last.at_ms}-${last.id}` : null
  return { items: shown.map(itemOf), next, searched: null }
}

function conditions(address: string, { folder, after }: WebmailAsk): [where: string[], parameters: SqlValue[]] {
  const where = ['address = ?', 'folder = ?']
  const parameters: SqlValue[] = [address, folder]
  if (after !== null) {
    const [, atMs, id] = /^(\d{1,16})-([0-9a-f]{32})$/.exec(after) ?? []
    if (atMs === undefined || id === undefined) throw new GatewayError('BAD_REQUEST')
    where.push('(at_ms < ? OR (at_ms = ? AND id < ?))')
    parameters.push(Number(atMs), Number(atMs), id)
  }
  return [where, parameters]
}

function rowsOf({ journal }: WebmailParts, where: readonly string[], parameters: readonly SqlValue[], limit: number) {
  return journal.read<ItemRow>({
    sql: `SELECT ${ITEM_COLUMNS} FROM mail_item WHERE ${where.join(' AND ')} ORDER BY at_ms DESC, id DESC LIMIT ?`,
    parameters: [...parameters, limit],
  })
}

/** Reads the newest mails one after the other, within its limits, and says how many it looked at where it ended early. */
async function inTexts(
  parts: WebmailParts,
  address: string,
  ask: WebmailAsk,
  words: readonly string[],
): Promise<Omit<WebmailPage, 'waiting' | 'own'>> {
  const { files, clock } = parts
  const rows = await rowsOf(parts, ...conditions(address, { ...ask, after: null }), TEXTS + 1)
  const untilMs = clock.monotonicMs() + TEXTS_MS
  const found: ItemRow[] = []
  let looked = 0
  let passed = 0
  for (const row of rows.slice(0, TEXTS)) {
    if (found.length >= ask.limit || clock.monotonicMs() > untilMs) break
    looked += 1
    const head = searchable(`${row.sender} ${row.recipients} ${row.subject}`)
    let text = ''
    if (Number(row.size) <= TEXT_MAIL_BYTES) text = await searchedText(parts, { address, ...row })
    else passed += 1
    if (words.every((word) => head.includes(word) || text.includes(word))) found.push(row)
  }
  const all = looked === rows.length && passed === 0
  return { items: found.map(itemOf), next: null, searched: all ? null : looked - passed }

  async function searchedText(_: WebmailParts, place: Parameters<typeof structureOf>[1]): Promise<string> {
    try {
      return searchable((await textOf(files, place, await structureOf(files, place))).text)
    } catch (fault) {
      if (codeOf(fault) === 'NOT_FOUND') return ''
      throw fault
    }
  }
}
