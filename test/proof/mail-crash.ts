import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Status } from '../../src/core/views.ts'
import { type FarMail, farSide } from '../support/mail/far.ts'
import { digestOf, type LoadMail, type MailLoad, startMailLoad } from '../support/mail/load.ts'
import { dialMail, letter, operatorTls, type Talk } from '../support/mail/talk.ts'
import { BOX, type MailWorld, mailWorld, untraced } from '../support/mail/world.ts'
import { freePort } from '../support/world/ports.ts'
import { type Random, random } from '../support/world/random.ts'
import { until } from '../support/world/until.ts'

/** What a run of kills left behind; the list of faults must be empty. */
export interface MailCrashReport {
  readonly kills: number
  /** Mails answered with 250: to mailboxes of ours, and to another operator. */
  readonly acknowledged: { readonly here: number; readonly there: number }
  readonly resent: number
  /** Mails that another operator was given again, because a life ended between the end of a mail and its answer. */
  readonly repeats: number
  readonly status: Status
  readonly faults: readonly string[]
}

const SECRET = 'lab-secret'
const THERE = 'x@c.mssante.test'
/** Mails on their way to one domain at once, and sessions at each door. */
const AT_ONCE = 4
const SESSIONS = 5
/** Mails that each door takes in each life, at least: fewer would mean that no load ran between the kills. */
export const TAKEN = 10
/** A gateway that is told to go has ended by then (ms). */
const EXIT_MS = 30_000

/**
 * Ends the gateway again and again under load at both mail doors: by SIGKILL at moments that `seed` decides, one in seven
 * before it is ready; one in six by SIGTERM, which must end it well. Then lets it finish and judges what the clients were
 * told against the mailbox and the other operator. */
export async function mailCrashRun(
  seed: number,
  kills: number,
  tell: (line: string) => void = () => {},
): Promise<MailCrashReport> {
  const dice = random(seed)
  const farPort = await freePort()
  let epoch = 0
  const came: { readonly mail: FarMail; readonly epoch: number }[] = []
  const world = await mailWorld([{ address: BOX }], { mail: loadedOperator(farPort) })
  const far = await farSide(world.lab, 'c', farPort, {}, (mail) => came.push({ mail, epoch }))
  const loads = startLoads(world)
  const faults: string[] = []
  try {
    for (let n = 1; n <= kills; n += 1) {
      faults.push(...(await endOneLife(world, dice, Object.values(loads))))
      epoch += 1
      if (n % 10 === 0) tell(`${n} kills`)
      if (n < kills && dice.between(1, 7) === 1) {
        const starting = world.start().catch(() => {})
        await wait(dice.between(20, 300))
        await world.gateway.kill()
        await starting
      }
      await startedAgain(world)
    }
    await Promise.all(Object.values(loads).map((load) => load.finish()))
    const status = await until(
      'everything is delivered',
      async () => {
        const now = await world.gateway.status()
        return now.inFlight === 0 && now
      },
      { withinMs: 90_000, everyMs: 100 },
    )
    for (const [door, { wrong }] of Object.entries(loads)) {
      if (wrong.length > 0) faults.push(`${door}: ${wrong.length} refused, such as ${wrong[0]}`)
    }
    faults.push(...judgeHere(loads.smtp.acknowledged, world.mails(BOX)))
    const { repeats, found } = judgeThere(loads.submission.acknowledged, came)
    return {
      kills,
      acknowledged: { here: loads.smtp.acknowledged.size, there: loads.submission.acknowledged.size },
      resent: loads.smtp.counts.resent + loads.submission.counts.resent,
      repeats,
      status,
      faults: [...faults, ...found],
    }
  } catch (fault) {
    throw new Error(`${String(fault)}\n${world.logText().slice(-3_000)}`, { cause: fault })
  } finally {
    for (const load of Object.values(loads)) load.abandon()
    await world.end()
    await far.close()
  }
}

/** `mail.operator` for both loads: another operator's door at `farPort`, which is tried again every second. */
export function loadedOperator(farPort: number): Readonly<Record<string, unknown>> {
  return {
    hosts: [{ domain: 'c.mssante.test', host: '127.0.0.1', port: farPort }],
    passwords: [{ name: BOX, passwordSha256: createHash('sha256').update(SECRET).digest('hex'), addresses: [BOX] }],
    retry: { steps: ['1 s'], delayed: '1 h', expires: '48 h', atOnce: AT_ONCE },
  }
}

/** Starts it as a supervisor does: once more when it ends by itself, as it may on a machine that is short of everything. */
async function startedAgain(world: MailWorld, tries = 3): Promise<void> {
  for (let n = 1; ; n += 1) {
    try {
      await world.start()
      return
    } catch (fault) {
      if (n === tries || world.gateway.running()) throw fault
    }
  }
}

