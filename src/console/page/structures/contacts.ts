import type { StructureContact } from '../../../core/structures.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { headedTable, type Row } from '../table.ts'
import { pathOf, phoneText } from './frame.ts'
import { STRUCTURE_WORDS } from './words.ts'

/** Who to call. `act`: what stands behind each, for those who may change it; null: nothing. */
export function contactsTable(
  visit: KnownVisit,
  heading: string,
  contacts: readonly StructureContact[],
  act: ((contact: StructureContact) => Html | null) | null,
): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const { name, role, phone, mail, of } = words.contactFields
  const columns = [name, role, phone, mail, of, ...(act === null ? [] : [words.change])].map((title) => ({
    name: title,
  }))
  const rows: Row[] = contacts.map((one) => [
    one.name,
    words.roles[one.role],
    one.phone === null ? '' : html`<a href="tel:${one.phone}">${phoneText(one.phone)}</a>`,
    one.mail === null ? '' : html`<a href="mailto:${one.mail}">${one.mail}</a>`,
    html`<a href="${pathOf(one.finess)}">${one.finess}</a>`,
    ...(act === null ? [] : [act(one)]),
  ])
  return headedTable('contacts', heading, columns, rows, words.noContacts)
}
