import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { MessageDetail, MessagePage, Status } from '../../src/core/views.ts'
import { ask, type Cluster } from '../support/postgres/cluster.ts'
import { openProxy, type TcpProxy } from '../support/postgres/proxy.ts'
import { type Gateway, runCommand } from '../support/world/gateway.ts'
import type { Load } from '../support/world/load.ts'
import { adt, orm, oru, patient } from '../support/world/messages.ts'
import type { Received, Receiver } from '../support/world/receiver.ts'
import { mllpWay, startRoaming, webWay } from '../support/world/roaming.ts'
import { until } from '../support/world/until.ts'
import { hl7Post } from '../support/world/web-client.ts'
import { emptied, makeNodes, type Nodes } from '../support/world/world.ts'
import { altered, inversions, lost } from './ledgers.ts'

/** What befalls a node, the database, or the whole region by a person's act on one node. */
export type Blow = 'kill' | 'freeze' | 'cut' | 'stall' | 'restart database' | 'kill database' | 'pause' | 'apply'

/** Destinations that keep order, and what they get. The one that is dead has every alert of the region. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  'chu-a/dpi': ['ORU', 'ADT'],
  'chu-b/dpi': ['ORU'],
  'chu-c/dpi': ['ADT'],
  'chu-d/archive': ['ORU'],
  'chu-u/unv': ['ORM'],
}
const LATE = 'chu-u/unv'
/** Messages on their way at most: the load never outruns the deliveries for long. */
const MOST_WAITING = 60
const IN_ORDER = Object.keys(WAYS).filter((id) => id !== LATE)

/** What a run of blows left behind; the list of faults must be empty. */
export interface FailoverReport {
  readonly seed: number
  readonly blows: number
  readonly acknowledged: number
  readonly repeats: number
  readonly alerts: number
  readonly faults: readonly string[]
  /** Of each blow that took a node away: from it to the first delivery by another one, ms. */
  readonly takeoverMs: readonly { readonly blow: Blow; readonly ms: number }[]
}

/** A running world of nodes. */
interface Region<Name extends string> {
  readonly names: readonly Name[]
  readonly cluster: Cluster
  readonly url: string
  readonly nodes: Nodes<Name>
  readonly proxies: Readonly<Record<Name, TcpProxy>>
  readonly running: Record<Name, Gateway>
  readonly load: Load
  readonly frozenMs: number
  readonly takeoverMs: { blow: Blow; ms: number }[]
  readonly faults: string[]
}

/**
 * Nodes on one database under load on all their doors, senders going from node to node with every message, and one blow
 * after the other; then all is delivered, and the ledgers are judged. */
export async function failoverRun<const Name extends string>(parts: {
  readonly seed: number
  readonly cluster: Cluster
  readonly names: readonly Name[]
  readonly blows: readonly Blow[]
  /** How much longer a stopped node stays so, once another one has taken over (ms). */
  readonly frozenMs?: number
  /** From one message of a sender to its next at least so long (ms); absent: at once. */
  readonly paceMs?: number
  readonly tell?: (line: string) => void
}): Promise<FailoverReport> {
  const { cluster, names, blows, seed, frozenMs = 0, paceMs, tell = () => {} } = parts
  const url = await cluster.createDatabase()
  const proxies = {} as Record<Name, TcpProxy>
  for (const name of names) proxies[name] = await openProxy({ port: cluster.port })
  const nodes = await makeNodes(SPEC, names, (name) => url.replace(`:${cluster.port}/`, `:${proxies[name].port}/`))
  const running = {} as Record<Name, Gateway>
  const loads: Load[] = []
  try {
    // The first one writes the configuration down; the others find it there.
    for (const name of names) running[name] = await nodes.node[name].start()
    const load = startSenders(nodes, names, paceMs)
    loads.push(load)
    const region: Region<Name> = {
      names,
      cluster,
      url,
      nodes,
      proxies,
      running,
      load,
      frozenMs,
      takeoverMs: [],
      faults: [],
    }
    await flowing(region)
    for (const [n, blow] of blows.entries()) {
      tell(`blow ${n + 1}: ${blow}`)
      const check = await strike(region, blow)
      await flowing(region)
      check()
    }
    await load.finish()
    return await judge(region, seed, blows.length)
  } catch (fault) {
    for (const name of names) tell(`${name}:\n${tale(nodes.node[name].logged())}`)
    throw fault
  } finally {
    for (const load of loads) load.abandon()
    await nodes.close()
    for (const name of names) await proxies[name].close()
    await cluster.dropDatabase(url)
  }
}

