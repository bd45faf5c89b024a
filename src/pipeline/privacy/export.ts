import type { Journal } from '../../core/journal.ts'
import type { ExportedDelivery, KeptCase } from '../../core/privacy.ts'
import { base64Pieces } from '../../formats/base64.ts'
import { isoTime } from '../views/list.ts'
import { inParts, type Kept, type KeptOfPatient } from './kept.ts'
import type { PrivacyParts } from './privacy.ts'
import { registrationLine } from './registered.ts'

/**
 * Everything kept, as lines of JSON: what it is, then a message each, oldest first, its body in base64 as it came, then where the
 * patient was registered lately, then cases with what happened and their photos. Bodies are read one after the other, in pieces. @throws {GatewayError} BODY_DAMAGED */
export async function* exportLines(
  { journal, cases: of }: Pick<PrivacyParts, 'journal' | 'cases'>,
  kept: KeptOfPatient,
  cases: readonly KeptCase[],
  head: Readonly<Record<string, unknown>>,
  progress: (done: number, total: number) => void,
): AsyncGenerator<Uint8Array> {
  const { messages, registered } = kept
  const counts = { messages: messages.length, registrations: registered.length, cases: cases.length }
  yield Buffer.from(`${JSON.stringify({ ...head, ...counts })}\n`)
  for (const [done, message] of messages.entries()) {
    progress(done, messages.length)
    yield* exportedMessage(journal, message)
  }
  progress(messages.length, messages.length)
  for (const one of registered) yield Buffer.from(registrationLine(one))
  for (const one of cases) yield* of.lines(one)
}

async function* exportedMessage(journal: Journal, message: Kept): AsyncGenerator<Uint8Array> {
  const deliveries: ExportedDelivery[] = (await journal.deliveriesOf(message.id)).map(({ id, destination, state }) => ({
    id,
    destination,
    state,
  }))
  const resources = await inParts<{ type: string; id: string; version: number }>(
    journal,
    [message.id],
    (places) => `SELECT type, id, version FROM resource_version WHERE message IN (${places})`,
  )
  const { id, establishment, kind, control_id, entrance, bytes, state, test, as } = message
  const told = {
    message: id,
    as,
    receivedAt: isoTime(message.received_at_ms),
    from: establishment,
    entrance,
    kind,
    controlId: control_id,
    test: test === 1,
    bytes,
    state,
    deliveries,
    resources: resources.map(({ type, id: resource, version }) => `${type}/${resource}/_history/${version}`),
  }
  const start = JSON.stringify(told)
  yield Buffer.from(`${start.slice(0, -1)},"body":"`)
  for await (const piece of base64Pieces((await journal.body(id)).open())) yield Buffer.from(piece)
  yield Buffer.from('"}\n')
}
