import { once } from 'node:events'
import net from 'node:net'
import { block } from '../test/support/world/frame.ts'
import { oru, type Patient, patient } from '../test/support/world/messages.ts'

/** What a run of posts measured. Latencies in ms, from the moment a message was due to its answer. */
export interface Posted {
  /** All that were answered, before counting began and after it ended too. */
  readonly total: number
  readonly answered: number
  readonly refused: number
  readonly perSecond: number
  readonly latencies: Float64Array
}

/** A cheap client: messages prebuilt, only the digits of the control id are written anew. */
interface Poster {
  readonly socket: net.Socket
  readonly messages: readonly Buffer[]
  /** Where the control id stands in each message (in a result twice: MSH-10 and the last segment). */
  readonly places: readonly number[][]
  turn: number
  dueAt: number
  busy: boolean
}

/** Patients per connection: enough that order keys do not make deliveries wait for each other. */
const PATIENTS = 40
const DIGITS = 12
const BLANK = `B${'0'.repeat(DIGITS)}`
const YES_OF_MLLP = Buffer.from('MSA|AA|')
let counter = 0
let people = 0

const framed: Make = (facility, whose, controlId) => block(oru({ facility, patient: whose, controlId }))

/** The next poster posts for patients that no other has. */
async function poster({ port, patients = PATIENTS, make = framed }: PostPlan, facility: string): Promise<Poster> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const messages = Array.from({ length: patients }, () => {
    people = (people + 1) % 100_000
    return make(facility, patient(people), BLANK)
  })
  const places = messages.map((message) => {
    const found: number[] = []
    for (let at = message.indexOf(BLANK); at >= 0; at = message.indexOf(BLANK, at + 1)) found.push(at + 1)
    return found
  })
  return { socket, messages, places, turn: 0, dueAt: 0, busy: false }
}

function post(client: Poster): void {
  const n = client.turn++ % client.messages.length
  const message = client.messages[n] as Buffer
  const digits = String(++counter).padStart(DIGITS, '0')
  for (const place of client.places[n] ?? []) message.write(digits, place, 'latin1')
  client.busy = true
  client.socket.write(message)
}

/** What is written for one message; its control id, wherever it stands, is written anew each time. */
export type Make = (facility: string, patient: Patient, controlId: string) => Buffer

/** Where and how much to post. `facilities` are given to the connections in turn. */
export interface PostPlan {
  readonly port: number
  readonly connections: number
  readonly facilities: readonly string[]
  readonly seconds: number
  /** Time before counting begins, seconds. */
  readonly warmSeconds?: number
  /** Open loop: this many a second in all, whether answers come or not. Absent: as fast as answers come. */
  readonly rate?: number
  /** Default: a result in an MLLP frame. */
  readonly make?: Make
  /** Bytes that only a positive answer has. Default: MSA with AA. Each answer must be one segment of TCP. */
  readonly yes?: Buffer
  /** Patients, and so prepared messages, per connection. */
  readonly patients?: number
  /** Stops when this many were answered, whatever the time. */
  readonly count?: number
}

/** Posts for a while, one message at a time per connection. @throws when a connection is closed by the other side */
export async function postFor(plan: PostPlan): Promise<Posted> {
  const {
    facilities,
    connections,
    seconds,
    warmSeconds = 0.5,
    rate,
    count = Number.POSITIVE_INFINITY,
    yes = YES_OF_MLLP,
  } = plan
  const clients: Poster[] = []
  for (let i = 0; i < connections; i++) clients.push(await poster(plan, facilities[i % facilities.length] ?? 'CH-A'))
  const began = performance.now()
  const from = began + warmSeconds * 1_000
  const to = from + seconds * 1_000
  const latencies: number[] = []
  let refused = 0
  let lastAt = from
  let answeredInAll = 0

  const answered = (client: Poster, chunk: Buffer, again: () => void): void => {
    const now = performance.now()
    client.busy = false
    answeredInAll++
    if (chunk.indexOf(yes) < 0) refused++
    else if (now >= from && now < to) {
      latencies.push(now - client.dueAt)
      lastAt = now
    }
    again()
  }
  const over = (): boolean => performance.now() >= to || answeredInAll >= count
  await (rate === undefined ? closedLoop(clients, over, answered) : openLoop(clients, rate, over, answered))
  for (const { socket } of clients) socket.destroy()
  const span = (Math.min(lastAt, to) - from) / 1_000
  return {
    total: answeredInAll,
    answered: latencies.length,
    refused,
    perSecond: latencies.length / span,
    latencies: Float64Array.from(latencies),
  }
}

type Answered = (client: Poster, chunk: Buffer, again: () => void) => void

function closedLoop(clients: readonly Poster[], over: () => boolean, answered: Answered): Promise<unknown> {
  return Promise.all(
    clients.map(
      (client) =>
        new Promise<void>((resolve, reject) => {
          const again = (): void => {
            if (over()) {
              resolve()
              return
            }
            client.dueAt = performance.now()
            post(client)
          }
          client.socket.on('data', (chunk: Buffer) => answered(client, chunk, again))
          client.socket.on('close', () => reject(new Error('connection closed under load')))
          again()
        }),
    ),
  )
}

/** A message that finds every connection busy waits, and that wait counts. */
function openLoop(clients: readonly Poster[], rate: number, over: () => boolean, answered: Answered): Promise<void> {
  return new Promise((resolve, reject) => {
    const free = [...clients]
    const began = performance.now()
    let made = 0
    const pour = (): void => {
      for (let due = began + (made * 1_000) / rate; due <= performance.now() && free.length > 0; ) {
        const client = free.shift() as Poster
        client.dueAt = due
        made++
        post(client)
        due = began + (made * 1_000) / rate
      }
    }
    for (const client of clients) {
      client.socket.on('data', (chunk: Buffer) => answered(client, chunk, () => free.push(client)))
      client.socket.on('close', () => reject(new Error('connection closed under load')))
    }
    const timer = setInterval(() => {
      if (!over()) return pour()
      clearInterval(timer)
      resolve()
    }, 1)
  })
}
