import { Readable } from 'node:stream'
import type { Reach } from '../../../core/caller.ts'
import type { MessageFilter, MessageSummary, Views } from '../../../core/views.ts'
import { momentText } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { codeLabel, stateText } from './pieces.ts'
import { MESSAGE_WORDS } from './words.ts'

/** Messages read at a time: one page of the list, and all that is in memory. */
const PAGE = 500
/** Exports that are remembered, the newest. */
const KEPT = 200
/** A byte order mark tells spreadsheets that it is UTF-8. */
const BOM = '\ufeff'

interface Progress {
  rows: number
  over: boolean
  /** Somebody was told that it is over: the next export under this name is another. */
  told: boolean
  wake: () => void
  changed: Promise<void>
}

/** How far exports are, by person and ticket: told while they run, to whoever asked for them. */
export class Exports {
  readonly #known = new Map<string, Progress>()

  /** An export begins, or somebody waits for it to. */
  of(who: string, ticket: string): Progress {
    const key = `${ticket} ${who}`
    const known = this.#known.get(key)
    if (known !== undefined && !(known.over && known.told)) return known
    const progress: Progress = { rows: 0, over: false, told: false, wake() {}, changed: Promise.resolve() }
    arm(progress)
    this.#known.set(key, progress)
    const [oldest] = this.#known.keys()
    if (this.#known.size > KEPT && oldest !== undefined) {
      tell(this.#known.get(oldest)!, { over: true })
      this.#known.delete(oldest)
    }
    return progress
  }

  /** The rows so far as server-sent events, until it is over or nobody listens any more. */
  stream(who: string, ticket: string): Readable {
    return Readable.from(events(this.of(who, ticket)), { objectMode: false })
  }

  /** The rows as they go by, counted. */
  async *counted<T>(who: string, ticket: string, pages: AsyncIterable<readonly T[]>): AsyncGenerator<readonly T[]> {
    const progress = this.of(who, ticket)
    tell(progress, { rows: 0, over: false })
    try {
      for await (const page of pages) {
        yield page
        tell(progress, { rows: progress.rows + page.length })
      }
    } finally {
      tell(progress, { over: true })
    }
  }
}

function arm(progress: Progress): void {
  const { promise, resolve } = Promise.withResolvers<void>()
  progress.changed = promise
  progress.wake = resolve
}

function tell(progress: Progress, change: Partial<Pick<Progress, 'rows' | 'over'>>): void {
  Object.assign(progress, change)
  const { wake } = progress
  arm(progress)
  wake()
}

async function* events(progress: Progress): AsyncGenerator<string> {
  for (;;) {
    const { rows, over, changed } = progress
    progress.told = over
    yield `data: ${JSON.stringify({ done: rows, over })}\n\n`
    if (over) return
    await changed
  }
}

/** Pages of what a filter finds, newest first, at most `limit` messages in all. */
export async function* pagesOf(
  views: Pick<Views, 'messages'>,
  filter: MessageFilter,
  reach: Reach | null,
  limit: number,
): AsyncGenerator<readonly MessageSummary[]> {
  let after: string | undefined = filter.after
  for (let left = limit; left > 0; ) {
    const asked = { ...filter, limit: Math.min(PAGE, left), ...(after === undefined ? {} : { after }) }
    const { messages, next } = await views.messages(asked, reach)
    if (messages.length > 0) yield messages
    left -= messages.length
    if (next === null) return
    after = next
  }
}

/** A list as CSV: UTF-8 with a byte order mark, `;`, times and decimals as French spreadsheets read them. */
export async function* csvOf(
  pages: AsyncIterable<readonly MessageSummary[]>,
  visit: KnownVisit,
): AsyncGenerator<string> {
  const words = MESSAGE_WORDS[visit.language]
  yield `${BOM}${words.csvColumns.map(cell).join(';')}\r\n`
  for await (const page of pages) yield page.map((one) => `${csvLine(one, visit).map(cell).join(';')}\r\n`).join('')
}

function csvLine(one: MessageSummary, visit: KnownVisit): readonly string[] {
  const words = MESSAGE_WORDS[visit.language]
  const french = { config: visit.config, language: 'fr' } as const
  const kib = Math.round((one.bytes * 100) / 1_024) / 100
  const last = one.deliveries.findLast(({ lastError }) => lastError !== null)?.lastError ?? null
  return [
    momentText(one.receivedAt, french),
    one.from ?? '',
    words.entrances[one.entrance],
    one.kind,
    one.controlId,
    // No grouping: a spreadsheet would take it for text.
    kib.toLocaleString('fr-FR', { useGrouping: false }),
    words.states[one.state],
    one.findings.map(({ code, at }) => (at === null ? code : `${code} ${at}`)).join(' '),
    one.deliveries.map((d) => `${d.destination} : ${textOf(stateText(d, visit))}`).join(' / '),
    String(one.deliveries.reduce((sum, { attempts }) => sum + attempts, 0)),
    last === null ? '' : codeLabel(last, visit.language),
    one.id,
  ]
}

/** A state in a list is words alone. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Quoted where it must be; what a spreadsheet would take for a formula is text. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[;"\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A list as one JSON object, in the shape of the API's. */
export async function* jsonOf(pages: AsyncIterable<readonly MessageSummary[]>): AsyncGenerator<string> {
  yield '{"messages":['
  let first = true
  for await (const page of pages) {
    yield `${first ? '' : ','}\n${page.map((one) => JSON.stringify(one)).join(',\n')}`
    first = false
  }
  yield '\n]}\n'
}
