import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../world/until.ts'

/** The file that every antivirus must find, harmless (eicar.org); put together here, so that none finds this one. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE', '!$H+H*'].join('')

/** How a stand-in for clamd behaves. `mute`: takes everything, says nothing; `cut`: leaves in the middle. */
export type Manner = 'honest' | 'mute' | 'cut' | 'nonsense' | 'size-limit' | 'deaf'

/** A stand-in for clamd. */
export interface FakeClamd {
  readonly port: number
  manner: Manner
  /** What it was given by INSTREAM, one mail each, in the order of their ends. */
  readonly streams: Buffer[]
  /** Commands so far. */
  readonly commands: string[]
  close(): Promise<void>
}

/** Starts it: `honest`, it finds EICAR by its words. */
export async function fakeClamd(port = 0): Promise<FakeClamd> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    void converse(socket, one)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const one: FakeClamd = {
    port: (server.address() as AddressInfo).port,
    manner: 'honest',
    streams: [],
    commands: [],
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return one
}

async function converse(socket: Socket, clamd: FakeClamd): Promise<void> {
  if (clamd.manner === 'deaf') {
    socket.pause()
    return
  }
  let bytes = Buffer.alloc(0)
  const read = async (count: number): Promise<Buffer> => {
    while (bytes.length < count) {
      const chunk = socket.read() as Buffer | null
      if (chunk === null) await once(socket, 'readable')
      else bytes = Buffer.concat([bytes, chunk])
    }
    const taken = bytes.subarray(0, count)
    bytes = bytes.subarray(count)
    return taken
  }
  let command = ''
  for (let octet = (await read(1))[0]!; octet !== 0; octet = (await read(1))[0]!) command += String.fromCharCode(octet)
  clamd.commands.push(command)
  const { manner } = clamd
  if (manner === 'mute') return
  if (command === 'zPING') {
    socket.end(manner === 'nonsense' ? 'WHAT\0' : 'PONG\0')
    return
  }
  const chunks: Buffer[] = []
  for (;;) {
    const length = (await read(4)).readUInt32BE()
    if (length === 0) break
    chunks.push(Buffer.from(await read(length)))
    if (manner === 'cut') {
      socket.destroy()
      return
    }
    if (manner === 'size-limit') {
      socket.end('INSTREAM size limit exceeded. ERROR\0')
      return
    }
  }
  const stream = Buffer.concat(chunks)
  clamd.streams.push(stream)
  if (manner === 'nonsense') socket.end('stream: what? ERROR\0')
  else socket.end(stream.includes(EICAR) ? 'stream: Eicar-Test FOUND\0' : 'stream: OK\0')
}

/** A real clamd. */
export interface RealClamd {
  readonly port: number
  stop(): Promise<void>
}

/** Starts a real clamd with a database of its own that knows EICAR and nothing else, and waits until it answers. */
export async function realClamd(port: number): Promise<RealClamd> {
  const dir = mkdtempSync(join(tmpdir(), 'clamd-'))
  const database = join(dir, 'database')
  mkdirSync(database)
  writeFileSync(join(database, 'test.ndb'), `Eicar-Test-Signature:0:*:${Buffer.from(EICAR).toString('hex')}\n`)
  const settings = [
    `DatabaseDirectory ${database}`,
    `LogFile ${join(dir, 'log')}`,
    `TemporaryDirectory ${dir}`,
    'TCPAddr 127.0.0.1',
    `TCPSocket ${port}`,
    'StreamMaxLength 1M',
    'MaxThreads 2',
    'Foreground yes',
    'ConcurrentDatabaseReload no',
  ]
  writeFileSync(join(dir, 'clamd.conf'), `${settings.join('\n')}\n`)
  const child: ChildProcess = spawn('clamd', ['--config-file', join(dir, 'clamd.conf')], { stdio: 'ignore' })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = once(child, 'exit')
  await until('clamd answers', async () => {
    if (child.exitCode !== null) throw new Error(`clamd has ended: ${readFileSync(join(dir, 'log'), 'utf8')}`)
    return pongs(port)
  })
  return {
    port,
    async stop() {
      child.kill('SIGKILL')
      await gone
      process.off('exit', kill)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function pongs(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('zPING\0')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return answer.toString() === 'PONG\0'
  } finally {
    socket.destroy()
  }
}
