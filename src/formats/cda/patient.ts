/** Is the patient of a message the patient of a document? By identifiers of one authority; traits only where none is shared. */
import type { Hl7Message } from '../hl7v2/message.ts'
import { systemOf } from '../identifiers/authority.ts'
import { insAuthority, isIns } from '../identifiers/ins.ts'
import type { CdaPatient } from './header.ts'

/**
 * How two patients compare. `other-ins`, `other-id`: identifiers of one authority differ; `other-person`: none is shared
 * and the birth dates differ; `traits`: an identifier is the same and a trait is not; `unproven`: nothing can be told. */
export type Likeness = 'same' | 'other-ins' | 'other-id' | 'other-person' | 'traits' | 'unproven'

interface MessageId {
  readonly value: string
  /** OID of the authority, '' for one that has none. */
  readonly oid: string
  readonly ins: boolean
}

/** The patient of a PID. */
export interface MessagePatient {
  readonly ids: readonly MessageId[]
  readonly hasIns: boolean
  readonly families: readonly string[]
  /** PID-7 as written. */
  readonly birthTime: string
  readonly sex: string
  /** Is this the OID of an INS? */
  isIns(oid: string): boolean
}

const MOST_IDS = 32
const OID = 'urn:oid:'

/** Reads a PID named by its place, `PID` or `PID(2)`. */
export function patientOf(message: Hl7Message, pid: string): MessagePatient {
  const count = Math.min(message.repetitions(`${pid}-3`), MOST_IDS)
  const ids: MessageId[] = []
  for (let n = 1; n <= count; n++) {
    const at = `${pid}-3(${n})`
    const text = (path: string): string => message.text(`${at}.${path}`) ?? ''
    const value = text('1')
    if (value === '' || value === '""') continue
    const authority = { namespace: text('4.1'), id: text('4.2'), idType: text('4.3') }
    const system = systemOf(authority) ?? ''
    const oid = system.startsWith(OID) ? system.slice(OID.length) : authority.id
    ids.push({ value, oid, ins: isIns(oid, text('5')) })
  }
  const names = Math.min(message.repetitions(`${pid}-5`), MOST_IDS)
  const families = Array.from({ length: names }, (_, i) => message.text(`${pid}-5(${i + 1}).1`) ?? '')
  return {
    ids,
    hasIns: ids.some(({ ins }) => ins),
    families: families.filter((name) => name !== ''),
    birthTime: message.text(`${pid}-7`) ?? '',
    sex: message.text(`${pid}-8`) ?? '',
    isIns: (oid) => insAuthority(oid) !== null,
  }
}

/** Compares the patient of a message with one of a document. Pure. */
export function comparePatients(theirs: MessagePatient, patient: CdaPatient): Likeness {
  let same = false
  let differs: Likeness | null = null
  const shared = new Set(theirs.ids.map(({ oid }) => oid).filter((oid) => oid !== ''))
  for (const oid of shared) {
    const here = patient.ids.filter(({ root, extension }) => root === oid && extension !== '').map((id) => id.extension)
    if (here.length === 0) continue
    const equal = theirs.ids.some(
      (id) => id.oid === oid && here.some((one) => sameId(id.value, one, theirs.isIns(oid))),
    )
    if (equal) same = true
    // An INS weighs more than a local number: who has two of those may have had two files.
    else if (theirs.isIns(oid)) differs = 'other-ins'
    else differs ??= 'other-id'
  }
  if (differs === 'other-ins') return differs
  if (same) return traitsAgree(theirs, patient) ? 'same' : 'traits'
  if (differs !== null) return differs
  return birthDatesDiffer(theirs, patient) ? 'other-person' : 'unproven'
}

/** A matricule may come without its key (RNIV asks for 15 characters, older senders write 13). */
function sameId(a: string, b: string, ins: boolean): boolean {
  if (!ins) return a === b
  const short = a.length === 13 || b.length === 13
  return short ? a.slice(0, 13) === b.slice(0, 13) : a === b
}

function birthDatesDiffer(theirs: MessagePatient, { birthTime }: CdaPatient): boolean {
  const [a, b] = [theirs.birthTime.slice(0, 8), birthTime.slice(0, 8)]
  return /^\d{8}$/.test(a) && /^\d{8}$/.test(b) && a !== b
}

function traitsAgree(theirs: MessagePatient, patient: CdaPatient): boolean {
  if (birthDatesDiffer(theirs, patient)) return false
  const sexes = [theirs.sex, patient.sex].filter((sex) => sex === 'M' || sex === 'F')
  if (new Set(sexes).size > 1) return false
  const ours = new Set(theirs.families.map(plainName))
  return (
    ours.size === 0 || patient.families.length === 0 || patient.families.some(({ name }) => ours.has(plainName(name)))
  )
}

/** Names as RNIV compares them (EXI SI 29, PP 20): without accents, hyphens and apostrophes as spaces. */
function plainName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[-'’\s]+/g, ' ')
    .trim()
}

/** Are the traits there that go with an INS: birth name, first given name, birth date, sex (RNIV EXI SI 18)? */
export function traitsComplete({ families, givens, birthTime, sex }: CdaPatient): boolean {
  const named = ({ qualifier, name }: { qualifier: string; name: string }): boolean =>
    name !== '' && (qualifier === 'BR' || qualifier === '')
  return families.some(named) && givens.some(named) && /^\d{8}/.test(birthTime) && (sex === 'M' || sex === 'F')
}
