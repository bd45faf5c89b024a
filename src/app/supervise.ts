import { fileURLToPath } from 'node:url'
import type { CliLanguage } from './cli/command.ts'
import { machineClock } from './cli/machine.ts'
import { readRegion } from './config/index.ts'
import { createLog, logLevel } from './log.ts'
import { tellProblems } from './region-problems.ts'
import { startChild } from './supervise/child.ts'
import { DoorSockets } from './supervise/sockets.ts'
import { Supervisor } from './supervise/supervisor.ts'
import { SUPERVISOR_WORDS } from './supervise/words.ts'

/** A gateway has so long beyond its own drain to close its store (ms). */
const CLOSING_MS = 20_000

/** What `passerelle supervise` was asked for. */
export interface SuperviseOptions {
  readonly region: string
  /** Arguments of `start`, passed on as they came. */
  readonly args: readonly string[]
  readonly simulate: boolean
  /** The store serves several gateways at once. */
  readonly overlap: boolean
  /** A new gateway beside the old one has so long (ms) to open its doors. */
  readonly readyMs: number
  readonly language: CliLanguage
}

/**
 * Holds the sockets of the region's doors and keeps a gateway on them, until SIGTERM or SIGINT. SIGHUP is passed on;
 * SIGUSR2 replaces the gateway, by the region file and release as they are then. Resolves with the exit code. */
export async function supervise(options: SuperviseOptions): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const log = createLog(logLevel(process.env) ?? 'info')
  const words = SUPERVISOR_WORDS[options.language]
  const sockets = new DoorSockets()
  let drainMs = 0
  const prepare = async (): Promise<boolean> => {
    const { node, problems } = await readRegion(options.region, process.env)
    if (node === null) {
      tellProblems(options.region, problems, { say, log })
      log.error('gateway.start', { code: 'CONFIG_INVALID' })
      return false
    }
    drainMs = node.drainMs
    try {
      await sockets.renew([...node.mllp, ...node.http, ...(node.mail ?? [])])
    } catch (fault) {
      const { code, address, port } = fault as NodeJS.ErrnoException & { address?: string; port?: number }
      log.error('gateway.start', { code: 'INTERNAL', peer: `${address}:${port}` }, fault)
      say(words.cannotListen(`${address}:${port}`, code ?? 'INTERNAL'))
      return false
    }
    if (sockets.descriptors().every(({ descriptor }) => descriptor >= 0)) return true
    say(words.cannotPass)
    return false
  }
  if (options.simulate) {
    const { prepareSimulation } = await import('./simulate.ts')
    await prepareSimulation(options.region)
  }
  if (!(await prepare())) return 1

  const supervisor = new Supervisor({
    launch: () => startChild([...program(), 'start', ...options.args], sockets, process.env),
    prepare,
    overlap: options.overlap,
    patienceMs: () => drainMs + CLOSING_MS,
    readyMs: options.readyMs,
    clock: machineClock,
    say,
    words,
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => supervisor.stop(signal))
  process.on('SIGHUP', () => supervisor.pass('SIGHUP'))
  process.on('SIGUSR2', () => void supervisor.handOver())
  const code = await supervisor.run()
  sockets.close()
  return code
}

/**
 * How this very program was called. Absolute paths are kept unresolved: where they lead through a link to a release, the
 * next gateway is of the release that the link names by then. */
function program(): string[] {
  const [, main = fileURLToPath(new URL('./main.ts', import.meta.url))] = process.argv
  const node = process.argv0.startsWith('/') ? process.argv0 : process.execPath
  return [node, ...process.execArgv, main]
}
