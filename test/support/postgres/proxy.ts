import { once } from 'node:events'
import net from 'node:net'
import { freePort } from '../world/ports.ts'

/** `up`: from the one who called towards the target; `down`: what the target answers. */
export type Direction = 'up' | 'down'

/** A TCP proxy on 127.0.0.1 whose connections a test cuts, stalls and breaks in the middle of their bytes. */
export interface TcpProxy {
  /** Stays the same over `cut` and `heal`. */
  readonly port: number
  /** Connections open now. */
  readonly connections: number
  /** Bytes forwarded since the start. */
  readonly forwarded: Readonly<Record<Direction, number>>
  /** Resets all connections and refuses new ones until `heal`. */
  cut(): Promise<void>
  /** Accepts connections again. */
  heal(): Promise<void>
  /** Accepts, but forwards nothing (ends of connections neither) in this direction, or in both, until `resume`. */
  stall(direction?: Direction): void
  resume(direction?: Direction): void
  /** Forwards nothing more on the connections that are open now, for good, and tells nobody; new ones work. */
  forget(): void
  /**
   * Forwards exactly `bytes` more bytes in this direction, counted over all connections, then closes the connection
   * that bore the last of them. 0: the next byte is lost. Once; resolves when done. */
  cutAfterBytes(bytes: number, direction: Direction): Promise<void>
  /**
   * Waits until `text` went up on a connection; closes that connection instead of forwarding the next bytes down: the
   * server did what it was asked, and its answer is lost. Once; resolves when done. */
  loseAnswerTo(text: string): Promise<void>
  /**
   * Waits until the target answers `text`; closes that connection instead of forwarding the bytes it stands in: what it
   * tells of has happened, and nobody hears of it. Once; resolves when done. */
  loseAnswer(text: string): Promise<void>
  close(): Promise<void>
}

/** One connection: the two ends, and what its bytes ended with, for a `text` that is spread over two reads. */
interface Pair {
  readonly caller: net.Socket
  readonly target: net.Socket
  readonly tail: Record<Direction, string>
  /** Is its next answer to be lost? */
  doomed: boolean
  forgotten: boolean
}

interface ByteCut {
  left: number
  done(): void
}

interface Rules {
  readonly stalled: Set<Direction>
  readonly cuts: Map<Direction, ByteCut>
  /** `seen`: where the text must pass for the answer to be lost. */
  lose: { readonly text: string; readonly seen: Direction; done(): void } | null
  readonly forwarded: Record<Direction, number>
}

const from = (pair: Pair, direction: Direction): net.Socket => (direction === 'up' ? pair.caller : pair.target)
const to = (pair: Pair, direction: Direction): net.Socket => (direction === 'up' ? pair.target : pair.caller)

function close(pair: Pair): void {
  pair.caller.destroy()
  pair.target.destroy()
}

/** Marks the pair when the text whose answer is to be lost, or that is lost itself, has now passed on it. */
function look(pair: Pair, direction: Direction, chunk: Buffer, { lose }: Rules): void {
  if (lose === null || pair.doomed || lose.seen !== direction) return
  const seen = pair.tail[direction] + chunk.toString('latin1')
  pair.doomed = seen.includes(lose.text)
  pair.tail[direction] = seen.slice(-lose.text.length)
}

/** Forwards what the rules let through of one chunk. */
function forward(pair: Pair, direction: Direction, chunk: Buffer, rules: Rules): void {
  look(pair, direction, chunk, rules)
  if (direction === 'down' && pair.doomed && rules.lose !== null) {
    const { done } = rules.lose
    rules.lose = null
    close(pair)
    done()
    return
  }
  const cut = rules.cuts.get(direction)
  const part = cut === undefined ? chunk : chunk.subarray(0, cut.left)
  rules.forwarded[direction] += part.length
  const out = to(pair, direction)
  if (cut === undefined || chunk.length < cut.left) {
    if (cut !== undefined) cut.left -= chunk.length
    if (!out.write(part)) from(pair, direction).pause()
    return
  }
  rules.cuts.delete(direction)
  from(pair, direction).pause()
  // `end` would let the rest of the other direction through; the callback says that the kernel has these bytes.
  out.write(part, () => {
    close(pair)
    cut.done()
  })
}

function join(pair: Pair, rules: Rules, gone: () => void): void {
  for (const direction of ['up', 'down'] as const) {
    const source = from(pair, direction)
    const out = to(pair, direction)
    source.on('data', (chunk: Buffer) => forward(pair, direction, chunk, rules))
    source.on('end', () => out.end())
    source.on('error', () => close(pair))
    source.on('close', () => {
      close(pair)
      gone()
    })
    out.on('drain', () => !rules.stalled.has(direction) && !pair.forgotten && source.resume())
    if (rules.stalled.has(direction)) source.pause()
  }
}

/** Opens a proxy in front of a TCP server on 127.0.0.1, or elsewhere with `host`. */
export async function openProxy(target: { readonly port: number; readonly host?: string }): Promise<TcpProxy> {
  const port = await freePort()
  const pairs = new Set<Pair>()
  const rules: Rules = { stalled: new Set(), cuts: new Map(), lose: null, forwarded: { up: 0, down: 0 } }
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (caller) => {
    const upstream = { host: '127.0.0.1', ...target, allowHalfOpen: true, noDelay: true }
    const pair: Pair = {
      caller,
      target: net.connect(upstream),
      tail: { up: '', down: '' },
      doomed: false,
      forgotten: false,
    }
    pairs.add(pair)
    join(pair, rules, () => pairs.delete(pair))
    if (!rules.stalled.has('up')) caller.resume()
  })
  const listen = async (): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const stop = async (end: (pair: Pair) => void): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const pair of [...pairs]) end(pair)
    await closed
  }
  const directions = (one?: Direction): readonly Direction[] => (one === undefined ? ['up', 'down'] : [one])
  const lose = (text: string, seen: Direction): Promise<void> =>
    new Promise((done) => {
      rules.lose = { text, seen, done }
    })
  await listen()

  return {
    port,
    get connections() {
      return pairs.size
    },
    forwarded: rules.forwarded,
    cut: () =>
      stop((pair) => {
        pair.caller.resetAndDestroy()
        pair.target.resetAndDestroy()
      }),
    async heal() {
      if (!server.listening) await listen()
    },
    stall(one) {
      for (const direction of directions(one)) {
        rules.stalled.add(direction)
        for (const pair of pairs) from(pair, direction).pause()
      }
    },
    resume(one) {
      for (const direction of directions(one)) {
        rules.stalled.delete(direction)
        for (const pair of pairs) {
          if (!pair.forgotten && !to(pair, direction).writableNeedDrain) from(pair, direction).resume()
        }
      }
    },
    forget() {
      for (const pair of pairs) {
        pair.forgotten = true
        pair.caller.pause()
        pair.target.pause()
      }
    },
    cutAfterBytes: (bytes, direction) => new Promise((done) => rules.cuts.set(direction, { left: bytes, done })),
    loseAnswerTo: (text) => lose(text, 'up'),
    loseAnswer: (text) => lose(text, 'down'),
    close: () => stop(close),
  }
}
