import type { FastifyRequest } from 'fastify'
import type { AttachmentCommands } from '../../../core/attachments.ts'
import { ATTACHMENT_TYPES, type AttachmentType } from '../../../core/attachments.ts'
import {
  type CaseCommands,
  type CaseViewer,
  type CaseViews,
  type RegisteredPatients,
  viewerOf,
} from '../../../core/cases.ts'
import type { Establishment } from '../../../core/config.ts'
import { type ErrorCode, GatewayError } from '../../../core/errors.ts'
import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { Clock, Ids } from '../../../core/ports.ts'
import type { CareService } from '../../../core/services.ts'
import type { LaunchContext } from '../../../core/sign-in.ts'
import type { SentFile } from '../../../formats/http/multipart.ts'
import type { Elsewhere, FormRoute, KnownVisit, PageRoute, RawRoute, Routes } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { askable, sitesOf } from './asking.ts'
import { understoodText } from './emergency.ts'
import { formPage, indexPage, sitesPage, unattachedPage } from './page.ts'
import { REGISTERED_HOURS, type Shown } from './parts.ts'
import { patientValue, type Read, readRequest, type Wrong } from './read.ts'
import { type Step, stepOf, stepOfField } from './steps.ts'
import { REQUEST_WORDS } from './words.ts'

/** What the forms of requests read and change. */
export interface RequestParts {
  readonly commands: Pick<CaseCommands, 'request'>
  readonly views: Pick<CaseViews, 'list'>
  readonly registered: RegisteredPatients
  readonly attachments: Pick<AttachmentCommands, 'create' | 'append' | 'attach'>
  /** What the session of a request was launched on from a patient record; null: it was not. */
  readonly launched: (request: FastifyRequest) => Promise<LaunchContext | null>
  readonly clock: Clock
  readonly ids: Ids
}

/** A form with photos, as a browser without script sends it (bytes). */
const FORM_BYTES = 24 * 1024 * 1024
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const PERMISSION = 'cases:act'

/** The forms by which people ask: what is open to them, and one form for each service. */
export function requestRoutes(parts: RequestParts): Routes {
  const index: PageRoute = {
    path: '/demandes',
    permission: PERMISSION,
    show: async (visit) => indexPage(visit, askable(visit.caller, visit.config)),
  }
  return { pages: [index], raw: [formRoute(parts)], forms: [hourRoute(parts), sendRoute(parts)] }
}

/** What the script of the form asks: how the server understands an hour. */
function hourRoute({ clock }: RequestParts): FormRoute {
  return {
    path: '/demandes/heure',
    permission: PERMISSION,
    async act(visit, fields) {
      const body = understoodText(fields, { visit, words: REQUEST_WORDS[visit.language], nowMs: clock.nowMs() })
      return { file: 'heure.txt', type: 'text/plain; charset=utf-8', body }
    },
  }
}

function formRoute(parts: RequestParts): RawRoute {
  return {
    method: 'GET',
    path: '/demandes/:service',
    permission: PERMISSION,
    look: 'list-registered',
    async answer({ visit, request, params }) {
      const known = visit as KnownVisit
      const { service, sites } = serviceOf(known, params['service'])
      const launched = await parts.launched(request)
      const wanted = visit.query.get('site') ?? launched?.establishment ?? null
      const site = wanted === null && sites.length === 1 ? sites[0]! : sites.find(({ id }) => id === wanted)
      if (site === undefined) {
        if (wanted !== null && launched === null) throw new GatewayError('NOT_FOUND')
        return sitesPage(known, service, sites)
      }
      const fields = new URLSearchParams({ id: parts.ids.uuid(), shown: String(parts.clock.nowMs()) })
      if (visit.query.has('a-posteriori')) fields.set('late', 'yes')
      const shown = await shownOf({ visit: known, service, site, sites, fields, launched }, parts)
      return formPage(opened(shown), 1, [])
    },
  }
}

/** @throws {GatewayError} NOT_FOUND when nobody offers it, or the caller may not ask it for any site */
function serviceOf(visit: KnownVisit, name: string | undefined) {
  const service = visit.config.careServices?.get(name ?? '')
  const sites = service === undefined ? [] : sitesOf(service, visit.caller, visit.config)
  if (service === undefined || sites.length === 0) throw new GatewayError('NOT_FOUND')
  return { service, sites }
}

interface Asked {
  readonly visit: KnownVisit
  readonly service: CareService
  readonly site: Establishment
  readonly sites: readonly Establishment[]
  readonly fields: URLSearchParams
  readonly launched: LaunchContext | null
}

async function shownOf(asked: Asked, { registered, views, clock }: RequestParts): Promise<Shown> {
  const { visit, service, site } = asked
  const nowMs = clock.nowMs()
  const [patients, last] = await Promise.all([
    registered.list(site.id, visit.caller),
    views.list({ service: service.name, site: site.id, limit: 1 }, visit.caller),
  ])
  const remembered = last.lines[0]?.case.requests.at(-1)?.callBack ?? null
  return {
    ...asked,
    ...{ words: REQUEST_WORDS[visit.language], wrong: new Map(), told: null, remembered, nowMs },
    registered: patients.filter(({ atMs }) => atMs > nowMs - REGISTERED_HOURS * 3_600_000),
  }
}

