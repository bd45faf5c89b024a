import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** What is said of a name. `mail`: its mail goes to this machine (`two-hosts`: to 127.0.0.1, then to 127.0.0.2); `garbage`: bytes that are no answer. */
export type Saying = 'silent' | 'servfail' | 'nxdomain' | 'garbage' | 'mail' | 'two-hosts' | 'no-mail'

/** A name server on this machine that says what it is told to. */
export interface NameServer {
  readonly port: number
  /** By domain; of others there is silence. */
  readonly sayings: Map<string, Saying>
  /** Questions so far: `MX c.test`. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

const A = 1
const MX = 15

/** Starts it on a free port. */
export async function nameServer(sayings: ReadonlyMap<string, Saying>): Promise<NameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  const known = new Map(sayings)
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionOf(query)
    asked.push(`${type === MX ? 'MX' : type === A ? 'A' : 'AAAA'} ${name}`)
    const saying = known.get(name.replace(/^mx2?\./, '')) ?? 'silent'
    if (saying === 'silent') return
    const answer = saying === 'garbage' ? Buffer.alloc(40, 0xc0) : answerTo(query.subarray(0, end), type, name, saying)
    socket.send(answer, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    sayings: known,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

/** The first question of a query (RFC 1035 §4.1.2), and where it ends. */
function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** An answer (RFC 1035 §4.1.3, RFC 7505 for no mail). */
function answerTo(query: Buffer, type: number, name: string, saying: Saying): Buffer {
  const head = Buffer.from(query)
  const code = { servfail: 2, nxdomain: 3 }[saying as string] ?? 0
  head.writeUInt16BE(0x8180 | code, 2)
  const records = code > 0 ? [] : dataOf(type, name, saying)
  head.writeUInt16BE(records.length, 6)
  head.writeUInt32BE(0, 8)
  // The name is that of the question, at byte 12; of class IN, good for no time.
  const answers = records.flatMap((data) => [Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]), data])
  return Buffer.concat([head, ...answers])
}

function dataOf(type: number, name: string, saying: Saying): readonly Buffer[] {
  if (type === A) return [Buffer.from([127, 0, 0, name.startsWith('mx2.') ? 2 : 1])]
  if (type !== MX) return []
  if (saying === 'no-mail') return [exchange(10, [])]
  const second = saying === 'two-hosts' ? [exchange(20, ['mx2', ...name.split('.')])] : []
  return [...second, exchange(10, ['mx', ...name.split('.')])]
}

/** A host of a domain (RFC 1035 §3.3.9). */
function exchange(preference: number, host: readonly string[]): Buffer {
  return Buffer.concat([
    Buffer.from([0, preference]),
    ...host.map((one) => Buffer.from(`${String.fromCharCode(one.length)}${one}`)),
    Buffer.from([0]),
  ])
}
