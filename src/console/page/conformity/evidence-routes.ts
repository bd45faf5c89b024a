import { reachOf } from '../../../core/caller.ts'
import { frameworkName } from '../../../core/conformity.ts'
import type { ConformityCommands, EvidenceViews } from '../../../core/conformity-commands.ts'
import { GatewayError } from '../../../core/errors.ts'
import { actOf, FORM_BYTES, fileNameOf } from '../../conformity-acts.ts'
import type { FormRoute, KnownVisit, PageRoute, Params, Routes } from '../shell/pages.ts'
import { askedOf, preselected, refusedOr, tried, typedOf } from './acts-parts.ts'
import { evidenceFilePage } from './evidence-file.ts'
import { EVIDENCE_PATH, evidenceListPage } from './evidence-list.ts'
import { evidenceOnePage, type OneSent, type OneShown } from './evidence-one.ts'

/** What the pages of evidence read and change. */
export interface EvidencePageParts {
  readonly views: EvidenceViews
  readonly commands: ConformityCommands
}

const ONE = `${EVIDENCE_PATH}/:id`
const reachIn = ({ caller }: KnownVisit) => reachOf(caller, 'conformity:file')

/** Evidence: the list, one, a new one. */
export function evidenceRoutes(parts: EvidencePageParts): Routes {
  const { views } = parts
  const page = (path: string, show: PageRoute['show']): PageRoute => ({ path, permission: 'conformity:file', show })
  return {
    pages: [
      page(EVIDENCE_PATH, (visit) => evidenceListPage(visit, views)),
      page(`${EVIDENCE_PATH}/deposer`, async (visit) =>
        evidenceFilePage(visit, await views.asked(), preselected(visit.query), null),
      ),
      page(ONE, async (visit, params) => evidenceOnePage(visit, await seen(visit, views, params), null)),
      page(`${ONE}/document`, (visit, params) => download(visit, views, params)),
    ],
    forms: [fileForm(parts), reviewForm(parts), withdrawForm(parts)],
  }
}

/** @throws {GatewayError} NOT_FOUND */
async function seen(visit: KnownVisit, views: EvidenceViews, { id = '' }: Params): Promise<OneShown> {
  const [evidence, all] = await Promise.all([views.one(id, reachIn(visit)), views.asked()])
  if (evidence === null) throw new GatewayError('NOT_FOUND')
  const asked = all.find(
    ({ framework, requirement }) =>
      requirement === evidence.requirement && frameworkName(framework) === evidence.framework,
  )
  return { evidence, asked: asked ?? null }
}

/** @throws {GatewayError} NOT_FOUND */
async function download(visit: KnownVisit, views: EvidenceViews, { id = '' }: Params) {
  const found = await views.open(id, { who: visit.caller.who, reach: reachIn(visit) })
  const document = found?.evidence.document ?? null
  if (found === null || document === null) throw new GatewayError('NOT_FOUND')
  const file = fileNameOf(id, document.type)
  const type = document.type === 'text/plain' ? 'text/plain; charset=utf-8' : document.type
  return { file, disposition: `attachment; filename="${file}"`, type, body: found.bytes }
}

function fileForm({ views, commands }: EvidencePageParts): FormRoute {
  return {
    path: `${EVIDENCE_PATH}/deposer`,
    permission: 'conformity:file',
    files: true,
    maxBytes: FORM_BYTES,
    async act(visit, fields, _params, files) {
      const typed = typedOf(fields)
      const sent = files.find(({ field }) => field === 'file')
      const document = sent === undefined ? null : one(sent.bytes)
      const statement = typed['statement'] ?? ''
      const said = await refusedOr(visit, () =>
        commands.file(
          { ...askedOf(typed), statement, document, sha256: null },
          { who: visit.caller.who, reach: reachIn(visit) },
        ),
      )
      if ('done' in said) return { to: `${EVIDENCE_PATH}/${said.done.id}` }
      return evidenceFilePage(visit, await views.asked(), typed, said.fault)
    },
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function reviewForm({ views, commands }: EvidencePageParts): FormRoute {
  return {
    path: `${ONE}/examiner`,
    permission: 'conformity:review',
    async act(visit, fields, params) {
      const { id } = (await seen(visit, views, params)).evidence
      const until = fields.get('until')?.trim() || null
      const decision =
        fields.get('act') === 'accept' ? ({ accept: true, until } as const) : ({ accept: false } as const)
      const said = await tried(visit, fields, (why) =>
        commands.review(id, decision, actOf(visit.caller, why, 'conformity:review')),
      )
      return 'done' in said
        ? { to: `${EVIDENCE_PATH}/${id}` }
        : again(visit, views, params, 'review', fields, said.fault)
    },
  }
}

function withdrawForm({ views, commands }: EvidencePageParts): FormRoute {
  return {
    path: `${ONE}/retirer`,
    permission: 'conformity:file',
    async act(visit, fields, params) {
      const { id } = (await seen(visit, views, params)).evidence
      const said = await tried(visit, fields, (why) =>
        commands.withdraw(id, actOf(visit.caller, why, 'conformity:file')),
      )
      return 'done' in said
        ? { to: `${EVIDENCE_PATH}/${id}` }
        : again(visit, views, params, 'withdraw', fields, said.fault)
    },
  }
}

async function again(
  visit: KnownVisit,
  views: EvidenceViews,
  params: Params,
  form: OneSent['form'],
  fields: URLSearchParams,
  fault: string,
) {
  return evidenceOnePage(visit, await seen(visit, views, params), { form, typed: typedOf(fields), fault })
}
