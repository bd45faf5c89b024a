import { setImmediate as othersTurn } from 'node:timers/promises'
import { APPOINTMENT_FOLLOWER } from '../../core/appointments.ts'
import { answerBytes, answerOf, type FhirAsk } from '../../core/fhir.ts'
import type { Intake } from '../../core/journal.ts'
import { type BundleEntry, entriesOf } from '../../formats/fhir/bundle.ts'
import { type JsonObject, type JsonValue, text, writeJson } from '../../formats/fhir/json.ts'
import { type OutcomeIssue, operationOutcome } from '../../formats/fhir/outcome.ts'
import { rewriteReferences } from '../../formats/fhir/references.ts'
import { isResourceType } from '../../formats/fhir/resource.ts'
import { jsonOf, locationOf, type Written } from './answers.ts'
import { asksForTime } from './appointment.ts'
import { isCaseTask } from './case-task.ts'
import { conforming } from './conform.ts'
import { plain, type Ruled } from './identities.ts'
import { fhirIntake, type Judged, type Under } from './judge.ts'
import { identifierOf, repeatKeyOf } from './repeats.ts'
import { change, create, type Step } from './single.ts'
import { type Match, matchesOf, type Planned, resolved } from './targets.ts'

/** Work on a large Bundle before others have their turn (ms). What moves meanwhile is found at the commit. */
const SLICE_MS = 10

/** What a Bundle comes to: intakes for one commit, its own first, or why not. */
export type BundleStep =
  | { readonly kind: 'commit'; readonly intakes: readonly [Intake, ...Intake[]] }
  | { readonly kind: 'refused'; readonly issues: readonly OutcomeIssue[] }

const issueAt = (entry: BundleEntry, error: OutcomeIssue['error'], code: string): OutcomeIssue => ({
  error,
  code,
  expression: entry.place,
})

/** What an entry asks, as the request of its own that it stands for; or why it cannot be. */
function askOf(entry: BundleEntry, { arrival, parts }: Under): Planned | OutcomeIssue {
  const { request, resource } = entry
  const base = arrival.fhir?.base ?? ''
  if (request === null) return issueAt(entry, 'RESOURCE_MALFORMED', 'required')
  const url = request.url.startsWith(`${base}/`) ? request.url.slice(base.length + 1) : request.url
  const [type = '', id = '', ...more] = url.split('/')
  const common = {
    ifMatch: request.ifMatch,
    ifNoneExist: request.ifNoneExist,
    prefer: 'minimal',
    base,
    patch: null,
  } as const
  if (!isResourceType(type) || more.length > 0) return issueAt(entry, 'TYPE_UNSUPPORTED', 'not-supported')
  if (request.method === 'POST' && id === '' && resource !== null) {
    return { entry, ask: { ...common, interaction: 'create', type, id: null }, id: parts.ids.uuid() }
  }
  if (request.method === 'PUT' && id !== '' && resource !== null) {
    return { entry, ask: { ...common, interaction: 'update', type, id }, id }
  }
  return issueAt(entry, 'METHOD_NOT_ALLOWED', 'not-supported')
}

const isIssue = (value: unknown): value is OutcomeIssue =>
  typeof value === 'object' && value !== null && 'error' in value

/**
 * A transaction (http.html §3.1.0.11.2): one message for the Bundle as posted, one for each entry, one commit for all.
 * The entries are made of what the INS rule left of it. */
export async function transaction(posted: JsonObject, rule: Ruled, under: Under): Promise<BundleStep> {
  const judged = await conforming(posted, under, rule.grave)
  if ('refused' in judged) return { kind: 'refused', issues: judged.refused }
  await othersTurn()
  const { arrival } = under
  const main = fhirIntake(under, posted, arrival.bytes, judged, identifierOf(posted) ?? '', rule)
  const warnings = [...rule.warnings, ...judged.issues]
  return entriesInto({ main, judged, warnings, denied: rule.denied }, rule.resource, under)
}

/** A transaction that was judged: the message of the Bundle, and what is told beside its success. */
interface Opened {
  readonly main: Intake
  readonly judged: Judged
  readonly warnings: readonly OutcomeIssue[]
  readonly denied: Ruled['denied']
}

