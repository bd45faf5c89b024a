import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineIds } from '../../../src/app/cli/machine.ts'
import { readRegion } from '../../../src/app/config/index.ts'
import { type Gateway, openGateway } from '../../../src/app/gateway.ts'
import { createMeter } from '../../../src/app/meter.ts'
import type { StoreAddress } from '../../../src/app/store.ts'
import type { LabRow } from '../../../src/app/white-list/lab.ts'
import type { MessageDetail, MessagePage } from '../../../src/core/views.ts'
import { type LeapingClock, leapingClock } from '../peers/clock.ts'
import { type Notebook, notebook } from '../peers/notebook.ts'
import { freePort } from '../world/ports.ts'
import { OPERATOR_KEY } from '../world/region.ts'
import { until } from '../world/until.ts'
import { LAB_ROWS, type MailRegionSpec, mailRegion, publishMailLab } from './region.ts'
import { dialMail, letter, meet, type Talk } from './talk.ts'
import { BOX } from './world.ts'

const SECRET = 'lab-secret'

/** A mail operator in this process, whose time the test moves. Its one mailbox is `BOX`. */
export interface NearWorld {
  readonly lab: string
  readonly clock: LeapingClock
  readonly notes: Notebook
  gateway: Gateway
  start(): Promise<void>
  /** Publishes a list made now, and has it fetched; one that has lost many rows is confirmed. */
  publish(rows?: readonly LabRow[]): Promise<void>
  /** A connection at the operator door. */
  meet(name: string): Promise<Talk>
  /** What MAIL of another operator is answered with. */
  askedIn(): Promise<string>
  /** Submits a mail of ours; the reply to its end, or to the command that was refused. */
  submit(to: string, id: string): Promise<string>
  /** Brings a mail of operator `a` into our mailbox; the reply to its end, or to what was refused. */
  bring(id: string, body?: string): Promise<string>
  trace(id: string): Promise<MessageDetail>
  /** The mails in our mailbox. */
  mails(): readonly string[]
  call<T>(path: string, body?: object): Promise<T>
  /** Codes of the open alerts of a kind. */
  alerts(kind: string): Promise<readonly string[]>
  end(): Promise<void>
}

/** Where it has its things, when not in a folder of its own. */
export interface NearPlaces {
  readonly store?: StoreAddress
  /** Folder of the mailboxes. */
  readonly boxes?: string
  readonly lab?: string
}

/** Makes it, starts it, and makes its mailbox. */
export async function nearWorld(
  spec: Partial<MailRegionSpec> & { readonly store?: object } = {},
  places: NearPlaces = {},
): Promise<NearWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'near-mail-'))
  const { lab = join(dir, 'lab'), boxes = join(dir, 'boxes') } = places
  // What an earlier world has left there is good for this one.
  await publishMailLab(lab)
  const clock = leapingClock()
  const notes = notebook()
  const ports = { httpPort: await freePort(), smtpPort: await freePort(), submissionPort: await freePort() }
  const file = join(dir, 'region.yaml')
  const passwordSha256 = createHash('sha256').update(SECRET).digest('hex')
  const region = mailRegion({
    lab,
    ...ports,
    ...spec,
    mail: { passwords: [{ name: BOX, passwordSha256, addresses: [BOX] }], ...spec.mail },
    top: { store: { mailboxes: boxes, ...spec.store } },
  })
  writeFileSync(file, region)
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${ports.httpPort}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${OPERATOR_KEY}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
    return JSON.parse(text) as T
  }
  const world: NearWorld = {
    lab,
    clock,
    notes,
    gateway: null as unknown as Gateway,
    async start() {
      const reread = () => readRegion(file, {})
      const reading = await reread()
      if (reading.node === null || reading.shared === null) throw new Error(JSON.stringify(reading.problems, null, 2))
      world.gateway = await openGateway({
        store: places.store ?? { kind: 'file', dir: join(dir, 'store') },
        nodeName: 'n1',
        node: reading.node,
        shared: reading.shared,
        read: reading.read,
        source: { reading, reread, place: { folder: dir, env: {} } },
        clock,
        ids: machineIds,
        log: notes.log,
        meter: createMeter({ clock, strict: true, runtime: false }),
        onFatal: (fault) => {
          throw fault
        },
      })
    },
    async publish(rows = LAB_ROWS) {
      await publishMailLab(lab, rows, clock.nowMs())
      type Told = { readonly waiting: { readonly sha256: string } | null }
      const { waiting } = await call<Told>('/api/mail/whitelist/fetch', {})
      if (waiting !== null) await call('/api/mail/whitelist/confirm', { sha256: waiting.sha256, reason: 'essai' })
    },
    meet: (name) => meet(ports.smtpPort, lab, name),
    async askedIn() {
      const talk = await world.meet('a')
      const said = await talk.say('MAIL FROM:<jean@a.mssante.test>')
      talk.destroy()
      return said ?? ''
    },
    async submit(to, id) {
      const talk = await dialMail(ports.submissionPort)
      await talk.reply()
      await talk.all(['EHLO poste.exemple.test', 'STARTTLS'])
      await talk.secure({ ca: readFileSync(join(lab, 'ca.pem')) })
      await talk.all(['EHLO poste.exemple.test', `AUTH PLAIN ${Buffer.from(`\0${BOX}\0${SECRET}`).toString('base64')}`])
      return give(talk, BOX, to, id)
    },
    bring: async (id, body) => give(await world.meet('a'), 'jean@a.mssante.test', BOX, id, body),
    async trace(id) {
      const { messages } = await call<MessagePage>(`/api/messages?controlId=${encodeURIComponent(id)}`)
      if (messages.length !== 1) throw new Error(`${messages.length} messages ${id}`)
      return call<MessageDetail>(`/api/messages/${messages[0]!.id}`)
    },
    mails() {
      const [local, domain] = BOX.split('@') as [string, string]
      const folder = join(boxes, domain, local, 'new')
      if (!existsSync(folder)) return []
      return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    },
    call,
    async alerts(kind) {
      const { alerts } = await call<{ readonly alerts: readonly { kind: string; code: string; state: string }[] }>(
        '/api/alerts',
      )
      return alerts.filter((one) => one.kind === kind && one.state !== 'ended').map(({ code }) => code)
    },
    async end() {
      await world.gateway?.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  await world.start()
  await call('/api/mail/mailboxes', {
    address: BOX,
    kind: 'ORG',
    name: 'Essai',
    service: 'Essai',
    responsible: 'Essai',
    establishment: 'ch-exemple',
    reason: 'essai',
  })
  await until('the list is in use', async () => (await world.askedIn()).startsWith('250'))
  return world
}

async function give(talk: Talk, from: string, to: string, id: string, body = 'Bonjour.'): Promise<string> {
  try {
    for (const command of [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA']) {
      const said = await talk.say(command)
      if (said === null || /^[45]/.test(said)) return said ?? ''
    }
    talk.write(`${letter(from, to, { id, body })}.\r\n`)
    return (await talk.reply()) ?? ''
  } finally {
    talk.destroy()
  }
}
