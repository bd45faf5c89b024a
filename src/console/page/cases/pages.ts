import type { AttachmentViews } from '../../../core/attachments.ts'
import { may, reachOf } from '../../../core/caller.ts'
import {
  type AllowedActs,
  type Case,
  type CaseCommands,
  type CaseLine,
  type CaseViewer,
  type CaseViews,
  viewerOf,
} from '../../../core/cases.ts'
import { type DutyViews, onDuty } from '../../../core/duty.ts'
import { type ErrorCode, GatewayError } from '../../../core/errors.ts'
import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { HeldIdentities, StudyFinder } from '../../../core/images.ts'
import type { CareNotices } from '../../../core/notices.ts'
import type { Sendings } from '../../../core/sendings.ts'
import type { CareService } from '../../../core/services.ts'
import { patientOf } from '../../viewer.ts'
import type { Elsewhere, FormRoute, KnownVisit, PageRoute, RawRoute } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import type { Typed } from './act-forms.ts'
import { actOf } from './act-of.ts'
import { casePage } from './case-page.ts'
import { isOvertaken } from './changes.ts'
import type { Linked } from './panels.ts'
import type { PhoneBook } from './phones.ts'
import { actsFor, shownOf } from './shown.ts'
import { CASE_PAGE_WORDS, TABS, type Tab } from './words.ts'
import { worklistPage } from './worklist.ts'

/** What the pages of cases read and change. */
export interface CasePageParts {
  readonly views: CaseViews
  readonly commands: CaseCommands
  readonly notices: CareNotices
  readonly sendings: Sendings
  readonly identities: HeldIdentities
  readonly finder: StudyFinder
  readonly duty: Pick<DutyViews, 'on'>
  /** What a viewer may do to a case now. */
  readonly allowed: (of: Case, viewer: CaseViewer, service: CareService, nowMs: number) => AllowedActs
  readonly nowMs: () => number
  readonly linked: Linked
  readonly attachments: Pick<AttachmentViews, 'list'>
}

/** Lines that are read at once; so many times that, at most, are sorted by what is left. */
const PAGE = 200
const MOST_PAGES = 5
/** How often an act is tried on a case that others are changing. */
const TRIES = 10
const NO_ACTS: AllowedActs = { acts: new Set(), ladders: [], requests: [] }

/** The worklist. */
export function worklistPages(parts: CasePageParts): PageRoute[] {
  return [
    actsPage,
    {
      path: '/dossiers',
      permission: 'cases:read',
      async show(visit) {
        const { query, caller } = visit
        const tab: Tab = TABS.find((one) => one === query.get('vue')) ?? 'open'
        const service = query.get('service') ?? ''
        const nowMs = parts.nowMs()
        const [{ lines, next }, drills, book] = await Promise.all([
          tab === 'closed' ? closed(visit, service, parts) : open(visit, service, tab === 'drill', parts),
          tab === 'drill' ? null : parts.views.list({ open: true, drill: true, limit: PAGE }, caller),
          bookOf(visit, nowMs, parts),
        ])
        const count = drills?.lines.length ?? lines.length
        return worklistPage(
          { tab, service, lines, drills: count, next, nowMs, book, requests: parts.linked.requests },
          visit,
        )
      },
    },
  ]
}

async function open({ caller }: KnownVisit, service: string, drill: boolean, { views }: CasePageParts) {
  const lines: CaseLine[] = []
  let after: string | null = null
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const query = {
      open: true,
      drill,
      limit: PAGE,
      ...(service === '' ? {} : { service }),
      ...(after === null ? {} : { after }),
    }
    const page = await views.list(query, caller)
    lines.push(...page.lines)
    after = page.next
    if (after === null) break
  }
  return { lines, next: null }
}

function closed({ caller, query }: KnownVisit, service: string, { views }: CasePageParts) {
  const after = query.get('suite')
  const asked = { open: false, limit: 50, ...(service === '' ? {} : { service }), ...(after === null ? {} : { after }) }
  return views.list(asked, caller)
}

async function bookOf({ caller, config }: KnownVisit, nowMs: number, { duty }: CasePageParts): Promise<PhoneBook> {
  const duties = may(caller, 'duty:read') ? await duty.on(nowMs, reachOf(caller, 'duty:read')) : []
  return { duties, config }
}

/** The page of one case. Its opening by a centre that is asked is the act `see`. */
export function caseRoute(parts: CasePageParts): RawRoute {
  return {
    method: 'GET',
    path: '/dossiers/:id',
    permission: 'cases:read',
    async answer({ visit, params: { id = '' } }) {
      const known = visit as KnownVisit
      const line = await parts.views.one(id, known.caller)
      if (line === null) throw new GatewayError('CASE_NOT_FOUND')
      await see(line, known, parts)
      return drawn(id, known, parts, { fault: null, seenVersion: null, typed: null })
    },
  }
}

async function see(line: CaseLine, visit: KnownVisit, parts: CasePageParts): Promise<void> {
  if (visit.caller.role !== 'expert') return
  const viewer = await viewing(line.case, visit, parts)
  if (viewer === null || !allowedFor(line, viewer, visit, parts).acts.has('see')) return
  await parts.commands.act(line.case.id, { what: 'see' }, viewer)
}

