import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { createLog } from '../../src/app/log.ts'
import { deskOf } from '../../src/app/wiring/desk.ts'
import { actRoutes } from '../../src/console/acts.ts'
import { deskPlugin } from '../../src/console/desk.ts'
import type { Config } from '../../src/core/config.ts'
import type { HttpPlugin } from '../../src/entrances/http/server.ts'
import { maintenances } from '../../src/pipeline/maintenance.ts'
import { type Called, type Running, startConsole } from './gateway.ts'
import { noChanges, noDestinations } from './operations.ts'
import { operator, sha256, someConfig } from './region.ts'

/** A second operator and one who may reveal content: keys `second`, `revealer`. */
const PEOPLE = [
  operator('admin'),
  operator('operator'),
  operator('support'),
  operator('dpo'),
  { ...operator('operator'), name: 'second', keySha256: sha256('second') },
  { ...operator('operator'), name: 'revealer', keySha256: sha256('revealer'), content: true },
]

/** A console with the pages of messages and of what is to be treated. */
export interface Desk extends Running {
  /** A page, as an operator sees it in French, unless told otherwise. */
  page(path: string, key?: string, language?: string): Promise<Called>
  /** Sends a form; redirects are not followed: `to` is where one leads. */
  form(path: string, fields: Form, key?: string): Promise<Called & { readonly to: string | null }>
}

type Form = Readonly<Record<string, string | readonly string[]>>

/** Starts one. `/signed` in front of the API of acts: by somebody who signed in. */
export async function startDesk(changes: Partial<Config> = {}): Promise<Desk> {
  const running = await startConsole(
    {
      behind: (stood) => {
        const log = createLog('info')
        const planning = planningOf(stood.journal)
        const compile = () => stood.config()
        const desk = deskOf({
          ...stood,
          ...{ destinations: noDestinations, planning, compile, version: '1.2.3', demo: true, log },
          ...{ clock: machineClock, ids: machineIds },
        })
        const signed: HttpPlugin = (server, { guards }) => {
          const own = { ...guards, callerOf: (request: never) => ({ ...guards.callerOf(request), session: 's' }) }
          const parts = { ...desk, changes: noChanges, elsewhere: desk.replays.elsewhere }
          void server.register(
            async (inner) =>
              actRoutes(
                inner as never,
                { ...parts, metrics: async () => '', ready: () => ({ ready: true }) },
                own as never,
              ),
            { prefix: '/signed' },
          )
        }
        return [deskPlugin(desk), signed]
      },
    },
    someConfig({ operators: PEOPLE, ...changes }),
  )
  const page: Desk['page'] = (path, key = 'demo-operator', language = 'fr') =>
    running.call(path, { key, headers: { 'accept-language': language } })
  const form: Desk['form'] = async (path, fields, key = 'demo-operator') => {
    const body = new URLSearchParams()
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one)
    const response = await fetch(running.url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { authorization: `Bearer ${key}`, 'accept-language': 'fr' },
      body,
    })
    const text = await response.text()
    const to = response.headers.get('location')
    return { status: response.status, headers: response.headers, text, json: null, to }
  }
  return { ...running, page, form }
}

function planningOf(journal: Running['journal']) {
  return maintenances(journal, { clock: machineClock, ids: machineIds })
}

/** What a reader sees of a page: no tags, no attributes. */
export function seen(html: string): string {
  return html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&#39;', "'")
}

/** What follows from the journal: events of a name, newest last. */
export async function eventsOf({ journal }: Running, what: string) {
  return journal.look<{ who: string; why: string | null; message: string | null; detail: string | null }>({
    sql: 'SELECT who, why, message, detail FROM event WHERE what = ? ORDER BY seq',
    parameters: [what],
  })
}