/** What the patient record was opened on is filled in: the patient among those registered, else their number. */
function opened(shown: Shown): Shown {
  const { launched, registered, fields } = shown
  if (launched === null) return shown
  const found = registered.find(({ patient }) => patient.identifiers.some(({ value }) => value === launched.patient))
  if (found !== undefined) fields.set('patient', patientValue(found))
  else if (launched.patient !== null) {
    fields.set('patient', 'other')
    fields.set('ipp', launched.patient)
  }
  if (launched.unit !== null) fields.set('unit', launched.unit)
  if (launched.visit !== null) fields.set('visit', launched.visit)
  return shown
}

function sendRoute(parts: RequestParts): FormRoute {
  // What is sent again while the first is under way waits for it (a request of now is known by its key as well).
  const underWay = new Map<string, Promise<PageBody | Elsewhere>>()
  return {
    path: '/demandes/:service',
    permission: PERMISSION,
    maxBytes: FORM_BYTES,
    files: true,
    look: 'list-registered',
    async act(visit, given, params, files) {
      const { service, sites } = serviceOf(visit, params['service'])
      const site = sites.find(({ id }) => id === given.get('site'))
      const viewer = site === undefined ? null : viewerOf(visit.caller, site.id)
      if (site === undefined || viewer === null) throw new GatewayError('NOT_FOUND')
      const fields = new URLSearchParams([...given])
      if (!UUID.test(fields.get('id') ?? '')) fields.set('id', parts.ids.uuid())
      const shown = await shownOf({ visit, service, site, sites, fields, launched: null }, parts)
      if ((fields.get('act') ?? 'send') !== 'send') return answered(shown, viewer, files, parts)
      const id = `${site.id} ${fields.get('id')}`
      const answer = underWay.get(id) ?? answered(shown, viewer, files, parts).finally(() => underWay.delete(id))
      underWay.set(id, answer)
      return answer
    },
  }
}

async function answered(
  shown: Shown,
  viewer: CaseViewer,
  files: readonly SentFile[],
  parts: RequestParts,
): Promise<PageBody | Elsewhere> {
  const { fields, service } = shown
  const act = fields.get('act') ?? 'send'
  const sent = act === 'clear' ? [] : fields.getAll('attachment').filter((one) => UUID.test(one))
  const { ids, error } = await kept(files, viewer, parts)
  const attachments = [...new Set([...sent, ...ids])]
  const isStroke = service.kind === 'stroke'
  const step = isStroke ? 3 : stepOf(fields)
  const page = (more: Partial<Shown>, at: Step = step) => formPage({ ...shown, ...more }, at, attachments)
  if (error !== null) return page({ told: helpOf(error, shown) })
  if (act === 'add' || act === 'clear' || act === 'check') return page({})
  if (act === 'back') return page({}, step === 3 ? 2 : 1)
  const read = readRequest(fields, readingOf(shown, viewer, attachments), act === 'next' ? step : 3)
  if (!read.ok) return page({ wrong: read.wrong }, isStroke ? 3 : firstWrong(read.wrong, shown, step))
  if (act === 'next') return page({}, step === 1 ? 2 : 3)
  return sending(read, shown, viewer, parts, page)
}

function readingOf(shown: Shown, { participant }: CaseViewer, attachments: readonly string[]) {
  const { service, site, registered, nowMs, visit } = shown
  const { timeZone } = visit.config.region
  return { service, site: site.id, asker: participant, registered, nowMs, timeZone, attachments }
}

async function sending(
  { request }: Extract<Read, { ok: true }>,
  shown: Shown,
  viewer: CaseViewer,
  { commands, attachments }: RequestParts,
  page: (more: Partial<Shown>) => PageBody,
): Promise<PageBody | Elsewhere> {
  const acted = await commands.request(request, viewer)
  if (!acted.ok) return page({ told: `${shown.words.notDone} ${helpOf(acted.error, shown)}` })
  const to = `/dossiers/${acted.case.id}`
  if (request.attachments.length > 0 && !(await attachments.attach(request.attachments, acted.case.id, viewer)))
    return unattachedPage(shown, to)
  return { to }
}

/** The first step that has a fault, of those that were filled in. */
function firstWrong(wrong: ReadonlyMap<string, Wrong>, shown: Shown, step: Step): Step {
  return Math.min(step, ...[...wrong.keys()].map((name) => stepOfField(name, shown))) as Step
}

/** Keeps files as uploads that are whole at once; the first that cannot be kept is told. */
async function kept(
  files: readonly SentFile[],
  viewer: CaseViewer,
  { attachments }: RequestParts,
): Promise<{ readonly ids: readonly string[]; readonly error: ErrorCode | null }> {
  const ids: string[] = []
  for (const { type, bytes } of files) {
    if (!isAttachment(type)) return { ids, error: 'ATTACHMENT_TYPE' }
    const made = await attachments.create({ bytes: bytes.length, type, sha256: null, case: null }, viewer)
    const whole = made.ok ? await attachments.append(made.upload.id, 0, bytes, viewer) : made
    if (!whole.ok) return { ids, error: whole.error }
    if (whole.upload.attachment !== null) ids.push(whole.upload.attachment)
  }
  return { ids, error: null }
}

function isAttachment(type: string): type is AttachmentType {
  return ATTACHMENT_TYPES.some((one) => one === type)
}

function helpOf(error: ErrorCode, { visit }: Shown): string {
  return (visit.language === 'fr' ? HELP_FR : HELP_EN)[error]
}