/** The end of a log, without what is said of each delivery. */
function tale(log: string): string {
  const lines = log.split('\n').filter((line) => !/delivery\.(late|retry)/.test(line))
  return lines.slice(-40).join('\n')
}

const RETRY = { first: '100 ms', factor: 2, max: '1 s', expires: '7 d' }
const SPEC: Parameters<typeof makeNodes>[0] = {
  destinations: {
    'chu-a/dpi': { options: { maxInFlight: 2, retry: RETRY } },
    'chu-b/dpi': { options: { retry: RETRY }, script: (id) => (id.endsWith('7') ? { lateMs: 4 } : 'AA') },
    'chu-c/dpi': { options: { retry: RETRY } },
    'chu-d/archive': { type: 'http', options: { maxInFlight: 2, onUnknown: 'resend', retry: RETRY } },
    [LATE]: { dead: true, options: { retry: { ...RETRY, first: '3 s', max: '3 s' } } },
  },
  routes: [
    { name: 'results', when: { kinds: ['ORU^R01'] }, to: ['chu-a/dpi', 'chu-b/dpi', 'chu-d/archive'] },
    { name: 'admissions', when: { kinds: ['ADT^*'] }, to: ['chu-a/dpi', 'chu-c/dpi'] },
    { name: 'stroke', when: { kinds: ['ORM^O01'], service: 'stroke' }, to: [LATE], lane: 'urgent', alertAfter: '2 s' },
  ],
}

/** Every sender uses the MLLP and the HTTP door of every node in turn. */
function startSenders<Name extends string>(
  nodes: Nodes<Name>,
  names: readonly Name[],
  paceMs: number | undefined,
): Load {
  const make = { ORM: orm, ADT: adt, ORU: oru }
  // Where all but the urgent ones come: what is acknowledged and not yet there waits.
  const first = nodes.receiver('chu-a/dpi')
  let urgent = 0
  return startRoaming({
    senders: 6,
    ...(paceMs !== undefined && { paceMs }),
    mayGo: (acknowledged) => first.when(({ distinct }) => acknowledged - urgent - distinct.size < MOST_WAITING, 90_000),
    patients: Array.from({ length: 24 }, (_, i) => i),
    ways: () =>
      names.flatMap((name) => {
        const { mllpPort, httpPort } = nodes.node[name]
        return [mllpWay(mllpPort), webWay(httpPort, 'CH-A')]
      }),
    make(who, seq) {
      const kind = seq % 5 === 0 && who % 6 === 0 ? 'ORM' : seq % 2 === 0 ? 'ADT' : 'ORU'
      const controlId = `F${String(who).padStart(3, '0')}N${String(seq).padStart(6, '0')}`
      if (kind === 'ORM') urgent++
      const bytes = make[kind]({ facility: 'CH-A', patient: patient(who), controlId })
      return { controlId, kind, bytes, post: hl7Post(bytes) }
    },
  })
}

/** Resolves when something that is acknowledged from now on has come to each destination. */
async function flowing<Name extends string>({ nodes, load }: Region<Name>, to = IN_ORDER): Promise<void> {
  const before = new Set(load.acknowledged.keys())
  const fresh = ({ controlId }: Received): boolean => load.acknowledged.has(controlId) && !before.has(controlId)
  for (const id of to) {
    const receiver = nodes.receiver(id)
    let from = receiver.ledger.length
    await receiver.when(({ ledger }) => {
      for (; from < ledger.length; from++) if (fresh(ledger[from]!)) return true
      return false
    }, 240_000)
  }
}