/** As whom the visitor acts in the case; an expert goes by the number of their centre's duty. */
async function viewing(of: Case, { caller, config }: KnownVisit, parts: CasePageParts): Promise<CaseViewer | null> {
  const here = actsFor(of, caller)
  const viewer = viewerOf(caller, here)
  if (viewer === null || caller.role !== 'expert' || here === null) return viewer
  const { duties } = await bookOf({ caller, config } as KnownVisit, parts.nowMs(), parts)
  const phone = onDuty(duties, of.service, here, 1)?.phone ?? null
  return { caller, participant: { ...viewer.participant, phone } }
}

function allowedFor(
  { case: of }: CaseLine,
  viewer: CaseViewer,
  { config, caller }: KnownVisit,
  parts: CasePageParts,
): AllowedActs {
  const service = config.careServices?.get(of.service)
  return service === undefined || !may(caller, 'cases:act')
    ? NO_ACTS
    : parts.allowed(of, viewer, service, parts.nowMs())
}

interface Answered {
  readonly fault: string | null
  readonly seenVersion: number | null
  readonly typed: Typed | null
}

async function drawn(id: string, visit: KnownVisit, parts: CasePageParts, answered: Answered): Promise<PageBody> {
  const { caller, config } = visit
  const [line, happenings, notices, attachments, sendings, identities] = await Promise.all([
    parts.views.one(id, caller),
    parts.views.happenings(id, caller),
    parts.notices.of(id),
    parts.attachments.list(id, caller),
    parts.sendings.of(id, caller),
    parts.identities.of(id, caller),
  ])
  if (line === null) throw new GatewayError('CASE_NOT_FOUND')
  const nowMs = parts.nowMs()
  const viewer = await viewing(line.case, visit, parts)
  const allowed = viewer === null ? NO_ACTS : allowedFor(line, viewer, visit, parts)
  const page = casePage({
    shown: shownOf(line, config, nowMs),
    visit,
    allowed,
    happenings,
    notices: new Map(line.extent === 'whole' ? notices.map((one) => [one.id, one] as const) : []),
    book: await bookOf(visit, nowMs, parts),
    nowMs,
    linked: parts.linked,
    attachments,
    sendings,
    identities,
    ...answered,
  })
  const about = { case: line.case.number, ...patientOf(line.case) }
  return { ...page, about, ...(answered.typed === null ? {} : { address: addressOf(id) }) }
}

const addressOf = (id: string): string => `/dossiers/${encodeURIComponent(id)}`

/** Whoever looks again at the address of a form that was sent is led to its case. */
const actsPage: PageRoute = {
  path: '/dossiers/:id/actes',
  permission: 'cases:read',
  show: async (_visit, { id = '' }) => ({ to: addressOf(id) }),
}

/** Every act of a person on a case: done, it leads back to the page; not done, the page says why and keeps what was typed. */
export function caseForms(parts: CasePageParts): FormRoute[] {
  return [
    {
      path: '/dossiers/:id/actes',
      permission: 'cases:act',
      look: 'read-case',
      act: (visit, fields, { id = '' }) => acted(id, visit, fields, parts),
    },
  ]
}

async function acted(
  id: string,
  visit: KnownVisit,
  fields: URLSearchParams,
  parts: CasePageParts,
): Promise<PageBody | Elsewhere> {
  const { caller, config, language } = visit
  const words = CASE_PAGE_WORDS[language].form
  const typed = { fields }
  const seenVersion = Number(fields.get('version'))
  for (let tries = 0; tries < TRIES; tries += 1) {
    const line = await parts.views.one(id, caller)
    if (line === null) throw new GatewayError('CASE_NOT_FOUND')
    const viewer = await viewing(line.case, visit, parts)
    if (viewer === null) throw new GatewayError('CASE_FORBIDDEN')
    const facts = { nowMs: parts.nowMs(), timeZone: config.region.timeZone, actor: viewer.participant, of: line.case }
    const read = actOf(fields, facts)
    if (read === null || !Number.isSafeInteger(seenVersion)) throw new GatewayError('BAD_REQUEST')
    if ('fault' in read) return drawn(id, visit, parts, { fault: words[read.fault], seenVersion: null, typed })
    const happenings = await parts.views.happenings(id, caller)
    if (isOvertaken(read.act.what, seenVersion, happenings))
      return drawn(id, visit, parts, { fault: words.changed, seenVersion, typed })
    const at = { version: line.case.version, atMs: read.atMs, why: fields.get('reason') }
    const done = await parts.commands.act(id, read.act, viewer, at)
    if (done.ok) return { to: addressOf(id) }
    if (done.error === 'CASE_NOT_FOUND') throw new GatewayError('CASE_NOT_FOUND')
    if (done.error !== 'CASE_VERSION')
      return drawn(id, visit, parts, { fault: helpOf(done.error, language), seenVersion: null, typed })
  }
  return drawn(id, visit, parts, { fault: helpOf('CASE_VERSION', language), seenVersion: null, typed })
}

function helpOf(code: ErrorCode, language: KnownVisit['language']): string {
  return (language === 'fr' ? HELP_FR : HELP_EN)[code]
}
