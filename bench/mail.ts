/**
 * What the operator door takes a second over STARTTLS with a client certificate, beside Postfix with the same certificates
 * on the same machine in the same run: small mails on 1, 8 and 32 sessions, large ones on 8, a connection for many mails
 * and one for each. Both put what they take into Maildir meanwhile. And what 20 sessions with 25 MiB each cost in memory. */
import { join } from 'node:path'
import { missingPostfix, startPostfix } from '../test/support/mail/postfix.ts'
import { publishMailLab } from '../test/support/mail/region.ts'
import { meet, type Talk } from '../test/support/mail/talk.ts'
import { type MailWorld, mailWorld } from '../test/support/mail/world.ts'
import { until } from '../test/support/world/until.ts'
import { Apart } from './apart.ts'
import { atLeast, atMost, type Figure, median, quantile } from './figure.ts'

const MIB = 2 ** 20
const KIB = 2 ** 10
const SECONDS = 4
const ROUNDS = 3
const BOXES = 16
const FROM = 'jean@c.mssante.test'

/** One way to send. */
interface Run {
  readonly sessions: number
  readonly bytes: number
  /** Mails on one connection. */
  readonly each: number
  readonly name: string
  /** Times what Postfix takes that we should take. */
  readonly least?: number
}

const RUNS: readonly Run[] = [
  { name: '10 KB, 1 session', sessions: 1, bytes: 10 * KIB, each: 10_000 },
  { name: '10 KB, 8 sessions', sessions: 8, bytes: 10 * KIB, each: 10_000, least: 3 },
  { name: '10 KB, 32 sessions', sessions: 32, bytes: 10 * KIB, each: 10_000 },
  { name: '10 KB, 8 sessions, a connection for each', sessions: 8, bytes: 10 * KIB, each: 1 },
  { name: '1 MB, 8 sessions', sessions: 8, bytes: MIB, each: 10_000, least: 1 },
]

/** A door to be filled, and how to wait until it has done with what it took. */
interface Side {
  readonly port: number
  readonly domain: string
  readonly done: () => Promise<unknown>
}

/** Lines of a body, as long as asked. */
function bodyOf(bytes: number): Buffer {
  const line = `${'Courrier de mesure, inventé de bout en bout. '.repeat(2).slice(0, 74).padEnd(74, '.')}\r\n`
  return Buffer.from(line.repeat(Math.ceil(bytes / Buffer.byteLength(line))))
}

let count = 0

/** One mail; @throws unless it is taken */
async function push(talk: Talk, domain: string, body: Buffer): Promise<void> {
  const n = count++
  const to = `b${n % BOXES}@${domain}`
  talk.write(`MAIL FROM:<${FROM}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`)
  for (const yes of ['250', '250', '354']) {
    const said = await talk.reply()
    if (said?.startsWith(yes) !== true) throw new Error(`${said} instead of ${yes}`)
  }
  const head = `From: <${FROM}>\r\nTo: <${to}>\r\nSubject: mesure\r\nMessage-ID: <${n}.${process.pid}@bench.test>\r\n`
  talk.write(Buffer.concat([Buffer.from(`${head}MIME-Version: 1.0\r\n\r\n`), body, Buffer.from('.\r\n')]))
  const said = await talk.reply()
  if (said?.startsWith('250') !== true) throw new Error(`${said} to the end of a mail`)
}

/** Sends for so long on so many sessions; mails taken a second, and how long each took (ms). */
async function fill(lab: string, { port, domain }: Side, run: Run): Promise<{ perSecond: number; p99: number }> {
  const body = bodyOf(run.bytes)
  const took: number[] = []
  const first = await Promise.all(Array.from({ length: run.sessions }, () => meet(port, lab, 'c')))
  const began = performance.now()
  const end = began + SECONDS * 1_000
  const session = async (first: Talk): Promise<void> => {
    for (let talk = first; ; ) {
      for (let n = 0; n < run.each && performance.now() < end; n += 1) {
        const at = performance.now()
        await push(talk, domain, body)
        took.push(performance.now() - at)
      }
      talk.write('QUIT\r\n')
      await talk.reply()
      talk.destroy()
      if (performance.now() >= end) return
      talk = await meet(port, lab, 'c')
    }
  }
  await Promise.all(first.map(session))
  const seconds = (performance.now() - began) / 1_000
  return { perSecond: took.length / seconds, p99: quantile(took, 0.99) }
}

