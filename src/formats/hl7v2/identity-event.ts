/** What a message says of the identity itself: merges, changes and deletions of identifiers (IHE PAM FR §4.4, ITI-30). Pure. */
import type { Hl7Identifier } from '../identifiers/hl7-form.ts'
import { insAuthority, isIns } from '../identifiers/ins.ts'
import type { Hl7Message } from './message.ts'

/** Status of an identity without its INS, in the words of FrCore's identityReliability. */
export type StatusWithoutIns = 'PROV' | 'RECUP' | 'VALI'

/** One thing that happened to an identity. */
export type IdentityEvent =
  /** The identifiers of MRG-1 mean the patient of PID-3 from now on (A40). */
  | { readonly what: 'merge'; readonly merged: readonly Hl7Identifier[]; readonly kept: readonly Hl7Identifier[] }
  /** One identifier has taken the place of another (A47). */
  | { readonly what: 'change'; readonly from: Hl7Identifier; readonly to: Hl7Identifier }
  /** A local identifier is no more (A47 with the HL7 null). */
  | { readonly what: 'removal'; readonly from: Hl7Identifier }
  /** The identity is no longer qualified: no INS of the patient, NIR or NIA, holds (A47 with the HL7 null). */
  | {
      readonly what: 'ins-removal'
      /** By which the patient is found: the old INS, and whatever else PID-3 says. */
      readonly of: readonly Hl7Identifier[]
      readonly status: StatusWithoutIns
    }
  /** A patient known by a temporary NIA has a NIR now; both hold (A28, A31). */
  | { readonly what: 'nir'; readonly nia: Hl7Identifier; readonly nir: Hl7Identifier }

const kinds = (events: string): ReadonlySet<string> => new Set(events.split(' ').map((event) => `ADT^${event}`))
/** A40, and the merges of the base standard before it. */
const MERGES = kinds('A18 A30 A34 A36 A39 A40')
/** A47, and the change of the base standard before it. */
const CHANGES = kinds('A46 A47')
const UPDATES = kinds('A28 A31')

/** After a message of this kind some identifiers mean another patient, or nobody. */
export function isIdentityEvent(kind: string): boolean {
  return MERGES.has(kind) || CHANGES.has(kind)
}

/** Does a message of this kind put one identifier in the place of another, or, with the HL7 null, nothing? */
export function isChange(kind: string): boolean {
  return CHANGES.has(kind)
}

/** May a message of this kind, with these identifiers in PID-3, say that a NIA has become a NIR? Cheap, for every message. */
export function tellsNir(kind: string, identifiers: readonly { authority: string; qualified: boolean }[]): boolean {
  if (!UPDATES.has(kind)) return false
  const given = identifiers.flatMap(({ authority, qualified }) => (qualified ? (insAuthority(authority) ?? []) : []))
  return given.some(({ use }) => use === 'temp') && given.some(({ use }) => use === 'official')
}

/** What the message says happened, in its order. An INS counts only where PID-32 says that it may travel. */
export function identityEvents(message: Hl7Message, kind: string): IdentityEvent[] {
  const patients = message.segmentIndex.named('PID')
  const merged = message.segmentIndex.named('MRG')
  return patients.flatMap((start, i) => {
    const end = patients[i + 1] ?? Number.POSITIVE_INFINITY
    const pid = `PID(${i + 1})`
    const mine = merged.flatMap((at, n) => (at > start && at < end ? identifiersIn(message, `MRG(${n + 1})-1`) : []))
    const now = identifiersIn(message, `${pid}-3`)
    const reliable = isReliable(message.values(`${pid}-32`))
    if (MERGES.has(kind)) return merge(mine, now, reliable)
    if (CHANGES.has(kind)) return mine.flatMap((from) => change(from, now, reliable, statusOf(message, pid)) ?? [])
    return UPDATES.has(kind) && reliable ? nirOf(now) : []
  })
}

const NULL = '""'

/** Repetitions of a field of identifiers, the HL7 null with its authority included. */
function identifiersIn(message: Hl7Message, field: string): Hl7Identifier[] {
  const text = (path: string): string => {
    const value = message.text(path)
    return value === null || value === NULL ? '' : value
  }
  return Array.from({ length: message.repetitions(field) }, (_, i): Hl7Identifier => {
    const at = `${field}(${i + 1})`
    return {
      value: message.text(`${at}.1`) ?? '',
      authority: { namespace: text(`${at}.4.1`), id: text(`${at}.4.2`), idType: text(`${at}.4.3`) },
      type: text(`${at}.5`),
    }
  }).filter(({ value }) => value !== '')
}

function isReliable(statuses: readonly string[]): boolean {
  return statuses.includes('VALI') && !statuses.includes('DOUT') && !statuses.includes('FICT')
}

/** PID-32 and the way the identity was taken (ZFD-5), of an identity without INS. */
function statusOf(message: Hl7Message, pid: string): StatusWithoutIns {
  if (isReliable(message.values(`${pid}-32`))) return 'VALI'
  return message.values('ZFD-5').includes('INSI') ? 'RECUP' : 'PROV'
}

/** Is this identifier of a patient an INS? */
export function isInsOf({ authority, type }: Hl7Identifier): boolean {
  return isIns(authority.id, type)
}

const isNull = ({ value }: Hl7Identifier): boolean => value === NULL

/** Of one authority: by its id, else by its name; two INS always are. */
function sameAuthority(a: Hl7Identifier, b: Hl7Identifier): boolean {
  if (isInsOf(a) || isInsOf(b)) return isInsOf(a) && isInsOf(b)
  if (a.authority.id !== '' || b.authority.id !== '') return a.authority.id === b.authority.id
  return a.authority.namespace === b.authority.namespace
}

function merge(merged: readonly Hl7Identifier[], now: readonly Hl7Identifier[], reliable: boolean): IdentityEvent[] {
  const kept = now.filter((one) => !isNull(one) && (reliable || !isInsOf(one)))
  const gone = merged.filter((one) => !isNull(one))
  return kept.length === 0 || gone.length === 0 ? [] : [{ what: 'merge', merged: gone, kept }]
}

function change(
  from: Hl7Identifier,
  now: readonly Hl7Identifier[],
  reliable: boolean,
  status: StatusWithoutIns,
): IdentityEvent | null {
  if (isNull(from)) return null
  const others = now.filter((one) => !isNull(one))
  // The null may stand without its authority: then it is that of the old identifier.
  const nulled = now.some((one) => isNull(one) && (sameAuthority(one, from) || bare(one)))
  const to = nulled ? undefined : others.find((one) => sameAuthority(one, from))
  if (isInsOf(from) && (to === undefined || !reliable)) {
    return { what: 'ins-removal', of: [from, ...others.filter((one) => !isInsOf(one))], status }
  }
  if (nulled) return { what: 'removal', from }
  return to === undefined || (to.value === from.value && to.authority.id === from.authority.id)
    ? null
    : { what: 'change', from, to }
}

function bare({ authority, type }: Hl7Identifier): boolean {
  return authority.id === '' && authority.namespace === '' && type === ''
}

function nirOf(now: readonly Hl7Identifier[]): IdentityEvent[] {
  const given = (use: 'temp' | 'official') =>
    now.find((one) => !isNull(one) && isInsOf(one) && insAuthority(one.authority.id)?.use === use)
  const [nia, nir] = [given('temp'), given('official')]
  return nia === undefined || nir === undefined ? [] : [{ what: 'nir', nia, nir }]
}
