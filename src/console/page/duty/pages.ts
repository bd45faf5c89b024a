import { may, reaches, reachOf } from '../../../core/caller.ts'
import { type CaseCommands, viewerOf } from '../../../core/cases.ts'
import {
  COORDINATION,
  type Duty,
  type DutyCommands,
  type DutyViews,
  type RotaHours,
  type RotaName,
  TAKEN_BEFORE_MS,
} from '../../../core/duty.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Clock } from '../../../core/ports.ts'
import { html } from '../html.ts'
import type { FormRoute, KnownVisit, PageRoute, Routes } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { editPage, linesOf, saveOf, typedLines } from './edit.ts'
import { rotaTitle, weekGrid } from './grid.ts'
import { type DutyShown, dutyPage } from './one.ts'
import { mondayText, type Week, weekOf } from './week.ts'
import { DUTY_WORDS } from './words.ts'

/** What the pages of duty read and change. */
export interface DutyPageParts {
  readonly duty: DutyViews
  readonly duties: DutyCommands
  readonly commands: Pick<CaseCommands, 'act'>
  readonly clock: Clock
}

/** How far ahead whoever comes after a duty is looked for (ms). */
const NEXT_MS = 3 * 86_400_000

/** The rotas of a week, the editor of one, and one duty. */
export function dutyRoutes(parts: DutyPageParts): Routes {
  return { pages: pages(parts), forms: [saveRoute(parts), ...actRoutes(parts)] }
}

const readable = ({ caller }: KnownVisit) => reachOf(caller, 'duty:read')
const changeable = ({ caller }: KnownVisit) => reachOf(caller, 'duty:change')

function mayChange({ service, centre }: RotaName, visit: KnownVisit): boolean {
  if (!may(visit.caller, 'duty:change')) return false
  const reach = changeable(visit)
  return service === COORDINATION ? reach === null : reaches(reach, centre)
}

function pages({ duty, ...parts }: DutyPageParts): PageRoute[] {
  const week = (visit: KnownVisit) =>
    weekOf(visit.query.get('semaine'), parts.clock.nowMs(), visit.config.region.timeZone)
  return [
    {
      path: '/garde',
      permission: 'duty:read',
      async show(visit) {
        const shown = week(visit)
        return weekPage(visit, shown, await duty.rotas(shown, readable(visit)))
      },
    },
    {
      path: '/garde/tableau',
      permission: 'duty:change',
      async show(visit) {
        const name = { service: visit.query.get('service') ?? '', centre: visit.query.get('centre') ?? '' }
        if (name.service === '') return { to: '/garde' }
        const rota = await rotaOf(name, week(visit), visit, duty)
        const lines = linesOf(rota, week(visit), visit.config.region.timeZone)
        return editPage({ visit, rota, week: week(visit), lines, problems: [] })
      },
    },
    {
      path: '/garde/:id',
      permission: 'duty:read',
      show: async (visit, { id = '' }) => dutyPage(await shownOf(id, visit, { duty, ...parts })),
    },
  ]
}

/** @throws {GatewayError} NOT_FOUND when there is none, or it is not theirs to change */
async function rotaOf(name: RotaName, week: Week, visit: KnownVisit, duty: DutyViews): Promise<RotaHours> {
  const found = (await duty.rotas({ ...week, service: name.service }, readable(visit))).find(
    ({ centre }) => centre === name.centre,
  )
  if (found === undefined || !mayChange(found, visit)) throw new GatewayError('NOT_FOUND')
  return found
}

function weekPage(visit: KnownVisit, week: Week, rotas: readonly RotaHours[]): PageBody {
  const words = DUTY_WORDS[visit.language]
  const styles = ['forms.css', 'duty.css']
  if (rotas.length === 0) return { title: words.title, body: html`<p>${words.none}</p>`, styles }
  const body = html`<p>${words.lead}</p>
<p class="weeks"><a href="/garde?semaine=${week.before}">← ${words.before}</a> <strong>${words.week(mondayText(week, visit.language))}</strong> <a href="/garde?semaine=${week.after}">${words.after} →</a></p>
${rotas.map((rota) => {
  const edit = `/garde/tableau?service=${rota.service}&centre=${rota.centre}&semaine=${week.monday}`
  const title = rotaTitle(rota, visit)
  return html`<section class="rota"><h2>${title}</h2>${weekGrid(rota, week, visit)}${
    mayChange(rota, visit)
      ? html`<p><a href="${edit}" aria-label="${words.change} : ${title}">${words.change}</a></p>`
      : null
  }</section>`
})}`
  return { title: words.title, body, styles }
}