/** Who holds which destinations, as the database has it. */
async function holders<Name extends string>({ url }: Region<Name>): Promise<ReadonlyMap<string, Name>> {
  const rows = await ask(
    url,
    'SELECT l.name AS lease, n.name AS node FROM lease l JOIN node n ON n.incarnation = l.holder',
  )
  const all = rows.map(
    ({ lease, node }) => [/^destination:(.*)$/.exec(String(lease))?.[1] ?? '', node as Name] as const,
  )
  return new Map(all.filter(([id]) => IN_ORDER.includes(id)))
}

/** Deals a blow and waits until the region has got over it; gives what is to be looked at once messages flow again. */
async function strike<Name extends string>(region: Region<Name>, blow: Blow): Promise<() => void> {
  const { cluster } = region
  if (blow === 'kill' || blow === 'freeze' || blow === 'cut' || blow === 'stall') return strikeNode(region, blow)
  if (blow === 'pause') await pause(region)
  else if (blow === 'apply') await apply(region)
  else if (blow === 'restart database') await cluster.restart('fast')
  else {
    await cluster.kill9()
    await cluster.start()
  }
  return () => {}
}

/** Takes away the node that serves most, until another one delivers in its place, and gives it back. */
async function strikeNode<Name extends string>(
  region: Region<Name>,
  blow: 'kill' | 'freeze' | 'cut' | 'stall',
): Promise<() => void> {
  const { running, nodes, proxies, faults } = region
  const held = await until('every destination is served', async () => {
    const now = await holders(region)
    return now.size === IN_ORDER.length && now
  })
  const byNode = Map.groupBy(held, ([, name]) => name)
  const [victim, theirs] = [...byNode].sort(([, a], [, b]) => b.length - a.length)[0]!
  const proxy = proxies[victim]
  const ends = theirs.map(([id]): End<Name> => {
    const receiver = nodes.receiver(id)
    return { id, victim, receiver, from: receiver.ledger.length, atMs: Date.now() }
  })
  if (blow === 'kill') {
    await running[victim].kill()
    await takenOver(region, blow, ends)
    running[victim] = await nodes.node[victim].start()
  } else if (blow === 'freeze') {
    running[victim].freeze()
    await takenOver(region, blow, ends)
    await wait(region.frozenMs)
    running[victim].wake()
  } else {
    if (blow === 'cut') await proxy.cut()
    else proxy.stall()
    await takenOver(region, blow, ends)
    await until(`${victim} takes nothing`, async () => (await running[victim].get('/readyz')).status === 503)
    if (blow === 'cut') await proxy.heal()
    else proxy.resume()
  }
  await running[victim].ready(60_000)
  return () => faults.push(...ends.flatMap((end) => underLostLease(region, end, blow)))
}

/** What came by a connection of the one who had the lease, once another one had begun to send. */
function underLostLease<Name extends string>({ nodes }: Region<Name>, end: End<Name>, blow: Blow): string[] {
  const { id, victim, receiver } = end
  const first = firstOfAnother(nodes, end)
  if (first === null) return [`${id}: nobody took over`]
  const mine = (line: Received): boolean => nodes.madeBy(id, line.connection) === victim
  // It may have the lease again by now; then it sends by new connections.
  const before = receiver.ledger.slice(0, first.at).filter(mine)
  const old = new Set(before.map(({ connection }) => connection))
  const late = receiver.ledger.slice(first.at).filter(({ connection }) => old.has(connection))
  return late.length === 0 ? [] : [`${id}: ${late.length} came from ${victim} after ${blow}, under a lost lease`]
}

