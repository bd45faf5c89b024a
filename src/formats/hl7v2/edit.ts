/** Changes of a message on its way out, as routes declare them: `set`, `copy`, `map`, `drop`. Pure. */
import { isAscii } from 'node:buffer'
import type { Edit } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Finding } from '../../core/message.ts'
import { decodeText } from './charset.ts'
import { unescapeText } from './escape.ts'
import { DEFAULT_CHARSET, type Hl7Message, readMessage } from './message.ts'
import { type Path, parsePath } from './path.ts'
import { part } from './segments.ts'
import { type Cut, fieldPlace, fieldText, type Place, placeWithin, repetitionPlace, spliced } from './splice.ts'

/** Tables of `map`, by name. */
export type Maps = ReadonlyMap<string, ReadonlyMap<string, string>>

/** A message after its edits. */
export interface Edited {
  /** The same buffer when nothing changed. */
  readonly bytes: Buffer
  /** Places that changed, in the order of the edits: `MSH-5`, `OBX(2)-3.1`, or a segment that is gone: `ZXX(1)`. */
  readonly changed: readonly string[]
  /** MAP_MISSING, once per `map`, with how many values had no row. */
  readonly findings: readonly Finding[]
}

/** Places that one edit may change: more are no message but a load. */
const MAX_PLACES = 100_000
const SEGMENT = /^[A-Z][A-Z0-9]{2}$/
const CR = 0x0d
const LF = 0x0a

/** A cut and its name. */
interface Change extends Cut {
  readonly at: string
}

/** Bytes to stand at a place, or null to leave it. */
type Value = (place: Place) => Buffer | null

/**
 * The message with the edits made one after the other; every byte outside the fields they name stays as it came. A path
 * means every segment of its name and every repetition of its field, as far as it gives no number, as it does in
 * conditions; a `when`, or what is copied, on the same segment is looked for in that very segment. What the message has no
 * segment for changes nothing, nor does a `copy` of nothing, a `map` of an empty value or of one without a row. MSH-18 is
 * changed last. `defaultCharset`: HL7 name assumed when MSH-18 is empty.
 * @throws {GatewayError} NOT_HL7; EDIT_FAILED with the edit's path and table in its message when the character set or delimiters
 * of the message cannot hold a value, when the new MSH-18 would contradict the bytes, without the table, or with more than 100,000 places
 * @throws {RangeError} if a path is none, or is MSH-1 or MSH-2 */
export function applyEdits(
  bytes: Buffer,
  edits: readonly Edit[],
  maps: Maps,
  defaultCharset: string = DEFAULT_CHARSET,
): Edited {
  let message = reread(bytes, defaultCharset)
  const changed: string[] = []
  const findings: Finding[] = []
  for (const edit of editsInOrder(edits)) {
    try {
      const changes = changesOf(edit, message, maps, findings)
      if (changes.length === 0) continue
      const before = message.charset
      message = reread(spliced(message.bytes, changes), defaultCharset)
      if (message.charset !== before && !isAscii(message.bytes)) {
        throw new GatewayError('FIELD_MALFORMED', 'the new MSH-18 contradicts the bytes')
      }
      for (const { at } of changes) changed.push(at)
    } catch (fault) {
      throw fault instanceof GatewayError ? editFault(edit, fault) : fault
    }
  }
  return { bytes: message.bytes, changed, findings }
}

/** What the configuration says of the edit, and why; never a value. */
function editFault(edit: Edit, { code, message }: GatewayError): GatewayError {
  const table = 'map' in edit ? ` (table ${edit.table})` : ''
  const why = code === 'FIELD_MALFORMED' ? message : code
  return new GatewayError('EDIT_FAILED', `${Object.keys(edit)[0]} ${pathOf(edit)}${table}: ${why}`)
}

