import { connect, type Socket } from 'node:net'
import type { AntivirusSettings } from '../../../core/mail.ts'
import type { Clock } from '../../../core/ports.ts'

/** Why there is no answer that counts: the size limit of the antivirus, or another error of its own, among them. */
export type NoAnswer = 'unreachable' | 'cut' | 'timeout' | 'size-limit' | 'error'

/** What the antivirus says of a mail. */
export type Scanned = { readonly what: 'clean' | 'infected' } | { readonly what: 'none'; readonly why: NoAnswer }

/** Longest answer that is read. */
const LONGEST_ANSWER = 4_096

/** One conversation with clamd (clamd(8)): a command, then what it is about, then the answer. Nothing here rejects. */
class Conversation {
  readonly #settings: AntivirusSettings
  readonly #clock: Clock
  readonly #socket: Socket
  #answer = ''
  #ended: NoAnswer | 'answered' | null = null
  #wake = (): void => {}
  #cancel = (): void => {}

  constructor(settings: AntivirusSettings, clock: Clock, command: string) {
    this.#settings = settings
    this.#clock = clock
    this.#socket = connect({ host: settings.host, port: settings.port })
    this.#socket.setNoDelay(true)
    const cancelConnect = this.#within()
    let connected = false
    this.#socket.on('connect', () => {
      connected = true
      cancelConnect()
    })
    this.#socket.on('close', cancelConnect)
    this.#socket.on('data', (chunk: Buffer) => this.#hear(chunk.toString('latin1')))
    this.#socket.on('drain', () => this.#wake())
    this.#socket.on('error', () => this.#end(connected ? 'cut' : 'unreachable'))
    this.#socket.on('close', () => this.#end(connected ? 'cut' : 'unreachable'))
    this.#socket.write(`z${command}\0`)
  }

  /** Writes; waits while the other side does not follow. */
  async write(...pieces: readonly Uint8Array[]): Promise<void> {
    if (this.#ended !== null) return
    let room = true
    for (const piece of pieces) room = this.#socket.write(piece)
    if (!room) await this.#waitFor(() => this.#socket.writableNeedDrain)
  }

  /** The answer without its end, or why there is none. */
  async answer(): Promise<{ readonly text: string } | { readonly why: NoAnswer }> {
    await this.#waitFor(() => true)
    return this.#ended === null || this.#ended === 'answered' ? { text: this.#answer } : { why: this.#ended }
  }

  destroy(): void {
    this.#end('cut')
  }

  /** Waits until it has ended, or `more` says that there is nothing to wait for. */
  async #waitFor(more: () => boolean): Promise<void> {
    if (this.#ended !== null) return
    this.#cancel()
    this.#cancel = this.#within()
    while (this.#ended === null && more()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#cancel()
  }

  #within(): () => void {
    return this.#clock.after(this.#settings.timeoutMs, () => this.#end('timeout'))
  }

  #hear(text: string): void {
    this.#answer += text
    const end = this.#answer.indexOf('\0')
    if (end >= 0) {
      this.#answer = this.#answer.slice(0, end)
      this.#end('answered')
    } else if (this.#answer.length > LONGEST_ANSWER) this.#end('error')
  }

  #end(why: NoAnswer | 'answered'): void {
    this.#ended ??= why
    this.#cancel()
    this.#socket.destroy()
    this.#wake()
  }
}

/** A scan of one mail by INSTREAM, while the mail comes. */
export class ClamdScan {
  readonly #conversation: Conversation

  constructor(settings: AntivirusSettings, clock: Clock) {
    this.#conversation = new Conversation(settings, clock, 'INSTREAM')
  }

  /** Passes octets on, and does not use them behind its return; waits while the antivirus does not follow. */
  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length > 0) await this.#conversation.write(lengthOf(chunk.length), Buffer.from(chunk))
  }

  async end(): Promise<Scanned> {
    await this.#conversation.write(lengthOf(0))
    const told = await this.#conversation.answer()
    return 'why' in told ? { what: 'none', why: told.why } : scanned(told.text)
  }

  drop(): void {
    this.#conversation.destroy()
  }
}

/** Asks whether it is there; null: it is. */
export async function pingClamd(settings: AntivirusSettings, clock: Clock): Promise<NoAnswer | null> {
  const told = await new Conversation(settings, clock, 'PING').answer()
  if ('why' in told) return told.why
  return told.text === 'PONG' ? null : 'error'
}

/** What an answer to INSTREAM means. */
export function scanned(answer: string): Scanned {
  const text = answer.trim()
  if (text === 'stream: OK') return { what: 'clean' }
  if (/^stream: .+ FOUND$/s.test(text)) return { what: 'infected' }
  return { what: 'none', why: text.startsWith('INSTREAM size limit exceeded') ? 'size-limit' : 'error' }
}

function lengthOf(octets: number): Buffer {
  const length = Buffer.allocUnsafe(4)
  length.writeUInt32BE(octets)
  return length
}