function saveRoute({ duty, duties, clock }: DutyPageParts): FormRoute {
  return {
    path: '/garde/tableau',
    permission: 'duty:change',
    async act(visit, fields) {
      const { timeZone } = visit.config.region
      const week = weekOf(fields.get('semaine'), clock.nowMs(), timeZone)
      const name = { service: fields.get('service') ?? '', centre: fields.get('centre') ?? '' }
      const rota = await rotaOf(name, week, visit, duty)
      const lines = typedLines(fields)
      const page = { visit, rota, week, lines }
      if (fields.get('act') === 'more') return editPage({ ...page, problems: [] })
      const saved = await duties.save(saveOf(name, week, lines, timeZone), visit.caller.who, changeable(visit))
      return saved.ok ? { to: `/garde?semaine=${week.monday}` } : editPage({ ...page, problems: saved.problems })
    },
  }
}

async function shownOf(
  id: string,
  visit: KnownVisit,
  { duty, clock }: Omit<DutyPageParts, 'duties' | 'commands'>,
): Promise<DutyShown> {
  const found = await duty.one(id, readable(visit))
  if (found === null) throw new GatewayError('NOT_FOUND')
  const { duty: one, notices } = found
  const isOwn = mayChange(one, visit)
  const nowMs = clock.nowMs()
  const { sms, voice } = visit.config.telemedicine ?? { sms: null, voice: null }
  const rotas = await duty.rotas(
    { fromMs: one.untilMs - 1, untilMs: one.untilMs + NEXT_MS, service: one.service },
    readable(visit),
  )
  const after = (rotas.find(({ centre }) => centre === one.centre)?.duties ?? []).filter(
    (other) => other.id !== one.id && other.untilMs > one.untilMs,
  )
  return {
    ...{ visit, duty: one, notices, told: null },
    open: isOwn && one.service !== COORDINATION ? await duty.open(id, readable(visit)) : null,
    next: after.sort((a, b) => a.fromMs - b.fromMs).slice(0, 10),
    isTakeable: isOwn && nowMs >= one.fromMs - TAKEN_BEFORE_MS && nowMs < one.untilMs,
    mayHandOver: isOwn && may(visit.caller, 'cases:act'),
    channels: { sms: sms !== null, voice: voice !== null },
  }
}

function actRoutes(parts: DutyPageParts): FormRoute[] {
  const { duty, duties } = parts
  const form = (path: string, run: (visit: KnownVisit, id: string, fields: URLSearchParams) => Promise<unknown>) =>
    ({
      path: `/garde/:id/${path}`,
      permission: 'duty:change',
      async act(visit, fields, { id = '' }) {
        if ((await duty.one(id, readable(visit))) === null) throw new GatewayError('NOT_FOUND')
        await run(visit, id, fields)
        return { to: `/garde/${encodeURIComponent(id)}` }
      },
    }) satisfies FormRoute
  return [
    form('test', (visit, id) => duties.test(id, visit.caller.who, changeable(visit))),
    form('prise', (visit, id, fields) => {
      const { sms, voice } = visit.config.telemedicine ?? { sms: null, voice: null }
      const ticked = (name: string): boolean => fields.get(name) === 'yes'
      const heard = {
        sound: ticked('sound'),
        sms: sms === null ? null : ticked('sms'),
        voice: voice === null ? null : ticked('voice'),
      }
      return duties.take(id, heard, visit.caller.who, changeable(visit))
    }),
    {
      path: '/garde/:id/releve',
      permission: 'duty:change',
      act: (visit, fields, { id = '' }) => handOver(id, visit, fields, parts),
    },
  ]
}

/** Hands cases to whoever comes next; those that are no longer to be handed over are left as they are. */
async function handOver(
  id: string,
  visit: KnownVisit,
  fields: URLSearchParams,
  parts: DutyPageParts,
): Promise<PageBody> {
  const shown = await shownOf(id, visit, parts)
  const to = shown.next.find((one) => one.id === fields.get('to'))
  const viewer = viewerOf(visit.caller, shown.duty.centre)
  if (to === undefined || viewer === null || !shown.mayHandOver) throw new GatewayError('BAD_REQUEST')
  const wanted = fields.getAll('case')
  let done = 0
  for (const one of shown.open ?? []) {
    if (!wanted.includes(one.id)) continue
    const acted = await parts.commands.act(one.id, { what: 'hand-over', to: personOf(to) }, viewer)
    if (acted.ok) done += 1
  }
  const words = DUTY_WORDS[visit.language]
  return dutyPage({ ...(await shownOf(id, visit, parts)), told: words.handed(done) })
}

function personOf({ person, rpps, phone, centre }: Duty) {
  return { name: person, rpps, establishment: centre, role: 'expert', phone } as const
}