/** The order in which edits are made: as written, but those of MSH-18 last. */
export function editsInOrder(edits: readonly Edit[]): readonly Edit[] {
  const last = (edit: Edit): boolean => /^MSH-18\b/.test(pathOf(edit))
  return [...edits.filter((edit) => !last(edit)), ...edits.filter(last)]
}

function reread(bytes: Buffer, defaultCharset: string): Hl7Message {
  const read = readMessage(bytes, defaultCharset)
  if (!read.ok) throw new GatewayError(read.code)
  return read.message
}

function pathOf(edit: Edit): string {
  if ('set' in edit) return edit.set
  if ('copy' in edit) return edit.to
  return 'map' in edit ? edit.map : edit.drop
}

function targetOf(edit: Edit): Path | { readonly segment: string; readonly occurrence: null } {
  const path = pathOf(edit)
  return 'drop' in edit && SEGMENT.test(path) ? { segment: path, occurrence: null } : parsePath(path)
}

function changesOf(edit: Edit, message: Hl7Message, maps: Maps, findings: Finding[]): Change[] {
  const target = targetOf(edit)
  const segments = message.segmentIndex.named(target.segment)
  const changes: Change[] = []
  const missing = { count: 0 }
  let value: Value | null | undefined
  const admitted = admission(edit, message, target.segment)
  for (const [i, segment] of segments.entries()) {
    if (target.occurrence !== null && target.occurrence !== i + 1) continue
    if (!admitted(i + 1)) continue
    const name = segments.length === 1 ? target.segment : `${target.segment}(${i + 1})`
    if (!('field' in target)) changes.push(goneSegment(message, segment, name))
    else if ('drop' in edit) changes.push(...droppedField(message, segment, target, name))
    else {
      // Only what is copied differs from segment to segment.
      if (value === undefined || 'copy' in edit) value = wantedBy(edit, message, i + 1, maps, missing)
      if (value !== null) changes.push(...fieldChanges(message, segment, target, name, value, 'map' in edit))
    }
    if (changes.length > MAX_PLACES) throw new GatewayError('PROCESSING_FAILED', 'an edit changes too many places')
  }
  if (missing.count > 0) {
    findings.push({ code: 'MAP_MISSING', class: 'contract', at: pathOf(edit), params: { count: missing.count } })
  }
  return changes
}

/** Which of the segments does the edit's `when` admit? One on another segment is looked at once for all. */
function admission({ when }: Edit, message: Hl7Message, segment: string): (occurrence: number) => boolean {
  if (when === undefined) return () => true
  const holds = (path: string): boolean => message.values(path).some((value) => when.in.includes(value))
  const { segment: asked, occurrence } = parsePath(when.path)
  if (asked === segment && occurrence === null) return (n) => holds(inSegment(when.path, segment, n))
  const everywhere = holds(when.path)
  return () => everywhere
}

/** The path, bound to the segment being edited when it names that segment without a number. */
function inSegment(path: string, segment: string, occurrence: number): string {
  const parsed = parsePath(path)
  return parsed.segment === segment && parsed.occurrence === null
    ? `${segment}(${occurrence})${path.slice(segment.length)}`
    : path
}

function wantedBy(
  edit: Exclude<Edit, { readonly drop: string }>,
  message: Hl7Message,
  occurrence: number,
  maps: Maps,
  missing: { count: number },
): Value | null {
  if ('set' in edit) {
    const encoded = fieldText(message, edit.to, edit.set)
    return () => encoded
  }
  if ('copy' in edit) {
    const copied = copiedBytes(edit.copy, edit.to, message, occurrence)
    return copied === null ? null : () => copied
  }
  const rows = maps.get(edit.table)
  if (rows === undefined) throw new GatewayError('PROCESSING_FAILED', `there is no table ${edit.table}`)
  return ({ start, end }) => {
    const text = decodeText(message.bytes.subarray(start, end), message.charset)
    if (text === '' || text === '""') return null
    const row = rows.get(unescapeText(text, message.delimiters, message.charset))
    if (row === undefined) missing.count++
    return row === undefined ? null : fieldText(message, row, edit.map)
  }
}

