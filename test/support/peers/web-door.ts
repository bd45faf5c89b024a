import { createHash } from 'node:crypto'
import type { Looks } from '../../../src/core/audit.ts'
import type { Config, Establishment, HttpDoor } from '../../../src/core/config.ts'
import type { Clock, Entrance } from '../../../src/core/ports.ts'
import type { HttpLimits } from '../../../src/entrances/http/limits.ts'
import { type HttpPlugin, httpEntrance } from '../../../src/entrances/http/server.ts'
import { type AccessTokens, accessTokens } from '../../../src/entrances/http/tokens.ts'
import { realClock } from './clock.ts'
import { configOf } from './door.ts'
import { type Notebook, notebook } from './notebook.ts'

/** The secret of the region under test. */
export const SECRET = Buffer.alloc(32, 7)
/** Key of the establishment `ch-laval`, and of an operator. */
export const LAVAL_KEY = 'demo-ch-laval'
export const OPERATOR_KEY = 'demo-admin'

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex')

/** A region of `ch-laval` and `chu-angers`, each with its key `demo-…`, and one operator. */
export function webRegion(
  certificates: Parameters<typeof configOf>[1] = {},
  clients: Establishment['clients'] = [],
): Config {
  const bare = configOf(1, { 'ch-laval': [], 'chu-angers': [], ...certificates })
  const establishments = [...bare.establishments.values()].map(
    (one): Establishment => ({
      ...one,
      keys: [sha256(`demo-${one.id}`)],
      clients: one.id === 'ch-laval' ? clients : [],
    }),
  )
  return {
    ...bare,
    operators: [
      {
        name: 'demo-admin',
        role: 'admin',
        keySha256: sha256(OPERATOR_KEY),
        reach: { establishments: [], applications: null },
        content: false,
      },
    ],
    establishments: new Map(establishments.map((one) => [one.id, one])),
  }
}

export interface WebDoor {
  readonly entrance: Entrance
  readonly port: number
  readonly url: string
  readonly notes: Notebook
  readonly tokens: AccessTokens
}

/** Opens an HTTP door on a free port of this machine, with these plugins behind it. */
export async function openWebDoor(
  plugins: readonly HttpPlugin[],
  wanted: {
    readonly door?: Partial<HttpDoor>
    readonly limits?: Partial<HttpLimits>
    readonly config?: () => Config
    readonly clock?: Clock
    readonly notes?: Notebook
    readonly looks?: Looks
  } = {},
): Promise<WebDoor> {
  const notes = wanted.notes ?? notebook()
  const clock = wanted.clock ?? realClock
  const tls = wanted.door?.tls ?? null
  const door: HttpDoor = {
    name: tls === null ? 'http' : 'https',
    host: '127.0.0.1',
    port: 0,
    allowPlain: false,
    tls,
    maxBodyBytes: 1_000_000,
    ...wanted.door,
  }
  const region = webRegion()
  const tokens = accessTokens(SECRET, clock)
  const { log, meter } = notes
  const config = wanted.config ?? (() => region)
  const { limits = {} } = wanted
  const looks = wanted.looks ?? { note: async () => {} }
  const entrance = httpEntrance({ door, plugins, config, tokens, looks, clock, log, meter, version: '1.2.3', limits })
  const { port } = await entrance.open()
  const url = `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`
  return { entrance, port, url, notes, tokens }
}
