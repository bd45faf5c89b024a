/** Names, addresses, ways to reach, and professionals: XPN, XAD, XTN and XCN against HumanName, Address, ContactPoint and Practitioner. */
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Repetition } from '../hl7v2/write.ts'
import { assignerOf, hdOf, systemOf } from '../identifiers/authority.ts'
import { identifierOfNational, nationalOfIdentifier } from '../identifiers/fhir-form.ts'
import { nationalOfXcn, xcnOfNational } from '../identifiers/hl7-form.ts'
import type { National, ProfessionalKind } from '../identifiers/national.ts'
import { resource, without } from './bundle.ts'
import { hdComponent, hdOfPart, type Part } from './parts.ts'
import { claiming, isAddressed, PROFILES } from './profiles.ts'

/** Extension of HumanName: the given names as the civil registry lists them (FrCore). */
export const GIVEN_NAMES = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name'
/** Extension of Address: the code of the commune (FrCore). */
export const INSEE_CODE = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code'
/** Code system of the communes (NOS TRE_R13). */
export const COMMUNES = 'https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM'

/** XPN-7 (IHE France N.10) and HumanName.use; the first of each pair is what is written. */
const NAME_USES: readonly (readonly [type: string, use: string | null])[] = [
  ['L', 'official'],
  ['D', 'usual'],
  ['S', 'nickname'],
  ['S', 'anonymous'],
  ['L', 'maiden'],
  ['U', null],
]
const ADDRESS_USES: readonly (readonly [type: string, use: string])[] = [
  ['H', 'home'],
  ['O', 'work'],
  ['C', 'temp'],
  ['BA', 'old'],
]

/** HumanName of an XPN: XPN-2 is the first given name, XPN-3 the list of them (PAM FR §6.6.6); null without a name. */
export function humanNameOf(part: Part): JsonObject | null {
  const type = part(7)
  const use = NAME_USES.find(([one]) => one === type)?.[1] ?? null
  const list = part(3)
  const extension = list === '' ? [] : [{ url: GIVEN_NAMES, valueString: list }]
  const said = without({ family: part(1), given: [part(2)], prefix: [part(5)], suffix: [part(4)] })
  if (said === undefined && list === '') return null
  return object(without({ extension, use, ...(object(said) ?? {}) }))
}

/** XPN of a HumanName. Several given names without a list of their own make the list. */
export function xpnOf(name: JsonObject, type?: string): Repetition {
  const given = texts(name['given'])
  const list = objects(name['extension']).find(({ url }) => url === GIVEN_NAMES)
  const all = text(list?.['valueString']) ?? (given.length > 1 ? given.join(' ') : '')
  const use = text(name['use'])
  return [
    text(name['family']) ?? (given.length === 0 ? text(name['text']) : null),
    given[0],
    all,
    texts(name['suffix']).join(' '),
    texts(name['prefix']).join(' '),
    '',
    type ?? NAME_USES.find(([, one]) => one === use)?.[0] ?? 'U',
  ]
}

/** Address of an XAD; null when it is empty. Its type and the commune of XAD-9 go along. */
export function addressOf(part: Part): JsonObject | null {
  const type = part(7)
  const use = ADDRESS_USES.find(([one]) => one === type)?.[1]
  const commune = part(9)
  const extension = commune === '' ? [] : [{ url: INSEE_CODE, valueCoding: { system: COMMUNES, code: commune } }]
  const said = without({
    line: [part(1), part(2)],
    city: part(3),
    state: part(4),
    postalCode: part(5),
    country: part(6),
  })
  if (said === undefined && commune === '') return null
  return object(without({ extension, use, type: type === 'M' ? 'postal' : undefined, ...(object(said) ?? {}) }))
}

/** XAD of an Address; `type` stands in XAD-7 instead of the one of its use. */
export function xadOf(address: JsonObject, type?: string): Repetition {
  const [first, ...more] = texts(address['line'])
  const use = text(address['use'])
  const own = address['type'] === 'postal' ? 'M' : ADDRESS_USES.find(([, one]) => one === use)?.[0]
  return [
    first ?? (text(address['city']) === null ? text(address['text']) : null),
    more.join(', '),
    text(address['city']),
    text(address['state']),
    text(address['postalCode']),
    text(address['country']),
    type ?? own,
    '',
    communeOf(address),
  ]
}

