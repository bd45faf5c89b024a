import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import type { MessageDetail, MessagePage, Status } from '../../../src/core/views.ts'
import { OPERATOR_KEY } from './region.ts'
import { until } from './until.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const MAIN = fileURLToPath(new URL('../../../bin/passerelle.js', import.meta.url))

/** Where a gateway process finds its things. */
export interface GatewayPlace {
  readonly region: string
  /** Folder of the embedded store, or the URL of a database. */
  readonly store: string
  readonly httpPort: number
  /** Name of the node; absent: as the gateway names itself. */
  readonly node?: string
  /** File that takes stdout and stderr, appended to over restarts. */
  readonly log: string
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A reply of the HTTP door. */
export interface Reply {
  readonly status: number
  readonly body: string
}

/** The real process, seen from outside. */
export interface Gateway {
  readonly pid: number
  /** Resolves when `/readyz` says 200. @throws when the process ends first */
  ready(withinMs?: number): Promise<void>
  readonly ended: Promise<Ended>
  running(): boolean
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<Ended>
  /** SIGTERM; resolves when it has drained and gone. */
  stop(): Promise<Ended>
  /** SIGSTOP: it does nothing until `wake`, and its sockets stay open. */
  freeze(): void
  /** SIGCONT. */
  wake(): void
  /** A GET with the operator's key. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>
  /** An act of the operator: a POST of JSON. */
  act(path: string, body: Readonly<Record<string, unknown>>): Promise<Reply>
  status(): Promise<Status>
  /** The one message with this MSH-10, in full. */
  trace(controlId: string): Promise<MessageDetail>
  /** Resident memory now and at its highest, bytes (from /proc). */
  memory(): { readonly now: number; readonly peak: number }
}

// A test process that ends early leaves no gateway behind.
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The store as the command line and the environment name it. */
function storeArgument({ store }: GatewayPlace): string {
  return store.includes('://') ? store : `file:${store}`
}

/** The Node that the project installed, which is the one the gateway runs on. */
export const NODE = process.execPath

/**
 * Starts `main.ts start`, or `supervise`, which runs a gateway; `main` is that of another release. `wrap` is put before the command (strace, prlimit); its
 * program must leave the gateway as this process's own child, so that signals reach it. */
export function startGateway(
  place: GatewayPlace,
  wrap: readonly string[] = [],
  verb: 'start' | 'supervise' = 'start',
  main = MAIN,
): Gateway {
  const named = place.node === undefined ? [] : ['--node', place.node]
  const command = [...wrap, NODE, main, verb, '--region', place.region, '--store', storeArgument(place), ...named]
  const out = openSync(place.log, 'a')
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: ROOT,
    stdio: ['ignore', out, out],
    env: { ...process.env, PASSERELLE_LOG_LEVEL: process.env['PROOF_LOG_LEVEL'] ?? 'info' },
  })
  closeSync(out)
  running.add(child)
  let over = false
  const ended = once(child, 'exit').then(([code, signal]): Ended => {
    over = true
    running.delete(child)
    return { code, signal }
  })
  const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> =>
    request(place.httpPort, path, { authorization: `Bearer ${OPERATOR_KEY}`, ...headers })
  const json = async <T>(path: string): Promise<T> => {
    const reply = await get(path)
    if (reply.status !== 200) throw new Error(`GET ${path}: ${reply.status} ${reply.body}`)
    return JSON.parse(reply.body) as T
  }
  const end = async (signal: NodeJS.Signals): Promise<Ended> => {
    if (!over) child.kill(signal)
    return await ended
  }
  return {
    pid: child.pid ?? 0,
    ended,
    running: () => !over,
    async ready(withinMs = 60_000) {
      await until('the gateway is ready', async () => over || (await get('/readyz')).status === 200, {
        withinMs,
        everyMs: 10,
      })
      if (over) throw new Error(`the gateway ended at its start:\n${readFileSync(place.log, 'utf8').slice(-2_000)}`)
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    freeze: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
    get,
    async act(path, body) {
      const answer = await fetch(`http://127.0.0.1:${place.httpPort}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: answer.status, body: await answer.text() }
    },
    status: () => json<Status>('/api/status'),
    async trace(controlId) {
      const page = await json<MessagePage>(`/api/messages?controlId=${encodeURIComponent(controlId)}`)
      if (page.messages.length !== 1) throw new Error(`${page.messages.length} messages with MSH-10 ${controlId}`)
      return await json<MessageDetail>(`/api/messages/${page.messages[0]?.id}`)
    },
    memory: () => memoryOf(child.pid ?? 0),
  }
}

/** Resident memory of a process in bytes, from /proc (VmRSS, VmHWM); 0 where that cannot be read. */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string): number =>
    Number.parseInt(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? '0', 10) * 1024
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}

/** Processor time a process has used, ms (user and system, from /proc): tells the cost of work on a busy machine too. */
export function processorMs(pid: number): number {
  const [user = '0', system = '0'] =
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? []
  const TICK_MS = 10
  return (Number(user) + Number(system)) * TICK_MS
}

/** One GET on a connection of its own. */
function request(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = http.get({ host: '127.0.0.1', port, path, headers, agent: false, timeout: 10_000 }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }))
    })
    asked.on('timeout', () => asked.destroy(new Error(`GET ${path}: no answer`)))
    asked.on('error', reject)
  })
}

/** Runs a command of the CLI on a store that nobody holds; resolves with its exit code and what it printed. */
export async function runCommand(place: GatewayPlace, args: readonly string[]): Promise<{ code: number; out: string }> {
  const child = spawn(NODE, [MAIN, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PASSERELLE_REGION: place.region, PASSERELLE_STORE: storeArgument(place) },
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = await once(child, 'close')
  return { code: code ?? -1, out: Buffer.concat(chunks).toString('utf8') }
}
