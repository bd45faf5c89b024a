import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'

/** A client of a mail door that says what it is told to, byte for byte. */
export class Talk {
  #socket: Socket | TLSSocket
  #text = ''
  #ended = false
  #waiting: (() => void)[] = []

  constructor(socket: Socket) {
    this.#socket = socket
    this.#hear(socket)
  }

  /** Writes bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The next reply, all lines of it, without the last line end; null: the connection ended first. */
  async reply(): Promise<string | null> {
    for (;;) {
      const whole = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#text)?.[0]
      if (whole !== undefined) {
        this.#text = this.#text.slice(whole.length)
        return whole.trimEnd()
      }
      if (this.#ended) return null
      await this.#news()
    }
  }

  /** A command and its reply. */
  say(command: string): Promise<string | null> {
    this.write(`${command}\r\n`)
    return this.reply()
  }

  /** Everything said is one reply after the other; the last of them. */
  async all(commands: readonly string[]): Promise<readonly (string | null)[]> {
    const replies: (string | null)[] = []
    for (const command of commands) replies.push(await this.say(command))
    return replies
  }

  /** Begins TLS behind a 220 and goes on in it. @throws when the handshake fails */
  async secure(options: ConnectionOptions): Promise<void> {
    const raw = this.#socket
    if (raw.destroyed) throw new Error('gone')
    raw.removeAllListeners('data')
    raw.removeAllListeners('close')
    this.#text = ''
    const secured = connectTls({
      socket: raw,
      rejectUnauthorized: true,
      checkServerIdentity: () => undefined,
      ...options,
    })
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve)
      secured.once('error', reject)
      secured.once('close', () => reject(new Error('closed in the handshake')))
    })
    this.#socket = secured
    this.#hear(secured)
  }

  /** Resolves when the other side has closed. */
  async gone(): Promise<void> {
    while (!this.#ended) {
      await this.#news()
    }
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Ends this half: everything has been said. */
  hangUp(): void {
    this.#socket.end()
  }

  #news(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const told of this.#waiting.splice(0)) told()
  }

  #hear(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      this.#wake()
    })
    socket.on('close', () => {
      this.#ended = true
      this.#wake()
    })
    socket.on('error', () => {})
  }
}

/** Connects, without waiting for the greeting. */
export async function dialMail(port: number): Promise<Talk> {
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return new Talk(socket)
}

/** The certificate of an operator of a lab, and whom it trusts. */
export function operatorTls(lab: string, name: string): ConnectionOptions {
  return {
    key: readFileSync(join(lab, `operator-${name}.key`)),
    cert: readFileSync(join(lab, `operator-${name}.pem`)),
    ca: readFileSync(join(lab, 'ca.pem')),
  }
}

/** A connection at the operator door, as `name` (null: without a certificate), behind STARTTLS and EHLO. */
export async function meet(port: number, lab: string, name: string | null): Promise<Talk> {
  const talk = await dialMail(port)
  await talk.reply()
  await talk.all([`EHLO ${name ?? 'nobody'}.exemple.test`, 'STARTTLS'])
  await talk.secure(name === null ? { ca: readFileSync(join(lab, 'ca.pem')) } : operatorTls(lab, name))
  await talk.say(`EHLO ${name ?? 'nobody'}.exemple.test`)
  return talk
}

/** A small mail. */
export function letter(
  from: string,
  to: string,
  { id = 'one@a.mssante.test', subject = 'Un essai', body = 'Bonjour.' } = {},
): string {
  return [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Message-ID: <${id}>`,
    'Date: Fri, 20 Nov 2026 10:00:00 +0100',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    body,
    '',
  ].join('\r\n')
}