/** '' when it has none. */
function communeOf(address: JsonObject): string {
  const extension = objects(address['extension']).find(({ url }) => url === INSEE_CODE)
  return text(object(extension?.['valueCoding'])?.['code']) ?? ''
}

/** ContactPoint of an XTN (HL7 v2.5.1 §2.A.89); null when it says nothing. */
export function contactPointOf(part: Part, work = false): JsonObject | null {
  const equipment = part(3)
  const isMail = equipment === 'Internet' || equipment === 'X.400' || part(2) === 'NET'
  const assembled = [part(5), part(6), part(7)].filter((one) => one !== '').join(' ')
  const value = isMail ? part(4) || part(12) || part(1) : part(12) || part(1) || assembled || part(4)
  if (value === '') return null
  const system = isMail ? 'email' : equipment === 'FX' ? 'fax' : equipment === 'BP' ? 'pager' : 'phone'
  const isWork = work || part(2) === 'WPN'
  const use = isWork ? 'work' : equipment === 'CP' ? 'mobile' : part(2) === 'PRN' ? 'home' : null
  return object(without({ system, value, use }))
}

/** XTN of a ContactPoint; '' when it has no value. */
export function xtnOf(point: JsonObject): Repetition {
  const value = text(point['value'])
  const use = text(point['use'])
  const system = text(point['system'])
  if (value === null) return ''
  if (system === 'email') return ['', use === 'work' ? 'WPN' : 'NET', 'Internet', value]
  const equipment = system === 'fax' ? 'FX' : system === 'pager' ? 'BP' : use === 'mobile' ? 'CP' : 'PH'
  const code = use === 'work' ? 'WPN' : use === 'home' || use === 'mobile' ? 'PRN' : 'ORN'
  return ['', code, equipment, '', '', '', '', '', '', '', '', value]
}

/** Practitioner of an XCN, with the local id given; null when it names nobody. */
export function practitionerOf(part: Part, id: string): JsonObject | null {
  const cx = { value: part(1).trim(), authority: hdOfPart(part, 9), type: part(13) }
  const national = nationalOfXcn(cx)
  const system = systemOf(cx.authority)
  const local = cx.value === '' ? undefined : { system, value: cx.value, assigner: assignerOf(cx.authority) }
  const identifier = national === null ? local : identifierOfNational(national)
  const use = NAME_USES.find(([one]) => one === part(10))?.[1] ?? 'usual'
  const name = { use, family: part(2), given: [part(3)], prefix: [part(6)] }
  const isNamed = part(2) !== '' || part(3) !== ''
  if (!isNamed && (identifier === undefined || identifier === null)) return null
  const made = resource('Practitioner', null, { id, identifier: [identifier], name: [isNamed ? name : null] })
  return part(2) !== '' && isAddressed(made) ? claiming(made, PROFILES.practitioner) : made
}

/** XCN of a Practitioner (IHE France N.8): XCN-9 and XCN-13 with an id, XCN-10 with a name. */
export function xcnOf(practitioner: JsonObject): Repetition {
  const identifiers = objects(practitioner['identifier'])
  const national = identifiers.map(nationalOfIdentifier).find((one) => one !== null && isProfessional(one)) ?? null
  const known = national === null ? null : xcnOfNational(national as National<ProfessionalKind>)
  const first = identifiers.find((one) => text(one['value']) !== null)
  const value = known?.value ?? text(first?.['value'])
  const authority = known?.authority ?? (first === undefined ? null : hdOf(first))
  const [name] = objects(practitioner['name'])
  const given = texts(name?.['given'])[0]
  const family = text(name?.['family']) ?? (given === undefined ? text(name?.['text']) : null)
  return [
    value,
    family,
    given,
    '',
    '',
    texts(name?.['prefix'])[0],
    '',
    '',
    value === null || authority === null ? '' : hdComponent(authority),
    family === null && given === undefined ? '' : name?.['use'] === 'official' ? 'L' : 'D',
    '',
    '',
    known?.type ?? (value === null ? '' : 'EI'),
  ]
}

function isProfessional({ kind }: National): boolean {
  return kind === 'RPPS' || kind === 'IDNPS' || kind === 'ADELI'
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string' && one !== '') : []
}