/** Paused on one node, resumed on another: all of them say so, and whoever serves it sends nothing meanwhile. */
async function pause<Name extends string>(region: Region<Name>): Promise<void> {
  const { names, running, nodes, faults, url } = region
  const paused = 'chu-c/dpi'
  const said = (by: Name, what: 'pause' | 'resume') =>
    running[by].act(`/api/destinations/${paused}/${what}`, { reason: 'proof' })
  const everywhere = (is: boolean): Promise<unknown> =>
    until(`every node says ${is ? 'paused' : 'resumed'}`, async () => {
      const all = await Promise.all(names.map((name) => running[name].status()))
      return all.every(
        ({ destinations }) => (destinations.find(({ id }) => id === paused)?.paused !== undefined) === is,
      )
    })
  await said(names.at(-1)!, 'pause')
  await everywhere(true)
  await until('nothing is on its way there', async () => {
    const [row] = await ask(url, "SELECT count(*) AS n FROM delivery WHERE destination = $1 AND state = 'sending'", [
      paused,
    ])
    return Number(row?.['n']) === 0
  })
  const { length } = nodes.receiver(paused).ledger
  await flowing(
    region,
    IN_ORDER.filter((id) => id !== paused),
  )
  const more = nodes.receiver(paused).ledger.length - length
  if (more > 0) faults.push(`${paused}: ${more} came although every node said that it is paused`)
  await said(names[0]!, 'resume')
  await everywhere(false)
}

/** The same change in every node's file, applied on one: all of them run it. */
async function apply<Name extends string>({ names, running, nodes }: Region<Name>): Promise<void> {
  const { revision } = await running[names[0]!].status()
  for (const name of names) {
    const { region } = nodes.node[name]
    const written = JSON.parse(readFileSync(region, 'utf8'))
    written.region.name = `Région des preuves, ${revision}`
    writeFileSync(region, JSON.stringify(written))
  }
  const { status, body } = await running[names.at(-1)!].act('/api/config/apply', { reason: 'proof', park: false })
  if (status !== 200) throw new Error(`apply: ${status} ${body}`)
  await until('every node runs it', async () => {
    const all = await Promise.all(names.map((name) => running[name].status()))
    return all.every((one) => one.revision === revision + 1)
  })
}

/** One destination of a node that is to be struck. */
interface End<Name extends string> {
  readonly id: string
  readonly victim: Name
  readonly receiver: Receiver
  /** Length of the ledger before the blow, and when that was. */
  readonly from: number
  readonly atMs: number
}

/** The first line that another node wrote after the blow, and its place; null: there is none yet. */
function firstOfAnother<Name extends string>(nodes: Nodes<Name>, { id, victim, receiver, from }: End<Name>) {
  for (let at = from; at < receiver.ledger.length; at++) {
    const line = receiver.ledger[at]!
    const by = nodes.madeBy(id, line.connection)
    if (by !== null && by !== victim) return { at, atMs: line.atMs }
  }
  return null
}

/** Resolves when another node has delivered to each destination of the one that is gone. */
async function takenOver<Name extends string>(
  { nodes, takeoverMs }: Region<Name>,
  blow: Blow,
  ends: readonly End<Name>[],
): Promise<void> {
  for (const end of ends) {
    await end.receiver.when(() => firstOfAnother(nodes, end) !== null, 60_000)
    takeoverMs.push({ blow, ms: (firstOfAnother(nodes, end)?.atMs ?? 0) - end.atMs })
  }
}

