import { codeOf } from '../../core/errors.ts'
import type { Staging } from '../../core/journal.ts'
import type { ContentLook, MailArrival, MailEnvelope, MailNo, MailPeer, MailRecipient } from '../../core/mail.ts'
import { mostBytes } from '../../core/mail.ts'
import type { Receipt } from '../../core/message.ts'
import { LineGuard } from '../../formats/mail/line-guard.ts'
import { DotReader } from './dots.ts'
import { Gather } from './gather.ts'
import { HeadReader } from './head.ts'
import type { SmtpParts } from './parts.ts'
import type { Wire } from './wire.ts'

/** A mail that was announced. */
export interface Announced {
  readonly peer: MailPeer
  readonly envelope: MailEnvelope
  readonly recipients: readonly [MailRecipient, ...MailRecipient[]]
  /** By the monotonic clock: when it must have come whole. */
  readonly deadlineMs: number
}

/** How many times its limit a mail that is too long may go on, before the connection is cut. */
const PATIENCE = 2

/**
 * Takes what follows DATA: onto stable storage while it comes, watched for what may not stand in a mail, and given to the
 * rules and to `accept` once it is whole. Whatever is wrong with it is said behind its end, and nothing of it stays.
 * `gone`: the connection ended first. */
export async function receive(wire: Wire, parts: SmtpParts, mail: Announced): Promise<Receipt | MailNo | 'gone'> {
  const { clock, ids, accept, stage, look, rules, operator, door } = parts
  const id = ids.uuid()
  const receivedAtMs = clock.nowMs()
  const taking = new Taking(stage(id, receivedAtMs), look?.() ?? null, mostBytes(parts.operator(), mail.recipients))
  const dots = new DotReader()
  let rest: Buffer | null = null
  try {
    while (rest === null) {
      const chunk = await wire.some()
      if (typeof chunk === 'string') {
        await taking.drop()
        return chunk === 'gone' ? 'gone' : { code: 'IDLE_TIMEOUT', close: true }
      }
      const { pieces, rest: behind } = dots.push(chunk)
      for (const piece of pieces) await taking.take(piece)
      if (behind !== null) wire.back(behind)
      rest = behind
      const late = clock.monotonicMs() > mail.deadlineMs
      if (rest === null && (late || taking.hopeless)) {
        await taking.drop()
        return { code: late ? 'FRAME_TIMEOUT' : 'MAIL_TOO_LARGE', close: true }
      }
    }
    await taking.whole()
    const facts = taking.facts(operator()?.host ?? '')
    const verdict =
      taking.fault ??
      (facts === null ? { code: 'MAIL_HEADER' as const } : await rules.header(mail.peer, mail.envelope, facts))
    if (verdict !== null || facts === null) {
      await taking.drop()
      return verdict ?? { code: 'MAIL_HEADER' }
    }
    const { peer, envelope, recipients } = mail
    return await taking.finish((staged) => {
      const arrival: MailArrival = { entrance: door.name, peer, receivedAtMs, envelope, recipients, id, staged, facts }
      return accept(arrival)
    })
  } catch (fault) {
    await taking.drop()
    // What is still to come of the mail must not be taken for commands.
    return { code: codeOf(fault) === 'INTERNAL' ? 'PROCESSING_FAILED' : codeOf(fault), close: rest === null }
  }
}

/** A mail while it comes: `take` until it is whole, then `whole`, then what it says and is wrong with it, then `finish`. */
export class Taking {
  readonly #staging: Staging
  readonly #look: ContentLook | null
  readonly #most: number
  readonly #gather = new Gather()
  readonly #guard = new LineGuard()
  readonly #head = new HeadReader()
  #bytes = 0
  #fault: MailNo | null = null
  #dropped = false

  constructor(staging: Staging, look: ContentLook | null, most: number) {
    this.#staging = staging
    this.#look = look
    this.#most = most
  }

  /** So much came over the limit that no end is to be waited for. */
  get hopeless(): boolean {
    return this.#bytes > this.#most * PATIENCE
  }

  async take(piece: Buffer): Promise<void> {
    this.#bytes += piece.length
    if (this.#fault !== null) return
    if (this.#bytes > this.#most) return this.#wrong({ code: 'MAIL_TOO_LARGE' })
    for (let at = 0; at < piece.length && this.#fault === null; ) {
      at += this.#gather.add(piece.subarray(at))
      if (this.#gather.full) await this.#see()
    }
  }

  /** All has come: what was gathered is looked at and written, too. */
  async whole(): Promise<void> {
    if (this.#fault === null) await this.#see()
    this.#gather.end()
    if (this.#fault === null && this.#guard.end() !== 'ok') this.#fault = { code: 'MAIL_LINES' }
  }

  /** What is wrong with what came; null: nothing. */
  get fault(): MailNo | null {
    return this.#fault
  }

  /** What the header says; null: it says it badly. */
  facts(host: string) {
    return this.#head.facts(host)
  }

  /** Syncs, looks to the end, and gives it to `accept`. What is not accepted is not kept. */
  async finish(
    accept: (staged: Awaited<ReturnType<Staging['end']>>) => Promise<Receipt | MailNo>,
  ): Promise<Receipt | MailNo> {
    const [staged, seen] = await Promise.all([this.#staging.end(), this.#look?.end() ?? null])
    if (seen !== null) {
      await this.#staging.drop()
      return seen
    }
    // The bytes are the journal's from here: what it does not name it sweeps.
    this.#dropped = true
    const answer = await accept(staged)
    // A receipt of an earlier mail names that one's bytes.
    if ('messageId' in answer && answer.repeat) await this.#staging.drop()
    return answer
  }

  async drop(): Promise<void> {
    this.#gather.end()
    if (this.#dropped) return
    this.#dropped = true
    this.#look?.drop()
    await this.#staging.drop()
  }

  async #see(): Promise<void> {
    const octets = this.#gather.out()
    if (octets.length === 0) return
    if (this.#guard.push(octets) !== 'ok') return this.#wrong({ code: 'MAIL_LINES' })
    if (!this.#head.push(octets)) return this.#wrong({ code: 'MAIL_HEADER' })
    await this.#staging.write(octets)
    await this.#look?.write(octets)
  }

  async #wrong(fault: MailNo): Promise<void> {
    this.#fault = fault
    await this.drop()
  }
}
