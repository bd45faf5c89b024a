import { reachOf } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { MailboxAct, MailboxCommands, MailboxDetail, MailboxDone, MailboxViews } from '../../../core/mailboxes.ts'
import type { SentFile } from '../../../formats/http/multipart.ts'
import { reasonOf } from '../fields.ts'
import type { Elsewhere, FormRoute, KnownVisit, PageRoute, Params, Routes } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import type { FormState } from './field-inputs.ts'
import { BASE, helpOf, pathOf } from './frame.ts'
import { importPage } from './import-page.ts'
import { filterOf, listPage } from './list-page.ts'
import { kindOf, newPage } from './new-page.ts'
import { type BoxForm, NOTHING_SENT, onePage } from './one-page.ts'
import { changeOf, newOf, type Typed, typedOf } from './typed.ts'
import { MAIL_WORDS } from './words.ts'

/** What the pages of mailboxes read and change. */
export interface MailboxPageParts {
  readonly views: MailboxViews
  readonly commands: MailboxCommands
}

const ONE = `${BASE}/boites/:address`
/** Longest form of a file (bytes). */
const FILE_BYTES = 1024 ** 2 + 65_536

/** Mailboxes: the list, one, a new one, a file of them. */
export function mailboxRoutes(parts: MailboxPageParts): Routes {
  const { views } = parts
  const page = (path: string, permission: PageRoute['permission'], show: PageRoute['show']): PageRoute => ({
    ...{ path, permission, show },
  })
  return {
    pages: [
      page(BASE, 'mail:read', (visit) => listPage(visit, views)),
      page(`${BASE}/boites.csv`, 'mail:read', async (visit) => ({
        file: 'bal.csv',
        type: 'text/csv; charset=utf-8',
        body: views.csv(filterOf(visit.query), reachOf(visit.caller, 'mail:read')),
      })),
      page(ONE, 'mail:read', async (visit, params) => onePage(visit, await seen(visit, views, params), NOTHING_SENT)),
      page(`${BASE}/nouvelle`, 'mail:act', async (visit) =>
        newPage(visit, views, kindOf(visit.query.get('kind')), { typed: { quota: '' }, problems: [] }),
      ),
      page(`${BASE}/import`, 'mail:act', async (visit) => importPage(visit, null, null)),
    ],
    forms: [createForm(parts), importForm(parts), ...boxForms(parts)],
  }
}

/** @throws {GatewayError} NOT_FOUND */
async function seen(visit: KnownVisit, views: MailboxViews, { address = '' }: Params): Promise<MailboxDetail> {
  const found = await views.one(address, reachOf(visit.caller, 'mail:read'))
  if (found === null) throw new GatewayError('NOT_FOUND')
  return found
}

/** Null: no reason was given. */
function actOf({ caller }: KnownVisit, fields: URLSearchParams): MailboxAct | null {
  try {
    return { who: caller.who, why: reasonOf(fields), reach: reachOf(caller, 'mail:act') }
  } catch {
    return null
  }
}

const unreasoned = (typed: Typed): FormState => ({ typed, problems: [{ field: 'reason' }] })

function createForm({ views, commands }: MailboxPageParts): FormRoute {
  return {
    path: `${BASE}/nouvelle`,
    permission: 'mail:act',
    async act(visit, fields) {
      const kind = kindOf(fields.get('kind'))
      const typed = typedOf(fields)
      const act = actOf(visit, fields)
      if (act === null) return newPage(visit, views, kind, unreasoned(typed))
      const done = await commands.create(newOf(kind, typed), act)
      if (!done.ok) return newPage(visit, views, kind, { typed, problems: done.problems })
      return after(visit, views, done.mailbox.address, done)
    },
  }
}

function importForm({ commands }: MailboxPageParts): FormRoute {
  return {
    path: `${BASE}/import`,
    permission: 'mail:act',
    files: true,
    maxBytes: FILE_BYTES,
    async act(visit, fields, _params, files) {
      const csv = textOf(files)
      const act = actOf(visit, fields)
      const { language } = visit
      if (act === null) return importPage(visit, null, MAIL_WORDS[language].reasonMissing)
      if (csv === null) return importPage(visit, null, helpOf('MAILBOX_FILE', language))
      return importPage(visit, await commands.import(csv, fields.get('act') !== 'do', act), null)
    },
  }
}

/** The text of the file that was sent; null: none, or no UTF-8. */
function textOf(files: readonly SentFile[]): string | null {
  const file = files.find(({ field }) => field === 'file')
  if (file === undefined) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.bytes)
  } catch {
    return null
  }
}

/** Back to the mailbox; where something is odd, its page says so at once. */
async function after(
  visit: KnownVisit,
  views: MailboxViews,
  address: string,
  { warnings }: Extract<MailboxDone, { ok: true }>,
): Promise<PageBody | Elsewhere> {
  if (warnings.length === 0) return { to: pathOf(address) }
  const shown = onePage(visit, await seen(visit, views, { address }), { ...NOTHING_SENT, warnings })
  return { ...shown, address: pathOf(address) }
}

function boxForms({ views, commands }: MailboxPageParts): FormRoute[] {
  type Run = (typed: Typed, found: MailboxDetail, act: MailboxAct) => Promise<MailboxDone>
  const form = (path: string, name: BoxForm, run: Run): FormRoute => ({
    path: `${ONE}/${path}`,
    permission: 'mail:act',
    async act(visit, fields, params) {
      const found = await seen(visit, views, params)
      const typed = typedOf(fields)
      const act = actOf(visit, fields)
      const unsure = name === 'close' && typed['sure'] !== 'yes'
      const again = (state: FormState): PageBody => ({
        ...onePage(visit, found, { ...NOTHING_SENT, form: name, state }),
        address: pathOf(found.mailbox.address),
      })
      if (act === null) return again(unreasoned(typed))
      if (unsure) return again({ typed, problems: [{ field: 'sure' }] })
      const done = await run(typed, found, act)
      return done.ok ? after(visit, views, found.mailbox.address, done) : again({ typed, problems: done.problems })
    },
  })
  const moved =
    (to: 'suspend' | 'resume' | 'close'): Run =>
    async (_typed, { mailbox }, act) => ({
      ...{ ok: true, warnings: [], mailbox: await commands.move(mailbox.address, to, act) },
    })
  return [
    form('modifier', 'change', async (typed, { mailbox }, act) => {
      const change = changeOf(mailbox, typed)
      if (Object.keys(change).length === 0) return { ok: true, mailbox, warnings: [] }
      return commands.change(mailbox.address, change, act)
    }),
    form('suspendre', 'suspend', moved('suspend')),
    form('reprendre', 'resume', moved('resume')),
    form('clore', 'close', moved('close')),
    form('deleguer', 'delegate', (typed, { mailbox }, act) =>
      commands.delegate(mailbox.address, typed['person'] ?? '', act),
    ),
    form('retirer', 'undelegate', (typed, { mailbox }, act) =>
      commands.undelegate(mailbox.address, typed['person'] ?? '', act),
    ),
  ]
}
