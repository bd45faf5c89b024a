/**
 * What is noticed about the identities in a message of any kind (rules I0 of the house): patients' identifiers and their
 * status (IHE PAM France §6.6, IHE France N.1), numbers of professionals and structures. */

import type { ErrorCode } from '../../core/errors.ts'
import type { Finding, FindingClass } from '../../core/message.ts'
import { finessFault } from '../identifiers/finess.ts'
import { insAuthority, isTestInsOid, matriculeFault } from '../identifiers/ins.ts'
import type { Header } from './header.ts'
import { fieldText, type PatientIdentifier, type PatientIdentity } from './identifiers.ts'
import { isChange } from './identity-event.ts'
import type { Hl7Message } from './message.ts'
import { numberFindings } from './number-findings.ts'

/** Findings of one message at most: what is wrong a hundred times is wrong in the same way. */
const MAX_FINDINGS = 50
/** PID fields that PAM France forbids (§6.6). */
const FORBIDDEN: readonly number[] = [2, 4, 9, 10, 12, 17, 19, 20, 22, 28]

const LAST_FORBIDDEN = 28

/** What the checks depend on beside the message. */
export interface IdentityCheck {
  /** The form of a matricule's body, where the region has its own. */
  readonly matricule?: RegExp | undefined
}

/** The findings of a message, in the order of its patients. Parameters hold kinds and counts, never a number. Pure. */
export function identityFindings(
  message: Hl7Message,
  header: Pick<Header, 'kind' | 'processingId' | 'versionCountry' | 'country'>,
  identities: readonly PatientIdentity[],
  check: IdentityCheck = {},
): Finding[] {
  const found: Finding[] = []
  const french = header.versionCountry === 'FRA' || header.country === 'FRA'
  let document: boolean | null = null
  for (const identity of identities) {
    if (identity.segment === null) continue
    if (found.length >= MAX_FINDINGS) {
      // However much else is wrong: whose message it is must be clear.
      if (found.length < 2 * MAX_FINDINGS) ambiguous(identity, found)
      continue
    }
    if (!deletes(message, header, identity)) identified(identity, found)
    insRules(message, header, identity, check, found)
    statusRules(identity, found)
    if (french) forbiddenFields(message, identity, found)
    if (identity.qualified) continue
    document ??= carriesDocument(message)
    if (document) found.push({ code: 'INS_IN_DOCUMENT', class: 'form', at: placeOf(identity, 3) })
  }
  const all = [...found, ...numberFindings(message)]
  if (all.length <= MAX_FINDINGS) return all
  // The grave ones decide, and may be the last.
  const isGrave = (one: Finding): boolean => one.class === 'safety'
  return [...all.filter(isGrave), ...all.filter((one) => !isGrave(one))].slice(0, MAX_FINDINGS)
}

function placeOf({ occurrence }: PatientIdentity, field: number): string {
  return occurrence === 1 ? `PID-${field}` : `PID(${occurrence})-${field}`
}

/** Is PID-3 the HL7 null alone, under its authority: the deletion of an identifier (A47)? */
function deletes(message: Hl7Message, { kind }: Pick<Header, 'kind'>, identity: PatientIdentity): boolean {
  if (!isChange(kind) || identity.own.identifiers.length > 0 || identity.merged.length === 0) return false
  return fieldText(message, identity.segment!, 3).startsWith('""')
}

/** I0.1: an identifier, with its number, its authority and its type; and the FINESS of an authority (I0.10). */
function identified(identity: PatientIdentity, found: Finding[]): void {
  const { identifiers } = identity.own
  const place = placeOf(identity, 3)
  if (identifiers.length === 0) {
    found.push({ code: 'FIELD_MISSING', class: 'contract', at: place })
    return
  }
  const first = (wrong: (one: PatientIdentifier) => boolean, code: ErrorCode, of: FindingClass, deep: string): void => {
    const one = identifiers.find(wrong)
    if (one !== undefined) found.push({ code, class: of, at: `${place}(${one.repetition})${deep}` })
  }
  first(({ authority }) => authority === '', 'FIELD_MISSING', 'contract', '.4')
  first(({ type }) => type === '', 'FIELD_MISSING', 'form', '.5')
  first(
    ({ authority, authorityType: of }) => (of === 'M' || of === 'N') && finessFault(authority) !== null,
    'IDENTIFIER_FAULT',
    'form',
    '.4.2',
  )
}

