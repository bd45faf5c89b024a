import { type Reach, reachesDelivered, reachesSent } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import type { Content, ContentViews, Leaving } from '../core/content.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import { type Body, type MessageId, PLATFORM } from '../core/message.ts'
import type { Prepare } from './deliver.ts'
import { repeatKeyOf } from './intake.ts'
import { transformed } from './transform.ts'
import { readable } from './views/detail.ts'
import { ask, db } from './views/tables.ts'
import { bodyOver, bytesOf, withoutWithheld } from './withheld.ts'

/** Content that a page shows (bytes); of what is longer, the beginning. */
const SHOWN_BYTES = 1_048_576

/** What content is read with. `prepare`: our own work before an attempt. */
export interface ContentParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly prepare: Prepare
}

interface Row {
  readonly id: MessageId
  readonly establishment: string | null
  readonly kind: string
  readonly controlId: string
  readonly application: string
  readonly facility: string
  readonly receivedAtMs: number
  readonly withheld: string | null
  /** FHIR. */
  readonly asked: boolean
}

/** The content of messages, for eyes that may see it. Reads whole bodies only of what a page can show. */
export function contentViews(parts: ContentParts): ContentViews {
  return {
    async content(id, reach) {
      const { journal, config } = parts
      const row = await rowOf(journal, id)
      if (row === null) return null
      const part = await readable(journal, id, reach)
      if (part === null) return null
      const { withheld } = part
      const body = await journal.body(id)
      const whole = body.bytes <= SHOWN_BYTES
      const raw = whole ? await bytesOf(body) : await head(body)
      // The ranges of a long body may lie behind what is shown.
      const bytes = withheld === null ? raw : whole ? withoutWithheld(raw, withheld) : raw.subarray(0, 0)
      const own = reachesSent(reach, row.establishment, row.application)
      return {
        format: row.asked ? 'fhir' : 'hl7v2',
        bytes,
        total: body.bytes,
        charset: config().establishments.get(row.establishment ?? '')?.charset ?? 'ASCII',
        answer: own ? await answerOf(journal, row) : null,
        fhir: whole && !row.asked && own ? asFhir(row, bytes, config()) : null,
        leaving: whole ? await leavingOf(parts, id, bodyOver(raw), reach, own) : [],
      } satisfies Content
    },
  }
}

async function rowOf(journal: Journal, id: MessageId): Promise<Row | null> {
  const [row] = await journal.read<Omit<Row, 'asked'> & { asked: number }>({
    sql: `SELECT id, establishment, kind, control_id AS "controlId", application, facility, received_at_ms AS "receivedAtMs",
      withheld, CASE WHEN ask IS NULL THEN 0 ELSE 1 END AS asked FROM message WHERE id = ?`,
    parameters: [id],
  })
  if (row === undefined) return null
  return { ...row, receivedAtMs: Number(row.receivedAtMs), asked: Number(row.asked) === 1 }
}

async function head(body: Body): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body.open()) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= SHOWN_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, SHOWN_BYTES)
}

/** Kept under the key that tells repeats; a message of another version of it has answers of its own. */
async function answerOf(
  journal: Journal,
  { id, establishment, application, facility, controlId }: Row,
): Promise<Buffer | null> {
  if (establishment === null || controlId === '') return null
  const key = repeatKeyOf(establishment, application, facility, controlId)
  const [row] = await journal.look<{ answer: Uint8Array | null; application_answer: Uint8Array | null }>({
    sql: 'SELECT answer, application_answer FROM repeat WHERE repeat_key = ? AND message = ?',
    parameters: [key, id],
  })
  const bytes = row?.answer ?? row?.application_answer ?? null
  return bytes === null ? null : Buffer.from(bytes)
}

function asFhir({ id, kind, receivedAtMs, establishment }: Row, bytes: Buffer, config: Config): Buffer | null {
  const journey = { config, destination: PLATFORM, key: id, atMs: receivedAtMs, sender: establishment }
  try {
    const made = transformed({ bytes, ask: null, kind }, 'fhir', journey)
    return made.ok ? made.leaving.bytes : null
  } catch {
    return null
  }
}

/** The work of each delivery once more: it depends on the revision that routed it alone, so it is what left or will leave. */
async function leavingOf(
  { journal, prepare }: ContentParts,
  id: MessageId,
  body: Body,
  reach: Reach | null,
  own: boolean,
): Promise<readonly Leaving[]> {
  const rows = await ask(
    journal,
    db
      .selectFrom('delivery')
      .innerJoin('message', 'message.seq', 'delivery.message_seq')
      .select(['delivery.id', 'delivery.destination', 'delivery.route'])
      .where('message.id', '=', id)
      .orderBy('delivery.seq'),
  )
  const seen = rows.filter(({ destination }) => own || reachesDelivered(reach, destination))
  const all: Leaving[] = []
  for (const { id: delivery, destination, route } of seen) {
    all.push({ delivery, destination, route, ...(await workOn(journal, prepare, delivery, body)) })
  }
  return all
}

async function workOn(
  journal: Journal,
  prepare: Prepare,
  id: string,
  body: Body,
): Promise<Pick<Leaving, 'outcome' | 'code' | 'bytes' | 'format'>> {
  const nothing = { bytes: null, code: null, format: 'hl7v2' } as const
  try {
    const entry = await journal.delivery(id)
    const work = entry === null ? null : await prepare(entry)
    if (work === null) return { ...nothing, outcome: 'asItCame' }
    const prepared = await work(body)
    if ('code' in prepared) return { ...nothing, outcome: 'refused', code: prepared.code }
    if (prepared.body.sha256 === body.sha256) return { ...nothing, outcome: 'asItCame' }
    const bytes = await bytesOf(prepared.body)
    return { outcome: 'changed', code: null, bytes, format: prepared.ask === null ? 'hl7v2' : 'fhir' }
  } catch (fault) {
    return { ...nothing, outcome: 'failed', code: codeOf(fault) }
  }
}
