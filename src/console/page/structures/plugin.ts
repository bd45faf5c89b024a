import { GatewayError } from '../../../core/errors.ts'
import {
  CONTACT_ROLES,
  type FactsImport,
  type StructureAct,
  type StructureCommands,
  type StructureDone,
  type StructureSheet,
  type StructureViews,
} from '../../../core/structures.ts'
import type { Guards, Server } from '../../console.ts'
import { FACTS_BYTES, structureActOf } from '../../structures.ts'
import { type Typed, tried, typedOf, UNTYPED } from '../conformity/acts-parts.ts'
import { type EnrolledViews, enrolledAt } from '../programmes/enrolled-at.ts'
import { serveAssets } from '../shell/assets.ts'
import { type FormRoute, type KnownVisit, type PageParts, type Params, servePages } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { BASE, IMPORT, maySome, pathOf } from './frame.ts'
import { importPage } from './import-page.ts'
import { listPage } from './list-page.ts'
import { type Opened, onePage, type StructureForm } from './one-page.ts'
import { STRUCTURE_WORDS } from './words.ts'

/** What the pages of establishments read and change. */
export interface StructurePageParts extends PageParts {
  readonly views: StructureViews
  readonly commands: StructureCommands
  readonly programmes: EnrolledViews
}

const ONE = `${BASE}/:finess`

/** The pages of the register, for an HTTP door. */
export function structurePages(
  parts: StructurePageParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { views } = parts
  return (server, { guards }) => {
    serveAssets(server, guards, import.meta.url, ['./structures.js'])
    servePages(server, guards, parts, {
      pages: [
        { path: BASE, permission: 'structures:read', look: null, show: (visit) => listPage(visit, views) },
        {
          ...{ path: IMPORT, permission: 'structures:act', look: null },
          show: async (visit) => importPage(visit, await views.state(), null, null),
        },
        {
          ...{ path: ONE, permission: 'structures:read', look: null },
          show: async (visit, params) => {
            const sheet = await seen(views, params)
            return shown(visit, parts, sheet, changed(sheet, visit.query.get('modifier')))
          },
        },
      ],
      forms: [...writeForms(parts), ...removeForms(parts), factsForm(parts)],
    })
  }
}

/** @throws {GatewayError} NOT_FOUND */
async function seen(views: StructureViews, { finess = '' }: Params): Promise<StructureSheet> {
  const sheet = await views.sheet(finess)
  if (sheet === null) throw new GatewayError('NOT_FOUND')
  return sheet
}

async function shown(
  visit: KnownVisit,
  { programmes }: Pick<StructurePageParts, 'programmes'>,
  sheet: StructureSheet,
  opened: Opened | null = null,
): Promise<PageBody> {
  const enrolled = await enrolledAt(visit, programmes, [sheet.structure.finess])
  return onePage(visit, sheet, { acts: maySome(visit) && isTheirs(visit, sheet), enrolled, opened })
}

/** The form of what is to be changed, as it is now; null: it is none of its own. */
function changed({ structure, contacts, software }: StructureSheet, id: string | null): Opened | null {
  const isOwn = (one: { readonly id: string; readonly finess: string }) =>
    one.id === id && one.finess === structure.finess
  const [contact, product] = [contacts.find(isOwn), software.find(isOwn)]
  const typed = (fields: Readonly<Record<string, string | null>>): Typed =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? '']))
  if (contact !== undefined) return { form: 'contact', typed: typed({ ...contact }), fault: null }
  return product === undefined ? null : { form: 'software', typed: typed({ ...product }), fault: null }
}

function isTheirs({ caller }: KnownVisit, { structure }: StructureSheet): boolean {
  const { reach } = structureActOf(caller, '')
  if (reach === null) return true
  return structure.establishment !== null && reach.establishments?.includes(structure.establishment) !== false
}

type Writes = Readonly<
  Record<
    StructureForm,
    readonly [
      path: string,
      write: (finess: string, value: (name: string) => string, act: StructureAct) => Promise<StructureDone>,
    ]
  >
>

/** Forms that write: done, they lead back to the page; refused, they show it with what was typed. */
function writeForms({ views, commands, programmes }: StructurePageParts): FormRoute[] {
  const writes: Writes = {
    place: [
      'rattachement',
      (finess, value, act) => commands.belong(finess, { ght: value('ght'), body: value('body') }, act),
    ],
    contact: [
      'contacts',
      (finess, value, act) => {
        const role = CONTACT_ROLES.find((one) => one === value('role')) ?? 'other'
        return commands.contact(
          finess,
          value('id') || null,
          { role, name: value('name'), phone: value('phone'), mail: value('mail') },
          act,
        )
      },
    ],
    software: [
      'logiciels',
      (finess, value, act) => {
        const told = { editor: value('editor'), version: value('version'), since: value('since') }
        return commands.software(finess, value('id') || null, { product: value('product'), ...told }, act)
      },
    ],
  }
  return (Object.entries(writes) as [StructureForm, Writes[StructureForm]][]).map(([form, [path, write]]) => ({
    path: `${ONE}/${path}`,
    permission: 'structures:act',
    async act(visit, fields, params) {
      const sheet = await seen(views, params)
      const typed = typedOf(fields, 500)
      const { finess } = sheet.structure
      const said = await tried(visit, fields, (why) =>
        write(finess, (name) => typed[name] ?? '', structureActOf(visit.caller, why)),
      )
      if ('done' in said && said.done.ok) return { to: pathOf(finess) }
      const fault = 'fault' in said ? said.fault : faultsOf(visit, said.done)
      return shown(visit, { programmes }, sheet, { form, typed, fault })
    },
  }))
}

function faultsOf({ language }: KnownVisit, done: StructureDone): string {
  const words = STRUCTURE_WORDS[language]
  const names: Readonly<Record<string, string>> = {
    ...words.filters,
    ...words.contactFields,
    ...words.softwareFields,
  }
  return words.wrong(done.ok ? '' : done.faults.map(({ field }) => names[field] ?? field).join(', '))
}

function removeForms({ views, commands, programmes }: StructurePageParts): FormRoute[] {
  return (
    [
      ['contacts', 'contact'],
      ['logiciels', 'software'],
    ] as const
  ).map(([path, what]) => ({
    path: `${ONE}/${path}/:id/retirer`,
    permission: 'structures:act',
    async act(visit, fields, params) {
      const sheet = await seen(views, params)
      const { finess } = sheet.structure
      const said = await tried(visit, fields, (why) =>
        commands.remove(what, finess, params['id'] ?? '', structureActOf(visit.caller, why)),
      )
      return 'done' in said
        ? { to: pathOf(finess) }
        : shown(visit, { programmes }, sheet, { form: what, typed: UNTYPED, fault: said.fault })
    },
  }))
}

function factsForm({ views, commands }: StructurePageParts): FormRoute {
  return {
    path: IMPORT,
    permission: 'structures:act',
    files: true,
    maxBytes: 2 * FACTS_BYTES,
    async act(visit, fields, _params, files) {
      const file = files.find(({ field }) => field === 'file')
      const csv = Buffer.from(file?.bytes ?? []).toString('utf8')
      const said = await tried<FactsImport>(visit, fields, (why) =>
        commands.facts(csv, fields.get('act') !== 'do', structureActOf(visit.caller, why)),
      )
      const state = await views.state()
      return 'done' in said ? importPage(visit, state, said.done, null) : importPage(visit, state, null, said.fault)
    },
  }
}
