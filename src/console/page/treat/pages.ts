import { GatewayError } from '../../../core/errors.ts'
import type { TestResult } from '../../../core/operations.ts'
import type { ParkedCause } from '../../../core/treat.ts'
import type { MessageFilter } from '../../../core/views.ts'
import { wayOf } from '../../../core/ways.ts'
import type { DeskParts } from '../desk.ts'
import { reasonOf } from '../fields.ts'
import { filterOfQuery, fromPlace, isCode, patientsOf } from '../messages/query.ts'
import { instantOf } from '../moment.ts'
import type { FormRoute, KnownVisit, PageRoute, Params } from '../shell/pages.ts'
import { destinationsBody, maintenanceBody } from './destinations.ts'
import { causeBody, groupsBody, workBody } from './groups.ts'
import { replayBody, requestBody } from './requests.ts'

/** Deliveries of a cause on one page. */
const SHOWN = 100

/** The pages of what is to be treated. */
export function treatPages(desk: DeskParts): readonly PageRoute[] {
  return [
    {
      path: '/a-traiter',
      permission: 'deliveries:act',
      async show(visit) {
        const [groups, requests] = await Promise.all([desk.treat.groups(), desk.replays.all()])
        return groupsBody(groups, requests.slice(0, 20), visit)
      },
    },
    { path: '/a-traiter/cause', permission: 'deliveries:act', show: (visit) => causePage(desk, visit) },
    {
      path: '/a-traiter/travaux/:id',
      permission: 'deliveries:act',
      show: async (visit, { id = '' }) => workBody(desk.many.work(id), visit),
    },
    {
      path: '/a-traiter/renvoi',
      permission: 'deliveries:act',
      show: async (visit) => replayBody({ filter: wholeFilter(visit.query, visit), to: '', counts: null }, visit),
    },
    {
      path: '/a-traiter/demandes/:id',
      permission: 'replay:elsewhere',
      async show(visit, { id = '' }) {
        const request = await desk.replays.one(id)
        if (request === null) throw new GatewayError('NOT_FOUND')
        return requestBody(request, visit)
      },
    },
    {
      path: '/a-traiter/destinataires',
      permission: 'destinations:act',
      show: async (visit) => destinationsBody(await desk.views.status(null), null, visit),
    },
    {
      path: '/a-traiter/maintenance',
      permission: 'destinations:act',
      show: async (visit) => maintenanceBody(desk.planning.planned(), visit),
    },
  ]
}

/** The forms of what is to be treated. */
export function treatForms(desk: DeskParts): readonly FormRoute[] {
  return [
    { path: '/a-traiter/cause', permission: 'deliveries:act', act: (visit, fields) => actOnMany(desk, visit, fields) },
    {
      path: '/a-traiter/renvoi',
      permission: 'deliveries:act',
      act: (visit, fields) => replayMany(desk, visit, fields),
    },
    {
      path: '/a-traiter/demandes/:id',
      permission: 'replay:elsewhere',
      act: (visit, fields, params) => decide(desk, visit, fields, params),
    },
    {
      path: '/a-traiter/destinataires',
      permission: 'destinations:act',
      act: (visit, fields) => actOnDestination(desk, visit, fields),
    },
    {
      path: '/a-traiter/maintenance',
      permission: 'destinations:act',
      act: (visit, fields) => planMaintenance(desk, visit, fields),
    },
  ]
}

function causeOf(fields: URLSearchParams): ParkedCause {
  const code = fields.get('code') ?? ''
  if (code !== '' && !isCode(code)) throw new GatewayError('BAD_REQUEST')
  return { code: code === '' ? null : code, destination: (fields.get('to') ?? '').slice(0, 129) }
}

async function causePage(desk: DeskParts, visit: KnownVisit) {
  const cause = causeOf(visit.query)
  const after = visit.query.get('after')
  const [page, groups] = await Promise.all([desk.treat.parked(cause, after, SHOWN), desk.treat.groups()])
  const group = groups.find(({ code, destination }) => code === cause.code && destination === cause.destination)
  return causeBody(cause, { page, count: group?.count ?? 0, after }, visit)
}

