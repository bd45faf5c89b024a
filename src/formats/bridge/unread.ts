/** What of a message a conversion did not read: told as findings, so that nothing is lost unseen. */
import type { Finding } from '../../core/message.ts'
import { resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, objects, text } from '../fhir/json-value.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { fieldRange } from '../hl7v2/segments.ts'

/** More than these are counted, not listed. */
const MOST = 20
/** What says nothing of its own: the envelope, and numbers of repetition. */
const ENVELOPE: readonly string[] = ['MSH', 'SFT', 'EVN', 'PID-1', 'PV1-1', 'OBX-1', 'OBR-1', 'NTE-1']
const MEMBERS_OF_ALL: readonly string[] = ['resourceType', 'id', 'meta', 'text', 'implicitRules', 'language']

/** Places with a value that are not among those read: `PV1-4`, or a segment no field of which is read: `AL1`. */
export function unreadFields(message: Hl7Message, read: readonly string[]): string[] {
  const known = new Set([...ENVELOPE, ...read])
  const knownSegments = new Set([...known].map((one) => one.slice(0, 3)))
  const { bytes, delimiters, segmentIndex } = message
  const found = new Set<string>()
  segmentIndex.starts.forEach((start, i) => {
    const name = segmentIndex.nameOf(i)
    if (name === '' || known.has(name)) return
    if (!knownSegments.has(name)) {
      found.add(name)
      return
    }
    const range = { start, end: segmentIndex.ends[i]! }
    for (let n = 1; ; n++) {
      const field = fieldRange(bytes, range, delimiters.field, n)
      if (field.missing > 0) break
      if (field.end > field.start && !known.has(`${name}-${n}`)) found.add(`${name}-${n}`)
    }
  })
  return [...found]
}

/** Names of elements; any other is content, which no finding repeats. */
const NAME = /^_?[A-Za-z][A-Za-z0-9]{0,39}$/

/** Elements with a value that are not among those read: `Patient.photo`. */
export function unreadElements(resource: JsonObject, read: readonly string[]): string[] {
  const known = new Set(read)
  const found = new Set<string>()
  for (const one of resourcesOf(resource)) {
    const type = text(one['resourceType']) ?? ''
    if (known.has(type) || !NAME.test(type)) continue
    for (const [name, value] of Object.entries(one)) {
      if (MEMBERS_OF_ALL.includes(name) || !NAME.test(name)) continue
      if (name === 'extension' || name === 'modifierExtension') {
        const urls = objects(value).map((extension) => text(extension['url']) ?? '')
        if (urls.some((url) => !known.has(`${type}.extension:${url}`))) found.add(`${type}.${name}`)
      } else if (!known.has(`${type}.${name.replace(/^_/, '')}`)) found.add(`${type}.${name.replace(/^_/, '')}`)
    }
  }
  return [...found]
}

/** Does the message have a value at a place that a list of losses names: `PV1-4`, `NK1`, `Patient.photo`? */
export function hasPlace(
  source: { readonly message: Hl7Message } | { readonly resource: JsonObject },
  at: string,
): boolean {
  if ('message' in source) return at.includes('-') ? source.message.raw(at) !== null : source.message.segments(at) > 0
  const [type, name = ''] = at.split('.')
  return resourcesOf(source.resource).some(
    (one) => one['resourceType'] === type && (name === '' || one[name] !== undefined),
  )
}

/** One finding per place, and one for how many more. */
export function lossFindings(places: readonly string[]): Finding[] {
  const findings: Finding[] = places.slice(0, MOST).map((at) => ({ code: 'CONVERSION_LOSS', class: 'form', at }))
  const more = places.length - MOST
  if (more > 0) findings.push({ code: 'CONVERSION_LOSS', class: 'form', params: { count: more } })
  return findings
}