/** I0.2 to I0.6 and I0.12: the INS itself. */
function insRules(
  message: Hl7Message,
  { processingId }: Pick<Header, 'processingId'>,
  identity: PatientIdentity,
  { matricule }: IdentityCheck,
  found: Finding[],
): void {
  const all = [identity.own, ...identity.elsewhere].flatMap(({ identifiers }) => identifiers).filter((one) => one.ins)
  if (all.length === 0) return
  const place = placeOf(identity, 3)
  ambiguous(identity, found)
  if (!identity.qualified) found.push({ code: 'INS_STRIPPED', class: 'form', at: place, params: { count: all.length } })
  for (const one of all) {
    const authority = insAuthority(one.authority)
    const params = { repetition: one.repetition }
    if (authority === null) {
      found.push({ code: 'INS_AUTHORITY', class: 'contract', at: place, params })
      continue
    }
    const fault = matriculeFault(one.id, matricule)
    if (fault !== null) {
      const grave: FindingClass = authority.production ? 'contract' : 'form'
      found.push({ code: 'INS_KEY', class: grave, at: place, params: { ...params, fault } })
    }
  }
  if (processingId === 'P' && all.some((one) => isTestInsOid(one.authority))) {
    found.push({ code: 'TEST_IDENTITY', class: 'form', at: 'MSH-11' })
  }
  if (identity.qualified) traits(message, identity, found)
}

function ambiguous(identity: PatientIdentity, found: Finding[]): void {
  if (!hasTwoOfOne(identity.own.identifiers)) return
  found.push({ code: 'INS_AMBIGUOUS', class: 'safety', at: placeOf(identity, 3) })
}

/** I0.12: two numbers under one authority are two persons. */
function hasTwoOfOne(identifiers: readonly PatientIdentifier[]): boolean {
  const first = new Map<string, string>()
  for (const { ins, authority, id } of identifiers) {
    if (!ins) continue
    const known = first.get(authority)
    if (known !== undefined && known !== id) return true
    first.set(authority, id)
  }
  return false
}

/** I0.5: an INS goes with birth name, birth date and sex. */
function traits(message: Hl7Message, identity: PatientIdentity, found: Finding[]): void {
  const missing = (field: number): void => {
    found.push({ code: 'INS_TRAITS', class: 'contract', at: placeOf(identity, field) })
  }
  const text = (field: number): string => fieldText(message, identity.segment!, field)
  const { delimiters } = message
  const cut = (value: string, by: number | null): string[] =>
    by === null ? [value] : value.split(String.fromCharCode(by))
  const birthNames = cut(text(5), delimiters.repetition).map((name) => cut(name, delimiters.component))
  if (!birthNames.some((parts) => parts[6] === 'L' && isValued(parts[0]!))) missing(5)
  if (!isValued(text(7))) missing(7)
  if (!['M', 'F'].includes(text(8))) missing(8)
}

function isValued(text: string): boolean {
  return text !== '' && text !== '""'
}

/** I0.7, I0.8, and ZFD-4 beside VALI: a status that contradicts another. */
function statusRules(identity: PatientIdentity, found: Finding[]): void {
  const { statuses, corrected } = identity
  const says = (status: string): boolean => statuses.includes(status)
  const contradicts = (says('DOUT') && says('FICT')) || ((says('DOUT') || says('FICT')) && says('VALI'))
  if (contradicts) found.push({ code: 'STATUS_CONTRADICTED', class: 'contract', at: placeOf(identity, 32) })
  else if (corrected && says('VALI') && identity.own.identifiers.some((one) => one.ins)) {
    found.push({ code: 'STATUS_CONTRADICTED', class: 'contract', at: 'ZFD-4' })
  }
}

/** I0.9. */
function forbiddenFields(message: Hl7Message, identity: PatientIdentity, found: Finding[]): void {
  const { bytes, delimiters, segmentIndex } = message
  const [start, end] = [segmentIndex.starts[identity.segment!]!, segmentIndex.ends[identity.segment!]!]
  const fields = bytes.toString('latin1', start, end).split(String.fromCharCode(delimiters.field), LAST_FORBIDDEN + 1)
  const full = FORBIDDEN.filter((field) => (fields[field] ?? '') !== '')
  if (full.length === 0) return
  found.push({
    code: 'FIELD_FORBIDDEN',
    class: 'form',
    at: placeOf(identity, full[0]!),
    params: { count: full.length },
  })
}

/** Does a result hold a document (OBX-2 ED or RP)? */
function carriesDocument(message: Hl7Message): boolean {
  return message.segmentIndex.named('OBX').some((segment) => ['ED', 'RP'].includes(fieldText(message, segment, 2)))
}
