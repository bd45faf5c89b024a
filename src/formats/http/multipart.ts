/** Forms with files (`multipart/form-data`, RFC 7578). Pure. */

/** A file of a form. */
export interface SentFile {
  /** Name of the field. */
  readonly field: string
  readonly type: string
  /** The sender's, and may be a patient's: whoever needs none keeps none. */
  readonly name: string
  readonly bytes: Buffer
}

/** A form as it was sent. */
export interface SentForm {
  readonly fields: URLSearchParams
  readonly files: readonly SentFile[]
}

/** Parts of one form. */
const MOST_PARTS = 500
const BREAK = Buffer.from('\r\n\r\n')

/** The boundary of a content type; null: it has none. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? bare ?? null
}

/** Reads a form; null: it is none. A file field that was left empty is no file; a file without a byte is one. */
export function readMultipart(body: Buffer, boundary: string): SentForm | null {
  const fields = new URLSearchParams()
  const files: SentFile[] = []
  const between = Buffer.from(`\r\n--${boundary}`)
  // The first boundary has no line before it.
  const text = Buffer.concat([Buffer.from('\r\n'), body])
  let at = text.indexOf(between)
  if (at < 0) return null
  for (let parts = 0; parts < MOST_PARTS; parts += 1) {
    const from = at + between.length
    if (text.subarray(from, from + 2).equals(Buffer.from('--'))) return { fields, files }
    const next = text.indexOf(between, from)
    if (next < 0) return null
    const head = text.indexOf(BREAK, from)
    if (head < 0 || head > next) return null
    const headers = text.toString('utf8', from, head)
    const field = named(headers, 'name')
    if (field === null) return null
    const bytes = text.subarray(head + BREAK.length, next)
    const name = named(headers, 'filename')
    if (name === null) fields.append(field, bytes.toString('utf8'))
    else if (name !== '' || bytes.length > 0) files.push({ field, type: typeOf(headers), name, bytes })
    at = next
  }
  return null
}

/** A parameter of Content-Disposition, as browsers write it: `"` as `%22`, line breaks as `%0D%0A`. */
function named(headers: string, name: string): string | null {
  return parameterOf(/^content-disposition:(.*)$/im.exec(headers)?.[1] ?? '', name)
}

function parameterOf(disposition: string, name: string): string | null {
  const line = /^\s*form-data(.*)$/i.exec(disposition)?.[1] ?? ''
  const found = new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(line)?.[1]
  return found?.replace(/%(22|0D|0A)/gi, (sign) => decodeURIComponent(sign)) ?? null
}

/** Name of the field that a Content-Disposition tells, null where it is of no form; and whether it is a file. */
export function fieldOf(disposition: string): { readonly name: string | null; readonly file: boolean } {
  return { name: parameterOf(disposition, 'name'), file: parameterOf(disposition, 'filename') !== null }
}

function typeOf(headers: string): string {
  return /^content-type:\s*([\w/+.-]+)/im.exec(headers)?.[1]?.toLowerCase() ?? 'application/octet-stream'
}
