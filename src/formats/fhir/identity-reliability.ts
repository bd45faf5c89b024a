/** FrCore's identityReliability, in the forms of its older and newer files: read and written. Pure. */

import { isInsIdentifier } from '../identifiers/fhir-form.ts'
import { type IdentityStatus, isUntrusted, type Reliability } from '../identifiers/identity-status.ts'
import { isObject, type JsonObject, object, objects, text } from './json-value.ts'

/** Address of the extension. */
export const RELIABILITY = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability'
/** Code system of the newer files, which tell validated and qualified apart. */
export const STATUS_SYSTEM = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status'
/** Code system of the older files, where VALI still means what PAM FR calls validated, and RNIV qualified. */
export const STATUS_SYSTEM_0445 = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445'
/** Code system of the annotations beside them. */
export const COMMENT_SYSTEM = `${STATUS_SYSTEM}-comment`
/** Code system of the ways to collect an identity (ZFD-5). */
export const METHOD_SYSTEM = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-method-collection'
/** Code system of the documents that validate one (ZFD-7). */
export const PROOF_SYSTEM = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-mode-validation-identity'

const OLD_STATUS = /v2-0445$/
/** Parts of the extension that only the newer files have: there VALI says that the INS is not verified. */
const NEW_PARTS: readonly string[] = ['methodCollection', 'dateInterrogationINSi']
const CODES: ReadonlySet<string> = new Set(['PROV', 'RECUP', 'VALI', 'QUAL'])

/** How the identity of a Patient resource stands; PROV when nothing is said. Annotations count wherever they stand. */
export function reliabilityOf(patient: JsonObject): Reliability {
  const parts = partsOf(patient)
  const isNew = parts.some(({ url }) => NEW_PARTS.includes(text(url) ?? ''))
  let status: IdentityStatus = 'PROV'
  const comments = new Set<string>()
  for (const part of parts) {
    for (const { system, code } of codingsOf(part)) {
      if (isUntrusted([code])) comments.add(code)
      if (part['url'] === 'comment' && code !== '') comments.add(code)
      if (part['url'] !== 'identityStatus') continue
      if (!CODES.has(code)) {
        if (code !== 'VIDE' && code !== '') comments.add(code)
      } else if (status === 'PROV' || code === 'QUAL') {
        // An older VALI with an INS is what is now called qualified.
        const old = code === 'VALI' && !isNew && OLD_STATUS.test(system)
        status = old && objects(patient['identifier']).some(isInsIdentifier) ? 'QUAL' : (code as IdentityStatus)
      }
    }
  }
  return {
    status,
    comments: [...comments],
    method: firstCode(parts, 'methodCollection'),
    askedAt: firstDate(parts, ['dateInterrogationINSi', 'dateCollection']),
    proof: firstCode(parts, 'validationMode'),
  }
}

/** The statuses that a Patient claims, each once; none where nothing is said. */
export function statusesOf(patient: JsonObject): readonly string[] {
  const parts = partsOf(patient).filter(({ url }) => url === 'identityStatus')
  const codes = parts.flatMap((part) => codingsOf(part).map(({ code }) => code)).filter((code) => CODES.has(code))
  return [...new Set(codes)]
}

/**
 * The extension for an identity. `0445`: in the form of the older files, where QUAL is written VALI and RECUP as PROV;
 * which of the two the published version binds is not verified, so the region says (design, facts that are inferred). */
export function reliabilityExtension(of: Reliability, form: 'current' | '0445' = 'current'): JsonObject {
  const status = isUntrusted(of.comments) ? 'PROV' : of.status
  const coding = (system: string, code: string): JsonObject => ({ system, code })
  if (form === '0445') {
    const old = status === 'QUAL' || status === 'VALI' ? 'VALI' : 'PROV'
    return {
      url: RELIABILITY,
      extension: [
        ...[old, ...of.comments].map((code) => ({
          url: 'identityStatus',
          valueCoding: coding(STATUS_SYSTEM_0445, code),
        })),
        ...(of.askedAt === '' ? [] : [{ url: 'dateCollection', valueDate: of.askedAt }]),
      ],
    }
  }
  return {
    url: RELIABILITY,
    extension: [
      ...(of.method === '' ? [] : [{ url: 'methodCollection', valueCoding: coding(METHOD_SYSTEM, of.method) }]),
      ...(of.askedAt === '' ? [] : [{ url: 'dateInterrogationINSi', valueDate: of.askedAt }]),
      { url: 'identityStatus', valueCoding: coding(STATUS_SYSTEM, status) },
      ...of.comments.map((code) => ({
        url: 'comment',
        valueCodeableConcept: { coding: [coding(COMMENT_SYSTEM, code)] },
      })),
      ...(of.proof === '' ? [] : [{ url: 'validationMode', valueCoding: coding(PROOF_SYSTEM, of.proof) }]),
    ],
  }
}

function partsOf(patient: JsonObject): JsonObject[] {
  return objects(patient['extension'])
    .filter(({ url }) => url === RELIABILITY)
    .flatMap(({ extension }) => objects(extension))
}

function firstCode(parts: readonly JsonObject[], url: string): string {
  const part = parts.find((one) => one['url'] === url)
  return part === undefined ? '' : (codingsOf(part)[0]?.code ?? '')
}

function firstDate(parts: readonly JsonObject[], urls: readonly string[]): string {
  const part = parts.find((one) => urls.includes(text(one['url']) ?? ''))
  return text(part?.['valueDate']) ?? text(part?.['valueDateTime']) ?? ''
}

function codingsOf(part: JsonObject): { system: string; code: string }[] {
  const { valueCoding, valueCodeableConcept, valueCode, valueString } = part
  const bare = text(valueCode) ?? text(valueString)
  const codings = [
    ...[valueCoding].filter((one) => one !== undefined),
    ...objects(object(valueCodeableConcept)?.['coding']),
  ]
  return [
    ...codings.filter(isObject).map((one) => ({ system: text(one['system']) ?? '', code: text(one['code']) ?? '' })),
    ...(bare === null ? [] : [{ system: '', code: bare }]),
  ]
}
