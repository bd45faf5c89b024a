import { type Caller, may, type Reach, reachOf } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { MessageFilter } from '../../../core/views.ts'
import type { DeskParts } from '../desk.ts'
import { reasonOf } from '../fields.ts'
import type { Elsewhere, FormRoute, KnownVisit, PageRoute, Params, RawExchange, RawRoute } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { contentSection } from './content.ts'
import { csvOf, type Exports, jsonOf, pagesOf } from './export.ts'
import { listBody } from './list.ts'
import { messageBody } from './message.ts'
import { addressOf, filterOfQuery, fromPlace, patientsOf, queryOf, readBox } from './query.ts'
import { incidentSheet, sheetText } from './sheet.ts'

/** Longest name of a saved view (characters). */
const NAME = /^[^\u0000-\u001f\u007f]{1,80}$/
/** Where region.yaml says nothing of it. */
const EXPORT_MAX = 100_000
const TICKET = /^[0-9a-f-]{8,64}$/

/** The pages to look at: the list, one message, its sheet. */
export function messagePages(desk: DeskParts): readonly PageRoute[] {
  const permission = 'messages:read'
  return [
    {
      path: '/messages',
      permission,
      show: (visit) => listOf(desk, visit, filterOfQuery(visit.query, visit.config)),
    },
    // Where a search of a patient shows what it found: it cannot be asked for again.
    { path: '/messages/recherche', permission, show: async () => ({ to: '/messages' }) },
    { path: '/messages/:id', permission, show: async (visit, { id = '' }) => onePage(desk, visit, id) },
    {
      path: '/messages/:id/fiche.txt',
      permission,
      show: async (visit, { id = '' }) => ({
        type: 'text/plain; charset=utf-8',
        file: `fiche-incident-${id}.txt`,
        body: sheetText(await sheetOf(desk, visit, id)),
      }),
    },
    {
      path: '/messages/:id/fiche.json',
      permission,
      show: async (visit, { id = '' }) => ({
        type: 'application/json; charset=utf-8',
        file: `fiche-incident-${id}.json`,
        body: `${JSON.stringify(await sheetOf(desk, visit, id), null, 2)}\n`,
      }),
    },
  ]
}

/** The forms: search, saved views, export, reveal, acts on one message. */
export function messageForms(desk: DeskParts, exports: Exports): readonly FormRoute[] {
  return [
    { path: '/messages/vues', permission: 'messages:read', act: (visit, fields) => saveView(desk, visit, fields) },
    {
      path: '/messages/export',
      permission: 'messages:read',
      act: (visit, fields) => exportList(desk, exports, visit, fields),
    },
    {
      path: '/messages/:id',
      permission: 'content:read',
      act: (visit, fields, params) => reveal(desk, visit, fields, params),
    },
    {
      path: '/messages/:id/actes',
      permission: 'deliveries:act',
      act: (visit, fields, params) => actOnOne(desk, visit, fields, params),
    },
    {
      path: '/messages/:id/renvoi',
      permission: 'deliveries:act',
      act: (visit, fields, params) => replayOne(desk, visit, fields, params),
    },
  ]
}

/** Tells the audit whose messages are looked for; the identifier itself is not kept. */
export type TellPatient = (request: RawExchange['request'], what: { readonly patients: readonly string[] }) => void

/** The one box. It is a form that deals with the request itself: the audit is told which patient it is about. */
export function searchRoute(desk: DeskParts, tell: TellPatient): RawRoute {
  return {
    method: 'POST',
    path: '/messages/recherche',
    permission: 'messages:read',
    async answer({ visit: { caller, ...visit }, request, fields }) {
      if (caller === null) throw new GatewayError('UNAUTHORIZED')
      return search(desk, { ...visit, caller }, fields, (patient) => tell(request, { patients: [patient] }))
    },
  }
}

