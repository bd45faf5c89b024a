import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { readAnswer } from '../../formats/hl7v2/answer.ts'
import { frame, frameScanner } from '../../formats/mllp/scanner.ts'
import type { Post } from './written.ts'

/** Where the gateway listens. */
export interface DoorPlaces {
  readonly mllp: { readonly host: string; readonly port: number }
  /** Base address of the HTTP door, without a slash at the end. */
  readonly http: string
}

/** What the gateway said to a post; `lost`: nothing. */
export type Said = 'accepted' | 'refused' | 'lost'

/** Posts at the real doors, as the establishments would. */
export interface Posting {
  /** Never rejects. */
  post(one: Post): Promise<Said>
  close(): void
}

const ANSWER_MS = 30_000
const MAX_ANSWER_BYTES = 1_048_576

/** One MLLP connection per establishment, one message at a time on each; HTTP with the demo keys. */
export function postingAt(places: DoorPlaces): Posting {
  const lines = new Map<string, Line>()
  const lineOf = (from: string): Line => {
    const line = lines.get(from) ?? new Line(places.mllp)
    lines.set(from, line)
    return line
  }
  return {
    post: (one) => (one.door === 'mllp' ? lineOf(one.from).post(one) : postHttp(places.http, one)),
    close() {
      for (const line of lines.values()) line.close()
    },
  }
}

async function postHttp(base: string, { door, from, bytes, resource = 'ServiceRequest' }: Post): Promise<Said> {
  const [path, type] = door === 'hl7' ? ['/hl7', 'application/hl7-v2'] : [`/fhir/${resource}`, 'application/fhir+json']
  try {
    const response = await fetch(base + path, {
      method: 'POST',
      headers: { authorization: `Bearer demo-${from}`, 'content-type': type! },
      body: new Uint8Array(bytes),
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const answer = Buffer.from(await response.arrayBuffer())
    if (door === 'fhir') return response.ok ? 'accepted' : 'refused'
    return saidIn(answer)
  } catch {
    return 'lost'
  }
}

/** MSA-1, whatever the transport said: it is the ACK that promises. */
function saidIn(answer: Buffer): Said {
  const code = readAnswer(answer)?.code
  if (code === undefined) return 'lost'
  return code === 'AA' || code === 'CA' ? 'accepted' : 'refused'
}

/** A connection that is opened when needed and again after it was lost. */
class Line {
  readonly #place: DoorPlaces['mllp']
  #socket: Socket | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(place: DoorPlaces['mllp']) {
    this.#place = place
  }

  /** In turn after what was posted before. */
  post(one: Post): Promise<Said> {
    const said = this.#last.then(() => this.#exchange(one))
    this.#last = said
    return said
  }

  close(): void {
    this.#socket?.destroy()
  }

  async #exchange({ bytes, pauseMs }: Post): Promise<Said> {
    const socket = this.#open()
    const scanner = frameScanner({ maxFrameBytes: MAX_ANSWER_BYTES })
    const answered = new Promise<Said>((resolve) => {
      const end = (said: Said) => {
        socket.removeAllListeners('data').off('close', lost)
        resolve(said)
      }
      const lost = () => end('lost')
      socket.once('close', lost)
      socket.on('data', (chunk) => {
        const [answer] = scanner.push(chunk as Buffer)
        if (answer !== undefined) end(saidIn(answer))
      })
    })
    const framed = frame(bytes)
    const half = pauseMs > 0 ? framed.length >> 1 : framed.length
    socket.write(framed.subarray(0, half))
    if (pauseMs > 0) {
      await wait(pauseMs)
      socket.write(framed.subarray(half))
    }
    return answered
  }

  #open(): Socket {
    if (this.#socket === null || this.#socket.destroyed) {
      this.#socket = connect(this.#place)
      this.#socket.setNoDelay(true)
      this.#socket.setTimeout(ANSWER_MS, () => this.#socket?.destroy())
      this.#socket.on('error', () => {})
    }
    return this.#socket
  }
}
