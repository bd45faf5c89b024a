import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { RouteRule } from '../../src/core/config.ts'
import { delivery, intake, type Running, startConsole } from './gateway.ts'
import { operator, someConfig } from './region.ts'

const ROUTE: RouteRule = {
  name: 'admissions',
  when: { from: ['ch-laval', 'ehpad-a'] },
  to: ['chu-angers/unv', 'chu-angers/dpi', 'platform'],
  lane: 'urgent',
  alertAfterMs: null,
  awaitAdmissionMs: 0,
  edit: [],
}
const places: Readonly<Record<string, readonly [number, number]>> = {
  'ch-laval': [-0.77, 48.07],
  'chu-angers': [-0.55, 47.48],
}

/** A region with places for the map, an establishment without, and one route. */
export function region() {
  const config = someConfig({
    operators: [
      operator('admin'),
      operator('dpo'),
      operator('establishment-it', ['ch-laval']),
      operator('secretariat'),
    ],
    routes: [ROUTE],
  })
  const establishments = [...config.establishments].map(([id, one]) => {
    const at = places[id]
    return [id, at === undefined ? { ...one, finess: { ej: '490000031', eg: [] } } : { ...one, at }] as const
  })
  return {
    ...config,
    establishments: new Map(establishments),
    region: { ...config.region, departments: ['44', '49', '53', '72', '85'] },
  }
}

/** A console over that region, with messages waiting and parked, an onboarding and an alert. */
export async function busy(): Promise<Running> {
  const running = await startConsole({}, region())
  const { journal } = running
  for (let n = 0; n < 12; n++) {
    await journal.commit([intake(journal, `C${n}`, { deliveries: [delivery('chu-angers/unv')] })])
  }
  await journal.commit([
    intake(journal, 'P1', { deliveries: [delivery('chu-angers/dpi', { state: 'poisoned', code: 'POISONED' })] }),
  ])
  await journal.commit([intake(journal, 'E1', { establishment: 'ehpad-a', kind: 'ADT^A31' })])
  await journal.apply({
    rows: [
      {
        sql: `INSERT INTO onboarding (establishment, flow, name, state, opened_at_ms, moved_at_ms, version)
          VALUES ('ehpad-a', 'letters', 'Courriers', 'qualifying', 1, 1, 1)`,
        parameters: [],
      },
    ],
  })
  await raise(running, { kind: 'unreachable', severity: 'important', code: 'UNREACHED', subject: 'chu-angers/unv' })
  await running.counted()
  return running
}

/** An alert as the watch writes it. */
export async function raise(
  { journal }: Running,
  { kind, severity, code, subject }: Readonly<Record<'kind' | 'severity' | 'code' | 'subject', string>>,
): Promise<string> {
  const id = machineIds.uuid()
  const whose = subject.split('/', 1)[0] ?? null
  await journal.apply({
    rows: [
      {
        sql: `INSERT INTO alert (id, cause, kind, severity, code, subject, establishment, params, first_at_ms, last_at_ms,
          times, acknowledged) VALUES (?, ?, ?, ?, ?, ?, ?, '{"count":3}', ?, ?, 1, 0)`,
        parameters: [id, `${kind}:${subject}`, kind, severity, code, subject, whose, Date.now(), Date.now()],
      },
    ],
  })
  return id
}

/** What a viewer is sent. */
export interface Stream {
  readonly response: IncomingMessage
  /** The next event: its number and what it tells. */
  next(): Promise<{
    id: string
    data: { v: Record<string, string>; s: Record<string, [string, string]>; again?: true }
  }>
}

/** A viewer of the live overview. */
export async function viewer(
  { url }: Running,
  key: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Stream> {
  const request = get(`${url}/live/overview?lang=en`, { headers: { authorization: `Bearer ${key}`, ...headers } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  onTestFinished(() => void request.destroy())
  let text = ''
  response.setEncoding('utf8')
  response.on('error', () => {})
  response.on('data', (chunk: string) => {
    text += chunk
    response.emit('more')
  })
  return {
    response,
    async next() {
      for (;;) {
        const found = /id: (\S+)\ndata: (.*)\n\n/.exec(text)
        if (found?.[1] !== undefined && found[2] !== undefined) {
          text = text.slice(found.index + found[0].length)
          return { id: found[1], data: JSON.parse(found[2]) }
        }
        await once(response, 'more')
      }
    },
  }
}