async function actOnMany(desk: DeskParts, { caller }: KnownVisit, fields: URLSearchParams) {
  const act = fields.get('act')
  if (act !== 'resend' && act !== 'skip' && act !== 'close') throw new GatewayError('BAD_REQUEST')
  const chosen = fields.getAll('delivery').slice(0, SHOWN)
  const all = fields.get('which') === 'all'
  if (!all && chosen.length === 0) throw new GatewayError('BAD_REQUEST')
  const deliveries = all ? causeOf(fields) : chosen
  const work = await desk.many.begin({ act, deliveries, reason: reasonOf(fields) }, caller.who)
  return { to: `/a-traiter/travaux/${work.id}` }
}

function wholeFilter(fields: URLSearchParams, { config }: KnownVisit): MessageFilter {
  return fromPlace(filterOfQuery(fields, config), null)
}

/** Simulated first; to where they went it goes on behind the answer, elsewhere it waits for a second person. */
async function replayMany(desk: DeskParts, visit: KnownVisit, fields: URLSearchParams) {
  const how = fields.get('how')
  const patients = patientsOf(fields)
  const to = fields.get('where') ?? ''
  const filter: MessageFilter = { ...wholeFilter(fields, visit), ...(patients.length > 0 ? { patients } : {}) }
  if (how === null) return replayBody({ filter, to, counts: null }, visit)
  if (to !== '' && wayOf(visit.config, to) === undefined) throw new GatewayError('DESTINATION_GONE')
  if (how === 'simulate') {
    const counts = await desk.replays.counts({ filter }, to === '' ? null : to)
    return replayBody({ filter, to, counts }, visit)
  }
  const reason = reasonOf(fields)
  const { who } = visit.caller
  if (to !== '') {
    const request = await desk.replays.ask({ filter }, to, reason, who)
    return { to: `/a-traiter/demandes/${request.id}` }
  }
  const { messages } = await desk.replays.counts({ filter }, null)
  return { to: `/a-traiter/travaux/${desk.many.replay({ filter, reason }, messages, who).id}` }
}

async function decide(desk: DeskParts, { caller }: KnownVisit, fields: URLSearchParams, { id = '' }: Params) {
  const how = fields.get('how')
  const { who } = caller
  if (how === 'continue') await desk.replays.goOn(id, who)
  else if (how === 'approve') await desk.replays.approve(id, who, reasonOf(fields))
  else if (how === 'refuse') await desk.replays.refuse(id, who, reasonOf(fields))
  else throw new GatewayError('BAD_REQUEST')
  return { to: `/a-traiter/demandes/${id}` }
}

async function actOnDestination(desk: DeskParts, visit: KnownVisit, fields: URLSearchParams) {
  const destination = fields.get('destination') ?? ''
  const act = fields.get('act')
  const reason = reasonOf(fields)
  const { who } = visit.caller
  if (act === 'test') {
    const tested: TestResult = await desk.destinations.test(destination, who, reason)
    return destinationsBody(await desk.views.status(null), tested, visit)
  }
  if (act !== 'pause' && act !== 'resume') throw new GatewayError('BAD_REQUEST')
  await desk.destinations[act](destination, who, reason)
  return { to: '/a-traiter/destinataires' }
}

async function planMaintenance(desk: DeskParts, { caller, config }: KnownVisit, fields: URLSearchParams) {
  const ended = fields.get('end')
  if (ended !== null) {
    await desk.planning.end(ended, caller.who, reasonOf(fields))
    return { to: '/a-traiter/maintenance' }
  }
  const time = (name: string): number => {
    const atMs = instantOf(fields.get(name) ?? '', config.region.timeZone)
    if (atMs === null) throw new GatewayError('BAD_REQUEST')
    return atMs
  }
  const text = fields.get('text')?.trim() ?? ''
  if (!/^[^\u0000-\u001f\u007f]{1,300}$/.test(text)) throw new GatewayError('BAD_REQUEST')
  const pause = fields.get('pause') === 'yes'
  const ask = { fromMs: time('from'), untilMs: time('until'), text, destinations: fields.getAll('destination'), pause }
  await desk.planning.plan(ask, caller.who)
  return { to: '/a-traiter/maintenance' }
}
