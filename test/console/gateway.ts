import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { createLog } from '../../src/app/log.ts'
import { createMeter } from '../../src/app/meter.ts'
import { alertsPlugin } from '../../src/console/alerts.ts'
import { type ConsoleParts, consolePlugin } from '../../src/console/console.ts'
import { overviewPlugin } from '../../src/console/overview.ts'
import { type LiveOverview, liveOverview } from '../../src/console/page/overview/live.ts'
import { lostPage } from '../../src/console/page/shell/pages.ts'
import type { Config, HttpDoor } from '../../src/core/config.ts'
import type { Intake, Journal, NewDelivery } from '../../src/core/journal.ts'
import type { Entrance } from '../../src/core/ports.ts'
import type { SessionOf } from '../../src/core/sign-in.ts'
import type { Commands, Views } from '../../src/core/views.ts'
import type { HttpLimits } from '../../src/entrances/http/limits.ts'
import { type HttpPlugin, httpEntrance } from '../../src/entrances/http/server.ts'
import { accessTokens } from '../../src/entrances/http/tokens.ts'
import { acts } from '../../src/pipeline/acts.ts'
import { keepLooks } from '../../src/pipeline/audit/looks.ts'
import { searchKey } from '../../src/pipeline/keys.ts'
import { onboardingCounts } from '../../src/pipeline/onboarding/views.ts'
import { replayRequests } from '../../src/pipeline/replay-requests.ts'
import { makeViews } from '../../src/pipeline/views.ts'
import { alertCommands, alertViews } from '../../src/pipeline/watch/alert-views.ts'
import { overviewViews } from '../../src/pipeline/watch/overview-views.ts'
import { tally } from '../../src/pipeline/watch/tally.ts'
import { newStore } from '../support/stores.ts'
import { noChanges, noDestinations } from './operations.ts'
import { someConfig } from './region.ts'

/** INS of an invented patient, with the OID for tests. */
export const AUTHORITY = '1.2.250.1.213.1.4.10'
/** The identifier of that patient. */
export const INS = '279035121518989'
/** A word of the patient's name: must be seen nowhere outside the body. */
export const CANARY = 'CANARI (FICTIF)'

/** Message text with the canary in it, so that a leak shows. */
export function bodyOf(controlId: string): Buffer {
  return Buffer.from(
    `MSH|^~\\&|DPI|ch-laval|GAM|X|20260101||ADT^A01|${controlId}|T|2.5\rPID|||${INS}^^^&${AUTHORITY}&ISO^INS||${CANARY}\r`,
    'latin1',
  )
}

/** One delivery, queued. */
export function delivery(destination: string, changes: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id: machineIds.uuid(),
    destination,
    route: 'admissions',
    lane: 'normal',
    state: 'queued',
    code: null,
    dueAtMs: 1_000,
    expiresAtMs: 9_000_000_000_000,
    alertAtMs: null,
    replayOf: null,
    ...changes,
  }
}

/** A message from ch-laval, with what the test changes of it. */
export function intake(journal: Journal, controlId: string, changes: Partial<Intake> = {}): Intake {
  return {
    id: machineIds.uuid(),
    receivedAtMs: Date.parse('2026-01-01T10:00:00Z'),
    entrance: 'mllp',
    peer: '127.0.0.1:1',
    establishment: 'ch-laval',
    kind: 'ADT^A01',
    controlId,
    application: 'DPI',
    facility: 'ch-laval',
    receivingApplication: 'GAM',
    receivingFacility: 'X',
    test: true,
    bytes: bodyOf(controlId),
    repeatKey: null,
    answer: null,
    applicationAnswer: null,
    patientKeys: [searchKey(journal.secret, AUTHORITY, INS)],
    orderKeys: [],
    findings: [],
    deliveries: [],
    events: [],
    revision: 1,
    parent: null,
    ask: null,
    rows: [],
    cause: null,
    ...changes,
  }
}

/** A console over a real store, called over real HTTP. */
export interface Running {
  readonly journal: Journal
  readonly url: string
  readonly dir: string
  readonly log: string[]
  readonly door: Entrance
  readonly live: LiveOverview
  /** Writes what was counted of the messages so far. */
  counted(): Promise<void>
  call(path: string, options?: { key?: string; method?: string; body?: unknown; headers?: object }): Promise<Called>
}

/** What came back. */
export interface Called {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of any shape
  readonly json: any
}

