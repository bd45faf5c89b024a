import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { TlsFiles } from '../../core/config.ts'
import type { MailRecipient } from '../../core/mail.ts'
import { chainFault, handshakes } from '../../entrances/mllp/handshake.ts'
import { DotReader } from '../../entrances/smtp/dots.ts'
import { readMail, readRcpt } from '../../entrances/smtp/envelope.ts'
import { lines, reply } from '../../entrances/smtp/reply.ts'
import { Wire } from '../../entrances/smtp/wire.ts'
import { machineClock } from '../cli/machine.ts'
import { type Receiver, receiving } from './receiver.ts'

/** Longest mail a simulated operator takes, and its longest patience (bytes, ms). */
const MAX_BYTES = 30 * 1024 ** 2
const LIMITS = { idleMs: 300_000, lineBytes: 2_048 }

/** A mail that a simulated operator took. */
export interface TakenMail {
  /** Empty: a report. */
  readonly from: string
  readonly recipients: readonly MailRecipient[]
  readonly bytes: Buffer
}

/** How a simulated operator presents itself, and what it thinks of mail. */
export interface MailServerOptions {
  readonly host: string
  readonly port: number
  /** Its own name in SMTP. */
  readonly name: string
  readonly tls: TlsFiles
  /** The reply to a recipient: code, enhanced code and words. */
  readonly judge: (address: string) => readonly [code: string, text: string]
  /** Told of every mail, behind the 250. */
  readonly took: (mail: TakenMail) => void
}

/**
 * A mail operator that is simulated: SMTP behind STARTTLS with certificates on both sides, every mail in memory and none
 * kept. `port` 0: any free one. @throws the socket's error when the address cannot be bound */
export async function startMailServer(options: MailServerOptions): Promise<Receiver> {
  const { host, port } = options
  const sockets = new Set<Socket>()
  let received = 0
  const counting: MailServerOptions = {
    ...options,
    took(mail) {
      received += 1
      options.took(mail)
    },
  }
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay(true))
    socket.on('close', () => sockets.delete(socket))
    void converse(socket, counting).catch(() => socket.destroy())
  })
  return receiving(server, { host, port, sockets, received: () => received })
}

/** A mail that is being announced. */
interface Announced {
  readonly from: string
  readonly recipients: MailRecipient[]
}

/** Reads commands until the connection ends. */
async function converse(socket: Socket, options: MailServerOptions): Promise<void> {
  const { name, tls, judge, took } = options
  const wire = new Wire(socket, machineClock, LIMITS)
  const say = (code: string, text: string): Promise<void> => wire.write(reply(code, text))
  let trusted = false
  let mail: Announced | null = null
  await say('220', `${name} ESMTP (simulation)`)
  for (;;) {
    const [, verb = '', argument = ''] = /^([A-Z]+)(?: (.*))?$/is.exec(await wire.line()) ?? []
    switch (verb.toUpperCase()) {
      case 'EHLO':
        mail = null
        await wire.write(lines('250', [name, ...CAN, trusted ? 'DSN' : 'STARTTLS']))
        break
      case 'STARTTLS': {
        await say('220 2.0.0', 'Go ahead')
        const secured = await secure(wire.release(), tls)
        wire.change(secured)
        trusted = chainFault(secured) === null
        break
      }
      case 'MAIL': {
        const read = readMail(argument, false)
        if (!trusted) await say('530 5.7.0', 'A certificate of the trust space comes first')
        else if (!read.ok) await say('501 5.5.4', 'No such sender')
        else {
          mail = { from: read.value.envelope.sender, recipients: [] }
          await say('250 2.1.0', 'OK')
        }
        break
      }
      case 'RCPT': {
        const read = mail === null ? null : readRcpt(argument, false)
        const verdict = read?.ok ? judge(read.value.address) : (['501 5.1.3', 'No such recipient'] as const)
        if (read?.ok && verdict[0].startsWith('2')) mail?.recipients.push(read.value)
        await say(...verdict)
        break
      }
      case 'DATA': {
        if (mail === null || mail.recipients.length === 0) {
          await say('503 5.5.1', 'MAIL and RCPT come first')
          break
        }
        await say('354', 'End with CRLF.CRLF')
        const bytes = await content(wire)
        if (bytes === null) return wire.finish()
        await say('250 2.6.0', 'Taken')
        took({ ...mail, bytes })
        mail = null
        break
      }
      case 'RSET':
        mail = null
        await say('250 2.0.0', 'OK')
        break
      case 'NOOP':
        await say('250 2.0.0', 'OK')
        break
      default:
        // QUIT, what is no command, and the end of the connection.
        await say('221 2.0.0', 'Bye')
        return wire.finish()
    }
  }
}

const CAN = ['PIPELINING', `SIZE ${MAX_BYTES}`, '8BITMIME', 'ENHANCEDSTATUSCODES']

/** @throws when the handshake fails */
async function secure(socket: Socket, tls: TlsFiles): Promise<TLSSocket> {
  const server = handshakes(tls)
  const failed = once(server, 'tlsClientError').then(() => null)
  const done = once(server, 'secureConnection').then(([secured]) => secured as TLSSocket)
  server.emit('connection', socket)
  const secured = await Promise.race([done, failed])
  if (secured === null) throw new RangeError('no handshake')
  return secured
}

/** What follows DATA, as it was meant; null: it never ended, or is too long. */
async function content(wire: Wire): Promise<Buffer | null> {
  const dots = new DotReader()
  const pieces: Buffer[] = []
  let length = 0
  for (;;) {
    const chunk = await wire.some()
    if (typeof chunk === 'string') return null
    const { pieces: more, rest } = dots.push(chunk)
    for (const piece of more) {
      length += piece.length
      // Pieces are of the socket's buffer.
      pieces.push(Buffer.from(piece))
    }
    if (length > MAX_BYTES) return null
    if (rest === null) continue
    wire.back(rest)
    return Buffer.concat(pieces)
  }
}
