import { GatewayError } from '../../../core/errors.ts'
import {
  type DraftSource,
  MAIL_FOLDERS,
  type MailDownload,
  type NewMail,
  type WebmailCommands,
  type WebmailViews,
} from '../../../core/webmail.ts'
import { attachmentNamed } from '../../../formats/http/disposition.ts'
import type { SentFile } from '../../../formats/http/multipart.ts'
import { mailPerson } from '../../mail-person.ts'
import type { Download, Elsewhere, FormRoute, KnownVisit, PageRoute, Params, Routes } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { type Composing, composePage, composing } from './compose-page.ts'
import { BASE, boxPath, itemPath } from './frame.ts'
import { boxesPage, folderOf, folderPage } from './list-page.ts'
import { mailPage } from './mail-page.ts'

/** What the pages of mail read and change. */
export interface WebmailPageParts {
  readonly views: WebmailViews
  readonly commands: WebmailCommands
}

/** Longest mail that is sent from a page (bytes), above what any region takes: the rules say what is too long. */
const MAIL_BYTES = 80 * 1024 * 1024
const BOX = `${BASE}/:address`
const ITEM = `${BOX}/:item`
const BLANK = { to: '', cc: '', subject: '', text: '' }

/** Mailboxes of whoever looks, their folders, a mail with its files, and writing one. */
export function webmailRoutes(parts: WebmailPageParts): Routes {
  return { pages: [...readPages(parts), ...filePages(parts)], forms: [sendForm(parts), ...itemForms(parts)] }
}

const page = (path: string, show: PageRoute['show']): PageRoute => ({
  path,
  permission: 'mailbox:use',
  look: null,
  show,
})
const form = (path: string, act: FormRoute['act']): FormRoute => ({ path, permission: 'mailbox:use', act })

/** What an address names. */
function named({ caller }: KnownVisit, { address = '', item = '' }: Params) {
  return { person: mailPerson(caller), address, item }
}

function readPages({ views, commands }: WebmailPageParts): PageRoute[] {
  const compose = (path: string, sourceOf: (visit: KnownVisit, item: string) => DraftSource | null) =>
    page(path, async (visit, params) => {
      const { person, address, item } = named(visit, params)
      const source = sourceOf(visit, item)
      const box = await views.box(person, address)
      const fields = source === null ? BLANK : await views.draft(person, address, source)
      return composePage(visit, box, composing(fields, source))
    })
  return [
    page(BASE, (visit) => boxesPage(visit, views)),
    page(BOX, (visit, params) =>
      folderPage(visit, views, params['address'] ?? '', folderOf(visit.query.get('dossier')), {
        ...{ words: '', texts: false },
        after: visit.query.get('avant'),
      }),
    ),
    compose(`${BOX}/nouveau`, () => null),
    compose(`${ITEM}/repondre`, ({ query }, item) => ({
      item,
      mode: query.get('a') === 'tous' ? 'reply-all' : 'reply',
    })),
    compose(`${ITEM}/transferer`, (_, item) => ({ item, mode: 'forward' })),
    page(ITEM, async (visit, params) => {
      const { person, address, item } = named(visit, params)
      const mail = await views.read(person, address, item)
      if (!mail.item.seen) await commands.mark(person, address, item, true)
      return mailPage(visit, await views.box(person, address), mail)
    }),
  ]
}

function filePages({ views }: WebmailPageParts): PageRoute[] {
  const number = (params: Params, name: string): number => {
    const text = params[name] ?? ''
    if (!/^\d{1,4}$/.test(text)) throw new GatewayError('NOT_FOUND')
    return Number(text)
  }
  const document = (pdf: boolean) => async (visit: KnownVisit, params: Params) => {
    const { person, address, item } = named(visit, params)
    const at = { piece: number(params, 'piece'), document: number(params, 'document'), pdf }
    return kept(await views.document(person, address, item, at))
  }
  return [
    page(`${ITEM}/piece/:piece`, async (visit, params) => {
      const { person, address, item } = named(visit, params)
      return kept(await views.piece(person, address, item, number(params, 'piece')))
    }),
    page(`${ITEM}/original`, async (visit, params) => {
      const { person, address, item } = named(visit, params)
      return kept(await views.original(person, address, item))
    }),
    page(`${ITEM}/piece/:piece/document/:document`, document(false)),
    page(`${ITEM}/piece/:piece/document/:document/pdf`, document(true)),
  ]
}

/** A file of somebody else: kept, never shown. */
function kept({ name, type, body }: MailDownload): Download {
  return { file: 'piece', disposition: attachmentNamed(name), type, body }
}

