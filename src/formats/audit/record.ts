import { isObject, type JsonObject, type JsonValue, object, objects, text } from '../fhir/json-value.ts'
import { ACTS, type AuditFact, NUMBER, PSEUDONYM } from './event.ts'

/** Names of patients in the detail of an event that is about no message. */
const NAMED = /(?:^| )patient:([A-Za-z0-9_-]{8,64})/g

/** The detail of an event about patients, by their names in the audit, and what else is to be said of it. */
export function aboutPatients(pseudonyms: readonly string[], facts: string): string {
  return [...pseudonyms.map((one) => `patient:${one}`), ...(facts === '' ? [] : [facts])].join(' ')
}

/** Patients named in the detail of an event. */
export function patientsNamed(detail: string | null): readonly string[] {
  return [...(detail ?? '').matchAll(NAMED)].map((found) => found[1]!)
}

/** The detail without the patients that it names. */
export function factsOf(detail: string | null): string {
  return (detail ?? '').replace(NAMED, '').trim()
}

/** What an AuditEvent of the audit tells, read back from its line. Members that are missing are null; never throws. */
export function readEvent(line: string): AuditFact {
  let event: JsonValue = null
  try {
    event = JSON.parse(line)
  } catch {}
  const one = object(event) ?? {}
  const things = objects(one['entity'])
  const identifierOf = (entity: JsonObject) => object(object(entity['what'])?.['identifier'])
  const named = (system: string) =>
    things.flatMap((entity) => {
      const identifier = identifierOf(entity)
      return identifier?.['system'] === system ? [{ entity, value: text(identifier['value']) ?? '' }] : []
    })
  const number = named(NUMBER)[0]
  const uuid = (role: string) => {
    const found = named('urn:ietf:rfc:3986').find(({ entity }) => object(entity['role'])?.['code'] === role)
    return found?.value.replace(/^urn:uuid:/, '') ?? null
  }
  const act = objects(one['subtype']).find(({ system }) => system === ACTS)
  const atMs = Date.parse(text(one['recorded']) ?? '')
  return {
    n: Number(number?.value ?? text(one['id']) ?? 0),
    atMs: Number.isNaN(atMs) ? 0 : atMs,
    who: text(object(objects(one['agent'])[0]?.['who'])?.['display']) ?? '',
    what: text(act?.['code']) ?? '',
    why: text(objects(one['purposeOfEvent'])[0]?.['text']),
    code: text(one['outcomeDesc']),
    message: uuid('4'),
    delivery: uuid('20'),
    detail: isObject(number?.entity) ? text(objects(number.entity['detail'])[0]?.['valueString']) : null,
    patients: named(PSEUDONYM).map(({ value }) => value),
    site: text(object(one['source'])?.['site']) ?? '',
  }
}
