/** Structures of the register as FHIR R4 has them: Organization, after fr-core-organization. Pure. */
import type { Structure } from '../../core/structures.ts'
import { type Loose, resource } from '../bridge/bundle.ts'
import type { JsonObject } from '../fhir/json-value.ts'
import { identifierOfNational } from '../identifiers/fhir-form.ts'
import type { National } from '../identifiers/national.ts'
import { idNstOf, sirenFault, siretFault } from '../identifiers/structure.ts'

const PROFILE = 'https://passerelle.example/fhir/StructureDefinition/organization'
const SIGN = 'fin-'

/** The id of a structure, the same on every node and after every import. */
export function structureId(finess: string): string {
  return `${SIGN}${finess.toLowerCase()}`
}

/** The FINESS number of such an id; null: it is none. */
export function finessOfId(id: string): string | null {
  const number = id.startsWith(SIGN) ? id.slice(SIGN.length).toUpperCase() : ''
  return /^([0-9]{2}|2[AB])[0-9]{7}$/.test(number) ? number : null
}

/** The structure, without id and version. Its category stands without the address of its list, which the file does not name. */
export function structureResource(one: Structure): JsonObject {
  const { category, categoryName, phone, address, commune, postcode, department } = one
  const line = { ...(address !== null && { line: [address] }), ...(commune !== null && { city: commune }) }
  const where = {
    ...line,
    ...(department !== null && { district: department }),
    ...(postcode !== null && { postalCode: postcode }),
  }
  return resource('Organization', null, {
    meta: { profile: [PROFILE] },
    identifier: written(one),
    active: true,
    type:
      category === null && categoryName === null
        ? null
        : [
            {
              ...(category !== null && {
                coding: [{ code: category, ...(categoryName !== null && { display: categoryName }) }],
              }),
              ...(categoryName !== null && { text: categoryName }),
            },
          ],
    name: one.name,
    telecom: phone === null ? null : [{ system: 'phone', value: phone }],
    address: Object.keys(where).length === 0 ? null : [where],
    partOf: one.ej === null ? null : partOf(one.ej, one.ejName),
  })
}

/** A legal entity that the register has not is named by its number alone. */
function partOf(ej: string, ejName: string | null): Loose {
  const identifier = identifierOfNational({ kind: 'FINEJ', value: ej }) as Loose
  return {
    ...(ejName !== null && { reference: `Organization/${structureId(ej)}` }),
    identifier,
    ...(ejName !== null && { display: ejName }),
  }
}

function written({ finess, level, siret }: Structure): Loose[] {
  const numbers: National[] = [
    { kind: level === 'ej' ? 'FINEJ' : 'FINEG', value: finess },
    ...(level === 'eg' ? [{ kind: 'IDNST' as const, value: idNstOf('FINEG', finess) }] : []),
    ...(siret !== null && siretFault(siret) !== 'form' ? [{ kind: 'SIRET' as const, value: siret }] : []),
    ...(siret !== null && sirenFault(siret) !== 'form' ? [{ kind: 'SIREN' as const, value: siret }] : []),
  ]
  return numbers.flatMap((one) => (identifierOfNational(one) as Loose | null) ?? [])
}