async function entriesInto(opened: Opened, bundle: JsonObject, under: Under): Promise<BundleStep> {
  const { arrival, parts } = under
  const { main, judged, warnings } = opened
  const planned = entriesOf(bundle).map((entry) => askOf(entry, under))
  const wrong = planned.filter(isIssue)
  if (wrong.length > 0) return { kind: 'refused', issues: wrong }
  const asked = planned as readonly Planned[]
  const there = await matchesOf(asked, under)
  if (isIssue(there)) return { kind: 'refused', issues: [there] }
  const targets = await resolved(bundle, asked, there, under)
  if (isIssue(targets)) return { kind: 'refused', issues: [targets] }
  for (const { entry, ask, id } of asked) {
    if (entry.fullUrl !== null) targets.set(entry.fullUrl, there.get(entry.place)?.target ?? `${ask.type}/${id}`)
  }
  const inside = { ...judged, deliveries: [], findings: [], issues: [] }
  await othersTurn()
  let sinceMs = parts.clock.monotonicMs()
  const steps: { planned: Planned; step: Step }[] = []
  for (const one of asked) {
    if (parts.clock.monotonicMs() - sinceMs > SLICE_MS) {
      await othersTurn()
      sinceMs = parts.clock.monotonicMs()
    }
    const resource = rewriteReferences(
      one.entry.resource!,
      targets,
      arrival.fhir?.base ?? '',
      one.entry.fullUrl ?? undefined,
    )
    // An act of a case is a commit of its own: a transaction could not undo it.
    if (await (one.ask.interaction === 'create' ? asksForTime(resource, under) : isCaseTask(one.ask, under)))
      return { kind: 'refused', issues: [issueAt(one.entry, 'CASE_IN_TRANSACTION', 'not-supported')] }
    const bytes = Buffer.from(writeJson(resource), 'utf8')
    const denied = opened.denied.filter(({ at }) => at.startsWith(`${one.entry.place}.`))
    const rule = plain(resource, bytes, denied)
    const match = there.get(one.entry.place)
    const step =
      match?.isNew === true
        ? repeatedEntry(match, arrival.fhir?.base ?? '')
        : one.ask.interaction === 'create'
          ? await create({ resource, bytes, rule, ask: one.ask, id: one.id, judged: inside }, under)
          : await change(bytes, one.ask, under, { judged: inside, denied })
    if (step.kind === 'refused') {
      return { kind: 'refused', issues: step.issues.map((issue) => ({ ...issue, expression: one.entry.place })) }
    }
    steps.push({ planned: one, step })
  }
  // Somebody made or took away what a create looks for: the other entries have another target.
  if (steps.some(({ planned, step }) => targetOf(step) !== there.get(planned.entry.place)?.target))
    return entriesInto(opened, bundle, under)
  const base = arrival.fhir?.base ?? ''
  const response = responseBundle(
    'transaction-response',
    steps.map(({ step, planned: { entry } }) => responseEntry(step, base, warningsAt(entry, warnings), under)),
  )
  const others = steps.flatMap(({ step }) => (step.kind === 'commit' ? [step.intake] : []))
  const first: Intake = {
    ...main,
    // The ids that were given just now order it too.
    orderKeys: [...new Set([main, ...others].flatMap(({ orderKeys }) => orderKeys))],
    answer: answerBytes({ status: 200, headers: {}, body: writeJson(response) }),
    repeatKey: repeatKeyOf(bundle, under),
  }
  parts.log.info('fhir.transaction', { messageId: first.id, count: others.length, bytes: arrival.bytes.length })
  return { kind: 'commit', intakes: [first, ...others.map((one) => ({ ...one, ...partOf(first, one) }))] }
}

/** An entry is told to nobody but through its Bundle: what is to follow of it the Bundle says, save what a Slot alone tells. */
function partOf({ id }: Intake, { timers = [] }: Intake): Pick<Intake, 'parent' | 'answer' | 'timers'> {
  return { parent: id, answer: null, timers: timers.filter(({ follower }) => follower === APPOINTMENT_FOLLOWER) }
}

