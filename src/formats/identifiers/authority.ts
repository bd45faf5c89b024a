/** Assigning authorities: HD of HL7 v2 (IHE France N.3) against the system and assigner of a FHIR Identifier. Pure. */
import { type JsonObject, object, text } from '../fhir/json-value.ts'
import { FINESS_SYSTEM, identifierOfNational, nationalOfIdentifier } from './fhir-form.ts'
import type { Hd } from './hl7-form.ts'

/** Branch of a geographic entity under the structures' authority: `1` and its FINESS. */
const FINESS_ARC = '1.2.250.1.71.4.2.2.1'
const OID = /^[0-2](\.(0|[1-9]\d*))+$/
/** What has no address of its own is under this one, with the type of the HD. */
const OWN = 'urn:passerelle:authority:'
const NONE: Hd = { namespace: '', id: '', idType: '' }

/**
 * The system that an HD is; null: it has a name alone. ISO gives `urn:oid:`, UUID `urn:uuid:`, a FINESS (M, N) the OID of
 * its structure, all others an address of the gateway's own. `hdOf` reads each of them back. */
export function systemOf({ id, idType }: Hd): string | null {
  if (id === '') return null
  if (idType === 'ISO' || (idType === '' && OID.test(id))) return `urn:oid:${id}`
  if (idType === 'UUID') return `urn:uuid:${id.toLowerCase()}`
  if (idType === 'URI') return id
  if ((idType === 'M' || idType === 'N') && /^\d{9}$/.test(id)) return `urn:oid:${FINESS_ARC}${id}`
  return `${OWN}${encodeURIComponent(idType)}:${encodeURIComponent(id)}`
}

/** Who assigns: the name of the authority, and the FINESS that it is; null when there is neither. */
export function assignerOf({ namespace, id, idType }: Hd): JsonObject | null {
  const kind = idType === 'M' ? 'FINEJ' : idType === 'N' ? 'FINEG' : null
  const identifier = kind === null || id === '' ? null : identifierOfNational({ kind, value: id })
  if (identifier === null && namespace === '') return null
  return {
    ...(identifier === null ? {} : { identifier }),
    ...(namespace === '' ? {} : { display: namespace }),
  }
}

/** The HD of an Identifier, from its system and its assigner. */
export function hdOf(identifier: JsonObject): Hd {
  const system = text(identifier['system'])
  const assigner = object(identifier['assigner'])
  const namespace = text(assigner?.['display']) ?? ''
  const inside = object(assigner?.['identifier'])
  const structure = inside === null ? null : nationalOfIdentifier(inside)
  if (structure !== null && (structure.kind === 'FINEJ' || structure.kind === 'FINEG')) {
    const isSystem = system === null || system === systemOf({ namespace, id: structure.value, idType: 'M' })
    const own = system !== null && readOwn(system)?.id === structure.value
    if (isSystem || own) return { namespace, id: structure.value, idType: structure.kind === 'FINEJ' ? 'M' : 'N' }
  }
  return { ...(system === null ? NONE : hdOfSystem(system)), namespace }
}

function hdOfSystem(system: string): Hd {
  if (system.startsWith('urn:oid:')) {
    const id = system.slice('urn:oid:'.length)
    const finess = id.startsWith(FINESS_ARC) ? id.slice(FINESS_ARC.length) : ''
    return /^\d{9}$/.test(finess) ? { namespace: '', id: finess, idType: 'N' } : { namespace: '', id, idType: 'ISO' }
  }
  if (system.startsWith('urn:uuid:')) return { namespace: '', id: system.slice('urn:uuid:'.length), idType: 'UUID' }
  if (system === FINESS_SYSTEM) return NONE
  return readOwn(system) ?? { namespace: '', id: system, idType: 'URI' }
}

function readOwn(system: string): Hd | null {
  if (!system.startsWith(OWN)) return null
  const [idType = '', id = ''] = system.slice(OWN.length).split(':')
  try {
    return { namespace: '', idType: decodeURIComponent(idType), id: decodeURIComponent(id) }
  } catch {
    return null
  }
}
