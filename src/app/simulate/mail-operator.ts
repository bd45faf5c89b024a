/** The other mail operator of a simulated region: takes mail, answers some of it, and writes from time to time. */
import { isLoopback } from '../../core/address.ts'
import type { Config, SmtpTarget } from '../../core/config.ts'
import { domainOf, type MailOperator, type TrustSpace } from '../../core/mail.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { DocumentSettings } from '../../formats/documents/settings.ts'
import { linkTo } from '../../senders/smtp/link.ts'
import { publishLab } from '../white-list/lab.ts'
import { simulatedMail } from './mail-letters.ts'
import { answersTo, judgeRecipient, type MailOut } from './mail-people.ts'
import { startMailServer, type TakenMail } from './mail-server.ts'
import type { Receiver } from './receiver.ts'
import { otherOperator, type TrustSpaceFolder } from './trust-space.ts'

/** The first mails go at the start, one of each sort; then one so often (ms). */
const FIRST = 3
const EVERY_MS = 120_000
/** The list is signed anew so often (ms): its age counts from its date. */
const SIGN_MS = 3_600_000
/** A door that is not ready yet, or has no white list yet, is tried again (ms, times). */
const AGAIN_MS = 1_000
const TRIES = 30
const TIMEOUT_MS = 30_000

/** What the simulated operator is run with. */
export interface SimulatedOperatorParts {
  readonly space: TrustSpaceFolder
  readonly config: () => Config
  /** What mails with documents say. */
  readonly settings: DocumentSettings
  /** Where the region takes mail. */
  readonly door: { readonly host: string; readonly port: number }
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Where it stands: the host of this machine that the region sends mail of other domains to, with the first such domain; null: none. */
export function placeOfOperator(operator: MailOperator): { host: string; port: number; domain: string } | null {
  for (const [domain, { host, port }] of operator.hosts) if (isLoopback(host)) return { domain, host, port }
  return null
}

/** Starts it; null where the region is no mail operator, or sends its mail elsewhere. @throws the socket's error when its port is taken */
export async function startMailOperator(parts: SimulatedOperatorParts): Promise<Receiver | null> {
  const { space, config, settings, clock, ids, log } = parts
  const operator = config().mail?.operator
  const place = operator === undefined ? null : placeOfOperator(operator)
  if (operator === undefined || place === null) return null
  const name = `mail.${place.domain}`
  const tls = await otherOperator(space)
  const tried = new Map<string, number>()
  const people = () => ({ name, atMs: clock.nowMs(), timeZone: config().region.timeZone, id: ids.uuid })
  let stopped = false
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))

  /** One after the other, as a small operator would. */
  let sending: Promise<void> = Promise.resolve()
  const post = (mail: MailOut): void => {
    sending = sending.then(async () => {
      for (let n = 0; n < TRIES && !stopped; n += 1) {
        if ((await give(mail, parts.door, { name, tls, clock })) !== 'later') return
        await wait(AGAIN_MS)
      }
    })
  }
  const took = (mail: TakenMail): void => {
    for (const answer of answersTo(mail, people())) post(answer)
  }
  const judge = (address: string): readonly [string, string] => {
    const tries = tried.get(address) ?? 0
    // A slow one is slow for each mail.
    tried.set(address, (tries + 1) % 2)
    return judgeRecipient(address, tries)
  }
  const server = await startMailServer({ ...place, name, tls, judge, took })
  let written = 0
  const write = async (): Promise<void> => {
    const now = config().mail?.operator
    const writing = now && { ...people(), domain: place.domain, operator: now, settings }
    const mail = writing === undefined ? null : await simulatedMail(written++, writing)
    if (mail !== null) post(mail)
  }
  const watched = (run: () => Promise<unknown>) => (): void => {
    run().catch((fault: unknown) => log.error('simulator.mail', { code: 'INTERNAL' }, fault))
  }
  const first = watched(async () => {
    for (let n = 0; n < FIRST; n += 1) await write()
  })
  first()
  const timers = [
    setInterval(watched(write), EVERY_MS),
    setInterval(
      watched(() => publishLab(space.dir, space.rows, clock.nowMs())),
      SIGN_MS,
    ),
  ]
  return {
    ...server,
    async close() {
      stopped = true
      for (const timer of timers) clearInterval(timer)
      await server.close()
    },
  }
}

/** What became of a mail at the region's door. */
type Given = 'taken' | 'refused' | 'later'

/** Gives a mail to the region's door. Never rejects. */
async function give(
  mail: MailOut,
  door: { readonly host: string; readonly port: number },
  { name, tls, clock }: { readonly name: string; readonly tls: SmtpTarget['tls']; readonly clock: Clock },
): Promise<Given> {
  const target: SmtpTarget = {
    ...{ type: 'smtp', how: 'operator', domain: domainOf(mail.to), hello: name, nameServers: [] },
    lookupMs: TIMEOUT_MS,
    ...{ ...door, tls },
  }
  const linked = await linkTo(door, target, TRUSTING, { silenceMs: TIMEOUT_MS, wholeMs: TIMEOUT_MS, clock })
  if (!linked.ok) return 'later'
  const { connection } = linked.link
  const { promise, resolve } = Promise.withResolvers<Given>()
  connection.send({ from: mail.from, to: [mail.to] }, mail.bytes, (fault: unknown) => {
    const said = (fault as { readonly responseCode?: number } | null)?.responseCode ?? (fault == null ? 250 : 451)
    resolve(said < 400 ? 'taken' : said < 500 ? 'later' : 'refused')
    connection.quit()
  })
  return promise
}

/** TLS has looked at the chain; which certificate may do what is the region's to say. */
const TRUSTING: TrustSpace = {
  closed: () => null,
  carries: () => null,
  serves: () => null,
  speaksFor: () => null,
  reaches: () => null,
  lacks: () => false,
}