/** A conditional create of what an entry before it makes: there, and not changed. */
function repeatedEntry({ target }: Match, base: string): Step {
  const [type = '', id = ''] = target.split('/')
  const headers = { location: locationOf({ type, id, version: 1 }, base), etag: 'W/"1"' }
  return { kind: 'unchanged', answer: { status: 200, headers, body: null }, at: { type, id } }
}

function targetOf(step: Step): string | undefined {
  return step.kind === 'unchanged' ? `${step.at.type}/${step.at.id}` : undefined
}

function warningsAt({ place }: BundleEntry, warnings: readonly OutcomeIssue[]): readonly OutcomeIssue[] {
  return warnings.filter(({ expression }) => expression?.startsWith(`${place}.`))
}

function responseEntry(step: Step, base: string, warnings: readonly OutcomeIssue[], { config }: Under): JsonObject {
  const told = warnings.length === 0 ? {} : { outcome: operationOutcome(warnings, config.region.locale) }
  if (step.kind === 'commit') {
    const { status, version, updatedAtMs }: Written = step.written
    return jsonOf({
      response: jsonOf({
        status: status === 201 ? '201 Created' : '200 OK',
        location: locationOf(step.written, base),
        etag: `W/"${version}"`,
        lastModified: new Date(updatedAtMs).toISOString(),
        ...told,
      }),
    })
  }
  const headers = step.kind === 'unchanged' ? step.answer.headers : {}
  return jsonOf({
    response: jsonOf({ status: '200 OK', location: headers['location'] ?? '', etag: headers['etag'] ?? '', ...told }),
  })
}

/** A Bundle of answers, one per entry in the same order. */
export function responseBundle(type: string, entries: readonly JsonObject[]): JsonObject {
  return jsonOf({ resourceType: 'Bundle', type, entry: [...entries] })
}

/** The answer of one entry of a batch, from the answer of the request that it stands for. */
export function batchEntry(answer: Buffer): JsonObject {
  const { status, headers, body } = answerOf(answer)
  const response: Record<string, JsonValue> = { status: String(status) }
  if (headers['location'] !== undefined) response['location'] = headers['location']
  if (headers['etag'] !== undefined) response['etag'] = headers['etag']
  if (status >= 400 && body !== null) response['outcome'] = JSON.parse(body) as JsonValue
  return jsonOf({ response: jsonOf(response) })
}

/** The request that an entry of a batch stands for, or why it is none. */
export function batchAsk(entry: BundleEntry, under: Under): FhirAsk | OutcomeIssue {
  const planned = askOf(entry, under)
  return isIssue(planned) ? planned : planned.ask
}

/** A message (messaging.html): kept and routed whole; the answer names it and says ok. */
export async function message(bundle: JsonObject, rule: Ruled, under: Under): Promise<BundleStep> {
  const { arrival, config, parts } = under
  const header = entriesOf(bundle)[0]?.resource ?? null
  const id = text(header?.['id'])
  if (bundle['type'] !== 'message' || header === null || id === null) {
    return {
      kind: 'refused',
      issues: [{ error: 'RESOURCE_MALFORMED', code: 'required', expression: 'Bundle.entry[0]' }],
    }
  }
  const judged = await conforming(bundle, under, rule.grave)
  if ('refused' in judged) return { kind: 'refused', issues: judged.refused }
  const intake = fhirIntake(under, bundle, arrival.bytes, judged, id, rule)
  const event = header['eventCoding'] === undefined ? 'eventUri' : 'eventCoding'
  const response = jsonOf({
    resourceType: 'MessageHeader',
    id: parts.ids.uuid(),
    [event]: header[event] ?? '',
    source: jsonOf({ name: config.region.name, endpoint: `${arrival.fhir?.base ?? ''}/$process-message` }),
    response: jsonOf({ identifier: id, code: 'ok' }),
  })
  const body = jsonOf({
    resourceType: 'Bundle',
    id: parts.ids.uuid(),
    type: 'message',
    timestamp: new Date(parts.clock.nowMs()).toISOString(),
    entry: [jsonOf({ resource: response })],
  })
  return {
    kind: 'commit',
    intakes: [
      {
        ...intake,
        answer: answerBytes({ status: 200, headers: {}, body: writeJson(body) }),
        repeatKey: repeatKeyOf(bundle, under),
      },
    ],
  }
}
