/** The national health identity (INS): the authorities that give it, and the matricule with its key. Pure. */
import type { IdentifierFault } from './fault.ts'

/** Kinds of INS, in the words of FrCore's identifier types. */
export type InsKind = 'INS-NIR' | 'INS-NIA' | 'INS-NIR-TEST' | 'INS-NIR-DEMO'

/** An authority that gives an INS (annex INS, ANS; IHE France N.1). */
export interface InsAuthority {
  readonly kind: InsKind
  readonly oid: string
  /** CX-4.1. */
  readonly namespace: string
  /** FHIR Identifier.use: a NIA is temporary. */
  readonly use: 'official' | 'temp'
  /** Of real persons: a wrong key is an error only here, since published test identities have wrong ones. */
  readonly production: boolean
}

const ARC = '1.2.250.1.213.1.4'
/** The four authorities. */
export const INS_AUTHORITIES: readonly InsAuthority[] = [
  { kind: 'INS-NIR', oid: `${ARC}.8`, namespace: 'ASIP-SANTE-INS-NIR', use: 'official', production: true },
  { kind: 'INS-NIA', oid: `${ARC}.9`, namespace: 'ASIP-SANTE-INS-NIA', use: 'temp', production: true },
  { kind: 'INS-NIR-TEST', oid: `${ARC}.10`, namespace: 'ASIP-SANTE-INS-NIR', use: 'official', production: false },
  { kind: 'INS-NIR-DEMO', oid: `${ARC}.11`, namespace: 'ASIP-SANTE-INS-NIR', use: 'official', production: false },
]
const BY_OID: ReadonlyMap<string, InsAuthority> = new Map(INS_AUTHORITIES.map((one) => [one.oid, one]))
const BY_KIND: ReadonlyMap<string, InsAuthority> = new Map(INS_AUTHORITIES.map((one) => [one.kind, one]))

/** Authority of the obsolete, computed INS-C, and those of its tests and demonstrations: read, never emitted. */
export const INS_C_OIDS: readonly string[] = [`${ARC}.2`, `${ARC}.6`, `${ARC}.7`]

/** The authority behind an OID; null when it gives no INS. */
export function insAuthority(oid: string): InsAuthority | null {
  return BY_OID.get(oid) ?? null
}

/** The authority of a kind; null when it is none of an INS. */
export function insAuthorityOf(kind: string): InsAuthority | null {
  return BY_KIND.get(kind) ?? null
}

/** Is it an authority of test or demonstration? */
export function isTestInsOid(oid: string): boolean {
  return BY_OID.get(oid)?.production === false
}

/**
 * Is it an INS, by the authority's OID and the type of the identifier (CX-5, or the code of Identifier.type)? Both
 * authorities of HL7 v2 write the type `INS`; the billing number `NH` has the OID of INS-NIR and never is one. */
export function isIns(oid: string, type: string): boolean {
  return type !== 'NH' && (type === 'INS' || BY_OID.has(oid))
}

/**
 * The form of a body, unless region.yaml (`identities.matricule`) says otherwise. Sex 1 and 2, 3 and 4 while registration
 * is under way, 7 and 8 temporary; months above 12 are those of incomplete civil records. No public text confirms all of
 * it, so it takes rather too much. */
export const MATRICULE_BODY = '^[1-478]\\d{2}(0[1-9]|1[0-2]|[2-9]\\d)(\\d{2}|2[AB])\\d{6}$'

const DEFAULT_BODY = new RegExp(MATRICULE_BODY)
const ANY_BODY = /^\d{5}(\d{2}|2[AB])\d{6}$/
const KEY = /^\d{2}$/

/** A matricule in its parts. `key` null: it came without (13 characters). */
export interface Matricule {
  readonly body: string
  readonly key: string | null
}

/** The parts of a matricule of 13 or 15 characters, whatever its key; null when it has not the form. */
export function readMatricule(text: string, form: RegExp = DEFAULT_BODY): Matricule | null {
  if (text.length !== 13 && text.length !== 15) return null
  const body = text.slice(0, 13)
  const key = text.slice(13)
  if (!ANY_BODY.test(body) || !form.test(body) || (key !== '' && !KEY.test(key))) return null
  return { body, key: key === '' ? null : key }
}

/**
 * The key of a body of 13 characters: 97 − (body mod 97) on two digits, 01 to 97; `2A` counts as 19 and `2B` as 18.
 * @throws {RangeError} if it is no such body */
export function matriculeKey(body: string): string {
  if (!ANY_BODY.test(body)) throw new RangeError('a matricule has 13 characters before its key')
  const digits = body.replace(/^(\d{5})2A/, '$119').replace(/^(\d{5})2B/, '$118')
  // 13 digits are exact in a number.
  return String(97 - (Number(digits) % 97)).padStart(2, '0')
}

/** What is wrong with a matricule, which is sent with its key (PAM FR §6.6.1); null when nothing is. */
export function matriculeFault(text: string, form: RegExp = DEFAULT_BODY): IdentifierFault | null {
  const parts = readMatricule(text, form)
  if (parts === null) return 'form'
  if (parts.key === null) return 'keyless'
  return parts.key === matriculeKey(parts.body) ? null : 'key'
}
