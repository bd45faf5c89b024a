/** Archives of documents (IHE XDM) of invented patients, and ZIP files of any form, sound or not. */
import { crc32, deflateRawSync } from 'node:zlib'
import type { XdmCode, XdmEntry, XdmSubmission } from '../../src/formats/xdm/package.ts'
import type { DocumentToWrite, XdmToWrite } from '../../src/formats/xdm/write.ts'
import { cda, INS, INS_OID, IPP_OID } from './documents.ts'

/** patientId of the invented patient. */
export const PATIENT_ID = `${INS}^^^&${INS_OID}&ISO^NH`
/** When the archives were made. */
export const MADE_AT_MS = Date.UTC(2026, 10, 23, 10, 30, 8)

const code = (value: string, system: string, display: string): XdmCode => ({ code: value, system, display })
const AUTHOR = {
  person: '899900000011^MARTIN (FICTIF)^Claire^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS',
  institutions: ['CH Fictif^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1539990028'],
  roles: [],
  specialties: [],
  telecoms: [],
}

/** A submission set with whatever differs. */
export function submission(parts: Partial<XdmSubmission> = {}): XdmSubmission {
  return {
    entryUuid: 'urn:uuid:00000000-0000-5000-8000-000000000001',
    uniqueId: '1.2.250.1.999.20.1',
    sourceId: '1.2.250.1.999.20',
    submissionTime: '20261123103008',
    patientId: PATIENT_ID,
    authors: [AUTHOR],
    contentTypeCode: code('03', '1.2.250.1.213.2.2', 'Hospitalisation complète'),
    intendedRecipients: ['|899900000029^DURAND (FICTIF)^Paul|^^Internet^paul.durand@chu.mssante.test'],
    title: 'Compte rendu',
    ...parts,
  }
}

/** An entry as it is given to the writer. */
export function entry(parts: Partial<XdmEntry> = {}): DocumentToWrite['entry'] {
  return {
    entryUuid: 'urn:uuid:00000000-0000-5000-8000-000000000002',
    uniqueId: '1.2.250.1.999.9.1',
    mimeType: 'text/xml',
    creationTime: '20261123102500',
    languageCode: 'fr-FR',
    patientId: PATIENT_ID,
    sourcePatientId: `300101^^^&${IPP_OID}&ISO^PI`,
    sourcePatientInfo: ['PID-5|LEROUX (FICTIF)^SUZANNE^^^^^L', 'PID-7|19540312', 'PID-8|F'],
    authors: [AUTHOR],
    legalAuthenticator: AUTHOR.person,
    serviceStartTime: '20261123090000',
    serviceStopTime: '',
    title: "Compte rendu d'imagerie & <suite>",
    classCode: code('10', '1.2.250.1.213.1.1.4.1', 'Compte rendu'),
    typeCode: code('18748-4', '2.16.840.1.113883.6.1', "CR d'imagerie"),
    formatCode: code('urn:ihe:iti:xds-sd:text:2008', '1.3.6.1.4.1.19376.1.2.3', 'CDA'),
    healthcareFacilityTypeCode: code('SA01', '1.2.250.1.71.4.2.4', 'Etablissement public de santé'),
    practiceSettingCode: code('ETABLISSEMENT', '1.2.250.1.213.1.1.4.9', 'Etablissement de santé'),
    confidentialityCodes: [code('N', '2.16.840.1.113883.5.25', 'Normal')],
    eventCodes: [],
    replaces: null,
    ...parts,
  }
}

/** An archive of one document, with whatever differs. */
export function archive(parts: Partial<XdmToWrite> = {}): XdmToWrite {
  return {
    submission: submission(),
    documents: [{ entry: entry(), bytes: Buffer.from(cda()) }],
    producer: { name: 'Passerelle', version: '0', contact: 'exploitation@region.test' },
    atMs: MADE_AT_MS,
    ...parts,
  }
}

/** A file of a ZIP that is written by hand; what is not said is as it should be. */
export interface RawFile {
  readonly name: string
  readonly bytes: string | Buffer
  readonly stored?: boolean
  readonly flags?: number
  readonly method?: number
  /** Unix mode: what made it a link. */
  readonly mode?: number
  /** Name in the local header. */
  readonly localName?: string
  /** What the directory says of size, packed size and checksum. */
  readonly size?: number
  readonly packed?: number
  readonly crc?: number
  /** Offset that the directory gives, instead of its own. */
  readonly offset?: number
}

/** A ZIP of these files, in the words of APPNOTE and without the writer of the gateway. */
export function rawZip(
  files: readonly RawFile[],
  end: { count?: number; comment?: string; after?: string } = {},
): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const bytes = Buffer.from(file.bytes)
    const data = file.stored === true ? bytes : deflateRawSync(bytes)
    const method = file.method ?? (file.stored === true ? 0 : 8)
    const facts = (version: number[]): Buffer => {
      const made = Buffer.alloc(26 + version.length)
      Buffer.from(version).copy(made)
      const at = version.length
      made.writeUInt16LE(file.flags ?? 0, at)
      made.writeUInt16LE(method, at + 2)
      made.writeUInt32LE(file.crc ?? crc32(bytes), at + 8)
      made.writeUInt32LE(file.packed ?? data.length, at + 12)
      made.writeUInt32LE(file.size ?? bytes.length, at + 16)
      return made
    }
    const localName = Buffer.from(file.localName ?? file.name)
    const local = facts([0x50, 0x4b, 3, 4, 20, 0])
    local.writeUInt16LE(localName.length, 26)
    locals.push(local.subarray(0, 30), localName, data)
    const name = Buffer.from(file.name)
    const central = Buffer.concat([facts([0x50, 0x4b, 1, 2, 20, 3, 20, 0]), Buffer.alloc(12)])
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE((file.mode ?? 0o100644) * 0x1_0000, 38)
    central.writeUInt32LE(file.offset ?? offset, 42)
    centrals.push(central.subarray(0, 46), name)
    offset += 30 + localName.length + data.length
  }
  const directory = Buffer.concat(centrals)
  const tail = Buffer.alloc(22)
  tail.write('PK\x05\x06', 'latin1')
  tail.writeUInt16LE(end.count ?? files.length, 8)
  tail.writeUInt16LE(end.count ?? files.length, 10)
  tail.writeUInt32LE(directory.length, 12)
  tail.writeUInt32LE(offset, 16)
  tail.writeUInt16LE(end.comment?.length ?? 0, 20)
  const rest = Buffer.from(`${end.comment ?? ''}${end.after ?? ''}`)
  return Buffer.concat([...locals, directory, tail, rest])
}