/** Lets a life go on under load until more than `TAKEN` were taken at each door, and a little longer; then ends it. */
async function endOneLife(world: MailWorld, dice: Random, loads: readonly MailLoad[]): Promise<string[]> {
  const before = loads.map(({ acknowledged }) => acknowledged.size)
  await until('mail is taken at both doors', async () =>
    loads.every(({ acknowledged }, i) => acknowledged.size > before[i]! + TAKEN),
  )
  await wait(dice.between(50, 500))
  if (dice.between(1, 6) > 1) {
    await world.gateway.kill()
    return []
  }
  const began = performance.now()
  const { code, signal } = await world.gateway.stop()
  const ms = performance.now() - began
  return [
    ...(code === 0 ? [] : [`SIGTERM ended it with ${code ?? signal}`]),
    ...(ms > EXIT_MS ? [`SIGTERM ended it after ${Math.round(ms)} ms`] : []),
  ]
}

/** Other operators' mail to a mailbox of ours, and our users' mail to another operator. */
export function startLoads(world: MailWorld): Readonly<Record<'smtp' | 'submission', MailLoad>> {
  const { smtpPort, submissionPort, lab } = world
  const plain = Buffer.from(`\0${BOX}\0${SECRET}`).toString('base64')
  return {
    smtp: startMailLoad(
      SESSIONS,
      () => session(smtpPort, operatorTls(lab, 'a'), []),
      (who, n) => loadMail('jean@a.mssante.test', BOX, `in-${who}-${n}`, n),
    ),
    submission: startMailLoad(
      SESSIONS,
      () => session(submissionPort, { ca: readFileSync(join(lab, 'ca.pem')) }, [`AUTH PLAIN ${plain}`]),
      (who, n) => loadMail(BOX, THERE, `out-${who}-${n}`, n),
    ),
  }
}

/** A connection behind STARTTLS, EHLO and what else is to be said. @throws when one of it is not answered well */
async function session(port: number, tls: Parameters<Talk['secure']>[0], more: readonly string[]): Promise<Talk> {
  const talk = await dialMail(port)
  const good = (said: string | null): void => {
    if (said?.startsWith('2') === true) return
    talk.destroy()
    throw new Error(said ?? 'gone')
  }
  good(await talk.reply())
  for (const command of ['EHLO load.exemple.test', 'STARTTLS']) good(await talk.say(command))
  await talk.secure(tls)
  for (const command of ['EHLO load.exemple.test', ...more]) good(await talk.say(command))
  return talk
}

/** Mostly small ones; one in eleven is so long that a life may end in the middle of it. */
function loadMail(from: string, to: string, id: string, n: number): LoadMail {
  const lines = n % 11 === 10 ? 4_000 : 10 * (1 + (n % 7))
  const body = `${`.${id} ${'x'.repeat(70)}\r\n`.repeat(lines)}Fin.`
  return { id: `${id}@load.test`, from, to, text: letter(from, to, { id: `${id}@load.test`, body }) }
}

/** Each mail that was taken is in the mailbox once, and as it was; and nothing else is. */
export function judgeHere(acknowledged: ReadonlyMap<string, string>, mails: readonly string[]): string[] {
  const faults: string[] = []
  const seen = new Map<string, number>()
  for (const mail of mails) {
    const text = untraced(mail)
    const id = idOf(text)
    seen.set(id, (seen.get(id) ?? 0) + 1)
    if (!acknowledged.has(id)) faults.push(`in the mailbox and never taken: ${id}`)
    else if (digestOf(text) !== acknowledged.get(id)) faults.push(`in the mailbox with other bytes: ${id}`)
  }
  for (const id of acknowledged.keys()) {
    const count = seen.get(id) ?? 0
    if (count !== 1) faults.push(`taken, and ${count} times in the mailbox: ${id}`)
  }
  return faults
}

/** Each mail that was taken came there as it was; again only behind the end of a life, for what was on its way then. */
export function judgeThere(
  acknowledged: ReadonlyMap<string, string>,
  came: readonly { readonly mail: FarMail; readonly epoch: number }[],
): { readonly repeats: number; readonly found: string[] } {
  const found: string[] = []
  const lives = new Map<string, number>()
  const perLife = new Map<number, number>()
  for (const { mail, epoch } of came) {
    const text = untraced(mail.bytes.toString('latin1'))
    const id = idOf(text)
    const before = lives.get(id)
    lives.set(id, epoch)
    if (digestOf(text) !== acknowledged.get(id)) found.push(`there with other bytes, or never taken: ${id}`)
    if (before === epoch) found.push(`there twice without a crash: ${id}`)
    else if (before !== undefined) perLife.set(epoch, (perLife.get(epoch) ?? 0) + 1)
  }
  for (const id of acknowledged.keys()) if (!lives.has(id)) found.push(`taken, and never there: ${id}`)
  const repeats = [...perLife.values()].reduce((sum, count) => sum + count, 0)
  const lifetimes = Math.max(0, ...came.map(({ epoch }) => epoch))
  if (repeats > lifetimes * AT_ONCE) found.push(`${repeats} repeats there, more than were on their way`)
  return { repeats, found }
}

function idOf(text: string): string {
  return /^Message-ID: <(.*)>\r$/m.exec(text)?.[1] ?? ''
}
