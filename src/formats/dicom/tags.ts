/** The tags that are looked at (PS3.6), as numbers: group × 65536 + element. */
export const TAGS = {
  transferSyntax: 0x0002_0010,
  charset: 0x0008_0005,
  sopClass: 0x0008_0016,
  sopInstance: 0x0008_0018,
  studyDate: 0x0008_0020,
  studyTime: 0x0008_0030,
  accession: 0x0008_0050,
  modality: 0x0008_0060,
  modalitiesInStudy: 0x0008_0061,
  studyDescription: 0x0008_1030,
  referencedSopClass: 0x0008_1150,
  referencedSopInstance: 0x0008_1155,
  retrieveUrl: 0x0008_1190,
  warningReason: 0x0008_1196,
  failureReason: 0x0008_1197,
  failedSops: 0x0008_1198,
  referencedSops: 0x0008_1199,
  patientGroupLength: 0x0010_0000,
  patientName: 0x0010_0010,
  patientId: 0x0010_0020,
  issuer: 0x0010_0021,
  idType: 0x0010_0022,
  qualifiers: 0x0010_0024,
  birthDate: 0x0010_0030,
  sex: 0x0010_0040,
  otherIds: 0x0010_1002,
  study: 0x0020_000d,
  series: 0x0020_000e,
  number: 0x0020_0013,
  seriesInstances: 0x0020_1209,
  studyInstances: 0x0020_1208,
  entityId: 0x0040_0032,
  entityIdType: 0x0040_0033,
} as const

/** Nothing behind this tag is looked at. */
export const LAST_READ: number = TAGS.number

/** A tag as the DICOM JSON model and QIDO-RS write it: `00100020`. */
export function tagName(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(8, '0')
}
