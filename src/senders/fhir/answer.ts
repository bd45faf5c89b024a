import type { FhirInteraction } from '../../core/fhir.ts'
import type { Outcome } from '../../core/outcome.ts'
import { type JsonObject, object, objects, parseStrict, text } from '../../formats/fhir/json.ts'
import { statusOutcome } from '../http/status.ts'
import type { Answer } from '../http/wire.ts'

/** Statuses that only one who acted on the request gives, whatever the body: a proxy's page of greeting comes with 200. */
const PLAIN: ReadonlySet<number> = new Set([201, 202, 204])
const MAX_CODES = 5
/** http://hl7.org/fhir/issue-type (R4): anything else may be free text, which may name a patient. */
const ISSUE_TYPES: ReadonlySet<string> = new Set(
  (
    'invalid structure required value invariant security login unknown expired forbidden suppressed processing ' +
    'not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly ' +
    'business-rule conflict transient lock-error no-store exception timeout incomplete throttled informational'
  ).split(' '),
)

/** What names resources that the far side should have: that one of them is not there is no fault of our settings. */
const NAMING: ReadonlySet<FhirInteraction> = new Set(['update', 'patch', 'transaction'])

/** What was asked, as far as the answer depends on it. */
export interface Asked {
  readonly interaction: FhirInteraction
  /** If-None-Exist went along: a 200 says that it was there already. */
  readonly conditional: boolean
}

/**
 * What an answer of a FHIR server means. A batch has one status per entry and a message its own response code
 * (messaging.html §2.4.2): both stand in the body, and decide. Pure. */
export function fhirOutcome(answer: Answer, asked: Asked, nowMs: number): Outcome {
  const resource = answer.body === null ? null : resourceOf(answer.body)
  const { status } = answer
  if (status < 200 || status >= 300) {
    const codes = issueCodes(resource)
    // Said in an OperationOutcome it is a FHIR server's own word on what was named; without one nobody of FHIR is there.
    if (status === 404 && resource?.resourceType === 'OperationOutcome' && NAMING.has(asked.interaction))
      return { kind: 'refused', code: 'ACK_REJECT', answer: `HTTP 404 ${codes}`.trimEnd() }
    return statusOutcome(answer, nowMs, codes)
  }
  const proof = `HTTP ${status}`
  const empty = answer.body !== null && answer.body.length === 0
  if (asked.interaction === 'batch' && resource !== null) return batchOutcome(resource, proof)
  if (asked.interaction === 'process-message' && resource !== null) return messageOutcome(resource, proof)
  const inBody = asked.interaction === 'batch' || asked.interaction === 'process-message'
  if (PLAIN.has(status) && (!inBody || empty)) return { kind: 'delivered', proof }
  if (answer.body === null) return { kind: 'unknown', code: answer.fault ?? 'ANSWER_GARBAGE' }
  if (resource === null && !(empty && asked.interaction !== 'batch')) return { kind: 'unknown', code: 'ANSWER_GARBAGE' }
  return { kind: 'delivered', proof: asked.conditional && status === 200 ? `${proof}, already there` : proof }
}

/** Entries of a batch stand alone: what was taken must not be sent again, so one refused entry waits for a person. */
function batchOutcome(bundle: JsonObject, proof: string): Outcome {
  if (bundle.resourceType !== 'Bundle') return { kind: 'unknown', code: 'ANSWER_GARBAGE' }
  const statuses = objects(bundle.entry).map((entry) => text(object(entry.response)?.status)?.slice(0, 3) ?? '')
  const failed = statuses.filter((status) => !/^2\d\d$/.test(status))
  if (failed.length === 0) return { kind: 'delivered', proof }
  const codes = [...new Set(failed)].filter((status) => /^\d{3}$/.test(status)).slice(0, MAX_CODES)
  const answer = `${proof}, ${failed.length} of ${statuses.length} entries not taken ${codes.join(' ')}`.trimEnd()
  return { kind: 'refused', code: 'ACK_REJECT', answer }
}

function messageOutcome(bundle: JsonObject, proof: string): Outcome {
  const resources = objects(bundle.entry).map((entry) => object(entry.resource))
  const header = resources.find((one) => one?.resourceType === 'MessageHeader')
  const code = text(object(header?.response)?.code)
  if (code !== 'transient-error' && code !== 'fatal-error') return { kind: 'delivered', proof }
  const issues = issueCodes(resources.find((one) => one?.resourceType === 'OperationOutcome') ?? null)
  const answer = `${proof}, ${code}${issues === '' ? '' : ` ${issues}`}`
  return code === 'transient-error'
    ? { kind: 'retry', code: 'ACK_ERROR', answer }
    : { kind: 'refused', code: 'ACK_REJECT', answer }
}

/** Codes of an OperationOutcome's errors, such as `required value`; never its texts. */
function issueCodes(resource: JsonObject | null): string {
  if (resource?.resourceType !== 'OperationOutcome') return ''
  const codes = objects(resource.issue).map((issue) => text(issue.code) ?? '')
  return [...new Set(codes)]
    .filter((code) => ISSUE_TYPES.has(code))
    .slice(0, MAX_CODES)
    .join(' ')
}

function resourceOf(body: Buffer): JsonObject | null {
  const read = parseStrict(body)
  const resource = read.ok ? object(read.value) : null
  return text(resource?.resourceType) === null ? null : resource
}
