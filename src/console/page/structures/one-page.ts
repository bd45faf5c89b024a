import { may, reaches, reachOf } from '../../../core/caller.ts'
import { CONTACT_ROLES, type Structure, type StructureSheet } from '../../../core/structures.ts'
import { reasonInput, type Typed, told, UNTYPED } from '../conformity/acts-parts.ts'
import { type Html, html } from '../html.ts'
import { choice, input } from '../inputs.ts'
import { facts } from '../listing.ts'
import { numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { contactsTable } from './contacts.ts'
import { BASE, frame, kindOf, pathOf, phoneText } from './frame.ts'
import { STRUCTURE_WORDS } from './words.ts'

/** Forms of the page. */
export type StructureForm = 'place' | 'contact' | 'software'

/** A form that stands open: with what is changed (`id` names it), or with what was typed and why it was refused. */
export interface Opened {
  readonly form: StructureForm
  readonly typed: Typed
  /** Null: nothing was refused. */
  readonly fault: string | null
}

/** What the page shows beside the register. */
interface Beside {
  /** It may be changed by this person. */
  readonly acts: boolean
  /** Programmes that it is in. */
  readonly enrolled: Html | null
  readonly opened: Opened | null
}

/** One structure: what the register says, its tree, who to call, its software, its programmes. */
export function onePage(visit: KnownVisit, sheet: StructureSheet, { acts, enrolled, opened }: Beside): PageBody {
  const words = STRUCTURE_WORDS[visit.language]
  const { structure } = sheet
  const body = html`<p><a href="${BASE}">${words.back}</a></p>${told(opened?.fault ?? null)}
<h2>${words.identity}</h2>${about(visit, sheet)}${links(visit, structure)}
${contactsTable(visit, words.contacts, sheet.contacts, acts ? (one) => changing(visit, structure, 'contacts', one.finess, one.id, one.name) : null)}
${acts ? contactForm(visit, structure, opened) : null}
${software(visit, sheet, acts)}${acts ? softwareForm(visit, structure, opened) : null}
${measured(visit, sheet)}${enrolled}${tree(visit, sheet)}${acts ? placeForm(visit, structure, opened) : null}`
  return frame(visit, null, structure.name, body)
}

function about(visit: KnownVisit, { structure: one, above }: StructureSheet): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const named = words.facts
  const street = [one.address, [one.postcode, one.commune].filter((part) => part !== null).join(' ')]
  const entity =
    one.ej === null
      ? null
      : above === null
        ? one.ej
        : html`<a href="${pathOf(one.ej)}">${above.name}</a> <span class="quiet">${one.ej}</span>`
  return facts([
    [named.key, one.keyHolds ? one.finess : `${one.finess} (${words.keyWrong})`],
    [named.level, words.levels[one.level]],
    [named.entity, entity],
    [named.category, [one.category, one.categoryName].filter((part) => part !== null).join(' · ')],
    [named.kind, kindOf(one.kind, visit)],
    [named.address, street.filter((part) => part !== null && part !== '').join(', ')],
    [named.phone, one.phone === null ? null : html`<a href="tel:${one.phone}">${phoneText(one.phone)}</a>`],
    [named.siret, one.siret],
    [named.opened, one.openedOn],
    [named.ght, one.ght],
    [named.body, one.body],
    [named.place, one.latitude === null ? null : `${one.latitude}, ${one.longitude}`],
    [named.declared, one.establishment === null ? words.no : words.yes],
  ])
}

function links({ caller, language }: KnownVisit, { establishment }: Structure): Html | null {
  if (establishment === null) return null
  const words = STRUCTURE_WORDS[language]
  const id = encodeURIComponent(establishment)
  const ways = [
    ...(reaches(reachOf(caller, 'conformity:read'), establishment)
      ? [[`/conformite/etablissements/${id}`, words.conformity] as const]
      : []),
    ...(may(caller, 'onboarding:read') ? [['/raccordements', words.onboarding] as const] : []),
  ]
  return ways.length === 0
    ? null
    : html`<p>${ways.map(([path, name], i) => html`${i > 0 ? ' · ' : ''}<a href="${path}">${name}</a>`)}</p>`
}

/** A way to change one of its own, and to take it away. */
function changing(
  visit: KnownVisit,
  structure: Structure,
  part: 'contacts' | 'logiciels',
  finess: string,
  id: string,
  name: string,
): Html | null {
  const words = STRUCTURE_WORDS[visit.language]
  if (finess !== structure.finess) return null
  return html`<a href="${pathOf(finess)}?modifier=${encodeURIComponent(id)}#${part === 'contacts' ? 'contact' : 'software'}-form" aria-label="${words.changeWhat(name)}">${words.change}</a><details><summary aria-label="${words.removeWhat(name)}">${words.remove}</summary><form method="post" action="${pathOf(finess)}/${part}/${id}/retirer">${reasonInput(`${id}-reason`, visit)}<p><button>${words.remove}</button></p></form></details>`
}

