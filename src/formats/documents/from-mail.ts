/** A document that came by mail as what systems take: a Bundle with its DocumentReference, or an MDM (CDA_HL7_V2). */
import type { Finding } from '../../core/message.ts'
import { toHl7 } from '../bridge/bridge.ts'
import { ensured, type Loose, referenceTo, resource, transaction } from '../bridge/bundle.ts'
import type { BridgeContext } from '../bridge/context.ts'
import { type Conversion, lacking } from '../bridge/conversion.ts'
import { dateOf, instantOf } from '../bridge/time.ts'
import { reliabilityExtension } from '../fhir/identity-reliability.ts'
import type { JsonObject } from '../fhir/json-value.ts'
import { identifierOfNational } from '../identifiers/fhir-form.ts'
import { nationalOfXcn, nationalOfXon } from '../identifiers/hl7-form.ts'
import { insAuthority } from '../identifiers/ins.ts'
import { identifierOfCx } from '../identifiers/patient.ts'
import { pieceOf } from '../xdm/hl7-text.ts'
import type { XdmCode } from '../xdm/package.ts'
import type { ReceivedDocument } from './consistency.ts'

/** A mail's document to be handed on. */
export interface Handing {
  readonly document: ReceivedDocument
  /** Does the mail say that the INS is qualified (X-MSS-INS O), and has the document all that goes with it? */
  readonly qualified: boolean
  readonly context: BridgeContext
}

const OIDS: Readonly<Record<string, string>> = {
  '2.16.840.1.113883.6.1': 'http://loinc.org',
  '2.16.840.1.113883.6.96': 'http://snomed.info/sct',
}
const GENDERS: Readonly<Record<string, string>> = { M: 'male', F: 'female' }

/** The Bundle: the patient, known again by name, and the document with its bytes inside. */
export function documentBundle({ document, qualified, context }: Handing): Conversion<JsonObject> {
  const { entry, bytes, content } = document
  if (bytes === null) return lacking('DocumentEntry.uri')
  if (entry.uniqueId === '') return lacking('DocumentEntry.uniqueId')
  const patient = patientOf(document, qualified)
  if (patient.resource === null) return lacking('DocumentEntry.patientId')
  const subject = ensured(patient.resource)
  const author = partyOf(entry.authors[0]?.person ?? '', 'author')
  const custodian = structureOf(entry.authors[0]?.institutions[0] ?? '')
  const signer = partyOf(entry.legalAuthenticator, 'authenticator')
  const related = content?.header.related.find(({ type }) => type === 'RPLC')?.ids[0]
  const replaced =
    related === undefined ? '' : related.extension === '' ? related.root : `${related.root}^${related.extension}`
  const name = nameOf(entry.uniqueId)
  const made = resource('DocumentReference', null, {
    contained: [author, signer].filter((one) => one !== null),
    masterIdentifier: name,
    identifier: [name],
    status: 'current',
    docStatus: 'final',
    type: conceptOf(entry.typeCode),
    category: [conceptOf(entry.classCode)],
    subject: referenceTo(subject),
    date: instant(entry.creationTime) ?? new Date(context.atMs).toISOString(),
    author: [author === null ? custodian : { reference: '#author' }],
    authenticator: signer === null ? null : { reference: '#authenticator' },
    custodian,
    relatesTo:
      replaced === ''
        ? []
        : [{ code: 'replaces', target: { type: 'DocumentReference', identifier: nameOf(replaced) } }],
    securityLabel: entry.confidentialityCodes.map((one) => conceptOf(one)),
    content: [{ attachment: { contentType: entry.mimeType, data: bytes.toString('base64'), title: entry.title } }],
    context: { period: { start: instant(entry.serviceStartTime) ?? dateOf(entry.serviceStartTime) } },
  })
  return transaction([subject, ensured(made)], context, patient.findings)
}

/** The document as MDM^T02, or T10 where it replaces another: in the character set of the context. */
export function documentMessage(handing: Handing): Conversion<Buffer> {
  const bundle = documentBundle(handing)
  if (!bundle.ok) return bundle
  const written = toHl7(bundle.made, handing.context)
  if (!written.ok) return written
  // What the Bundle has and MDM has not is the mapping's matter, and none of this mail's.
  const findings = written.findings.filter(({ code }) => code !== 'CONVERSION_LOSS')
  return { ok: true, made: written.made.bytes, findings: [...bundle.findings, ...findings] }
}

/** DTM in UTC, as an instant. */
function instant(dtm: string): string | null {
  return instantOf(dtm.length > 8 && !/[+-]/.test(dtm) ? `${dtm}+0000` : dtm, 'UTC')
}

