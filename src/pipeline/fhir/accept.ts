import { codeOf, ERRORS } from '../../core/errors.ts'
import { answerBytes, type FhirAnswer, type FhirAsk } from '../../core/fhir.ts'
import type { Intake } from '../../core/journal.ts'
import { type Arrival, isReceipt, type Receipt, type Refusal } from '../../core/message.ts'
import { entriesOf } from '../../formats/fhir/bundle.ts'
import { emptyObject, type JsonObject, list, writeJson } from '../../formats/fhir/json.ts'
import type { OutcomeIssue } from '../../formats/fhir/outcome.ts'
import { type FhirProblem, type ResourceReading, readResourceAsync } from '../../formats/fhir/resource.ts'
import { type AcceptParts, followed } from '../accept.ts'
import { problemRefusal } from './answers.ts'
import { changeAppointment, createAppointment } from './appointment.ts'
import { batchAsk, batchEntry, message, responseBundle, transaction } from './bundle.ts'
import { changeCaseTask } from './case-task.ts'
import { ruled } from './identities.ts'
import type { Under } from './judge.ts'
import { entryKeyOf, receiptBefore, repeatKeyOf } from './repeats.ts'
import { change, create } from './single.ts'
import { speakerOf } from './speaker.ts'

/** A version that moves at every look is somebody's busy resource: 409 after so many. */
const LOOKS = 10

/** Entries of a Bundle: the commit of a transaction holds the thread some 70 µs for each, and may not hold it for 50 ms. */
export const MOST_ENTRIES = 500

/** What an arrival comes to: intakes for one commit, or what is said without one. */
type Outcome =
  | { readonly kind: 'commit'; readonly intakes: readonly [Intake, ...Intake[]] }
  | { readonly kind: 'said'; readonly said: Receipt | Refusal }
  /** `repeatKey`: under which it may have been taken before. */
  | { readonly kind: 'refused'; readonly issues: readonly OutcomeIssue[]; readonly repeatKey?: string | null }

/**
 * The main path of FHIR, inward half; called by `accept` when `arrival.fhir` is set. Receipt and refusal carry
 * `answerBytes`. `entryKey`: of an entry of a batch, by which it is known again. Never rejects. */
export async function acceptFhir(
  arrival: Arrival,
  parts: AcceptParts,
  entryKey: string | null = null,
): Promise<Receipt | Refusal> {
  try {
    for (let look = 0; look < LOOKS; look++) {
      const config = parts.config()
      const closed = parts.closed()
      if (closed !== null) return await refuse(arrival, [{ error: closed }], parts)
      const caller = config.establishments.get(arrival.peer.establishment ?? '')
      if (caller === undefined) return await refuse(arrival, [{ error: 'UNAUTHORIZED' }], parts)
      const under = { arrival, caller, establishment: caller, config, parts }
      const outcome = named(await decide(arrival.fhir!, under), entryKey)
      if (outcome.kind === 'said') return outcome.said
      if (outcome.kind === 'refused') return await refuseUnlessRepeat(outcome, under)
      const committed = await parts.journal.commit(outcome.intakes) // one transaction, one fsync
      if (committed.kind === 'stale' || committed.kind === 'mismatch') {
        await followed(committed, outcome.intakes[0], parts) // something moved: decide afresh
        continue
      }
      if (committed.kind === 'conflict')
        return await refuse(arrival, [{ error: 'DUPLICATE_CONTROL_ID', code: 'duplicate' }], parts)
      parts.meter.count(committed.receipt.repeat ? 'repeated_total' : 'accepted_total', { entrance: arrival.entrance })
      if ((outcome.intakes[0].timers?.length ?? 0) > 0) parts.timersSet?.()
      return committed.receipt
    }
    return await refuse(arrival, [{ error: 'WRONG_STATE', code: 'conflict' }], parts)
  } catch (fault) {
    const code = codeOf(fault)
    const known = code !== 'INTERNAL'
    if (!known) parts.log.error('accept.fault', { entrance: arrival.entrance, peer: arrival.peer.address }, fault)
    return refuse(arrival, [{ error: known ? code : 'PROCESSING_FAILED' }], parts)
  }
}

async function decide(ask: FhirAsk, called: Under): Promise<Outcome> {
  const { arrival, caller, config, parts } = called
  if (ask.interaction === 'update' || ask.interaction === 'patch') {
    const act =
      (await changeCaseTask(arrival.bytes, ask, called)) ?? (await changeAppointment(arrival.bytes, ask, called))
    if (act === null) return single(await change(arrival.bytes, ask, called))
    return act.kind === 'refused' ? act : unchanged(act.answer)
  }
  const reading = await readResourceAsync(arrival.bytes)
  if (!reading.ok && !isBatch(ask, reading)) return { kind: 'refused', issues: reading.problems }
  const read = reading.resource as JsonObject
  const establishment = speakerOf(read, caller, config)
  if (establishment === null) {
    return { kind: 'refused', issues: [{ error: 'SENDER_MISMATCH', expression: 'MessageHeader.sender' }] }
  }
  const under = { ...called, establishment }
  if (ask.interaction === 'create') {
    const rule = await ruled(read, arrival.bytes, under)
    if (!('resource' in rule)) return { kind: 'refused', issues: rule }
    const act = await createAppointment(rule.resource, ask, under)
    if (act !== null) return act.kind === 'refused' ? act : unchanged(act.answer)
    const id = parts.ids.uuid()
    return single(await create({ resource: read, bytes: arrival.bytes, rule, ask, id, judged: null }, under))
  }
  if (read['resourceType'] !== 'Bundle') {
    return { kind: 'refused', issues: [{ error: 'RESOURCE_MALFORMED', code: 'value', expression: 'Bundle' }] }
  }
  if (list(read['entry']).length > MOST_ENTRIES) {
    return { kind: 'refused', issues: [{ error: 'BUNDLE_TOO_LONG', code: 'too-costly', expression: 'Bundle.entry' }] }
  }
  if (read['type'] === 'batch' && ask.interaction !== 'process-message')
    return { kind: 'said', said: await batch(read, reading.problems, under) }
  const isMessage = ask.interaction === 'process-message' || read['type'] === 'message'
  if (!isMessage && read['type'] !== 'transaction') {
    return { kind: 'refused', issues: [{ error: 'RESOURCE_MALFORMED', code: 'value', expression: 'Bundle.type' }] }
  }
  const rule = await ruled(read, arrival.bytes, under)
  if (!('resource' in rule)) return { kind: 'refused', issues: rule }
  const step = await (isMessage ? message : transaction)(read, rule, under)
  return step.kind === 'refused' && !isMessage ? { ...step, repeatKey: repeatKeyOf(read, under) } : step

  function single(step: Awaited<ReturnType<typeof create>>): Outcome {
    if (step.kind === 'commit') return { kind: 'commit', intakes: [step.intake] }
    if (step.kind === 'refused') return step
    return unchanged(step.answer)
  }
}

