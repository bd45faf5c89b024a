import { reachOf } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import type {
  EnrolmentDetail,
  NewEnrolment,
  ProgrammeCommands,
  ProgrammeViews,
} from '../../../core/programme-commands.ts'
import { ENROLMENT_STATES, PAYMENT_PARTS, type Programme } from '../../../core/programmes.ts'
import { helpOf } from '../../../formats/http/problem.ts'
import { centsOf } from '../../../formats/money.ts'
import { MOST_FILE_BYTES } from '../../../formats/programme-csv.ts'
import { actOf } from '../../conformity-acts.ts'
import { type Typed, tried, typedOf } from '../conformity/acts-parts.ts'
import type { FormRoute, KnownVisit, PageRoute, Params, Routes } from '../shell/pages.ts'
import { enrolmentPage } from './enrolment-page.ts'
import { listPage } from './list-page.ts'
import { NOTHING_SENT, onePage } from './one-page.ts'
import { BASE, enrolmentPath } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** What the pages of programmes read and change. */
export interface ProgrammePageParts {
  readonly views: ProgrammeViews
  readonly commands: ProgrammeCommands
}

const READ = 'programmes:read'
const CHANGE = 'programmes:change'
const ONE = `${BASE}/:programme`
const ENROLMENT = `${ONE}/dossiers/:id`

/** Programmes: the list, one of them, an enrolment, and what is done with it. */
export function programmeRoutes(parts: ProgrammePageParts): Routes {
  const { views } = parts
  const pages: PageRoute[] = [
    { path: BASE, permission: READ, show: (visit) => listPage(visit, views) },
    { path: ONE, permission: READ, show: async (visit, params) => onePage(visit, views, programmeIn(params, views)) },
    {
      path: ENROLMENT,
      permission: READ,
      show: async (visit, params) => enrolmentPage(visit, await detailIn(visit, params, views), null),
    },
  ]
  return { pages, forms: [enrolForm(parts), importForm(parts), ...actForms(parts)] }
}

function programmeIn({ programme = '' }: Params, views: ProgrammeViews): Programme {
  const found = views.programme(programme)
  if (found === null) throw new GatewayError('NOT_FOUND')
  return found
}

async function detailIn(
  visit: KnownVisit,
  { programme, id = '' }: Params,
  views: ProgrammeViews,
): Promise<EnrolmentDetail> {
  const found = await views.one(id, reachOf(visit.caller, READ))
  if (found === null || found.enrolment.programme !== programme) throw new GatewayError('NOT_FOUND')
  return found
}

/** What the form says of an enrolment. An amount that is none is a negative one: judging says so beside all else. */
function enrolmentOf(typed: Typed, domains: readonly string[], programme: string): NewEnrolment {
  const text = (name: string): string | null => typed[name] || null
  const [count, amount] = [text('bodyCount'), text('amount')]
  return {
    ...{ programme, finess: typed['finess'] ?? '', name: text('name'), kind: text('kind') },
    department: text('department'),
    body: { finess: text('bodyFiness'), name: text('bodyName'), count: count === null ? null : Number(count) },
    ...{ domains, project: text('project'), depositedOn: text('depositedOn') },
    cents: amount === null ? null : (centsOf(amount) ?? -1),
    ...{ source: typed['source'] ?? '', invented: typed['invented'] === 'yes', confirm: typed['confirm'] === 'yes' },
  }
}

function enrolForm({ views, commands }: ProgrammePageParts): FormRoute {
  return {
    path: `${ONE}/dossiers`,
    permission: CHANGE,
    async act(visit, fields, params) {
      const programme = programmeIn(params, views)
      const domains = fields.getAll('domains')
      const typed = { ...typedOf(fields), domains: domains.join(' ') }
      const asked = enrolmentOf(typed, domains, programme.id)
      const said = await tried(visit, fields, (why) => commands.enrol(asked, actOf(visit.caller, why, CHANGE)))
      if ('fault' in said) return onePage(visit, views, programme, { ...NOTHING_SENT, typed, fault: said.fault })
      if (said.done.ok) return { to: enrolmentPath(said.done.enrolment) }
      return onePage(visit, views, programme, { ...NOTHING_SENT, typed, problems: said.done.problems })
    },
  }
}

function importForm({ views, commands }: ProgrammePageParts): FormRoute {
  return {
    path: `${ONE}/import`,
    permission: CHANGE,
    maxBytes: MOST_FILE_BYTES + 65_536,
    files: true,
    async act(visit, fields, params, files) {
      const programme = programmeIn(params, views)
      const csv = files[0] === undefined ? '' : Buffer.from(files[0].bytes).toString('utf8')
      const dryRun = fields.get('act') !== 'do'
      const run = (why: string) => commands.import(programme.id, csv, dryRun, actOf(visit.caller, why, CHANGE))
      const said = await tried(visit, fields, run)
      const shown = 'fault' in said ? { fault: said.fault } : { imported: said.done }
      return onePage(visit, views, programme, { ...NOTHING_SENT, ...shown })
    },
  }
}

/** A form of an enrolment: done, it leads back to its page; refused, the page says why. */
function act(
  { views }: ProgrammePageParts,
  path: string,
  run: (id: string, typed: Typed, visit: KnownVisit, why: string) => Promise<string | null>,
): FormRoute {
  return {
    path: `${ENROLMENT}/${path}`,
    permission: CHANGE,
    async act(visit, fields, params) {
      const { enrolment } = await detailIn(visit, params, views)
      const said = await tried(visit, fields, (why) => run(enrolment.id, typedOf(fields), visit, why))
      const fault = 'fault' in said ? said.fault : said.done
      if (fault === null) return { to: enrolmentPath(enrolment) }
      return enrolmentPage(visit, await detailIn(visit, params, views), fault)
    },
  }
}

function actForms(parts: ProgrammePageParts): FormRoute[] {
  const { commands } = parts
  return [
    act(parts, 'etat', async (id, typed, visit, why) => {
      const to = ENROLMENT_STATES.find((one) => one === typed['to'])
      if (to === undefined) throw new GatewayError('BAD_REQUEST')
      const moved = await commands.move(id, to, actOf(visit.caller, why, CHANGE))
      if (moved.ok) return null
      const words = PROGRAMME_WORDS[visit.language]
      const missing = moved.missing.map((need) => words.needs[need]).join(', ')
      return `${helpOf('PROGRAMME_MOVE', visit.language)} ${missing === '' ? '' : `${words.missing} ${missing}.`}`.trim()
    }),
    act(parts, 'montant', async (id, typed, visit, why) => {
      await commands.grant(id, centsOf(typed['amount'] ?? '') ?? -1, actOf(visit.caller, why, CHANGE))
      return null
    }),
    act(parts, 'versements', async (id, typed, visit, why) => {
      const part = PAYMENT_PARTS.find((one) => one === typed['part'])
      if (part === undefined) throw new GatewayError('BAD_REQUEST')
      const cents = centsOf(typed['paid'] ?? '') ?? -1
      await commands.pay(id, { part, cents, paidOn: typed['paidOn'] ?? '' }, actOf(visit.caller, why, CHANGE))
      return null
    }),
    act(parts, 'cibles', async (id, typed, visit, why) => {
      const whole = (name: string): number => (/^\d{1,12}$/.test(typed[name] ?? '') ? Number(typed[name]) : -1)
      const value = { target: typed['target'] ?? '', numerator: whole('numerator'), denominator: whole('denominator') }
      await commands.declare(id, value, actOf(visit.caller, why, CHANGE))
      return null
    }),
  ]
}
