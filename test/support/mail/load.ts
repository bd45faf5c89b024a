import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Talk } from './talk.ts'

/** A mail to send until it is taken. */
export interface LoadMail {
  readonly id: string
  readonly from: string
  readonly to: string
  /** As it should arrive: its dots are doubled on the wire. */
  readonly text: string
}

/** Clients that send mail, each the next one when the one before was taken. */
export interface MailLoad {
  /** Message-IDs that were answered with 250, with a digest of the mail. */
  readonly acknowledged: ReadonlyMap<string, string>
  /** `resent`: sent once more because no answer came or a temporary one; `late`: told to come again (421 4.3.2). */
  readonly counts: { readonly resent: number; readonly late: number }
  /** Final refusals, of which there must be none. */
  readonly wrong: readonly string[]
  /** Begins no new mail; resolves once all begun are taken. */
  finish(): Promise<void>
  /** Leaves everything as it is. */
  abandon(): void
}

/** Mails on one connection before the next. */
const MAILS_ON_ONE = 25
/** Wait before a door that has gone is called again (ms). */
const AGAIN_MS = 20

/** Digest of a mail, to tell whether it is the same. */
export function digestOf(text: string): string {
  return createHash('sha1').update(Buffer.from(text, 'latin1')).digest('base64')
}

/** Starts `sessions` clients. `connect`: a connection behind EHLO and sign-in. @throws never: a call that fails is tried again */
export function startMailLoad(
  sessions: number,
  connect: () => Promise<Talk>,
  make: (session: number, n: number) => LoadMail,
): MailLoad {
  const acknowledged = new Map<string, string>()
  const counts = { resent: 0, late: 0 }
  const wrong: string[] = []
  const open = new Set<Talk>()
  let state: 'on' | 'finishing' | 'abandoned' = 'on'
  const client = async (session: number): Promise<void> => {
    let talk: Talk | null = null
    let mail: LoadMail | null = null
    for (let n = 0, sent = 0; state === 'on' || (state === 'finishing' && mail !== null); ) {
      mail ??= make(session, n++)
      const said: string | null = await (async () => {
        talk ??= await connect()
        open.add(talk)
        return give(talk, mail)
      })().catch(() => null)
      if (said?.startsWith('250') === true) {
        acknowledged.set(mail.id, digestOf(mail.text))
        mail = null
        sent += 1
        if (sent % MAILS_ON_ONE !== 0) continue
      } else {
        counts.resent += 1
        if (said?.startsWith('421 4.3.2') === true) counts.late += 1
        if (said?.startsWith('5') === true) wrong.push(said)
        await wait(AGAIN_MS)
      }
      leave(talk)
      talk = null
    }
    leave(talk)
  }
  const leave = (talk: Talk | null): void => {
    if (talk === null) return
    talk.destroy()
    open.delete(talk)
  }
  const clients = Array.from({ length: sessions }, (_, n) => client(n))
  return {
    acknowledged,
    counts,
    wrong,
    async finish() {
      state = 'finishing'
      await Promise.all(clients)
    },
    abandon() {
      state = 'abandoned'
      for (const talk of open) talk.destroy()
    },
  }
}

/** One mail on a connection, its envelope in one piece (RFC 2920); the answer to its end, or the first that says no. `rcpt`: parameters. */
export async function give(
  talk: Talk,
  { from, to, text, rcpt = '' }: Omit<LoadMail, 'id'> & { readonly rcpt?: string },
): Promise<string | null> {
  talk.write(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>${rcpt}\r\nDATA\r\n`)
  for (const yes of ['250', '250', '354']) {
    const said = await talk.reply()
    if (said?.startsWith(yes) !== true) return said
  }
  talk.write(Buffer.from(`${text.replace(/^\./gm, '..')}.\r\n`, 'latin1'))
  return talk.reply()
}
