/** Observation, Condition, ImagingStudy and Consent as what they say of a case. */
import type { Act, Consent, StudyName, ToldTime } from '../../core/cases.ts'
import type { Coded, TimeName } from '../../core/services.ts'
import { digitsOf } from '../bridge/observation-value.ts'
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import { isScale, nihssOf } from './nihss.ts'
import { type CaseFacts, isBiology, timeNamed, toldTime } from './reading.ts'

const UID = /^[0-2](\.(0|[1-9]\d*))+$/
const URN_OID = 'urn:oid:'
const VOID: ReadonlySet<string> = new Set(['cancelled', 'entered-in-error'])

/** The codings of a CodeableConcept, or of a list of them. */
export function codedOf(value: JsonObject | readonly JsonObject[] | null): Coded[] {
  const concepts = value === null ? [] : Array.isArray(value) ? (value as readonly JsonObject[]) : [value as JsonObject]
  return concepts.flatMap((concept) =>
    objects(concept['coding']).flatMap((coding) => {
      const code = text(coding['code'])
      const display = text(coding['display']) ?? text(concept['text']) ?? ''
      return code === null ? [] : [{ system: text(coding['system']) ?? '', code, display }]
    }),
  )
}

function codesOf(holder: JsonObject): string[] {
  return codedOf(object(holder['code'])).map(({ code }) => code)
}

/** Observations that count: neither cancelled nor entered in error. */
export function valid(resources: readonly JsonObject[]): JsonObject[] {
  return resources.filter(({ resourceType, status }) => resourceType === 'Observation' && !VOID.has(text(status) ?? ''))
}

/** Times that observations and conditions tell; the first of each counts. */
export function timesOf(resources: readonly JsonObject[], facts: CaseFacts): Partial<Record<TimeName, ToldTime>> {
  const times: Partial<Record<TimeName, ToldTime>> = {}
  const put = (name: TimeName | null, said: string | null): void => {
    const told = name === null || said === null ? null : toldTime(said, facts)
    if (name !== null && told !== null) times[name] ??= told
  }
  for (const one of valid(resources)) {
    const name = codesOf(one)
      .map((code) => timeNamed(code, facts))
      .find((found) => found !== null)
    put(name ?? null, text(one['valueDateTime']) ?? text(one['effectiveDateTime']))
  }
  for (const one of resources) if (one['resourceType'] === 'Condition') put('onset', text(one['onsetDateTime']))
  return times
}

/** The stroke scale, with its items as components or as observations of their own; null: none. */
export function scoreOf(resources: readonly JsonObject[], { message }: Pick<CaseFacts, 'message'>): Act | null {
  const holders = valid(resources).flatMap((one) => [one, ...objects(one['component'])])
  const scores = holders.flatMap((one) =>
    codesOf(one)
      .filter(isScale)
      .map((code) => [code, scoreIn(one)] as const),
  )
  const nihss = nihssOf(scores)
  return nihss === null ? null : { what: 'score', nihss, message }
}

function scoreIn(holder: JsonObject): number | null {
  const digits = digitsOf(holder['valueInteger']) ?? digitsOf(object(holder['valueQuantity'])?.['value'])
  return digits === null || !/^\d{1,2}(\.0+)?$/.test(digits) ? null : Number(digits)
}

/** Results that the service waits for, each on a line; null: none. */
export function biologyOf(resources: readonly JsonObject[], facts: CaseFacts): Act | null {
  const found = valid(resources)
    .flatMap((one) => [one, ...objects(one['component'])])
    .flatMap((one) => {
      const coded = codedOf(object(one['code'])).find(({ code }) => isBiology(code, facts))
      const value = valueText(one)
      return coded === undefined || value === '' ? [] : [{ code: coded.code, line: `${nameOf(coded)} ${value}` }]
    })
  if (found.length === 0) return null
  return {
    what: 'biology',
    message: facts.message,
    codes: found.map(({ code }) => code),
    text: found.map(({ line }) => line).join('\n'),
  }
}

function nameOf({ display, code }: Coded): string {
  return display || code
}

function valueText(holder: JsonObject): string {
  const quantity = object(holder['valueQuantity'])
  const digits = digitsOf(quantity?.['value']) ?? digitsOf(holder['valueInteger'])
  if (digits !== null) {
    const unit = text(quantity?.['unit']) ?? text(quantity?.['code'])
    const compared = `${text(quantity?.['comparator']) ?? ''}${digits}`
    return unit === null ? compared : `${compared} ${unit}`
  }
  const [coded] = codedOf(object(holder['valueCodeableConcept']))
  return text(holder['valueString']) ?? (coded === undefined ? '' : nameOf(coded))
}

/** The study of an ImagingStudy; null: it is none, or nothing names it. */
export function studyOfResource(resource: JsonObject): StudyName | null {
  if (resource['resourceType'] !== 'ImagingStudy') return null
  const identifiers = objects(resource['identifier'])
  const named = text(identifiers.find(({ system }) => system === 'urn:dicom:uid')?.['value']) ?? ''
  const bare = named.startsWith(URN_OID) ? named.slice(URN_OID.length) : named
  const uid = UID.test(bare) && bare.length <= 64 ? bare : null
  const isAccession = (one: JsonObject) => objects(object(one['type'])?.['coding']).some(({ code }) => code === 'ACSN')
  const others = identifiers.filter(({ system }) => system !== 'urn:dicom:uid')
  const accession = text((others.find(isAccession) ?? (uid === null ? others[0] : undefined))?.['value'])
  if (uid === null && accession === null) return null
  const count = digitsOf(resource['numberOfInstances'])
  const [modality] = objects(resource['modality'])
  const [series] = objects(resource['series'])
  return {
    uid,
    accession,
    expected: count === null ? null : Number(count),
    modality: text((modality ?? object(series?.['modality']))?.['code']),
  }
}

/** Consent that a resource says; null: none. */
export function consentOf(resources: readonly JsonObject[], facts: CaseFacts): Consent | null {
  const found = resources.find(
    ({ resourceType, status }) => resourceType === 'Consent' && status !== 'entered-in-error',
  )
  if (found === undefined) return null
  const given = found['status'] === 'active' && object(found['provision'])?.['type'] !== 'deny'
  const by = objects(found['performer'])[0] ?? objects(found['organization'])[0] ?? null
  const at = text(found['dateTime'])
  return {
    given,
    by: text(by?.['display']) ?? '',
    atMs: (at === null ? null : toldTime(at, facts)?.atMs) ?? facts.receivedAtMs,
    refusedWhy: null,
  }
}