/** The figures of both sides, and their ratio. */
export async function benchMail(tell = (line: string): void => console.error(`  ${line}`)): Promise<Figure[]> {
  const need = missingPostfix()
  if (need !== null) throw new Error(need)
  const apart = new Apart('bench-mail')
  const lab = join(apart.dir, 'lab')
  await publishMailLab(lab)
  const boxes = (domain: string): string[] => Array.from({ length: BOXES }, (_, n) => `b${n}@${domain}`)
  const world = await apart.side('ours', () =>
    mailWorld(
      boxes('op.mssante.test').map((address) => ({ address })),
      // As often as it is read in production.
      { lab, whiteList: { every: '1 h' } },
    ),
  )
  const postfix = await apart.side('theirs', () =>
    startPostfix({ lab, operator: 'a', boxes: boxes('a.mssante.test'), hosts: {} }),
  )
  try {
    const ours: Side = { port: world.smtpPort, domain: 'op.mssante.test', done: () => emptied(world) }
    const theirs: Side = { port: postfix.port, domain: 'a.mssante.test', done: postfix.idle }
    const all: Figure[] = []
    for (const run of RUNS) {
      const rates = { ours: [] as number[], theirs: [] as number[] }
      for (let round = 1; round <= ROUNDS; round += 1) {
        const here = await fill(lab, ours, run)
        const { now } = world.gateway.memory()
        await ours.done()
        const there = await fill(lab, theirs, run)
        await theirs.done()
        rates.ours.push(here.perSecond)
        rates.theirs.push(there.perSecond)
        tell(
          `${run.name} ${round}/${ROUNDS}: ${here.perSecond.toFixed(0)}/s (p99 ${here.p99.toFixed(1)} ms, resident ${Math.round(now / MIB)} MiB), Postfix ${there.perSecond.toFixed(0)}/s (p99 ${there.p99.toFixed(1)} ms)`,
        )
      }
      const [here, there] = [median(rates.ours), median(rates.theirs)]
      const ratio = `mail of ${run.name}: times Postfix`
      all.push({ name: `mail of ${run.name}`, value: here, unit: '/s' })
      all.push({ name: `mail of ${run.name}: Postfix`, value: there, unit: '/s' })
      all.push(
        run.least === undefined
          ? { name: ratio, value: here / there, unit: '' }
          : atLeast(ratio, here / there, '', run.least),
      )
    }
    all.push(await growth(lab, world, tell))
    return all
  } finally {
    await postfix.end()
    await world.end()
    apart.end()
  }
}

/** What resident memory grows by while 20 sessions bring 25 MiB each. */
async function growth(lab: string, world: MailWorld, tell: (line: string) => void): Promise<Figure> {
  const SESSIONS = 20
  const body = bodyOf(25 * MIB - 64 * KIB)
  const before = world.gateway.memory().now
  let most = before
  const looking = setInterval(() => {
    most = Math.max(most, world.gateway.memory().now)
  }, 20)
  const talks = await Promise.all(Array.from({ length: SESSIONS }, () => meet(world.smtpPort, lab, 'c')))
  const began = performance.now()
  await Promise.all(talks.map((talk) => push(talk, 'op.mssante.test', body)))
  const seconds = (performance.now() - began) / 1_000
  for (const talk of talks) talk.destroy()
  await emptied(world)
  clearInterval(looking)
  tell(
    `20 sessions of 25 MiB: ${seconds.toFixed(1)} s, from ${Math.round(before / MIB)} to ${Math.round(most / MIB)} MiB`,
  )
  return atMost('mail of 25 MiB on 20 sessions: resident memory grows by', (most - before) / MIB, 'MiB', 100)
}

/** Resolves when all that was taken is in its mailbox. */
function emptied({ gateway }: MailWorld): Promise<unknown> {
  return until('the mailboxes have it', async () => (await gateway.status()).inFlight === 0, {
    withinMs: 120_000,
    everyMs: 100,
  })
}
