import { GatewayError } from '../../../core/errors.ts'
import type { WhiteListCommands, WhiteListViews } from '../../../core/white-list.ts'
import { reasonOf } from '../fields.ts'
import { instantOf } from '../moment.ts'
import type { FormRoute, KnownVisit, Routes } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { helpOf } from './frame.ts'
import { WHITE_LIST_PATH, whiteListPage } from './white-list-page.ts'
import { MAIL_WORDS } from './words.ts'

/** What the page of the white list reads and changes. */
export interface WhiteListPageParts {
  readonly views: WhiteListViews
  readonly commands: WhiteListCommands
}

/** Changes that are shown. */
const CHANGES = 10

/** The white list, and what an administrator does with it. */
export function whiteListRoutes({ views, commands }: WhiteListPageParts): Routes {
  const shown = async (visit: KnownVisit, fault: string | null): Promise<PageBody> => {
    const asked = (visit.query.get('domaine') ?? '').trim().slice(0, 253)
    const domain = asked === '' ? null : views.domain(asked)
    const [status, changes] = await Promise.all([views.status(), views.changes(CHANGES)])
    return { ...whiteListPage(visit, { status, changes, domain, fault }), address: WHITE_LIST_PATH }
  }
  /** What was not done is told on the page itself. */
  const form = (path: string, run: (visit: KnownVisit, fields: URLSearchParams) => Promise<void>): FormRoute => ({
    path: `${WHITE_LIST_PATH}/${path}`,
    permission: 'mail:act',
    async act(visit, fields) {
      try {
        await run(visit, fields)
      } catch (fault) {
        if (!(fault instanceof GatewayError) || fault.code === 'INTERNAL') throw fault
        const extending = path === 'prolonger' && fault.code === 'BAD_REQUEST'
        const { whiteList, reasonMissing } = MAIL_WORDS[visit.language]
        const told = fields.get('reason')?.trim() === '' ? reasonMissing : whiteList.extendWrong
        return shown(visit, extending ? told : helpOf(fault.code, visit.language))
      }
      return { to: WHITE_LIST_PATH }
    },
  })
  return {
    pages: [{ path: WHITE_LIST_PATH, permission: 'mail:read', show: (visit) => shown(visit, null) }],
    forms: [
      form('recuperer', ({ caller }) => commands.fetch(caller.who)),
      form('confirmer', ({ caller }, fields) =>
        commands.confirm(fields.get('sha256') ?? '', caller.who, reasonOf(fields)),
      ),
      form('prolonger', async ({ caller, config }, fields) => {
        const why = reasonOf(fields)
        await commands.extend(
          instantOf(fields.get('until') ?? '', config.region.timeZone) ?? Number.NaN,
          caller.who,
          why,
        )
      }),
    ],
  }
}
