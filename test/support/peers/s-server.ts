import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Identity } from './pki.ts'

const started = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})

/** A TLS server that nobody here wrote: `openssl s_server`, on 127.0.0.1. */
export interface SServer {
  readonly port: number
  end(): Promise<void>
}

/** How it is started. `chain`: PEM sent above its certificate. `clients`: PEM of the authority that callers must be of. */
export interface SServerSpec {
  readonly identity: Identity
  readonly chain?: string
  readonly clients?: string
  readonly options: readonly string[]
}

/** Starts one on a free port. @throws {Error} when it ends instead of listening */
export async function sServer({ identity, chain, clients, options }: SServerSpec): Promise<SServer> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-s-server-'))
  const file = (name: string, pem: string): string => {
    writeFileSync(join(dir, name), pem, { mode: 0o600 })
    return join(dir, name)
  }
  const child = spawn(
    'openssl',
    [
      's_server',
      ...['-accept', '127.0.0.1:0', '-key', file('key.pem', identity.key), '-cert', file('cert.pem', identity.cert)],
      ...(chain === undefined ? [] : ['-cert_chain', file('chain.pem', chain)]),
      ...(clients === undefined
        ? []
        : ['-CAfile', file('clients.pem', clients), '-Verify', '2', '-verify_return_error']),
      ...options,
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  )
  started.add(child)
  const port = await new Promise<number>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1')
      const [, listening] = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said) ?? []
      if (listening !== undefined) resolve(Number(listening))
    })
    child.once('exit', (code) => reject(new Error(`openssl s_server ended with ${code}`)))
  })
  return {
    port,
    async end() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      started.delete(child)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
