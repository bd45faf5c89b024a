/** National identifiers as FHIR Identifiers (FrCore): system, type and use. Current addresses are written, old ones read. Pure. */
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import { PROFESSIONALS, STRUCTURES } from './hl7-form.ts'
import { INS_C_OIDS, insAuthority, insAuthorityOf } from './ins.ts'
import { mayBeSent, type National, type NationalKind } from './national.ts'

/** Code system of the French identifier types. */
export const FR_TYPES = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203'
/** Code system of the international ones. */
export const V2_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203'
/** Address of RPPS numbers. */
export const RPPS_SYSTEM = 'https://rpps.esante.gouv.fr'
/** Address of FINESS numbers, legal and geographic. */
export const FINESS_SYSTEM = 'https://finess.esante.gouv.fr'
/** Address of SIREN and SIRET numbers. */
export const SIRENE_SYSTEM = 'https://sirene.fr'

const URN_OID = 'urn:oid:'
/** Addresses of older guides: some are recalled, not read in one, and reading one too many does no harm. */
const OLDER: Readonly<Record<string, string>> = {
  'http://rpps.esante.gouv.fr': RPPS_SYSTEM,
  'http://rpps.fr': RPPS_SYSTEM,
  'https://rpps.fr': RPPS_SYSTEM,
  'http://finess.esante.gouv.fr': FINESS_SYSTEM,
  'http://finess.sante.gouv.fr': FINESS_SYSTEM,
  'https://finess.sante.gouv.fr': FINESS_SYSTEM,
  'http://sirene.fr': SIRENE_SYSTEM,
}

/** The current address of a system, whichever is written; without a slash at its end. */
export function currentSystem(system: string): string {
  const plain = system.replace(/\/$/, '')
  return Object.hasOwn(OLDER, plain) ? OLDER[plain]! : plain
}

/** The OID of a system `urn:oid:…`; '' when it is no such one. */
export function oidOf(system: string): string {
  return system.startsWith(URN_OID) ? system.slice(URN_OID.length) : ''
}

const NUMBER_SYSTEMS: ReadonlySet<string> = new Set([
  RPPS_SYSTEM,
  FINESS_SYSTEM,
  SIRENE_SYSTEM,
  ...Object.keys(OLDER),
  `${URN_OID}${PROFESSIONALS.id}`,
  `${URN_OID}${STRUCTURES.id}`,
])

/** Is it the address, current or older, of national numbers of professionals or structures? */
export function isNumberSystem(system: string): boolean {
  return NUMBER_SYSTEMS.has(system.endsWith('/') ? system.slice(0, -1) : system)
}

/** Codes of Identifier.type, whatever their code system. */
export function typeCodes(identifier: JsonObject): string[] {
  return objects(object(identifier['type'])?.['coding'])
    .map(({ code }) => text(code))
    .filter((code) => code !== null)
}

/** Is the Identifier an INS? By its system, unless its type says that it is the billing number. */
export function isInsIdentifier(identifier: JsonObject): boolean {
  return insAuthority(oidOf(text(identifier['system']) ?? '')) !== null && !typeCodes(identifier).includes('NH')
}

/** Is the Identifier the number that a person's care is billed to, which is that of the insured one of the family? */
export function isBillingNumber(identifier: JsonObject): boolean {
  return nationalOfIdentifier(identifier)?.kind === 'NH'
}

/** The national identifier that an Identifier is; null: a local one, or one without value. */
export function nationalOfIdentifier(identifier: JsonObject): National | null {
  const value = text(identifier['value'])
  const system = currentSystem(text(identifier['system']) ?? '')
  const types = typeCodes(identifier)
  if (value === null) return null
  const oid = oidOf(system)
  const ins = insAuthority(oid)
  if (ins !== null) return { kind: types.includes('NH') ? 'NH' : ins.kind, value }
  const kind = INS_C_OIDS.includes(oid) ? 'INS-C' : kindIn(system, oid, types, value)
  return kind === null ? null : { kind, value }
}

function kindIn(system: string, oid: string, types: readonly string[], value: string): NationalKind | null {
  switch (oid === '' ? system : oid) {
    case RPPS_SYSTEM:
      return 'RPPS'
    case FINESS_SYSTEM:
      return types.includes('FINEJ') ? 'FINEJ' : 'FINEG'
    case SIRENE_SYSTEM:
      return types.includes('SIRET') || value.length === 14 ? 'SIRET' : 'SIREN'
    case PROFESSIONALS.id:
      if (types.includes('ADELI')) return 'ADELI'
      return /^\d{11}$/.test(value) && !types.includes('IDNPS') ? 'RPPS' : 'IDNPS'
    case STRUCTURES.id:
      return (['FINEJ', 'FINEG', 'SIREN', 'SIRET'] as const).find((type) => types.includes(type)) ?? 'IDNST'
    default:
      return null
  }
}

/** What an Identifier adds to the system and type of its kind. */
export interface IdentifierUse {
  /** `old`: no longer valid, such as the INS that another has replaced. */
  readonly old?: boolean
}

/** The FHIR Identifier of a national one; null for what is never sent. */
export function identifierOfNational(national: National, { old = false }: IdentifierUse = {}): JsonObject | null {
  if (!mayBeSent(national)) return null
  const { kind, value } = national
  const { system, use } = formOf(kind)
  const type = { coding: [{ system: kind === 'NH' ? V2_TYPES : FR_TYPES, code: kind }] }
  const stated = old ? 'old' : use
  return { ...(stated === null ? {} : { use: stated }), type, system, value }
}

function formOf(kind: NationalKind): { system: string; use: string | null } {
  const ins = insAuthorityOf(kind === 'NH' ? 'INS-NIR' : kind)
  if (ins !== null) return { system: `${URN_OID}${ins.oid}`, use: ins.use }
  switch (kind) {
    case 'RPPS':
      return { system: RPPS_SYSTEM, use: null }
    case 'FINEJ':
    case 'FINEG':
      return { system: FINESS_SYSTEM, use: null }
    case 'SIREN':
    case 'SIRET':
      return { system: SIRENE_SYSTEM, use: null }
    case 'IDNST':
      return { system: `${URN_OID}${STRUCTURES.id}`, use: null }
    default:
      return { system: `${URN_OID}${PROFESSIONALS.id}`, use: null }
  }
}
