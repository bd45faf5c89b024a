/** The gateway as a process of its own, for tests of its commands and signals: free ports, its own store, a far side. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../support/world/ports.ts'
import { ROOT } from './source.ts'

/** Key of the only operator of the test region. */
export const OPERATOR_KEY = 'demo-admin'

/** Ports of one gateway, free when they were asked for. */
export interface Ports {
  readonly mllp: number
  readonly http: number
  readonly far: number
}

/** Listens on a port of 127.0.0.1, or on any free one for 0; gives the port. */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Ports that nothing listens on, all different. */
export async function freePorts(): Promise<Ports> {
  return { mllp: await freePort(), http: await freePort(), far: await freePort() }
}

function close(server: Server): Promise<unknown> {
  const closed = once(server, 'close')
  server.close()
  return closed
}

/** Resolves when the port can be bound, rejects with EADDRINUSE when something still listens there. */
export async function expectFree(port: number): Promise<void> {
  const server = createServer()
  await listen(server, port)
  await close(server)
}

/** Writes a region of one sender and one receiver, whose only destination is `ports.far`; gives the file's path. */
export function writeRegion(folder: string, ports: Ports): string {
  const file = join(folder, 'region.yaml')
  const keySha256 = createHash('sha256').update(OPERATOR_KEY).digest('hex')
  const region = {
    region: { name: 'Test', timeZone: 'Europe/Paris', locale: 'fr' },
    entrances: { mllp: { host: '127.0.0.1', port: ports.mllp }, http: { host: '127.0.0.1', port: ports.http } },
    store: { minFree: '1 MiB' },
    operators: [{ name: 'demo-admin', role: 'admin', keySha256 }],
    establishments: [
      { id: 'sender', name: 'Sender', kind: 'hospital', senders: { facilities: ['SENDER'] } },
      {
        id: 'receiver',
        name: 'Receiver',
        kind: 'hospital',
        destinations: { dpi: { type: 'mllp', host: '127.0.0.1', port: ports.far, use: 'qualification' } },
      },
    ],
    routes: [{ name: 'all', when: { from: ['sender'] }, to: ['receiver/dpi'] }],
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(region, null, 2))
  return file
}

/** A running gateway. */
export interface Gateway {
  readonly child: ChildProcess
  /** Resolves with exit code or signal when the process has ended. */
  readonly ended: Promise<number | string>
  /** Standard output and error so far. */
  output(): string
}

/**
 * Starts a command in a process group of its own, and waits until it has shown the console's address.
 * @throws when it ends before that */
export async function start(command: readonly string[], httpPort: number): Promise<Gateway> {
  const [program = '', ...rest] = command
  // Without what the test runner sets: the gateway is to run as it does for an operator.
  const { VITEST: _vitest, NODE_OPTIONS: _options, NODE_ENV: _mode, ...env } = process.env
  const child = spawn(program, rest, {
    cwd: ROOT,
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const address = `http://127.0.0.1:${httpPort}`
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  const shown = new Promise<void>((resolve) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.includes(address)) resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
  })
  const first = await Promise.race([shown, ended])
  if (first !== undefined) throw new Error(`ended with ${first} before it showed ${address}:\n${output}`)
  return { child, ended, output: () => output }
}

/** Ends what is left of a gateway's process group; harmless when there is nothing. */
export function sweep({ child }: Gateway): void {
  if (groupAlive(child)) process.kill(-child.pid!, 'SIGKILL')
}

/** Is any process of the group still there? */
export function groupAlive(child: ChildProcess): boolean {
  try {
    return process.kill(-child.pid!, 0)
  } catch {
    return false
  }
}

/** A receiver that takes a message and answers only when told. Emits `message` with its control id (MSH-10). */
export class FarSide extends EventEmitter<{ message: [controlId: string] }> {
  readonly taken: string[] = []
  readonly #server: Server
  readonly #sockets = new Map<string, Socket>()

  constructor() {
    super()
    this.#server = createServer((socket) => {
      let text = ''
      socket.on('error', () => socket.destroy())
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
        if (!text.endsWith('\x1c\r')) return
        const controlId = text.split('|')[9] ?? ''
        text = ''
        this.taken.push(controlId)
        this.#sockets.set(controlId, socket)
        this.emit('message', controlId)
      })
    })
  }

  async open(port: number): Promise<void> {
    await listen(this.#server, port)
  }

  /** Answers AA to a message that was taken. */
  answer(controlId: string): void {
    const msh = `MSH|^~\\&|DPI|RECEIVER|GW|GW|20260101120000+0100||ACK|A${controlId}|T|2.5`
    this.#sockets.get(controlId)?.write(`\x0b${msh}\rMSA|AA|${controlId}\r\x1c\r`)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy()
    await close(this.#server)
  }
}