async function judge<Name extends string>(region: Region<Name>, seed: number, blows: number): Promise<FailoverReport> {
  const { nodes, names, running, load, faults } = region
  const gateway = running[names[0]!]
  const note = (id: string, what: string, found: readonly string[]): void => {
    if (found.length > 0) faults.push(`${id}: ${found.length} ${what}, such as ${found.slice(0, 5).join('; ')}`)
  }
  const urgent = [...load.acknowledged].filter(([, { kind }]) => kind === 'ORM').map(([id]) => id)
  await until('every alert has been given', async () => (await alerts(region)) >= urgent.length, { withinMs: 60_000 })
  await nodes.listen(LATE)
  await emptied(gateway, 90_000)
  let total = 0
  for (const [id, kinds] of Object.entries(WAYS)) {
    const { ledger, distinct } = nodes.receiver(id)
    const promised = new Map([...load.acknowledged].filter(([, { kind }]) => kinds.includes(kind)))
    note(id, 'acknowledged and lost', lost(promised, ledger))
    note(id, 'with other bytes', altered(promised, ledger))
    note(
      id,
      'not meant for it',
      [...distinct].filter((controlId) => !promised.has(controlId)),
    )
    if (id !== LATE) note(id, 'out of order', inversions(promised, ledger))
    note(id, 'more often than declared', await undeclared(gateway, id, ledger))
    total += ledger.length - distinct.size
  }
  if (load.counts.wrong > 0) faults.push(`${load.counts.wrong} answers named another message, or refused a good one`)
  const given = await alerts(region)
  if (given !== urgent.length) faults.push(`${given} alerts for ${urgent.length} urgent messages that were late`)
  faults.push(...(await unequal(region)))
  for (const name of names) {
    const { code, signal } = await running[name].stop()
    if (code !== 0) faults.push(`${name} ended with ${code ?? signal}`)
  }
  const verify = await runCommand(nodes.node[names[0]!], ['verify'])
  if (verify.code !== 0) faults.push(`verify: ${verify.out}`)
  const { acknowledged } = load
  const { takeoverMs } = region
  return { seed, blows, acknowledged: acknowledged.size, repeats: total, alerts: given, faults, takeoverMs }
}

async function alerts<Name extends string>({ url }: Region<Name>): Promise<number> {
  return Number((await ask(url, "SELECT count(*) AS n FROM event WHERE code = 'ALERT_AFTER'"))[0]?.['n'])
}

/** Control ids that came more often than one plus the attempts of which nobody knows what became. */
async function undeclared(gateway: Gateway, id: string, ledger: readonly Received[]): Promise<string[]> {
  const times = Map.groupBy(ledger, ({ controlId }) => controlId)
  const found: string[] = []
  for (const [controlId, { length }] of times) {
    if (length === 1) continue
    const { messages } = await json<MessagePage>(gateway, `/api/messages?controlId=${controlId}`)
    const detail = await json<MessageDetail>(gateway, `/api/messages/${messages[0]?.id}`)
    const { history = [] } = detail.deliveries.find(({ destination }) => destination === id) ?? {}
    const unknown = history.filter(({ outcome }) => outcome === 'unknown').length
    if (length > 1 + unknown) found.push(`${controlId} ${length} times, ${unknown} unknown`)
  }
  return found
}

async function json<T>(gateway: Gateway, path: string): Promise<T> {
  const { status, body } = await gateway.get(path)
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`)
  return JSON.parse(body) as T
}

/** What the nodes count differently, or what does not add up. */
async function unequal<Name extends string>({ names, running, load }: Region<Name>): Promise<string[]> {
  const seen = await Promise.all(names.map(async (name) => countsOf(await running[name].status())))
  const expected = {
    received: load.acknowledged.size,
    closed: load.acknowledged.size,
    inFlight: 0,
    parked: 0,
    difference: 0,
  }
  return seen.flatMap((counts, i) => {
    const faults =
      JSON.stringify(counts) === JSON.stringify(seen[0]) ? [] : [`${names[i]} counts otherwise than ${names[0]}`]
    const { destinations: _, ...whole } = counts
    if (JSON.stringify(whole) !== JSON.stringify(expected))
      faults.push(`${names[i]}: ${JSON.stringify({ whole, expected })}`)
    return faults
  })
}

function countsOf({ received, closed, inFlight, parked, difference, destinations }: Status) {
  const each = destinations.map(({ id, open, parked: set, delivered }) => ({ id, open, parked: set, delivered }))
  return { received, closed, inFlight, parked, difference, destinations: each }
}