/** The outcome of an entry of a batch, under its key. */
function named(outcome: Outcome, repeatKey: string | null): Outcome {
  if (repeatKey === null || outcome.kind === 'said') return outcome
  if (outcome.kind === 'refused') return { ...outcome, repeatKey }
  const [first, ...others] = outcome.intakes
  return { kind: 'commit', intakes: [{ ...first, repeatKey }, ...others] }
}

/** A repeat that would be taken again is known by its commit; what the first did may also be why it no longer would. */
async function refuseUnlessRepeat(
  { issues, repeatKey = null }: Extract<Outcome, { kind: 'refused' }>,
  under: Under,
): Promise<Receipt | Refusal> {
  const { arrival, parts } = under
  const before = repeatKey === null ? null : await receiptBefore(repeatKey, under)
  if (before === null) return refuse(arrival, issues, parts)
  if (before === 'other') return refuse(arrival, [{ error: 'DUPLICATE_CONTROL_ID', code: 'duplicate' }], parts)
  parts.meter.count('repeated_total', { entrance: arrival.entrance })
  return before
}

/** Nothing is promised anew: what is there was promised by the commit that made it. */
function unchanged(answer: FhirAnswer): Outcome {
  return { kind: 'said', said: { code: 'NOT_FOUND', answer: answerBytes(answer), close: false } }
}

const ENTRY = /^(Bundle\.entry\[\d+\])(?=\.|$)/

/** Is it a batch of which nothing is wrong but within its entries, each of which is judged alone? */
function isBatch({ interaction }: FhirAsk, { type, resource, problems }: ResourceReading): boolean {
  return (
    interaction === 'transaction' &&
    type === 'Bundle' &&
    resource?.['type'] === 'batch' &&
    problems.every(({ expression }) => ENTRY.test(expression))
  )
}

/**
 * A batch (http.html §3.1.0.11.1): each entry on its own, each with its own commit and its own answer. Under a Bundle.identifier each
 * entry that was taken is answered as before when it comes again. */
async function batch(bundle: JsonObject, problems: readonly FhirProblem[], under: Under): Promise<Receipt | Refusal> {
  const { arrival, parts } = under
  const wrong = Map.groupBy(problems, ({ expression }) => ENTRY.exec(expression)?.[1])
  const entries: JsonObject[] = []
  let receipt: Receipt | null = null
  for (const entry of entriesOf(bundle)) {
    const bytes = Buffer.from(writeJson(entry.resource ?? emptyObject()), 'utf8')
    const asked = batchAsk(entry, under)
    const issues = wrong.get(entry.place) ?? ('error' in asked ? [asked] : null)
    const said =
      issues === null
        ? await acceptFhir({ ...arrival, bytes, fhir: asked as FhirAsk }, parts, entryKeyOf(bundle, entry, under))
        : await refuse({ ...arrival, bytes }, issues, parts)
    if (isReceipt(said)) receipt ??= said
    entries.push(batchEntry(said.answer ?? answerBytes({ status: 204, headers: {}, body: null })))
  }
  const answer = answerBytes({ status: 200, headers: {}, body: writeJson(responseBundle('batch-response', entries)) })
  return receipt === null ? { code: 'BAD_REQUEST', answer, close: false } : { ...receipt, answer }
}

/** Says no in an OperationOutcome, keeps what was refused and why, and counts it. */
async function refuse(arrival: Arrival, issues: readonly OutcomeIssue[], parts: AcceptParts): Promise<Refusal> {
  const refusal = problemRefusal(issues, parts.config().region.locale)
  const { code } = refusal
  await parts.journal.refuse({
    id: parts.ids.uuid(),
    atMs: arrival.receivedAtMs,
    entrance: arrival.entrance,
    peer: arrival.peer.address,
    establishment: arrival.peer.establishment,
    kind: arrival.fhir?.type ?? null,
    controlId: null,
    code,
    at: issues[0]?.expression?.slice(0, 200) ?? null,
    bytes: ERRORS[code].reason === 'unavailable' ? new Uint8Array() : arrival.bytes,
  })
  parts.meter.count('refused_total', { entrance: arrival.entrance, code })
  parts.log.warn('accept.refused', {
    entrance: arrival.entrance,
    peer: arrival.peer.address,
    code,
    bytes: arrival.bytes.length,
    ...(arrival.peer.establishment === null ? {} : { establishment: arrival.peer.establishment }),
  })
  return refusal
}
