import type { FhirTarget } from '../../core/config.ts'
import type { Endpoint, FoundFault } from '../../core/probes.ts'
import { isTest, mixesTestAndReal } from '../../formats/fhir/facts.ts'
import { isObject, JsonNumber, type JsonObject, type JsonValue, parseStrict } from '../../formats/fhir/json.ts'
import { type Asked, ask, statusFault } from './http.ts'
import { type Asking, type Finding, fault, found } from './parts.ts'
import type { ExchangeSettings, ExchangeStep } from './settings.ts'

/** Kept back of the time of all, so that what was made can be taken away (ms of the total). */
const CLEANUP_SHARE = 0.3
/** What may be kept of an answer, to stand in a later path: an id (FHIR R4 datatypes.html#id). */
const ID = /^[A-Za-z0-9.-]{1,64}$/
const NAMED = /\{([a-z][A-Za-z0-9]*)\}/g

/**
 * A short exchange with a server in qualification, written as data: step after step until one is not answered as it must be,
 * then those that clean up, as far as what they name is known. Bodies must be of test patients, or nothing at all is sent.
 * Never rejects. */
export async function probeExchange(endpoint: Endpoint, { steps }: ExchangeSettings, asking: Asking): Promise<Finding> {
  if (endpoint.use !== 'qualification') return found([fault('NOT_QUALIFICATION')])
  const real = steps.findIndex(({ method, body }) => !mayBeSent(method, body))
  if (real >= 0) return found([fault('NOT_A_TEST', { step: real + 1 })])
  const { clock, limits, signal } = asking
  const known = new Map([['run', asking.ids.uuid()]])
  const working = new AbortController()
  const stop = (): void => working.abort()
  const cancel = clock.after(limits.totalMs * (1 - CLEANUP_SHARE), stop)
  signal.addEventListener('abort', stop, { once: true })
  const target = endpoint.target as FhirTarget
  const startedAtMs = clock.monotonicMs()
  const faults: FoundFault[] = []
  let reached = true
  for (const [index, step] of steps.entries()) {
    if (faults.length > 0 && !step.cleanup) continue
    const place = String(index + 1)
    const path = filled(step.path, known)
    // It would take away what was never made.
    if (path === null && step.cleanup) continue
    if (path === null) {
      faults.push(fault('VALUE_MISSING', { step: place, name: missingIn(step.path, known) }))
      continue
    }
    const asked = await send(target, step, path, known, { ...asking, signal: step.cleanup ? signal : working.signal })
    if (!asked.ok && !asked.finding.reached && index === 0) reached = false
    const wrong = judge(step, place, asked, known)
    if (step.cleanup && wrong.length > 0) faults.push(fault('NOT_CLEANED', { step: place }))
    else faults.push(...wrong)
    if (!reached) break
  }
  cancel()
  signal.removeEventListener('abort', stop)
  return { faults, facts: reached ? { answerMs: Math.round(clock.monotonicMs() - startedAtMs) } : {}, reached }
}

/** What is written must say of itself that it is a test, and have no true INS beside it. */
function mayBeSent(method: ExchangeStep['method'], body: ExchangeStep['body']): boolean {
  if (body === undefined) return method === 'GET' || method === 'DELETE'
  const resource = body as JsonObject
  return method !== 'GET' && isTest(resource) && !mixesTestAndReal(resource)
}

function send(
  target: FhirTarget,
  { method, body }: ExchangeStep,
  path: string,
  known: ReadonlyMap<string, string>,
  asking: Asking,
): Promise<Asked> {
  const question = { method, path: path === '' ? '' : `/${path}`, accept: 'application/fhir+json' }
  if (body === undefined) return ask(target, question, asking)
  return ask(target, { ...question, body: JSON.stringify(filledIn(body as JsonObject, known)) }, asking)
}

/** Holds an answer against its step, and keeps of it what later steps name. */
function judge(step: ExchangeStep, place: string, asked: Asked, known: Map<string, string>): FoundFault[] {
  if (!asked.ok) return [...asked.finding.faults]
  const { status, body } = asked.answer
  if (!step.status.includes(status)) return [statusFault(status, place) ?? fault('STATUS', { status, step: place })]
  const looked = [...Object.keys(step.expect), ...Object.values(step.keep)]
  if (looked.length === 0) return []
  const read = parseStrict(body)
  if (!read.ok) return [fault('ANSWER_GARBAGE')]
  const faults: FoundFault[] = []
  for (const [path, wanted] of Object.entries(step.expect)) {
    const want = typeof wanted === 'string' ? filled(wanted, known) : String(wanted)
    if (!valuesAt(read.value, path).includes(want ?? '')) faults.push(fault('VALUE_OTHER', { step: place, path }))
  }
  for (const [name, path] of Object.entries(step.keep)) {
    const [value] = valuesAt(read.value, path)
    if (value !== undefined && ID.test(value)) known.set(name, value)
    else faults.push(fault('VALUE_MISSING', { step: place, name }))
  }
  return faults
}

/** Values at a path such as `Patient.identifier.value`, through all elements of arrays, as texts. Pure. */
export function valuesAt(root: JsonValue, path: string): string[] {
  const [type, ...names] = path.split('.')
  if (!isObject(root) || root['resourceType'] !== type) return []
  let at: JsonValue[] = [root]
  for (const name of names) {
    at = at.flatMap((one) => (isObject(one) && Object.hasOwn(one, name) ? [one[name]!].flat() : []))
  }
  return at.flatMap((one) =>
    one instanceof JsonNumber ? [one.text] : isObject(one) || one === null ? [] : [String(one)],
  )
}

/** A text with the names in it replaced; null: one is not known. */
function filled(text: string, known: ReadonlyMap<string, string>): string | null {
  return missingIn(text, known) === '' ? text.replace(NAMED, (_all, name: string) => known.get(name) ?? '') : null
}

function missingIn(text: string, known: ReadonlyMap<string, string>): string {
  return [...text.matchAll(NAMED)].map(([, name]) => name!).find((name) => !known.has(name)) ?? ''
}

/** A body with the names in its texts replaced; one that is not known stays as it stands. */
function filledIn(value: JsonValue, known: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === 'string') return filled(value, known) ?? value
  if (Array.isArray(value)) return value.map((one) => filledIn(one, known))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filledIn(one, known)]))
}
