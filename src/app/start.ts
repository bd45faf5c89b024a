import { randomBytes } from 'node:crypto'
import { flushCompileCache } from 'node:module'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { NodeConfig } from '../core/config.ts'
import { codeOf, GatewayError } from '../core/errors.ts'
import { HELP_EN } from '../core/help-en.ts'
import { HELP_FR } from '../core/help-fr.ts'
import type { Log } from '../core/ports.ts'
import type { CliLanguage } from './cli/command.ts'
import { machineClock, machineIds } from './cli/machine.ts'
import { profileFolders, readRegion } from './config/index.ts'
import { type Gateway, openGateway, VERSION } from './gateway.ts'
import { createLog, type LogLevel, logLevel } from './log.ts'
import { collectBuffers, collectByRoom, collectEarly, giveBackRoom, limitYoung } from './memory.ts'
import { createMeter } from './meter.ts'
import { tellProblems } from './region-problems.ts'
import { prepareSimulation, simulateRegion } from './simulate.ts'
import type { StoreAddress } from './store.ts'
import { systemSentence } from './system-fault.ts'
import { takeInherited } from './wiring/inherited.ts'

/** Signals that come this close together are one (ms). */
const SAME_SIGNAL_MS = 2_000

/** What is told to a process that started this one with a channel, once every door is open. */
export const READY = 'ready'

/** What `passerelle start` was asked for. */
export interface StartOptions {
  readonly region: string
  readonly store: StoreAddress
  /** Name of this node; empty: host name and a random suffix. */
  readonly node: string
  /** Make missing example certificates, and a receiving end for each destination. */
  readonly simulate: boolean
  readonly language: CliLanguage
}

/**
 * Runs the gateway until it is told to stop, and ends the process then with 0, or with 1 where the store failed. Resolves
 * only when it could not start, with the exit code 1. */
export async function start(options: StartOptions): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const log = createLog(logLevel(process.env) ?? defaultLevel(options))
  // The embedded store has its own memory beside the heap, and no room to spare.
  if (options.store.kind === 'postgres') collectByRoom()
  else collectEarly()
  collectBuffers()
  limitYoung()
  const space = options.simulate ? await prepareSimulation(options.region) : null
  const region = await readRegion(options.region, process.env)
  tellProblems(options.region, region.problems, { say, log })
  if (region.node === null || region.shared === null) {
    log.error('gateway.start', { code: 'CONFIG_INVALID' })
    return 1
  }
  const doors = [...region.node.mllp, ...region.node.http, ...(region.node.mail ?? [])].map(({ name }) => name)
  const inherited = takeInherited(process.env, process.pid, doors)
  if (!inherited.ok) {
    log.error('gateway.start', { code: 'CONFIG_INVALID' })
    say(inherited.problem[options.language])
    return 1
  }

  const nodeName = options.node === '' ? `${hostname()}-${randomBytes(3).toString('hex')}` : options.node
  log.info('gateway.starting', { node: nodeName, release: VERSION })
  const profiles = profileFolders(dirname(resolve(options.region)))
  // From here on a signal waits for the start to be over: without a listener it would end the process where it stands.
  const running = Promise.withResolvers<Running>()
  const end = untilTold(running.promise, log)
  let gateway: Gateway
  try {
    gateway = await openGateway({
      store: options.store,
      nodeName,
      node: region.node,
      shared: region.shared,
      read: region.read,
      profiles,
      inherited: inherited.sockets,
      guided: options.simulate,
      beforeDoors: giveBackRoom,
      source: {
        reading: region,
        reread: () => readRegion(options.region, process.env),
        place: { folder: dirname(resolve(options.region)), env: process.env },
      },
      clock: machineClock,
      ids: machineIds,
      log,
      meter: createMeter({ clock: machineClock, strict: false, runtime: true }),
      onFatal: (fault) => {
        log.error('gateway.fatal', { code: fault.code }, fault)
        say((options.language === 'fr' ? HELP_FR : HELP_EN)[fault.code])
        // Nothing more can be kept, so nothing more may be said: no drain.
        process.exit(1)
      },
    })
  } catch (fault) {
    const door = doorOf(fault, region.node)
    const at = door === undefined ? {} : { entrance: door.name, peer: `${door.host}:${door.port}` }
    log.error('gateway.start', { code: codeOf(fault), ...at }, fault)
    say(whyNot(fault, door?.name, options.language))
    // What had begun by then has timers and would keep the process, which nobody would start again, with its doors shut.
    process.exit(1)
  }
  const simulators = options.simulate ? await simulateRegion(gateway, space, profiles, log) : null
  // A process that is killed would keep nothing of what it compiled.
  flushCompileCache()
  announce(gateway, log, say, options.language)
  process.send?.(READY)
  running.resolve({ gateway, simulators })
  await end
  // By itself Node takes its listeners of signals away long before it has ended: one that npm hands on late would kill it then.
  process.exit(0)
}