function nameOf(uniqueId: string): JsonObject {
  const [root = '', extension = ''] = uniqueId.split('^')
  if (extension === '') return { system: 'urn:ietf:rfc3986', value: `urn:oid:${root}` }
  return { system: `urn:oid:${root}`, value: extension }
}

function conceptOf(code: XdmCode | null): Loose {
  if (code === null) return null
  const { system } = code
  const address = OIDS[system] ?? (/^[0-2](\.\d+)+$/.test(system) ? `urn:oid:${system}` : null)
  return {
    coding: [{ system: address, code: code.code, display: code.display }],
    text: address === null ? system : null,
  }
}

/** XCN of metadata as a contained Practitioner. */
function partyOf(xcn: string, id: string): JsonObject | null {
  const [family, given] = [pieceOf(xcn, 2), pieceOf(xcn, 3)]
  const value = pieceOf(xcn, 1)
  const authority = { namespace: '', id: pieceOf(xcn, 9, 2), idType: 'ISO' }
  const national = value === '' ? null : nationalOfXcn({ value, authority, type: pieceOf(xcn, 13) })
  const identifier = national === null ? null : identifierOfNational(national)
  if (family === '' && identifier === null) return null
  return resource('Practitioner', null, {
    id,
    identifier: identifier === null ? [] : [identifier],
    name: [{ family, given: [given] }],
  })
}

/** XON of metadata as a reference by name. */
function structureOf(xon: string): Loose {
  const value = pieceOf(xon, 10)
  const authority = { namespace: '', id: pieceOf(xon, 6, 2), idType: 'ISO' }
  const national = value === '' ? null : nationalOfXon({ value, authority, type: pieceOf(xon, 7) })
  const identifier = national === null ? null : identifierOfNational(national)
  const display = pieceOf(xon, 1)
  return identifier === null && display === '' ? null : { type: 'Organization', identifier, display }
}

/**
 * The patient: identifiers of the metadata and the document, names of the document. An INS goes along only where the
 * identity is qualified; the document itself is never changed. */
function patientOf(
  { entry, content }: ReceivedDocument,
  qualified: boolean,
): { resource: JsonObject | null; findings: Finding[] } {
  const said = [entry.patientId, entry.sourcePatientId]
    .filter((one) => one !== '')
    .map((one) => ({
      value: pieceOf(one, 1),
      oid: pieceOf(one, 4, 2),
      type: pieceOf(one, 5),
    }))
  const inside = (content?.header.patients[0]?.ids ?? []).map(({ root, extension }) => ({
    value: extension,
    oid: root,
    type: '',
  }))
  const all = [...said, ...inside].filter(({ value, oid }) => value !== '' && oid !== '')
  const once = all.filter((one, i) => all.findIndex(({ value, oid }) => value === one.value && oid === one.oid) === i)
  const kept = once.filter(({ oid }) => qualified || insAuthority(oid) === null)
  const identifiers = kept
    .map(({ value, oid, type }) => {
      const authority = { namespace: '', id: oid, idType: 'ISO' }
      return identifierOfCx({ value, authority, type: insAuthority(oid) === null ? type || 'PI' : 'INS' })
    })
    .filter((one) => one !== null)
  const findings: Finding[] =
    kept.length < once.length ? [{ code: 'INS_IN_DOCUMENT', class: 'form', at: 'DocumentEntry.patientId' }] : []
  if (identifiers.length === 0) return { resource: null, findings }
  const status = qualified ? 'QUAL' : 'PROV'
  const patient = content?.header.patients[0]
  const named = (qualifiers: readonly string[]): Loose => {
    const family = patient?.families.find(({ qualifier }) => qualifiers.includes(qualifier))?.name ?? ''
    const given = (patient?.givens ?? [])
      .filter(({ qualifier }) => qualifiers.includes(qualifier) || qualifier === '')
      .map(({ name }) => name)
    return family === '' ? null : { use: qualifiers.includes('BR') ? 'official' : 'usual', family, given }
  }
  const birth = named(['BR', '']) ?? entryName(entry.sourcePatientInfo)
  return {
    resource: resource('Patient', null, {
      extension: [reliabilityExtension({ status, comments: [], method: '', askedAt: '', proof: '' })],
      identifier: identifiers,
      name: [birth, named(['SP', 'CL'])],
      gender: GENDERS[patient?.sex ?? ''] ?? null,
      birthDate: dateOf(patient?.birthTime.slice(0, 8) ?? ''),
    }),
    findings,
  }
}

function entryName(info: readonly string[]): Loose {
  const name = info.find((one) => one.startsWith('PID-5|'))?.slice('PID-5|'.length)
  return name === undefined ? null : { use: 'official', family: pieceOf(name, 1), given: [pieceOf(name, 2)] }
}
