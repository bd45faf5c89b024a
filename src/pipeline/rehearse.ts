import { createHash } from 'node:crypto'
import type { Intake, Refused, SqlValue, Statement } from '../core/journal.ts'
import type { Arrival, Receipt, Refusal } from '../core/message.ts'
import type { CountTried, Trial, Tried } from '../core/onboarding.ts'
import type { Accept } from '../core/ports.ts'
import { readAnswer } from '../formats/hl7v2/answer.ts'
import { readHeader, softwareVersionOf } from '../formats/hl7v2/header.ts'
import { readMessage } from '../formats/hl7v2/message.ts'
import { type AcceptParts, accept } from './accept.ts'
import { type Rehearsed, rehearsalJournal } from './journal/rehearsal.ts'

/** Trials kept of an establishment, the newest; and for how long (ms). */
export const TRIALS_KEPT = 1_000
const KEPT_MS = 400 * 86_400_000

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** One message as it was judged, before its answer is known. */
interface Judged {
  readonly id: string
  readonly intake: Intake | null
  readonly refused: Refused | null
  readonly again: boolean
}

/**
 * Accepting as at a real door, for rehearsals: the same reading, the same rules, the same identity checks, the same answers.
 * No message is made and nothing goes anywhere; what came is kept as a trial, without its content, and counted by `count` unless it is
 * the repeat of another. Never rejects. */
export function rehearsing(parts: AcceptParts, count: CountTried = () => []): Accept {
  let last: Promise<unknown> = Promise.resolve()
  return (arrival) => {
    // One at a time: of two messages under one name sent together the second is the repeat, as it is in the real journal.
    const run = () => rehearse(arrival, parts, count)
    const mine = last.then(run, run)
    last = mine
    return mine
  }
}

async function rehearse(arrival: Arrival, parts: AcceptParts, count: CountTried): Promise<Receipt | Refusal> {
  const judged: Judged[] = []
  const journal = rehearsalJournal(parts.journal, {
    earlier: (key) => earlier(key, parts),
    hash: sha256,
    async take(intake, again) {
      judged.push({ id: intake.id, intake, refused: null, again })
      const mine = { id: intake.id, intake, refused: null, again }
      await keep(mine, intake.answer ?? intake.applicationAnswer, parts, count)
    },
    refuse: (refused) => void judged.push({ id: refused.id, intake: null, refused, again: false }),
  })
  const { visits: _visits, ...rest } = parts
  const said = await accept({ ...arrival, entrance: 'sandbox' }, { ...rest, journal })
  try {
    for (const one of judged) if (one.refused !== null) await keep(one, said.answer, parts, count)
    return said
  } catch (fault) {
    return unkept(arrival, fault, parts)
  }
}

/** Without its row a trial was not held: nothing is said, and the sender tries again. */
function unkept(arrival: Arrival, fault: unknown, { log }: AcceptParts): Receipt | Refusal {
  log.error('sandbox.fault', { entrance: 'sandbox', peer: arrival.peer.address }, fault)
  return { code: 'STORE_UNREACHABLE', answer: null, close: true }
}

async function earlier(repeatKey: string, { journal }: AcceptParts): Promise<Rehearsed | null> {
  const [row] = await journal.look<{
    id: string
    sha256: string
    answer: Uint8Array | null
    application_answer: Uint8Array | null
  }>({
    sql: `SELECT id, sha256, answer, application_answer FROM trial
      WHERE repeat_key = ? AND code IS NULL ORDER BY seq DESC LIMIT 1`,
    parameters: [sha256(repeatKey)],
  })
  const bytes = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value))
  return row === undefined
    ? null
    : {
        id: row.id,
        sha256: row.sha256,
        answer: bytes(row.answer),
        applicationAnswer: bytes(row.application_answer),
      }
}

/** Writes a trial, and takes out those that are too many or too old. @throws what the journal does */
async function keep(
  judged: Judged,
  answer: Buffer | null,
  { journal, clock }: AcceptParts,
  count: CountTried,
): Promise<void> {
  const { intake, refused, again } = judged
  const bytes = Buffer.from((intake ?? refused)?.bytes ?? [])
  const establishment = (intake ?? refused)?.establishment ?? ''
  const { application, softwareVersion, version, charset, accent, profiles } = seen(bytes)
  const atMs = intake?.receivedAtMs ?? refused?.atMs ?? clock.nowMs()
  const row: Readonly<Record<string, SqlValue>> = {
    id: judged.id,
    at_ms: atMs,
    establishment,
    application,
    kind: storable((intake ?? refused)?.kind),
    control_id: storable((intake ?? refused)?.controlId),
    version,
    charset,
    accent: accent ? 1 : 0,
    again: again ? 1 : 0,
    repeat_key: intake === null || intake.repeatKey === null ? null : sha256(intake.repeatKey),
    sha256: sha256(bytes),
    msa: answer === null ? null : (readAnswer(answer)?.code ?? null),
    code: refused?.code ?? null,
    path: refused?.at ?? null,
    findings: JSON.stringify(
      (intake?.findings ?? []).map(({ code, class: of, at }) => ({ code, class: of, at: at ?? null })),
    ),
    answer: intake?.answer ?? null,
    application_answer: intake?.applicationAnswer ?? null,
  }
  const tried = {
    ...{ establishment, atMs, application, softwareVersion, profiles, kind: storable((intake ?? refused)?.kind) ?? '' },
    ...{ findings: intake?.findings ?? [], code: refused?.code ?? null },
  }
  const counted = again || establishment === '' ? [] : count(tried)
  await journal.apply({ rows: [insert(row), ...counted, ...tidy(establishment, clock.nowMs())] })
}

function insert(row: Readonly<Record<string, SqlValue>>): Statement {
  const names = Object.keys(row)
  return {
    sql: `INSERT INTO trial (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    parameters: Object.values(row),
    rows: 1,
  }
}

function tidy(establishment: string, nowMs: number): readonly Statement[] {
  return [
    {
      sql: `DELETE FROM trial WHERE establishment = ? AND seq <= (
        SELECT seq FROM trial WHERE establishment = ? ORDER BY seq DESC LIMIT 1 OFFSET ${TRIALS_KEPT})`,
      parameters: [establishment, establishment],
    },
    {
      sql: 'DELETE FROM trial WHERE establishment = ? AND at_ms < ?',
      parameters: [establishment, nowMs - KEPT_MS],
    },
  ]
}

/** Text of a sender as every store can hold it. */
function storable(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : text.slice(0, 200).replaceAll('\u0000', '\ufffd').toWellFormed()
}

/** Whose product sent it, what a case may ask of the header, and whether a letter beyond ASCII stands in the message. */
function seen(
  bytes: Buffer,
): Pick<Trial, 'application' | 'version' | 'charset' | 'accent'> & Pick<Tried, 'softwareVersion' | 'profiles'> {
  const read = readMessage(bytes)
  const accent = bytes.some((byte) => byte > 0x7f)
  if (!read.ok) return { application: '', softwareVersion: '', version: '', charset: '', accent, profiles: [] }
  const { sendingApplication, version, charset, profiles } = readHeader(read.message)
  return {
    application: storable(sendingApplication) ?? '',
    softwareVersion: softwareVersionOf(read.message),
    version: storable(version) ?? '',
    charset: storable(charset) ?? '',
    accent,
    profiles,
  }
}