function contactForm(visit: KnownVisit, { finess }: Structure, opened: Opened | null): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const typed = opened?.form === 'contact' ? opened.typed : UNTYPED
  const fields = words.contactFields
  return form(
    visit,
    typed['id'] ? words.changeWhat(typed['name'] ?? '') : words.addContact,
    `${pathOf(finess)}/contacts`,
    'contact',
    typed,
    html`${choice(
      { name: 'role', label: fields.role, value: typed['role'] ?? 'it', required: true },
      CONTACT_ROLES.map((role) => [role, words.roles[role]]),
    )}${input({ name: 'name', label: fields.name, value: typed['name'] ?? '', longest: 120, required: true })}${input({
      ...{ name: 'phone', label: fields.phone, value: typed['phone'] ?? '', longest: 30, type: 'tel' },
    })}${input({ name: 'mail', label: fields.mail, value: typed['mail'] ?? '', longest: 120 })}`,
  )
}

function software(visit: KnownVisit, { structure, software: all }: StructureSheet, acts: boolean): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const { product, editor, version, since } = words.softwareFields
  const titles = [product, editor, version, since, words.contactFields.of, ...(acts ? [words.change] : [])]
  const rows = all.map((one) => [
    one.product,
    one.editor ?? '',
    one.version ?? '',
    one.since ?? '',
    html`<a href="${pathOf(one.finess)}">${one.finess}</a>`,
    ...(acts ? [changing(visit, structure, 'logiciels', one.finess, one.id, one.product)] : []),
  ])
  return headedTable(
    'software',
    words.software,
    titles.map((name) => ({ name })),
    rows,
    words.noSoftware,
  )
}

function softwareForm(visit: KnownVisit, { finess }: Structure, opened: Opened | null): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const typed = opened?.form === 'software' ? opened.typed : UNTYPED
  const fields = words.softwareFields
  const line = (name: 'product' | 'editor' | 'version') =>
    input({ name, label: fields[name], value: typed[name] ?? '', longest: 120, required: name === 'product' })
  return form(
    visit,
    typed['id'] ? words.changeWhat(typed['product'] ?? '') : words.addSoftware,
    `${pathOf(finess)}/logiciels`,
    'software',
    typed,
    html`${line('product')}${line('editor')}${line('version')}${input({
      ...{ name: 'since', label: fields.since, value: typed['since'] ?? '', type: 'date' },
    })}`,
  )
}

function measured(visit: KnownVisit, sheet: StructureSheet): Html | null {
  if (sheet.structure.establishment === null) return null
  const words = STRUCTURE_WORDS[visit.language]
  const { product, versions, messages, first, last } = words.measuredColumns
  const columns = [
    { name: product },
    { name: versions },
    { name: messages, numeric: true },
    { name: first },
    { name: last },
  ]
  const rows = sheet.measured.map((one) => [
    one.product,
    one.versions.join(', '),
    numberOf(one.messages, visit.language),
    one.firstDay,
    one.lastDay,
  ])
  return html`${headedTable('measured', words.measured, columns, rows, words.noMeasured)}<p class="quiet">${words.measuredTells}</p>`
}

function tree(visit: KnownVisit, { structure, under }: StructureSheet): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const { name, finess, kind, commune } = words.columns
  const columns = [name, finess, kind, commune].map((title) => ({ name: title }))
  const rows = under.map((one) => [
    html`<a href="${pathOf(one.finess)}">${one.name}</a>`,
    one.finess,
    [kindOf(one.kind, visit), one.categoryName].filter((part) => part !== null).join(' · '),
    one.commune ?? '',
  ])
  return headedTable('tree', structure.level === 'ej' ? words.tree : words.siblings, columns, rows, words.noTree)
}

function placeForm(visit: KnownVisit, { finess, ownGht, ownBody }: Structure, opened: Opened | null): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const typed = opened?.form === 'place' ? opened.typed : { ght: ownGht ?? '', body: ownBody ?? '' }
  const line = (name: 'ght' | 'body', help: string | null) =>
    input({ name, label: words.filters[name], value: typed[name] ?? '', longest: 120, help })
  return form(
    visit,
    words.place,
    `${pathOf(finess)}/rattachement`,
    'place',
    opened?.form === 'place' ? opened.typed : UNTYPED,
    html`${line('ght', words.placeHelp)}${line('body', null)}`,
  )
}

function form(visit: KnownVisit, title: string, action: string, id: string, typed: Typed, fields: Html): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const own = typed['id'] ? html`<input type="hidden" name="id" value="${typed['id']}">` : null
  return html`<details id="${id}-form"${Object.keys(typed).length > 0 ? html` open` : null}><summary>${title}</summary><form method="post" action="${action}">${own}${fields}
<div class="field">${reasonInput(`${id}-reason`, visit, typed)}</div><p><button class="main">${words.save}</button></p></form></details>`
}