/** Opens a store in a folder of its own; both are gone when the test is over. */
export async function openStore(): Promise<{ journal: Journal; dir: string }> {
  const parent = await mkdtemp(join(tmpdir(), 'passerelle-console-'))
  const store = await newStore(parent)
  const journal = await store.open({ clock: machineClock, ids: machineIds })
  onTestFinished(async () => {
    await journal.close()
    await store.end()
    await rm(parent, { recursive: true })
  })
  await journal.adopt('test', 0, '{}')
  // Where the embedded one is; nothing is there on PostgreSQL.
  return { journal, dir: join(parent, 'store') }
}

/** What a console stands on, for plugins that need the same. */
export interface Stood {
  readonly journal: Journal
  readonly config: () => Config
  readonly views: Views
  readonly commands: Commands
}

/** What stands beside the console at its door. `over`: what needs the store. */
interface Beside {
  readonly door: Partial<HttpDoor>
  readonly limits: Partial<HttpLimits>
  readonly plugins: readonly HttpPlugin[]
  readonly over: (journal: Journal) => { readonly plugins?: readonly HttpPlugin[]; readonly sessions?: SessionOf }
  readonly behind: (stood: Stood) => readonly HttpPlugin[]
}

/** Starts a console on a free port. */
export async function startConsole(
  { door: wanted, limits, plugins = [], over, behind, ...changes }: Partial<ConsoleParts & Beside> = {},
  config: Config | (() => Config) = someConfig(),
): Promise<Running> {
  const { journal, dir } = await openStore()
  const log: string[] = []
  const now = typeof config === 'function' ? config : () => config
  const more = over?.(journal) ?? {}
  const meter = createMeter({ clock: machineClock, strict: true, runtime: false })
  meter.watch(() => journal.counts())
  const clock = machineClock
  const entrances = () => [{ name: 'mllp' as const, host: '127.0.0.1', port: 2575, connections: 3 }]
  const views = makeViews({ journal, config: now, clock, entrances, node: 'n1', version: '1.2.3' })
  const counted = tally({ journal, clock, log: createLog('info', { write: (line) => log.push(line) }) })
  const alerts = alertViews(journal)
  const certificates = () => [{ part: 'mllps', endsAtMs: Date.parse('2040-01-01T00:00:00Z') }]
  const overview = overviewViews({
    journal,
    config: now,
    status: () => views.status(null),
    alerts,
    certificates,
    clock,
    pictureMs: 10,
  })
  const live = liveOverview({ overview, config: now, clock, tickMs: 20 })
  onTestFinished(() => live.stop())
  const own = [
    overviewPlugin({
      overview,
      live,
      onboardings: () => onboardingCounts(journal),
      config: now,
      version: '1.2.3',
    }),
    alertsPlugin({ views: alerts, commands: alertCommands({ journal, clock }), config: now, clock, version: '1.2.3' }),
  ]
  const stood: Stood = {
    journal,
    config: now,
    views,
    commands: acts({ journal, config: now, clock, ids: machineIds }),
  }
  const replays = replayRequests({ journal, config: now, clock, ids: machineIds, log: createLog('info') })
  const plugin = consolePlugin({
    views: stood.views,
    commands: stood.commands,
    elsewhere: replays.elsewhere,
    changes: noChanges,
    destinations: noDestinations,
    config: now,
    metrics: () => meter.text(),
    ready: () => ({ ready: true }),
    version: '1.2.3',
    ...changes,
  })
  const looks = keepLooks({ journal, clock, log: createLog('info', { write: (line) => log.push(line) }) })
  onTestFinished(looks.stop)
  const door = httpEntrance({
    door: {
      name: 'http',
      host: '127.0.0.1',
      port: 0,
      allowPlain: false,
      tls: null,
      maxBodyBytes: 1_000_000,
      ...wanted,
    },
    plugins: [plugin, ...own, ...plugins, ...(more.plugins ?? []), ...(behind?.(stood) ?? [])],
    ...(more.sessions && { sessions: more.sessions }),
    config: now,
    tokens: accessTokens(journal.secret, clock),
    ...(limits && { limits }),
    looks,
    clock,
    log: createLog('info', { write: (line) => log.push(line) }),
    meter,
    version: '1.2.3',
    lost: lostPage({ config: now, version: '1.2.3', demo: false }),
  })
  const { port } = await door.open()
  onTestFinished(() => door.close(1_000))
  const url = `http://127.0.0.1:${port}`
  const call: Running['call'] = async (path, { key, method, body, headers = {} } = {}) => {
    const response = await fetch(url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null }
  }
  return { journal: counted.journal(journal), counted: counted.write, url, dir, log, door, live, call }
}
