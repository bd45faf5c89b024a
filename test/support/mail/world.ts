import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineClock, machineIds } from '../../../src/app/cli/machine.ts'
import { openSqliteJournal } from '../../../src/pipeline/journal/sqlite/open.ts'
import { type Gateway, startGateway } from '../world/gateway.ts'
import { freePort } from '../world/ports.ts'
import { until } from '../world/until.ts'
import { type BoxSpec, type MailRegionSpec, mailRegion, publishMailLab, putMailboxes } from './region.ts'
import { meet, type Talk } from './talk.ts'

type Boxes = readonly BoxSpec[]

/** A mail operator as a real process, with its lab and its mailboxes. */
export interface MailWorld {
  readonly dir: string
  readonly lab: string
  readonly httpPort: number
  readonly smtpPort: number
  readonly submissionPort: number
  readonly region: string
  readonly log: string
  gateway: Gateway
  /** Starts it again in the same place. */
  start(): Promise<Gateway>
  /** Writes another region file. */
  write(spec: Partial<MailRegionSpec>): void
  /** A connection at the operator door. */
  meet(name: string | null): Promise<Talk>
  /** The mails in a mailbox now, in order of their coming. */
  mails(address: string): readonly string[]
  /** The mails of a mailbox once there are `count`. */
  arrived(address: string, count: number, withinMs?: number): Promise<readonly string[]>
  logText(): string
  end(): Promise<void>
}

/** A mailbox of ours that every world has. */
export const BOX = 'u@op.mssante.test'

/** Publishes a lab, writes the region, puts the mailboxes, and starts the gateway. */
export async function mailWorld(
  boxes: Boxes = [{ address: BOX }],
  spec: Partial<MailRegionSpec> = {},
): Promise<MailWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'mail-'))
  const lab = spec.lab ?? join(dir, 'lab')
  if (spec.lab === undefined) await publishMailLab(lab)
  const store = join(dir, 'store')
  mkdirSync(store)
  const journal = await openSqliteJournal({
    dir: store,
    log: { info() {}, warn() {}, error() {} },
    meter: { count() {}, observe() {} },
    clock: machineClock,
    ids: machineIds,
    refusedMaxBytes: () => 1_000_000,
    onFatal: (fault) => {
      throw fault
    },
  })
  await putMailboxes(journal, boxes)
  await journal.close()
  const ports = {
    httpPort: await freePort(),
    smtpPort: spec.smtpPort ?? (await freePort()),
    submissionPort: await freePort(),
  }
  const place = { region: join(dir, 'region.yaml'), store, httpPort: ports.httpPort, log: join(dir, 'log') }
  let told: Partial<MailRegionSpec> = spec
  const write = (more: Partial<MailRegionSpec>): void => {
    told = { ...told, ...more }
    writeFileSync(place.region, mailRegion({ lab, ...ports, ...told }))
  }
  write({})
  const mails = (address: string): readonly string[] => {
    const [local, domain] = address.split('@') as [string, string]
    const folder = join(store, 'mailboxes', domain, local, 'new')
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name), 'latin1'))
  }
  const world: MailWorld = {
    dir,
    lab,
    ...ports,
    region: place.region,
    log: place.log,
    gateway: startGateway(place),
    async start() {
      world.gateway = startGateway(place)
      await world.gateway.ready()
      return world.gateway
    },
    write,
    meet: (name) => meet(ports.smtpPort, lab, name),
    mails,
    async arrived(address, count, withinMs = 60_000) {
      const found = await until(
        `${count} mails for ${address}`,
        async () => mails(address).length >= count && mails(address),
        { withinMs },
      )
      if (found.length > count) throw new Error(`${found.length} mails for ${address}, not ${count}`)
      return found
    },
    logText: () => readFileSync(place.log, 'utf8'),
    async end() {
      await world.gateway.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  appendFileSync(place.log, '')
  await world.gateway.ready()
  return world
}

/** A mail as it came, without the trace header that we put before it. */
export function untraced(mail: string): string {
  const end = /^(?:Return-Path: [^\r\n]*\r\n)?Received: (?:[^\r\n]*\r\n[ \t])*[^\r\n]*\r\n/.exec(mail)
  if (end === null) throw new Error('there is no trace header')
  return mail.slice(end[0].length)
}