/** Which of the identifiers bears messages: an INS alone says nothing of its authority. */
async function borne(desk: DeskParts, patients: readonly string[], reach: Reach | null): Promise<string> {
  for (const patient of patients.length > 1 ? patients : []) {
    if ((await desk.views.messages({ patient, limit: 1 }, reach)).messages.length > 0) return patient
  }
  return patients[0] ?? ''
}

async function listOf(desk: DeskParts, visit: KnownVisit, filter: MessageFilter, rest: readonly string[] = []) {
  const reach = reachOf(visit.caller, 'messages:read')
  const [page, saved, codes] = await Promise.all([
    desk.views.messages(filter, reach),
    desk.saved.of(visit.caller.who),
    desk.views.codes(reach),
  ])
  const exportMax = mostOf(visit)
  return listBody({ filter, page, saved, codes, rest, ticket: desk.ids.uuid(), exportMax }, visit)
}

async function onePage(desk: DeskParts, visit: KnownVisit, id: string): Promise<PageBody> {
  return messageBody({ message: await messageOf(desk, visit, id) }, visit)
}

async function messageOf(desk: DeskParts, visit: KnownVisit, id: string) {
  const message = await desk.views.message(id, reachOf(visit.caller, 'messages:read'))
  if (message === null) throw new GatewayError('NOT_FOUND')
  return message
}

/**
 * What somebody wrote leads to an address where that says nothing of a patient: words of closed sets, and an MSH-10 that a
 * message has. All else is answered here, where the address says nothing. */
async function search(
  desk: DeskParts,
  visit: KnownVisit,
  fields: URLSearchParams,
  tell: (patient: string) => void,
): Promise<PageBody | Elsewhere> {
  const { config, caller } = visit
  const box = readBox(fields.get('q') ?? '', config)
  const kept = filterOfQuery(fields, config)
  const given = patientsOf(fields)
  const patient: MessageFilter = given.length > 0 ? { patients: given } : {}
  const filter: MessageFilter = { ...kept, ...patient, ...box.filter }
  const scope = reachOf(caller, 'messages:read')
  const isPatient = filter.patient !== undefined || filter.patients !== undefined
  if (isPatient) tell(filter.patient ?? (await borne(desk, filter.patients ?? [], scope)))
  if (box.id !== null && (await desk.views.message(box.id, scope)) !== null) return { to: `/messages/${box.id}` }
  const [word, ...others] = box.rest
  if (word !== undefined && others.length === 0) {
    const named = { ...filter, controlId: word.slice(0, 199) }
    const { messages } = await desk.views.messages({ ...named, limit: 1 }, scope)
    if (messages.length > 0 && !isPatient) return { to: addressOf('/messages', queryOf(named)) }
    return listOf(desk, visit, named)
  }
  if (box.rest.length === 0 && box.id === null && !isPatient) return { to: addressOf('/messages', queryOf(filter)) }
  return listOf(desk, visit, box.id === null ? filter : { ...filter, controlId: box.id }, box.rest)
}

async function saveView(desk: DeskParts, { caller, config }: KnownVisit, fields: URLSearchParams) {
  const removed = fields.get('remove')
  if (removed !== null) {
    await desk.saved.remove(caller.who, removed)
    return { to: '/messages' }
  }
  const name = fields.get('name')?.trim() ?? ''
  if (!NAME.test(name)) throw new GatewayError('BAD_REQUEST')
  // Read and written again: nothing else than filters can be kept.
  const query = queryOf(fromPlace(filterOfQuery(new URLSearchParams(fields.get('query') ?? ''), config), null))
  await desk.saved.save(caller.who, { name, query })
  return { to: addressOf('/messages', query) }
}

/** Messages that one export may hold. */
function mostOf({ config }: KnownVisit): number {
  return config.exportMax ?? EXPORT_MAX
}

