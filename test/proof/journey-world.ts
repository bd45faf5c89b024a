/** The region of whole journeys: a hospital and a first centre with HL7 v2, a second centre with FHIR, and two archives. */
import { sha256 } from '../console/region.ts'
import type { Orthanc } from '../support/peers/orthanc.ts'
import { openShortMessages, type ShortMessage } from '../support/peers/short-messages.ts'
import { openProxy } from '../support/postgres/proxy.ts'
import type { Gateway } from '../support/world/gateway.ts'
import { senderKey } from '../support/world/region.ts'
import { until } from '../support/world/until.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'

const HOUR_MS = 3_600_000
/** Number of the last rung of the ladder, which is repeated; each of the others comes a second after the one before. */
export const LAST_RUNG = 19
/** Who is on duty, by centre. */
const MOBILES = { 'chu-angers': '0639980001', 'chu-nantes': '0639980002' } as const

/** The real process, its far sides, and a way to kill it. */
export interface JourneyWorld extends World {
  readonly told: readonly ShortMessage[]
  readonly site: Orthanc
  readonly centre: Orthanc
  /**
   * Cuts the line to the centre's archive when so many bytes more have gone there; resolves then. Null: it is about to be
   * cut already. */
  cutAfter(bytes: number): Promise<void> | null
  /** Kills before now. */
  kills(): number
  /** `kill -9`, and starts it again; those who ask meanwhile wait for the same one. */
  kill(): Promise<void>
  /** Asks with a key. @throws the socket's error */
  call(
    key: string,
    path: string,
    ask?: { body: unknown; method?: string; headers?: Record<string, string> },
  ): Promise<Said>
  /** Has everything delivered, and says how the journal counts. */
  empty(): Promise<Awaited<ReturnType<Gateway['status']>>>
}

/** An answer of a door. */
export interface Said {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  readonly json: any
}

/** An operator whose key is `k-NAME`. */
export const person = (name: string, role: string, establishments?: readonly string[]) => ({
  ...{ name, role, keySha256: sha256(`k-${name}`) },
  ...(establishments !== undefined && { establishments }),
})

/** A ladder of many rungs so long after one another (ms), so that whatever happens falls between two; the first also tells by these channels. */
export function rungsEvery(stepMs: number, first: readonly string[]): readonly object[] {
  const channels = ['console', 'sms']
  return Array.from({ length: LAST_RUNG + 1 }, (_, n) => ({
    after: `${n * stepMs} ms`,
    tell: ['duty-1'],
    channels: n === 0 ? first : channels,
    ...(n === LAST_RUNG && { every: '30 s' }),
  }))
}

function region(sms: object, archives: { readonly site: string; readonly centre: string }) {
  const pacs = (url: string) => ({ pacs: { type: 'dicomweb', url, use: 'qualification', timeout: '20 s' } })
  return {
    sources: ['CH-HAUT-ANJOU', 'CHU-ANGERS', 'CHU-NANTES'],
    destinations: {
      // What it does not answer is sent again sooner than after half a minute.
      'ch-haut-anjou/dpi': { keeps: true, options: { timeout: '5 s' } },
      'chu-angers/unv': { keeps: true },
      'chu-nantes/unv': { type: 'fhir', keeps: true },
    },
    establishments: {
      'ch-haut-anjou': { casesTo: 'dpi', answer: 'oru', destinations: pacs(archives.site) },
      'chu-angers': { casesTo: 'unv', kind: 'university-hospital' },
      'chu-nantes': { casesTo: 'unv', kind: 'university-hospital', destinations: pacs(archives.centre) },
    },
    routes: [
      { name: 'requests', when: { kinds: ['ORM^O01', 'ADT^A01'] }, to: ['platform'], lane: 'urgent' },
      { name: 'answers', when: { kinds: ['ORR^O02', 'ORU^R01'] }, to: ['platform'] },
    ],
    top: {
      store: { minFree: '1 MiB' },
      operators: [
        person('proof', 'admin'),
        person('chu-angers', 'expert', ['chu-angers']),
        person('chu-nantes', 'expert', ['chu-nantes']),
        person('coordination', 'coordination'),
        { name: 'operator', role: 'admin', keySha256: sha256('proof-operator-key') },
      ],
      telemedicine: {
        sms,
        services: {
          stroke: {
            ladders: {
              answer: {
                centres: { '*': ['chu-angers', 'chu-nantes'] },
                rungs: rungsEvery(1_000, ['console', 'sms', 'system']),
              },
              interventional: { centres: { '*': ['chu-nantes'] } },
            },
          },
        },
      },
    },
  } as const
}

/** Makes it, starts the gateway, and writes the rotas. Close it. */
export async function journeyWorld(site: Orthanc, centre: Orthanc): Promise<JourneyWorld> {
  const [provider, line] = [await openShortMessages(), await openProxy({ port: centre.port })]
  const archives = { site: site.web, centre: `http://127.0.0.1:${line.port}/dicom-web` }
  const made = await makeWorld(region(provider.settings, archives))
  let gateway = await made.start()
  let [kills, killing, cutting] = [0, null as Promise<void> | null, false]
  const call = callTo(made.httpPort)
  await onDuty(call, MOBILES)
  return {
    ...made,
    told: provider.taken,
    site,
    centre,
    cutAfter(bytes) {
      if (cutting) return null
      cutting = true
      return line.cutAfterBytes(bytes, 'up').finally(() => {
        cutting = false
      })
    },
    kills: () => kills,
    call,
    async kill() {
      killing ??= (async () => {
        kills += 1
        await gateway.kill()
        gateway = await made.start()
      })().finally(() => {
        killing = null
      })
      await killing
    },
    async empty() {
      await emptied(gateway)
      return await gateway.status()
    },
    async close() {
      await made.close()
      await line.close()
      provider.close()
    },
  }
}

/** Asks a gateway by JSON, each time on a connection of its own: one that is kept may be ending already. */
export function callTo(httpPort: number): JourneyWorld['call'] {
  return async (key, path, ask) => {
    const answer = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
      method: ask === undefined ? 'GET' : (ask.method ?? 'POST'),
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        connection: 'close',
        ...ask?.headers,
      },
      ...(ask !== undefined && { body: JSON.stringify(ask.body) }),
    })
    const text = await answer.text()
    return { status: answer.status, json: text === '' ? null : JSON.parse(text) }
  }
}

/** Writes the rota of each centre for two days, with one number for both of its neurologists; its expert's key is `k-CENTRE`. */
export async function onDuty(call: JourneyWorld['call'], mobiles: Readonly<Record<string, string>>): Promise<void> {
  const from = Date.now() - HOUR_MS
  const span = { from: new Date(from).toISOString(), until: new Date(from + 48 * HOUR_MS).toISOString() }
  for (const [centre, mobile] of Object.entries(mobiles)) {
    const one = { ...span, rpps: null, phone: mobile, mobile }
    const duties = [1, 2].map((place) => ({ ...one, place, person: `Dr ${place} ${centre}` }))
    const body = { service: 'stroke', centre, ...span, duties }
    const { status, json } = await call(`k-${centre}`, '/api/duty', { body, method: 'PUT' })
    if (status !== 200) throw new Error(`rota: ${status} ${JSON.stringify(json)}`)
  }
}

/** Tries until it is done, whatever is killed meanwhile. */
export function insisting<T>(what: string, attempt: () => Promise<T | null | false>): Promise<T> {
  return until(what, attempt, { withinMs: 60_000 })
}

/** The key of an establishment's own system. */
export const systemKey = (establishment: string): string => senderKey(establishment.toUpperCase())
