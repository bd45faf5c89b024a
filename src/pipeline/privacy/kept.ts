import { sql } from 'kysely'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, SqlValue } from '../../core/journal.ts'
import type { MessageId, MessageState } from '../../core/message.ts'
import type { KeptMessage } from '../../core/privacy.ts'
import { anySystem } from '../fhir/rows.ts'
import { searchKey } from '../keys.ts'
import { type Stream, wordsOf } from '../sql/words.ts'
import { askSql } from '../views/tables.ts'
import { type KeptRegistration, registrationsOf } from './registered.ts'

/** A message about the patient, as the store has it. */
export interface KeptRow {
  readonly seq: number
  readonly id: MessageId
  readonly received_at_ms: number
  readonly establishment: string | null
  readonly kind: string
  readonly control_id: string
  readonly entrance: string
  readonly bytes: number
  readonly state: MessageState
  readonly test: number
  readonly parent: string | null
  readonly patient_keys: string
}

/** One, with why it is among them. */
export interface Kept extends KeptRow {
  readonly as: KeptMessage['as']
}

/** Everything that names the patient, and by which search keys. */
export interface KeptOfPatient {
  /** Of the identifiers given, in their order. */
  readonly marks: readonly string[]
  /** These, and those of the patient's own records kept here. */
  readonly keys: readonly string[]
  /** Oldest first. */
  readonly messages: readonly Kept[]
  /** The same, as one is found through another: the patient's own records, what bears a key, what is found by that. */
  readonly leading: readonly MessageId[]
  /** At sites, lately. */
  readonly registered: readonly KeptRegistration[]
}

/** Values in one question. */
const SOME = 500
/** More messages are no one person's: an identifier such as `0000` that many share. */
const MOST = 50_000

/** What an event of privacy tells in numbers. Pure. */
export function factsAbout(messages: number, cases: number): string {
  return cases === 0 ? `messages ${messages}` : `messages ${messages}, cases ${cases}`
}

/** Answers to a question about many values, asked in parts. */
export async function inParts<Row>(
  journal: Pick<Journal, 'read'>,
  values: readonly SqlValue[],
  question: (places: string) => string,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (let at = 0; at < values.length; at += SOME) {
    const parameters = values.slice(at, at + SOME)
    rows.push(...(await journal.read<Row>({ sql: question(parameters.map(() => '?').join(', ')), parameters })))
  }
  return rows
}

const COLUMNS = `m.seq, m.id, m.received_at_ms, m.establishment, m.kind, m.control_id, m.entrance, m.bytes, m.state, m.test,
  m.parent, m.patient_keys`

/** Mails whose documents became one of these messages. */
const mailsOf = (places: string): string =>
  `SELECT ${COLUMNS} FROM message m WHERE m.kind LIKE 'MAIL%'
    AND m.id IN (SELECT cause FROM message WHERE seq IN (${places}) AND cause IS NOT NULL)`

/** Numbers of the messages that bear a search key. */
export async function bearing(journal: Journal, key: string, most: number): Promise<readonly number[]> {
  const words = wordsOf(journal.dialect)
  const question = ({ from, where, seq }: Stream) => sql`SELECT ${seq} AS seq FROM ${from} WHERE ${where}`
  const order = sql`DESC`
  const rows = await askSql<{ seq: number }>(journal, words.merged(words.bearing(key).map(question), order, most))
  return rows.map(({ seq }) => seq)
}

interface Identifier {
  readonly authority: string
  readonly id: string
}

/** @throws {GatewayError} BAD_REQUEST */
export function identifiersOf(patient: readonly string[]): readonly Identifier[] {
  if (patient.length < 1 || patient.length > 20) throw new GatewayError('BAD_REQUEST')
  return patient.map((one) => {
    const bar = one.indexOf('|')
    if (bar < 0 || bar === one.length - 1) throw new GatewayError('BAD_REQUEST')
    return { authority: one.slice(0, bar), id: one.slice(bar + 1) }
  })
}

/**
 * Ids of the Patients kept here that bear one of the identifiers: other resources refer to them by these. Only what
 * bears it itself, so that nobody comes along who is merely linked (a mother, a child). */
async function recordsOf(journal: Journal, identifiers: readonly Identifier[]): Promise<readonly string[]> {
  const { secret } = journal
  const values = identifiers.flatMap(({ authority, id }) => [
    searchKey(secret, authority, id),
    searchKey(secret, `urn:oid:${authority}`, id),
    ...(authority === '' ? [searchKey(secret, '*', id)] : []),
  ])
  const rows = await inParts<{ id: string }>(
    journal,
    values,
    (places) => `SELECT DISTINCT id FROM resource_index WHERE type = 'Patient'
      AND name IN ('identifier', '${anySystem('identifier')}') AND value IN (${places})`,
  )
  return rows.map(({ id }) => id)
}

/**
 * What is kept of a patient: messages that bear an identifier or refer to the patient's record here, the batches and mails
 * that they came in, and what they caused. @throws {GatewayError} BAD_REQUEST; PATIENT_AMBIGUOUS when there is more than one person can have */
export async function keptOf(journal: Journal, patient: readonly string[]): Promise<KeptOfPatient> {
  const identifiers = identifiersOf(patient)
  const marks = identifiers.map(({ authority, id }) => searchKey(journal.secret, authority, id))
  const records = await recordsOf(journal, identifiers)
  const keys = [...new Set([...marks, ...records.map((id) => searchKey(journal.secret, 'Patient', id))])]
  const seqs = new Set<number>()
  for (const key of keys) for (const seq of await bearing(journal, key, MOST)) seqs.add(seq)
  if (seqs.size >= MOST) throw new GatewayError('PATIENT_AMBIGUOUS')
  const found = new Map<MessageId, Kept>()
  const add = (as: Kept['as'], rows: readonly KeptRow[]): void => {
    for (const row of rows) if (!found.has(row.id)) found.set(row.id, { ...row, as })
  }
  const select = (column: string) => (places: string) =>
    `SELECT ${COLUMNS} FROM message m WHERE m.${column} IN (${places})`
  const own = await inParts<KeptRow>(journal, [...seqs], select('seq'))
  add('patient', own)
  const parents = [...new Set(own.flatMap(({ parent }) => parent ?? []))]
  add('batch', await inParts<KeptRow>(journal, parents, select('id')))
  // A mail bears no key: its documents are read once it is taken.
  add('mail', await inParts<KeptRow>(journal, [...seqs], mailsOf))
  for (let causes = [...found.keys()]; causes.length > 0; ) {
    const caused = await inParts<KeptRow>(journal, causes, select('cause'))
    const fresh = caused.filter(({ id }) => !found.has(id))
    add('caused', fresh)
    causes = fresh.map(({ id }) => id)
  }
  const messages = [...found.values()].sort((a, b) => a.seq - b.seq)
  const current = await inParts<{ message: MessageId }>(
    journal,
    records,
    (places) => `SELECT message FROM resource WHERE type = 'Patient' AND id IN (${places})`,
  )
  const first = current.map(({ message }) => message).filter((id) => found.has(id))
  const leading = [...new Set([...first, ...found.keys()])]
  return { marks, keys, messages, leading, registered: await registrationsOf(journal, keys, messages) }
}
