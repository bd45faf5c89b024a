import type { TreeHead } from './head.ts'

/** An event as it is in the audit: the bytes of its line, and what is signed of it. Hash hex, signature base64. */
export interface Sealed {
  /** Its number, from 1. */
  readonly n: number
  readonly atMs: number
  /** AuditEvent, one line of JSON. */
  readonly line: string
  readonly hash: string
  readonly signature: string
}

/** First line of an export: whose key, which event comes first, and the edge of the tree before it (hex, left to right). */
export interface ExportStart {
  readonly passerelle: 'audit-export'
  readonly version: 1
  readonly publicKey: string
  readonly first: number
  readonly before: readonly string[]
}

/** What is signed of the events in the lines before it: hashes and signatures, joined, base64; times in ms since 1970. */
export interface ExportProofs {
  readonly passerelle: 'proofs'
  readonly first: number
  readonly hashes: string
  readonly signatures: string
  readonly times: readonly number[]
}

/** A daily head, or the last one, which is of exactly the events of the export and those before it. */
export interface ExportHead extends TreeHead {
  readonly passerelle: 'head' | 'last-head'
}

/** A line of an export that is no event. */
export type ExportLine = ExportStart | ExportProofs | ExportHead

/** Events whose proofs stand in one line. */
export const PROOFS_PER_LINE = 1_000

/** The proofs of these events, which follow each other, as a line without its end. */
export function proofsLine(events: readonly Sealed[]): string {
  const line: ExportProofs = {
    passerelle: 'proofs',
    first: events[0]?.n ?? 0,
    hashes: Buffer.concat(events.map(({ hash }) => Buffer.from(hash, 'hex'))).toString('base64'),
    signatures: Buffer.concat(events.map(({ signature }) => Buffer.from(signature, 'base64'))).toString('base64'),
    times: events.map(({ atMs }) => atMs),
  }
  return JSON.stringify(line)
}

/** What `export` is written from. */
export interface ExportSource {
  readonly publicKey: string
  /** The edge of the tree before the first event, hex. */
  readonly before: { readonly size: number; readonly hashes: readonly string[] }
  /** In their order, from `before.size + 1`, without a gap. */
  readonly events: AsyncIterable<readonly Sealed[]>
  readonly daily: readonly TreeHead[]
  /** A head of so many events. */
  last(size: number): Promise<TreeHead>
}

/** The export, in pieces: NDJSON of AuditEvents, with what is signed of them in lines between and behind them. */
export async function* exported(source: ExportSource): AsyncGenerator<string> {
  const { publicKey, before, events, daily } = source
  const first = before.size + 1
  const start: ExportStart = { passerelle: 'audit-export', version: 1, publicKey, first, before: before.hashes }
  yield `${JSON.stringify(start)}\n`
  let size = before.size
  for await (const some of events) {
    for (let at = 0; at < some.length; at += PROOFS_PER_LINE) {
      const part = some.slice(at, at + PROOFS_PER_LINE)
      yield `${part.map(({ line }) => line).join('\n')}\n${proofsLine(part)}\n`
      size += part.length
    }
  }
  for (const head of daily) {
    if (head.size >= before.size && head.size <= size) yield `${JSON.stringify({ passerelle: 'head', ...head })}\n`
  }
  yield `${JSON.stringify({ passerelle: 'last-head', ...(await source.last(size)) })}\n`
}

/** A line that is no event, or null when it is none of ours. Never throws. */
export function readLine(text: string): ExportLine | null {
  let line: Partial<Record<string, unknown>> | null
  try {
    line = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof line !== 'object' || line === null) return null
  const texts = (list: unknown) => Array.isArray(list) && list.every((one) => typeof one === 'string')
  const whole = (n: unknown) => Number.isSafeInteger(n) && Number(n) >= 0
  const { passerelle } = line
  const good =
    passerelle === 'audit-export'
      ? line['version'] === 1 && typeof line['publicKey'] === 'string' && whole(line['first']) && texts(line['before'])
      : passerelle === 'proofs'
        ? whole(line['first']) &&
          texts([line['hashes'], line['signatures']]) &&
          Array.isArray(line['times']) &&
          line['times'].every(whole)
        : (passerelle === 'head' || passerelle === 'last-head') &&
          whole(line['size']) &&
          whole(line['atMs']) &&
          texts([line['root'], line['keyId'], line['signature']])
  return good ? (line as unknown as ExportLine) : null
}
