import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type SecureContextOptions, TLSSocket } from 'node:tls'
import type { FakePeer, Manner } from '../../contract/sender.ts'

/** A mail server that does what it is told, with SMTP of its own. It hears the bytes of mails alone: the rest is talk. */
export interface MailServer extends FakePeer {
  readonly port: number
  /** Replies to give instead of what the manner says, by the verb they answer (`.`: the end of a mail; `MAIL DATA`: its first bytes): taken once. */
  readonly script: Map<string, string>
  /** What MAIL said, oldest first. */
  readonly senders: readonly string[]
  /** Verbs whose answer begins and never ends: a line of it every 20 ms; how many so far. */
  readonly endless: Map<string, number>
}

/** Opens a server, on a free port of this machine or where it is told. With a certificate it offers STARTTLS and takes no mail before. */
export async function mailServer(
  speaks: 'ESMTP' | 'LMTP',
  tls?: SecureContextOptions & { readonly cert: string },
  { host, port }: { readonly host: string; readonly port: number } = { host: '127.0.0.1', port: 0 },
): Promise<MailServer> {
  const news = new EventEmitter()
  const open = new Set<Socket>()
  const mails: string[] = []
  const held: (() => void)[] = []
  const script: MailServer['script'] = new Map()
  const endless: MailServer['endless'] = new Map()
  const senders: string[] = []
  let manner: Manner = 'accept'
  let connections = 0
  let heardBytes = 0

  const converse = (socket: Socket, secured: boolean): void => {
    let text = ''
    let taking = false
    let willing = true
    const say = (verb: string, reply: string): void => {
      if (endless.has(verb)) {
        drip(verb)
        return
      }
      const said = script.get(verb) ?? reply
      script.delete(verb)
      if (verb === 'MAIL' || verb === 'RCPT') willing = said.startsWith('2') && (willing || verb === 'MAIL')
      if (socket.writable) socket.write(`${said}\r\n`)
    }
    const drip = (verb: string): void => {
      const timer = setInterval(() => {
        // Whoever ended it must not have it begin again by a connection that is not closed yet.
        if (!endless.has(verb)) return clearInterval(timer)
        if (socket.writable) socket.write('250-wait\r\n')
        endless.set(verb, (endless.get(verb) ?? 0) + 1)
      }, 20)
      socket.on('close', () => clearInterval(timer))
    }
    const command = (line: string): void => {
      const verb = line.split(/[ :]/)[0]!.toUpperCase()
      if (verb === 'DATA' && !willing) {
        say(verb, '503 5.5.1 for nobody')
      } else if (verb === 'DATA') {
        taking = true
        say(verb, '354 go on')
      } else if (verb === 'EHLO' || verb === 'LHLO') {
        const more = tls !== undefined && !secured ? '250-STARTTLS\r\n' : ''
        say(verb, `250-far.test\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n${more}250 8BITMIME`)
      } else if (verb === 'STARTTLS') {
        say(verb, '220 2.0.0 go on')
        socket.off('data', heard)
        welcome(new TLSSocket(socket, { isServer: true, ...tls }), true)
      } else if (verb === 'QUIT') {
        socket.end('221 2.0.0 bye\r\n')
      } else {
        if (verb === 'MAIL') senders.push(line)
        say(verb, '250 2.1.0 well')
      }
    }
    const heard = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (!taking) {
        for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
          const line = text.slice(0, end)
          text = text.slice(end + 2)
          command(line)
        }
        return
      }
      heardBytes += chunk.length
      if (manner === 'cut-during') {
        reset(socket)
        return
      }
      if (script.has('MAIL DATA')) say('MAIL DATA', '')
      // Whoever waits for an answer to each mail says nothing behind its end.
      if (!text.endsWith('\r\n.\r\n')) return
      mails.push(text.slice(0, -3).replace(/^\./gm, ''))
      text = ''
      taking = false
      news.emit('message')
      if (script.has('.') || endless.has('.')) say('.', '')
      else manners[manner](socket, held)
    }
    socket.on('data', heard)
  }
  const welcome = (socket: Socket, secured: boolean): void => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    converse(socket, secured)
  }
  const server = createServer((socket) => {
    connections++
    welcome(socket, false)
    if (manner === 'hang-up') socket.destroy()
    else socket.write(`220 far.test ${speaks}\r\n`)
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    script,
    senders,
    endless,
    get connections() {
      return connections
    },
    heardBytes: () => heardBytes,
    received: () => [...mails],
    behave: (next) => void (manner = next),
    async message(count) {
      while (mails.length < count) await once(news, 'message')
    },
    release() {
      for (const say of held.splice(0)) say()
    },
    async close() {
      for (const socket of open) socket.destroy()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

const YES = '250 2.0.0 taken\r\n'

const manners: Readonly<Record<Manner, (socket: Socket, held: (() => void)[]) => void>> = {
  accept: (socket) => void socket.write(YES),
  refuse: (socket) => void socket.write('554 5.7.1 no\r\n'),
  busy: (socket) => void socket.write('452 4.3.1 not now\r\n'),
  silent: () => {},
  'cut-before': (socket) => reset(socket),
  'cut-during': (socket) => reset(socket),
  'cut-after': (socket) => void socket.end(),
  'wrong-id': (socket) => void socket.write(YES),
  late: (socket, held) => void held.push(() => void (socket.writable && socket.write(YES))),
  trickle: (socket) => trickle(socket, Buffer.from('250-2.0.0 slowly\r\n250 2.0.0 taken\r\n')),
  garbage: (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n'),
  'hang-up': (socket) => void socket.destroy(),
}

/** A byte at a time, each in its own packet as far as the network lets it. */
function trickle(socket: Socket, bytes: Buffer): void {
  if (bytes.length === 0 || !socket.writable) return
  socket.write(bytes.subarray(0, 1), () => setImmediate(() => trickle(socket, bytes.subarray(1))))
}

/** A reset, or what comes nearest on TLS, which Node cannot reset by hand. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}
