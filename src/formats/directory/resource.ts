/** Holders of mailboxes as FHIR R4 has them: Practitioner, PractitionerRole, Organization, with MSSanté mailboxes in `telecom`. Pure. */
import type { DirectoryAsk, DirectoryEntry } from '../../core/directory.ts'
import type { MailboxKind } from '../../core/mail.ts'
import { type Loose, resource } from '../bridge/bundle.ts'
import type { JsonObject } from '../fhir/json-value.ts'
import { identifierOfNational } from '../identifiers/fhir-form.ts'
import type { National } from '../identifiers/national.ts'
import { readIdNps } from '../identifiers/professional.ts'
import { readIdNst } from '../identifiers/structure.ts'
import { addressId } from './words.ts'

/** Types that hold mailboxes, and the kinds of those that each holds. */
export const HOLDERS = {
  Practitioner: ['PER', 'CAB'],
  PractitionerRole: ['PER'],
  Organization: ['ORG', 'APP'],
} as const satisfies Readonly<Record<string, readonly MailboxKind[]>>

/** One of these types. */
export type HolderType = keyof typeof HOLDERS

const EMAIL_TYPE = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type'
const MAIL_SYSTEM = 'https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie'
const METADATA = 'https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata'
const KIND_SYSTEM = 'https://mos.esante.gouv.fr/NOS/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL'
const LONGEST_ID = 64

const idPart = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '-')

/**
 * The id of the holder of a mailbox, the same on every node and after every import; null: no such type holds it. Holders
 * without a number are known by the address. */
export function holderId(type: HolderType, entry: DirectoryEntry): string | null {
  const kinds: readonly MailboxKind[] = HOLDERS[type]
  if (!kinds.includes(entry.kind)) return null
  const { person, structure, address } = entry
  const number = type === 'Organization' ? structure : person
  if (type === 'PractitionerRole' && structure === null) return null
  if (number === null) return `dir-${SIGN[type]}h-${addressId(address)}`
  const parts = type === 'PractitionerRole' ? [number, structure ?? ''] : [number]
  const id = `dir-${SIGN[type]}-${parts.map(idPart).join('-')}`
  return id.length > LONGEST_ID ? null : id
}

const SIGN: Readonly<Record<HolderType, string>> = { Practitioner: 'p', PractitionerRole: 'r', Organization: 's' }

/** What the directory is asked for the mailboxes of a holder; null: it is no id of one. */
export function askOfHolder(type: HolderType, id: string): DirectoryAsk | null {
  const kinds = HOLDERS[type]
  const match = /^dir-([prs])(h?)-([a-z0-9-]+)$/.exec(id)
  const [, sign, hashed, rest = ''] = match ?? []
  if (sign !== SIGN[type]) return null
  if (hashed === 'h') return { key: rest, kinds }
  if (type === 'Organization') return { structure: rest, kinds }
  if (type === 'Practitioner') return { person: rest, kinds }
  const at = rest.lastIndexOf('-')
  return at < 1 ? null : { person: rest.slice(0, at), structure: rest.slice(at + 1), kinds }
}

/** The holder of these mailboxes, at least one, without id and version. */
export function holderResource(type: HolderType, entries: readonly [DirectoryEntry, ...DirectoryEntry[]]): JsonObject {
  const [first] = entries
  const telecom = [...new Map(entries.map((one) => [one.address, one])).values()].map(telecomOf)
  switch (type) {
    case 'Practitioner':
      return resource('Practitioner', null, {
        identifier: first.person === null ? null : personIdentifiers(first.person),
        active: true,
        name: nameOf(first),
        telecom,
        qualification: concept(first.professionCode, first.profession)?.map((code) => ({ code })),
      })
    case 'PractitionerRole':
      return resource('PractitionerRole', null, {
        active: true,
        practitioner: { reference: `Practitioner/${holderId('Practitioner', first)}`, display: first.name },
        organization: organizationOf(first),
        code: concept(first.professionCode, first.profession),
        specialty: concept(first.specialityCode, first.speciality),
        telecom,
      })
    case 'Organization':
      return resource('Organization', null, {
        identifier: first.structure === null ? null : structureIdentifiers(first.structure),
        active: true,
        name: first.organisation ?? first.name,
        telecom,
        address: addressOf(first),
      })
  }
}

/** The mailbox as a ContactPoint: that it is of MSSanté, its kind, and what may be told of it. */
function telecomOf({ address, kind, description, service, digital, red }: DirectoryEntry): Loose {
  const told: Loose[] = [
    { url: 'type', valueCodeableConcept: { coding: [{ system: KIND_SYSTEM, code: kind }] } },
    ...(description === null ? [] : [{ url: 'description', valueString: description }]),
    ...(service === null ? [] : [{ url: 'service', valueString: service }]),
    ...(digital === null ? [] : [{ url: 'digitization', valueBoolean: digital }]),
    { url: 'listeRouge', valueBoolean: red },
  ]
  return {
    extension: [
      { url: EMAIL_TYPE, valueCoding: { system: MAIL_SYSTEM, code: 'MSSANTE' } },
      { url: METADATA, extension: told },
    ],
    system: 'email',
    value: address,
  }
}

function nameOf({ family, given, title, name }: DirectoryEntry): Loose[] {
  if (family === null) return [{ text: name }]
  return [{ family, ...(given !== null && { given: [given] }), ...(title !== null && { prefix: [title] }) }]
}

/** A number whose list of codes is not known stands without its system. */
function concept(code: string | null, text: string | null): Loose[] | null {
  if (code === null && text === null) return null
  const coding = code === null ? null : [{ code, ...(text !== null && { display: text }) }]
  return [{ ...(coding !== null && { coding }), ...(text !== null && { text }) }]
}

function organizationOf({ structure, organisation }: DirectoryEntry): Loose | null {
  const [identifier] = structure === null ? [] : structureIdentifiers(structure)
  return { ...(identifier && { identifier }), ...(organisation !== null && { display: organisation }) }
}

function addressOf({ town, postcode, department }: DirectoryEntry): Loose[] | null {
  if (town === null && postcode === null && department === null) return null
  return [
    {
      ...(town !== null && { city: town }),
      ...(department !== null && { district: department }),
      ...(postcode !== null && { postalCode: postcode }),
    },
  ]
}

const written = (all: readonly National[]): Loose[] =>
  all.flatMap((one) => (identifierOfNational(one) as Loose | null) ?? [])

function personIdentifiers(person: string): Loose[] {
  const read = readIdNps(person)
  const number: National[] = read?.of === 'RPPS' || read?.of === 'ADELI' ? [{ kind: read.of, value: read.number }] : []
  return written([...number, { kind: 'IDNPS', value: person }])
}

function structureIdentifiers(structure: string): Loose[] {
  const read = readIdNst(structure)
  const of = read?.of
  const number: National[] =
    of === 'FINEG' || of === 'SIREN' || of === 'SIRET' ? [{ kind: of, value: read?.number ?? '' }] : []
  return written([...number, { kind: 'IDNST', value: structure }])
}
