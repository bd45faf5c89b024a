import { ERRORS } from '../../core/errors.ts'
import { answerBytes, type FhirAnswer, type FhirAsk } from '../../core/fhir.ts'
import type { Refusal } from '../../core/message.ts'
import { copyOf, emptyObject, type JsonObject, type JsonValue, object, writeJson } from '../../formats/fhir/json.ts'
import { allOk, type OutcomeIssue, operationOutcome } from '../../formats/fhir/outcome.ts'

/** Language of an OperationOutcome: the region's. */
export type Locale = 'fr' | 'en'

/** A JSON object of the members given. */
export function jsonOf(members: Readonly<Record<string, JsonValue>>): JsonObject {
  return Object.assign(emptyObject(), members)
}

/** The resource as it is read: with its id, and the version and time that are the gateway's (resource.html §2.27.3). */
export function versioned(resource: JsonObject, id: string, version: number, updatedAtMs: number): JsonObject {
  const whole = copyOf(resource) as JsonObject
  const meta = object(whole['meta']) ?? emptyObject()
  meta['versionId'] = String(version)
  meta['lastUpdated'] = new Date(updatedAtMs).toISOString()
  return jsonOf({ ...whole, id, meta })
}

/** What was made or changed, and what the caller prefers to read of it (http.html §3.1.0.1.8). */
export interface Written {
  readonly status: 200 | 201
  readonly type: string
  readonly id: string
  readonly version: number
  readonly updatedAtMs: number
  readonly resource: JsonObject
  /** What was noticed and let pass. */
  readonly issues?: readonly OutcomeIssue[]
  /** The caller should know of them although it did not ask: what is kept is not what it sent. */
  readonly tell?: boolean
}

/** Where a version of a resource is read. */
export function locationOf({ type, id, version }: Pick<Written, 'type' | 'id' | 'version'>, base: string): string {
  return `${base}/${type}/${id}/_history/${version}`
}

/** The answer to a create or update. */
export function writtenAnswer(written: Written, ask: FhirAsk, locale: Locale): FhirAnswer {
  const { status, id, version, updatedAtMs, resource, issues = [], tell = false } = written
  const bodies = {
    minimal: null,
    representation: () => versioned(resource, id, version, updatedAtMs),
    OperationOutcome: () => (issues.length === 0 ? allOk(locale) : operationOutcome(issues, locale)),
  }
  const body = bodies[tell && ask.preferred === false ? 'OperationOutcome' : ask.prefer]
  return {
    status,
    headers: {
      location: locationOf(written, ask.base),
      etag: `W/"${version}"`,
      'last-modified': new Date(updatedAtMs).toUTCString(),
    },
    body: body === null ? null : writeJson(body()),
  }
}

/** The answer that refuses, an OperationOutcome. */
export function problemAnswer(issues: readonly OutcomeIssue[], locale: Locale): FhirAnswer {
  const error = issues[0]?.error ?? 'INTERNAL'
  return { status: ERRORS[error].http, headers: {}, body: writeJson(operationOutcome(issues, locale)) }
}

/** The refusal that carries it. */
export function problemRefusal(issues: readonly OutcomeIssue[], locale: Locale): Refusal {
  return { code: issues[0]?.error ?? 'INTERNAL', answer: answerBytes(problemAnswer(issues, locale)), close: false }
}
