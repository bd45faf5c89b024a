import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { runCli } from '../../src/app/cli/run.ts'

/** What a command left behind. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command as the process would, with an environment of its own. */
export async function passerelle(
  argv: readonly string[],
  env: Record<string, string> = {},
  terminal = false,
): Promise<Ran> {
  let out = ''
  let err = ''
  const code = await runCli(argv, env, {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    terminal,
  })
  return { code, out, err }
}

/** A far side on a free port that hands each connection's first bytes to `talk`. */
export async function farSide(talk: (socket: Socket, received: Buffer) => void): Promise<string> {
  const server = createServer((socket) => {
    const chunks: Buffer[] = []
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      const received = Buffer.concat(chunks)
      if (received.includes('\x1c\r')) talk(socket, received)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `mllp://127.0.0.1:${address.port}`
}
