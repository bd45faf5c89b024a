/** A mail lab: two operators as gateways of their own, the publisher of their white list, and a directory, on 127.0.0.1. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, unwatchFile, watchFile } from 'node:fs'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { publishLab } from '../white-list/lab.ts'
import { readRows } from '../white-list/rows-file.ts'
import { extractionName, labExtraction } from './directory.ts'
import { type Publisher, startPublisher } from './publisher.ts'
import { LAB_KEY, type LabOperator, labDomain, labRegion } from './region.ts'

/** Ports that a lab needs. */
export const LAB_PORTS = 7
/** The list is signed anew so often, and changes of its rows are looked for so often (ms). */
const SIGN_MS = 600_000
const LOOK_MS = 1_000
/** Longest wait for the gateways and their first list (ms). */
const READY_MS = 120_000
const ASK_MS = 200

/** A lab whose operators exchange mail. */
export interface RunningLab {
  readonly operators: readonly [LabOperator, LabOperator]
  readonly publisher: Publisher
  readonly files: {
    readonly rows: string
    readonly revoked: string
    readonly directory: string
    readonly trust: string
  }
  /** Resolves when a gateway has ended that nobody told to. */
  readonly broken: Promise<void>
  /** Ends all of it, gateways in order. Twice is harmless. */
  stop(): Promise<void>
}

/** What a lab is started with. */
export interface LabOptions {
  readonly dir: string
  /** As many as `LAB_PORTS`, free now. */
  readonly ports: readonly number[]
  readonly nowMs: () => number
  /** Told of each step as it begins. */
  readonly step: (what: LabStep) => void
}

/** Steps of a start, in order. */
export const LAB_STEPS = ['trust', 'publisher', 'gateways', 'lists'] as const
/** One of them. */
export type LabStep = (typeof LAB_STEPS)[number]

/**
 * Starts a lab in a folder; what is there of certificates, rows and stores is used again.
 * @throws {RangeError} when the rows cannot be used, or a gateway does not get ready; nothing of it runs then */
export async function startLab(options: LabOptions): Promise<RunningLab> {
  const { dir, ports, nowMs, step } = options
  const [publisherPort, ...six] = ports as [number, number, number, number, number, number, number]
  const operator = (name: 'a' | 'b', [http, smtp, submission]: readonly number[]): LabOperator => ({
    name,
    ports: { http: http!, smtp: smtp!, submission: submission! },
  })
  const operators = [operator('a', six.slice(0, 3)), operator('b', six.slice(3))] as const
  const files = {
    trust: join(dir, 'trust'),
    rows: join(dir, 'rows.csv'),
    revoked: join(dir, 'revoked.txt'),
    directory: join(dir, extractionName(nowMs())),
  }
  const sign = async (): Promise<void> => {
    const [rows, revoked] = await Promise.all([files.rows, files.revoked].map((file) => readFile(file, 'utf8')))
    await publishLab(files.trust, readRows(rows!), nowMs(), revoked!.split(/\s+/))
  }

  step('trust')
  await writeFiles(dir, operators, publisherPort, files)
  await sign()
  step('publisher')
  const publisher = await startPublisher(files.trust, publisherPort)
  step('gateways')
  const gateways = await Promise.all(operators.map(({ name }) => launch(join(dir, name))))
  const stop = once(async () => {
    for (const file of [files.rows, files.revoked]) unwatchFile(file)
    clearInterval(timer)
    await Promise.all([publisher.close(), ...gateways.map((one) => one.stop())])
  })
  const again = (): void => {
    const reload = (): void => {
      for (const one of gateways) one.reload()
    }
    // Rows that cannot be used leave the list as it is.
    void sign().then(reload, () => {})
  }
  const timer = setInterval(again, SIGN_MS)
  for (const file of [files.rows, files.revoked]) watchFile(file, { interval: LOOK_MS }, again)
  try {
    await inTime(Promise.all(gateways.map(({ ready }) => ready)))
    step('lists')
    await inTime(Promise.all(operators.map(freshList)))
  } catch (fault) {
    await stop()
    throw fault
  }
  return { operators, publisher, files, broken: Promise.race(gateways.map(({ ended }) => ended)), stop }
}

async function writeFiles(
  dir: string,
  [a, b]: RunningLab['operators'],
  publisherPort: number,
  { rows, revoked, directory }: RunningLab['files'],
): Promise<void> {
  for (const name of ['a', 'b']) await mkdir(join(dir, name), { recursive: true, mode: 0o700 })
  const listed = [a, b].map((one) => `${labDomain(one)},${one.name},EXEMPLE opérateur ${one.name.toUpperCase()}\n`)
  if (!existsSync(rows)) await writeFile(rows, `domain,operator,description\n${listed.join('')}`)
  if (!existsSync(revoked)) await writeFile(revoked, '')
  await writeFile(directory, labExtraction())
  await writeFile(join(dir, 'a', 'region.yaml'), labRegion(a, b, publisherPort))
  await writeFile(join(dir, 'b', 'region.yaml'), labRegion(b, a, publisherPort))
}

/** A gateway of a lab. */
interface LabGateway {
  /** Rejects when it ends before. */
  readonly ready: Promise<void>
  readonly ended: Promise<void>
  reload(): void
  stop(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Starts the gateway of a folder; what it says goes into `log`. It ends when this process does, however that is. */
async function launch(folder: string): Promise<LabGateway> {
  const log = await open(join(folder, 'log'), 'a', 0o600)
  const args = [MAIN, 'start', '--region', join(folder, 'region.yaml'), '--store', `file:${join(folder, 'store')}`]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', log.fd, log.fd, 'ipc'] })
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  await log.close()
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    void ended.then(() => reject(new RangeError(`a gateway has ended: see ${join(folder, 'log')}`)))
  })
  // Whoever waits for it comes later.
  ready.catch(() => {})
  return {
    ready,
    ended,
    reload: () => void child.kill('SIGHUP'),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Resolves when the operator has a list that counts. */
async function freshList({ ports }: LabOperator): Promise<void> {
  const headers = { authorization: `Bearer ${LAB_KEY}` }
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/api/mail/whitelist`, { headers })
    const { state } = (await answer.json()) as { readonly state?: string }
    if (state === 'fresh') return
    await wait(ASK_MS)
  }
}

async function inTime(work: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  const late = wait(READY_MS, undefined, { signal: ended.signal }).then(() => {
    throw new RangeError('the gateways were not ready in time')
  })
  late.catch(() => {})
  try {
    await Promise.race([work, late])
  } finally {
    ended.abort()
  }
}

function once(run: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null
  return () => {
    done ??= run()
    return done
  }
}