function sendForm({ views, commands }: WebmailPageParts): FormRoute {
  return {
    ...form(`${BOX}/envoyer`, async (visit, fields, params, files) => {
      const { person, address } = named(visit, params)
      const box = await views.box(person, address)
      const mail = typed(fields, files)
      const looked = await completed(fields, mail, views)
      if (looked !== null) return composePage(visit, box, { ...looked, fresh: false, hadFiles: mail.files.length > 0 })
      const sent = await commands.send(person, address, mail)
      if (sent.ok) return { to: `${boxPath(address, 'Sent')}&fait=${sent.copied ? 'envoi' : 'sans-copie'}` }
      const state = { ...mail, problems: sent.problems, fresh: false, hadFiles: mail.files.length > 0 }
      return composePage(visit, box, state)
    }),
    files: true,
    maxBytes: MAIL_BYTES,
  }
}

/** What the form is to show that is not to be sent: it asks for an address, or takes one that was found; null: send it. */
async function completed(
  fields: URLSearchParams,
  mail: NewMail,
  views: WebmailViews,
): Promise<Omit<Composing, 'hadFiles' | 'fresh'> | null> {
  const fieldOf = (text: string): 'to' | 'cc' | null => (text === 'to' || text === 'cc' ? text : null)
  const find = fieldOf(fields.get('find') ?? '')
  if (find !== null) {
    const found = { field: find, addresses: await views.completes(lastOf(mail[find])) }
    return { ...mail, problems: [], found }
  }
  // Enter in a line: it shows the form again, and sends nothing.
  if (fields.get('act') === 'again') return { ...mail, problems: [] }
  const [name = '', address = ''] = (fields.get('add') ?? '').split(' ', 2)
  const field = fieldOf(name)
  if (field === null || !/^[^\s,;<>]+@[^\s,;<>]+$/.test(address)) return null
  const before = mail[field].slice(0, mail[field].length - lastOf(mail[field]).length)
  return { ...mail, [field]: `${before}${before === '' ? '' : ' '}${address}, `, problems: [] }
}

/** What stands behind the last comma: the address that is being typed. */
function lastOf(recipients: string): string {
  return /[^,;]*$/.exec(recipients)?.[0] ?? ''
}

/** A mail as a form brings it. */
function typed(fields: URLSearchParams, files: readonly SentFile[]): NewMail {
  const text = (name: string): string => fields.get(name) ?? ''
  const mode = (['reply', 'reply-all', 'forward'] as const).find((one) => one === text('mode'))
  return {
    to: text('to'),
    cc: text('cc'),
    subject: text('subject').trim(),
    text: text('text'),
    source: mode === undefined ? null : { item: text('courrier'), mode },
    receipt: text('receipt') === 'yes',
    notify: text('notify') === 'yes',
    files: files.filter(({ field }) => field === 'files').map(({ name, type, bytes }) => ({ name, type, bytes })),
  }
}

function itemForms({ views, commands }: WebmailPageParts): FormRoute[] {
  return [
    form(`${BOX}/recherche`, (visit, fields, params): Promise<PageBody | Elsewhere> => {
      const words = (fields.get('q') ?? '').slice(0, 200)
      const sought = { words, texts: fields.get('textes') === 'yes', after: fields.get('avant') }
      return folderPage(visit, views, params['address'] ?? '', folderOf(fields.get('dossier')), sought)
    }),
    form(`${ITEM}/marquer`, async (visit, fields, params) => {
      const { person, address, item } = named(visit, params)
      await commands.mark(person, address, item, fields.get('lu') !== 'non')
      return { to: boxPath(address) }
    }),
    form(`${ITEM}/deplacer`, async (visit, fields, params) => {
      const { person, address, item } = named(visit, params)
      const to = MAIL_FOLDERS.find((one) => one === fields.get('vers'))
      if (to === undefined) throw new GatewayError('BAD_REQUEST')
      await commands.move(person, address, item, to)
      return { to: boxPath(address) }
    }),
    form(`${ITEM}/supprimer`, async (visit, fields, params) => {
      const { person, address, item } = named(visit, params)
      await views.box(person, address)
      if (fields.get('sure') !== 'yes') return { to: itemPath(address, item) }
      await commands.purge(person, address, item)
      return { to: boxPath(address, 'Trash') }
    }),
    form(`${ITEM}/accuse`, async (visit, _fields, params) => {
      const { person, address, item } = named(visit, params)
      await commands.receipt(person, address, item)
      return { to: itemPath(address, item) }
    }),
  ]
}
