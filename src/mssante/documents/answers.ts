import { documentTimer } from '../../core/documents.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Effect, Statement } from '../../core/journal.ts'
import { domainOf } from '../../core/mail.ts'
import { smtpError, stayError, type ZamOriginal, type ZamToWrite } from '../../formats/documents/zam.ts'
import { readDsn } from '../../formats/mail/dsn.ts'
import { fromAddresses, HEADER_LIMITS, readHeader } from '../../formats/mail/header.ts'
import { isKoMail, type KoMail, readKoMail, readMdn } from '../../formats/mail/mdn.ts'
import { acknowledgement } from './acknowledgement.ts'
import { type DocumentParts, headOf, noted } from './parts.ts'

interface Kept {
  readonly mail: string
  readonly origin: string
  readonly establishment: string
  readonly original: string
  readonly recipient: string
  readonly address: string
  /** `wanted`; `told`: that it went well; `failed`: that it did not, which is the last word. Null: not asked for. */
  readonly receipt: string | null
  readonly read_receipt: string | null
  readonly test: number
}

/** A report or receipt is read whole up to this many bytes: one that is longer is none about a mail of ours. */
const MOST_BYTES = 2 * 1024 * 1024

/** What says that somebody read a mail, or that an application took it in (RFC 8098, 3.2.6.2). */
const READ: readonly string[] = ['displayed', 'processed']

/** What a mail says of one of ours. */
interface Said extends Pick<ZamToWrite, 'event' | 'outcome'> {
  readonly kept: Kept
  readonly column: 'receipt' | 'read_receipt'
}

/** With what nobody is judged now. */
const NO_SURE_LIST: readonly ErrorCode[] = ['WHITELIST_NONE', 'WHITELIST_CLOSED', 'MAIL_PEER_UNSURE']
/** How soon a report is looked at again whose bringer nobody can judge now (ms). */
const UNJUDGED_MS = 60_000

/**
 * What a report of delivery, a receipt, or a mail that tells an error says of a mail with documents, told to who sent them:
 * ZAM^Z02 from the first, ZAM^Z03 from the others. Each once, save that a failure behind a good word is told as well: a
 * relay to where no report comes from is a good word that may be wrong. A delay, or a mail deleted or passed on unread, is no
 * outcome. Mails that we know nothing of are left alone, and so is what others say of ours than who answers for its
 * recipient: it stands on the timeline of what they brought. */
export async function answered(id: string, parts: DocumentParts): Promise<Effect> {
  const said = await saidIn(id, parts)
  if (said === null) return {}
  const no = await notTheirs(id, said.kept, parts)
  if (no === null) return told(said, parts)
  const nowMs = parts.clock.nowMs()
  if (NO_SURE_LIST.includes(no)) {
    return { timers: [documentTimer({ what: 'answer', id }, nowMs + UNJUDGED_MS)] }
  }
  return { events: [noted(id, no, nowMs)] }
}

/** A mail with documents that our own work gave up, told to who sent them; of any other mail, nothing. */
export async function givenUp(id: string, code: ErrorCode, parts: DocumentParts): Promise<Effect> {
  const kept = await byMail(id, parts)
  if (kept === null) return {}
  return told({ kept, event: 'Z02', outcome: { ok: false, error: stayError(code) }, column: 'receipt' }, parts)
}

async function saidIn(id: string, parts: DocumentParts): Promise<Said | null> {
  const { bytes: length } = await parts.journal.body(id)
  // A mail that tells an error has all of ours inside, whose header stands before its documents.
  if (length > MOST_BYTES && !(await tellsError(id, parts))) return null
  const bytes = (await headOf(parts, id, MOST_BYTES)).subarray(0, MOST_BYTES)
  const dsn = readDsn(bytes)
  if (dsn !== null) return delivered(dsn, parts)
  const mdn = readMdn(bytes)
  if (mdn !== null) return readByPerson(mdn, parts)
  const ko = readKoMail(bytes)
  return ko === null ? null : refusedByMail(ko, parts)
}

/** Does a mail tell an error with documents that somebody was sent? */
export async function tellsError(id: string, parts: DocumentParts): Promise<boolean> {
  return isKoMail(readHeader(await headOf(parts, id, HEADER_LIMITS.maxBytes)))
}

async function delivered(dsn: NonNullable<ReturnType<typeof readDsn>>, parts: DocumentParts): Promise<Said | null> {
  const kept = (await byMail(dsn.envid, parts)) ?? (await byMessageId(dsn.messageId, parts))
  const [said] = dsn.recipients
  if (kept === null || said === undefined || said.action === 'delayed') return null
  const failed = said.action === 'failed'
  const outcome: ZamToWrite['outcome'] = failed
    ? { ok: false, error: smtpError({ status: said.status, diagnostic: said.diagnostic }) }
    : { ok: true }
  return { kept, event: 'Z02', outcome, column: 'receipt' }
}

async function readByPerson(mdn: NonNullable<ReturnType<typeof readMdn>>, parts: DocumentParts): Promise<Said | null> {
  const kept = await byMessageId(mdn.originalMessageId, parts)
  if (kept === null) return null
  const failed = mdn.error !== null || mdn.disposition === 'failed'
  if (!failed && !READ.includes(mdn.disposition)) return null
  const error = { code: '554', system: 'SMTPERRORCODE', display: mdn.error?.label ?? '' }
  return { kept, event: 'Z03', outcome: failed ? { ok: false, error } : { ok: true }, column: 'read_receipt' }
}

/** What stands for a receipt with an error where none was asked for (CI-SIS). */
async function refusedByMail({ code, about }: KoMail, parts: DocumentParts): Promise<Said | null> {
  const error = { code: '554', system: 'SMTPERRORCODE', display: code }
  for (const id of about) {
    const kept = await byMessageId(id, parts)
    if (kept !== null) return { kept, event: 'Z03', outcome: { ok: false, error }, column: 'read_receipt' }
  }
  return null
}

/**
 * Why what a mail says of one of ours is not believed; null: it is. Said it must be by ourselves about that very mail, by
 * somebody of the recipient's domain where that is ours, or by a peer that the list lets bring mail of that domain. */
async function notTheirs(id: string, { mail, address }: Kept, parts: DocumentParts): Promise<ErrorCode | null> {
  const [row] = await parts.journal.look<{ way: string; peer: string; cause: string | null }>({
    sql: 'SELECT l.way, l.peer, m.cause FROM mail l JOIN message m ON m.id = l.message WHERE l.message = ?',
    parameters: [id],
  })
  if (row === undefined) return 'NOT_FOUND'
  const domain = domainOf(address)
  if (row.way === 'own') return row.cause === mail ? null : 'MAIL_FROM_OTHER'
  if (row.way === 'in') return parts.trust.speaksFor(row.peer, domain)
  // The door has seen that From is the mailbox of whoever signed in.
  const from = fromAddresses(readHeader(await headOf(parts, id, HEADER_LIMITS.maxBytes)))
  const ours = parts.config().mail?.operator?.domains.has(domain) === true
  return ours && from.ok && from.sender.domain === domain ? null : 'MAIL_FROM_OTHER'
}

function told({ kept, column, ...zam }: Said, parts: DocumentParts): Effect {
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

const KEPT =
  'SELECT mail, origin, establishment, original, recipient, address, receipt, read_receipt, test FROM document_mail'

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
