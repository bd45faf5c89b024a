import type { Effect, Statement } from '../../core/journal.ts'
import { smtpError, type ZamOriginal, type ZamToWrite } from '../../formats/documents/zam.ts'
import { readDsn } from '../../formats/mail/dsn.ts'
import { readMdn } from '../../formats/mail/mdn.ts'
import { acknowledgement } from './acknowledgement.ts'
import { type DocumentParts, wholeBody } from './parts.ts'

interface Kept {
  readonly mail: string
  readonly origin: string
  readonly establishment: string
  readonly original: string
  readonly recipient: string
  /** `wanted`; `told`: that it went well; `failed`: that it did not, which is the last word. Null: not asked for. */
  readonly receipt: string | null
  readonly read_receipt: string | null
  readonly test: number
}

/** A report is read whole up to this many bytes: what is longer is none of ours. */
const MOST_BYTES = 2 * 1024 * 1024

/** What says that somebody read a mail, or that an application took it in (RFC 8098, 3.2.6.2). */
const READ: readonly string[] = ['displayed', 'processed']

/**
 * What a report of delivery or a receipt says of a mail with documents, told to who sent them: ZAM^Z02 from the first, ZAM^Z03
 * from the second. Each once, save that a failure behind a good word is told as well: a relay to where no report comes from
 * is a good word that may be wrong. A delay, or a mail deleted or passed on unread, is no outcome. Mails that we know
 * nothing of are left alone. */
export async function answered(id: string, parts: DocumentParts): Promise<Effect> {
  const { bytes: length } = await parts.journal.body(id)
  if (length > MOST_BYTES) return {}
  const bytes = await wholeBody(parts, id)
  const dsn = readDsn(bytes)
  if (dsn !== null) return delivered(dsn, parts)
  const mdn = readMdn(bytes)
  return mdn === null ? {} : readByPerson(mdn, parts)
}

async function delivered(dsn: NonNullable<ReturnType<typeof readDsn>>, parts: DocumentParts): Promise<Effect> {
  const kept = (await byMail(dsn.envid, parts)) ?? (await byMessageId(dsn.messageId, parts))
  const [said] = dsn.recipients
  if (kept === null || said === undefined || said.action === 'delayed') return {}
  const failed = said.action === 'failed'
  const outcome: ZamToWrite['outcome'] = failed
    ? { ok: false, error: smtpError({ status: said.status, diagnostic: said.diagnostic }) }
    : { ok: true }
  return told(kept, { event: 'Z02', outcome }, 'receipt', parts)
}

async function readByPerson(mdn: NonNullable<ReturnType<typeof readMdn>>, parts: DocumentParts): Promise<Effect> {
  const kept = await byMessageId(mdn.originalMessageId, parts)
  if (kept === null) return {}
  const failed = mdn.error !== null || mdn.disposition === 'failed'
  if (!failed && !READ.includes(mdn.disposition)) return {}
  const error = { code: '554', system: 'SMTPERRORCODE', display: mdn.error?.label ?? '' }
  return told(kept, { event: 'Z03', outcome: failed ? { ok: false, error } : { ok: true } }, 'read_receipt', parts)
}

function told(
  kept: Kept,
  zam: Pick<ZamToWrite, 'event' | 'outcome'>,
  column: 'receipt' | 'read_receipt',
  parts: DocumentParts,
): Effect {
  // Who asked for no receipt hears of a failure all the same.
  if (kept[column] === 'failed' || (zam.outcome.ok && kept[column] !== 'wanted')) return {}
  const of = { id: kept.origin, establishment: kept.establishment, test: Number(kept.test) === 1 }
  const recipient = JSON.parse(kept.recipient) as ZamToWrite['recipient']
  const row: Statement = {
    sql: `UPDATE document_mail SET ${column} = ? WHERE mail = ? AND COALESCE(${column}, '') = ?`,
    parameters: [zam.outcome.ok ? 'told' : 'failed', kept.mail, kept[column] ?? ''],
    rows: 1,
  }
  const original = JSON.parse(kept.original) as ZamOriginal
  return { arrivals: [acknowledgement(of, original, { ...zam, recipient, leg: kept.mail }, parts)], rows: [row] }
}

const KEPT = 'SELECT mail, origin, establishment, original, recipient, receipt, read_receipt, test FROM document_mail'

async function byMail(mail: string | null, { journal }: DocumentParts): Promise<Kept | null> {
  if (mail === null) return null
  const [row] = await journal.look<Kept>({ sql: `${KEPT} WHERE mail = ?`, parameters: [mail] })
  return row ?? null
}

async function byMessageId(id: string | null, { journal }: DocumentParts): Promise<Kept | null> {
  if (id === null) return null
  const bare = id.replace(/^<|>$/g, '')
  const [row] = await journal.look<Kept>({ sql: `${KEPT} WHERE message_id = ?`, parameters: [bare] })
  return row ?? null
}
