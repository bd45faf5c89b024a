/** What a message handed over as a file holds, as its first bytes say. */
export type FileFormat = 'hl7v2' | 'fhir' | 'cda' | 'xdm'

/** Tells the format from the first bytes that are no white space; null: none of those that are known. Pure. */
export function formatOf(bytes: Buffer): FileFormat | null {
  // Local file header of a zip (APPNOTE 4.3.7): nothing else that is sent as an archive here.
  if (bytes.subarray(0, 4).equals(ZIP)) return 'xdm'
  const start = bytes
    .subarray(0, 1_024)
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf)?[\s\x0b]*/, '')
  if (/^(?:MSH|FHS|BHS)[^A-Za-z0-9\s]/.test(start)) return 'hl7v2'
  if (start.startsWith('{')) return 'fhir'
  return start.startsWith('<') ? 'cda' : null
}

const ZIP = Buffer.from([0x50, 0x4b, 0x03, 0x04])
