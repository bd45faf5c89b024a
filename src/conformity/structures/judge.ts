/** What the region writes of a structure, judged and put into form before it is kept. Pure. */
import { CONTACT_ROLES, type ContactRole, type NewContact, type NewSoftware } from '../../core/structures.ts'
import { parsePath, written } from '../../formats/mail/address.ts'

/** What is kept, or the fields that are not as they must be. */
export type Judged<T> =
  | { readonly ok: true; readonly kept: T }
  | { readonly ok: false; readonly fields: readonly string[] }

const LONGEST = 120
/** No line breaks and no controls: it stands in one line of a page and of a file. */
const LINE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

/** A text of one line; null: nothing stands there; undefined: it is none. */
export function lineOf(value: string | null): string | null | undefined {
  const text = value?.trim() ?? ''
  if (text === '') return null
  return text.length <= LONGEST && LINE.test(text) ? text : undefined
}

/** Which role a word of a form or file means; undefined: none. */
export function roleOf(word: string | null): ContactRole | undefined {
  return CONTACT_ROLES.find((one) => one === word?.trim().toLowerCase())
}

/** A telephone number as digits, `+` kept at its beginning; undefined: it is none. */
function phoneOf(value: string | null): string | null | undefined {
  const text = value?.replaceAll(/[\s.()-]/g, '') ?? ''
  if (text === '') return null
  return /^\+?\d{3,15}$/.test(text) ? text : undefined
}

function mailOf(value: string | null): string | null | undefined {
  const text = value?.trim().toLowerCase() ?? ''
  if (text === '') return null
  const parsed = parsePath(text, { utf8: true })
  return parsed === null ? undefined : written(parsed)
}

/** A contact: a name and one way to reach it at least. */
export function judgeContact(one: NewContact): Judged<NewContact> {
  const fields = { role: roleOf(one.role), name: lineOf(one.name), phone: phoneOf(one.phone), mail: mailOf(one.mail) }
  const { role, name, phone, mail } = fields
  if (role === undefined || name == null || phone === undefined || mail === undefined) {
    return { ok: false, fields: missing(fields, ['name']) }
  }
  return phone === null && mail === null
    ? { ok: false, fields: ['phone'] }
    : { ok: true, kept: { role, name, phone, mail } }
}

/** Software: the name of a product at least. */
export function judgeSoftware(one: NewSoftware): Judged<NewSoftware> {
  const day = one.since?.trim() ?? ''
  const since = day === '' ? null : DAY.test(day) ? day : undefined
  const fields = { product: lineOf(one.product), editor: lineOf(one.editor), version: lineOf(one.version), since }
  const { product, editor, version } = fields
  if (product == null || editor === undefined || version === undefined || since === undefined) {
    return { ok: false, fields: missing(fields, ['product']) }
  }
  return { ok: true, kept: { product, editor, version, since } }
}

/** GHT and managing body; null: none. */
export function judgeOwn(one: {
  readonly ght: string | null
  readonly body: string | null
}): Judged<{ readonly ght: string | null; readonly body: string | null }> {
  const fields = { ght: lineOf(one.ght), body: lineOf(one.body) }
  const { ght, body } = fields
  return ght === undefined || body === undefined
    ? { ok: false, fields: missing(fields, []) }
    : { ok: true, kept: { ght, body } }
}

function missing(fields: Readonly<Record<string, unknown>>, needed: readonly string[]): string[] {
  return Object.entries(fields)
    .filter(([name, value]) => value === undefined || (value === null && needed.includes(name)))
    .map(([name]) => name)
}