async function exportList(desk: DeskParts, exports: Exports, visit: KnownVisit, fields: URLSearchParams) {
  const patients = patientsOf(fields)
  const asked = fromPlace(filterOfQuery(fields, visit.config), null)
  const filter: MessageFilter = patients.length === 0 ? asked : { ...asked, patients }
  const most = mostOf(visit)
  const wanted = Number(fields.get('limit') ?? most)
  const limit = Math.min(most, Number.isInteger(wanted) && wanted > 0 ? wanted : most)
  const format = fields.get('format') === 'json' ? 'json' : 'csv'
  const ticket = fields.get('ticket') ?? ''
  const { who } = visit.caller
  const scope = reachOf(visit.caller, 'messages:read')
  const told = [queryOf(asked), ...(patients.length > 0 ? ['patient'] : [])].filter(Boolean).join(' ')
  await desk.notes.exported(who, { format, filter: told, limit })
  const all = pagesOf(desk.views, filter, scope, limit)
  const pages = TICKET.test(ticket) ? exports.counted(who, ticket, all) : all
  const day = new Date(desk.clock.nowMs()).toISOString().slice(0, 10)
  const text = format === 'csv' ? csvOf(pages, visit) : jsonOf(pages)
  return {
    type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    file: `messages-${day}.${format}`,
    body: text,
    ...(patients.length > 0 && { about: { patients: [await borne(desk, patients, scope)] } }),
  }
}

/** Notes who reads it and why, then shows it. */
async function reveal(desk: DeskParts, visit: KnownVisit, fields: URLSearchParams, { id = '' }: Params) {
  const reason = reasonOf(fields)
  const before = await messageOf(desk, visit, id)
  const content = await desk.content.content(id, contentReach(visit.caller))
  if (content === null) throw new GatewayError('NOT_FOUND')
  await desk.commands.readBody(id, visit.caller.who, reason)
  const shown = contentSection(content, before.findings, visit.language)
  return messageBody({ message: await messageOf(desk, visit, id), content: shown }, visit)
}

/** Content for a sheet is masked: it is as wide as the messages that one sees, where one sees no content. */
function contentReach(caller: Caller): Reach | null {
  return reachOf(caller, may(caller, 'content:read') ? 'content:read' : 'messages:read')
}

async function sheetOf(desk: DeskParts, visit: KnownVisit, id: string) {
  const message = await messageOf(desk, visit, id)
  await desk.notes.sheet(visit.caller.who, id)
  return incidentSheet(message, await desk.content.content(id, contentReach(visit.caller)), desk.version)
}

async function actOnOne(desk: DeskParts, { caller }: KnownVisit, fields: URLSearchParams, { id = '' }: Params) {
  const act = fields.get('act')
  const delivery = fields.get('delivery') ?? ''
  if (act !== 'resend' && act !== 'skip' && act !== 'close') throw new GatewayError('BAD_REQUEST')
  await desk.commands[act](delivery, caller.who, reasonOf(fields))
  return { to: `/messages/${id}#deliveries` }
}

/** To where it went: at once. Elsewhere: a request, which another person decides. */
async function replayOne(desk: DeskParts, visit: KnownVisit, fields: URLSearchParams, { id = '' }: Params) {
  const { caller } = visit
  const to = fields.get('to') || null
  const elsewhere = to !== null && (await desk.replays.elsewhere(id, to))
  if (elsewhere && !may(caller, 'replay:elsewhere')) throw new GatewayError('FORBIDDEN')
  if (fields.get('how') === 'simulate') {
    const counts = await desk.replays.counts({ message: id }, to)
    const message = await messageOf(desk, visit, id)
    return messageBody({ message, simulated: { counts, to, elsewhere } }, visit)
  }
  const reason = reasonOf(fields)
  if (elsewhere) {
    const request = await desk.replays.ask({ message: id }, to, reason, caller.who)
    return { to: `/a-traiter/demandes/${request.id}` }
  }
  await desk.commands.replay(id, { to, dryRun: false, reason }, caller.who)
  return { to: `/messages/${id}#deliveries` }
}
