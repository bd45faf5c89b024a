/** Bodies made of groups of fields: delivery status (RFC 3464) and disposition (RFC 8098). Pure. */
import { type MailAddress, parsePath, written } from './address.ts'
import { readHeader } from './header.ts'
import { escaped, unescaped } from './unicode-text.ts'
import { oneLine } from './write-header.ts'

/** The fields of one group, by lower-case name; the first of a name counts. */
export type StatusFields = ReadonlyMap<string, string>

/** Groups of one body, blank ones too. */
const MOST = 1_000

/** Reads groups that blank lines part; an empty list: there is nothing of that form. */
export function readStatusFields(body: Buffer): readonly StatusFields[] {
  const groups: StatusFields[] = []
  let rest = body
  for (let looked = 0; rest.length > 0 && looked < MOST; looked += 1) {
    const header = readHeader(rest)
    const fields = new Map<string, string>()
    for (const { name, value } of header.fields) {
      if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), oneLine(value))
    }
    if (fields.size > 0) groups.push(fields)
    if (header.bodyAt === 0 || (header.fault !== null && !header.ended)) break
    rest = rest.subarray(header.bodyAt)
  }
  return groups
}

/** `rfc822; a@b.test`, or in the ASCII form of RFC 6533 where the address holds other letters. */
export function typedAddress(address: MailAddress): string {
  const text = written(address)
  return /^[\x20-\x7e]*$/.test(text) ? `rfc822; ${text}` : `utf-8; ${escaped(text)}`
}

/** What stands behind the type, in letters; the whole of it where there is no type. */
export function addressText(field: string): string {
  const [, type, text = ''] = /^\s*([\w.-]+)\s*;\s*(.*)$/s.exec(field) ?? []
  if (type === undefined) return field.trim()
  return type.toLowerCase() === 'utf-8' ? unescaped(text.trim()) : text.trim()
}

/** The mailbox of such a field; null: it names none that mail can go to. */
export function addressOfField(field: string | undefined): MailAddress | null {
  return field === undefined ? null : parsePath(addressText(field).replace(/^<(.*)>$/, '$1'), { utf8: true })
}