/** How deep a path goes: field, repetition, component, sub-component. */
function depth({ repetition, component, subcomponent }: Path): number {
  if (subcomponent !== null) return 3
  if (component !== null) return 2
  return repetition === null ? 0 : 1
}

/** All that stands at the source, where it fits in as it is; else its first value as text. Null: there is nothing. */
function copiedBytes(from: string, to: string, message: Hl7Message, occurrence: number): Buffer | null {
  const source = inSegment(from, parsePath(to).segment, occurrence)
  if (depth(parsePath(from)) >= depth(parsePath(to))) return message.raw(source)
  const text = message.text(source)
  return text === null ? null : fieldText(message, text, to)
}

/** The changes of one field. `leaf`: of the values themselves, not of all that the path names. */
function fieldChanges(
  message: Hl7Message,
  segment: number,
  path: Path,
  name: string,
  value: Value,
  leaf: boolean,
): Change[] {
  const changes: Change[] = []
  const { component, subcomponent } = path
  const inner = leaf ? { component: component ?? 1, subcomponent: subcomponent ?? 1 } : { component, subcomponent }
  const within = `${component === null ? '' : `.${component}`}${subcomponent === null ? '' : `.${subcomponent}`}`
  const field = fieldPlace(message, segment, path, name)
  const places =
    leaf || component !== null || path.repetition !== null ? repetitions(message, field, path, name) : [field]
  let n = (path.repetition ?? 1) - 1
  for (const repetition of places) {
    n++
    const place = placeWithin(message, repetition, inner, `${name}-${path.field}`)
    const wanted = place.added !== '' && leaf ? null : value(place)
    if (wanted === null || (wanted.length === 0 && place.added !== '')) continue
    if (place.added === '' && wanted.equals(message.bytes.subarray(place.start, place.end))) continue
    const bytes = place.added === '' ? wanted : Buffer.concat([Buffer.from(place.added, 'latin1'), wanted])
    const numbered = n > 1 || path.repetition !== null ? `(${n})` : ''
    changes.push({ start: place.start, end: place.end, bytes, at: `${name}-${path.field}${numbered}${within}` })
    if (changes.length > MAX_PLACES) throw new GatewayError('PROCESSING_FAILED', 'an edit changes too many places')
  }
  return changes
}

/** The repetition that the path numbers, or every one there is, and at least the first. */
function* repetitions(message: Hl7Message, field: Place, path: Path, name: string): Generator<Place> {
  if (path.repetition !== null || field.added !== '' || field.start === field.end) {
    yield repetitionPlace(message, field, path.repetition ?? 1, `${name}-${path.field}`)
    return
  }
  for (let rest: Place = field; rest.start <= field.end; ) {
    const { start, end } = part(message.bytes, rest, message.delimiters.repetition, 1)
    yield { start, end, added: '' }
    rest = { start: end + 1, end: field.end, added: '' }
  }
}

/** Empties what the path names; a numbered repetition goes with its separator. */
function droppedField(message: Hl7Message, segment: number, path: Path, name: string): Change[] {
  const emptied = fieldChanges(message, segment, path, name, () => Buffer.alloc(0), false)
  if (path.repetition === null || path.component !== null) return emptied
  const { bytes, delimiters } = message
  return emptied.map((change) => {
    if (bytes[change.start - 1] === delimiters.repetition) return { ...change, start: change.start - 1 }
    return bytes[change.end] === delimiters.repetition ? { ...change, end: change.end + 1 } : change
  })
}

/** A segment goes with what ends it. */
function goneSegment({ bytes, segmentIndex }: Hl7Message, segment: number, name: string): Change {
  const start = segmentIndex.starts[segment]!
  let end = segmentIndex.ends[segment]!
  if (bytes[end] === CR) end++
  if (bytes[end] === LF) end++
  return { start, end, bytes: Buffer.alloc(0), at: name }
}
