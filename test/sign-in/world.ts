import { request } from 'node:http'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { createLog } from '../../src/app/log.ts'
import type { Sessions } from '../../src/app/sign-in/sessions.ts'
import { signingIn } from '../../src/app/wiring/sign-in.ts'
import type { Config, HttpDoor } from '../../src/core/config.ts'
import type { Role } from '../../src/core/roles.ts'
import type { Grant, SignIn } from '../../src/core/sign-in.ts'
import type { HttpLimits } from '../../src/entrances/http/limits.ts'
import { type Running, startConsole } from '../console/gateway.ts'
import { someConfig } from '../console/region.ts'
import { notebook } from '../support/peers/notebook.ts'

/** A role that somebody was given. */
export function grant(role: Role, establishments: readonly string[] = [], content = false): Grant {
  return { role, reach: { establishments, applications: role === 'editor' ? ['DPI'] : null }, content }
}

/** Sign-in as a test wants it. */
export function someSignIn(changes: Partial<SignIn> = {}): SignIn {
  return {
    demo: false,
    providers: [],
    people: [],
    localAdministrators: [],
    limits: { idleMs: 1_800_000, absoluteMs: 36_000_000, attemptsPerMinute: 1_000 },
    ...changes,
  }
}

/** A console with sign-in, whose clock and configuration are the test's. */
export interface SignInWorld extends Running {
  readonly sessions: Sessions
  /** Another configuration from now on. */
  change(signIn: Partial<SignIn>): void
  /** Time stands still but for this. */
  pass(ms: number): void
  nowMs(): number
  /** How often an alert of this code was counted. */
  alerts(code: string): number
  /** A browser without script: keeps cookies, follows nothing. `from`: the address of this machine that it has. */
  browser(from?: string): Browser
  /** Every event since the start: what, who, detail. */
  events(): Promise<readonly { what: string; who: string; code: string | null; detail: string | null }[]>
}

/** A browser that keeps its cookies by name. */
export interface Browser {
  readonly cookies: Map<string, string>
  go(path: string, headers?: Record<string, string>): Promise<Answer>
  /** A form of a page of ours. */
  send(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly location: string | null
  readonly text: string
  readonly setCookies: readonly string[]
}

/** Starts it. */
export async function startSignIn(
  signIn: Partial<SignIn> = {},
  {
    config = {},
    door = {},
    limits,
  }: {
    readonly config?: Partial<Config>
    readonly door?: Partial<HttpDoor>
    readonly limits?: Partial<HttpLimits>
  } = {},
): Promise<SignInWorld> {
  let now = someConfig({ ...config, signIn: someSignIn(signIn) })
  let passedMs = 0
  const startMs = machineClock.nowMs()
  const clock = {
    ...machineClock,
    nowMs: () => startMs + passedMs,
    monotonicMs: () => passedMs,
  }
  let sessions: Sessions | null = null
  let alerts: SignInWorld['alerts'] = () => 0
  const running: Running = await startConsole(
    {
      door,
      ...(limits && { limits }),
      over: (journal) => {
        const log = createLog('info', { write: (line) => running?.log.push(line) })
        const { meter, counted } = notebook()
        alerts = (code) => counted('alert_total', { code })
        const made = signingIn({ journal, config: () => now, clock, ids: machineIds, log, meter, version: '1.2.3' })
        sessions = made.sessions
        return { plugins: [made.signIn], sessions: made.sessionOf }
      },
    },
    () => now,
  )
  return {
    ...running,
    sessions: sessions!,
    change(changes) {
      now = { ...now, revision: now.revision + 1, signIn: { ...now.signIn!, ...changes } }
    },
    pass(ms) {
      passedMs += ms
    },
    nowMs: clock.nowMs,
    alerts: (code) => alerts(code),
    browser: (from = '127.0.0.1') => browserOf(running.url, from),
    async events() {
      return running.journal.read({ sql: 'SELECT what, who, code, detail FROM event ORDER BY seq', parameters: [] })
    },
  }
}

/** Over node:http: fetch says of itself that it is script of a page. */
function exchanged(
  url: string,
  {
    method,
    headers,
    from,
  }: { readonly method: string; readonly headers: Record<string, string>; readonly from: string },
  body: string | null,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false, localAddress: from }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        const { location = null, 'set-cookie': setCookies = [] } = response.headers
        resolve({ status: response.statusCode ?? 0, location, text, setCookies })
      })
    })
    asked.on('error', reject)
    asked.end(body ?? undefined)
  })
}

const FORM = 'application/x-www-form-urlencoded'

function browserOf(url: string, from: string): Browser {
  const cookies = new Map<string, string>()
  const ask = async (path: string, headers: Record<string, string>, form: string | null): Promise<Answer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const all = {
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      ...(cookie === '' ? {} : { cookie }),
      ...(form === null ? {} : { 'content-type': FORM, 'content-length': String(Buffer.byteLength(form)) }),
      ...headers,
    }
    const answer = await exchanged(url + path, { method: form === null ? 'GET' : 'POST', headers: all, from }, form)
    for (const line of answer.setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/Max-Age=0/.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return {
    cookies,
    go: (path, headers = {}) => ask(path, headers, null),
    send: (path, fields = {}, headers = { 'sec-fetch-site': 'same-origin' }) =>
      ask(path, headers, new URLSearchParams(fields).toString()),
  }
}