/** Why nothing started, in one sentence. */
function whyNot(fault: unknown, door: string | undefined, language: CliLanguage): string {
  if (fault instanceof GatewayError) {
    const { code, message, french } = fault
    const general = message === HELP_EN[code] ? HELP_FR[code] : `${HELP_FR[code]} ${message}`
    return `${language === 'fr' ? (french ?? general) : message} (${code})`
  }
  const system = systemSentence(fault, language) ?? (fault as NodeJS.ErrnoException).code ?? 'INTERNAL'
  return `${{ en: 'cannot start: ', fr: 'démarrage impossible : ' }[language]}${door === undefined ? '' : `${door}: `}${system}`
}

/** The door whose port an error of the system is about. */
function doorOf(fault: unknown, { mllp, http, mail = [] }: NodeConfig) {
  const { port } = fault as { readonly port?: number }
  return [...mllp, ...http, ...mail].find((one) => one.port === port)
}

interface Running {
  readonly gateway: Gateway
  readonly simulators: { close(): Promise<void> } | null
}

/** Resolves when it stopped the gateway in order, as SIGTERM or SIGINT asks; at SIGHUP it reads its region file again. */
function untilTold(running: Promise<Running>, log: Log): Promise<void> {
  return new Promise((resolve) => {
    let toldAtMs: number | null = null
    const stop = (why: string): void => {
      log.info('gateway.told', { rule: why })
      const nowMs = machineClock.monotonicMs()
      if (toldAtMs !== null) {
        // npm passes on the signal that the whole group got: only one that comes later means "now".
        if (nowMs - toldAtMs > SAME_SIGNAL_MS) process.exit(1)
        return
      }
      toldAtMs = nowMs
      void running.then(async ({ gateway, simulators }) => {
        await gateway.stop()
        await simulators?.close()
        resolve()
      })
    }
    process.on('SIGTERM', stop)
    // Whoever started this process with a channel keeps its sockets: without it, nobody would ever end this one.
    process.once('disconnect', () => stop('disconnect'))
    process.channel?.unref()
    process.on('SIGINT', stop)
    process.on('SIGHUP', () => {
      void running.then(({ gateway }) => (toldAtMs === null ? gateway.reload() : undefined))
    })
  })
}

/** A person at a terminal who tries the demonstration reads the lines below, not every event. */
function defaultLevel({ simulate }: StartOptions): LogLevel {
  return simulate && process.stdout.isTTY === true ? 'warn' : 'info'
}

function announce(
  gateway: Gateway,
  log: ReturnType<typeof createLog>,
  say: (line: string) => void,
  language: CliLanguage,
): void {
  const revision = { en: 'revision', fr: 'révision' }[language]
  say(`Passerelle ${VERSION} · ${gateway.config.region.name} · ${revision} ${gateway.config.revision}`)
  for (const { name, host, port } of gateway.doors) {
    const at = `${host}:${port}`
    say(name === 'http' ? `  console    http://${at}/` : `  ${name.padEnd(10)} ${at}`)
    log.info('gateway.ready', { entrance: name, peer: at, revision: gateway.config.revision })
  }
}
