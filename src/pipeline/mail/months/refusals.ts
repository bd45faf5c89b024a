import { codeOf, type ErrorCode } from '../../../core/errors.ts'
import type { Journal, Statement } from '../../../core/journal.ts'
import { domainOf, mailboxKey } from '../../../core/mail.ts'
import type { Clock, Log } from '../../../core/ports.ts'
import { monthAt } from '../../../formats/clock/months.ts'

/** Counts are written so long after the first of them (ms): so much of them a crash loses, and so often a peer can have us sync. */
export const REFUSALS_MS = 1_000
/** Addresses told apart between two writings; those above count for their domain. */
const MOST_ADDRESSES = 1_000

/** Counts what mail doors refuse, by the mailbox of ours that it was for (or from), in memory, and writes it a second later. */
export interface MailRefusals {
  /** `address`: of ours, as far as one was named; null: none was. */
  refused(code: ErrorCode, address: string | null): void
  start(): void
  /** Writes what was counted since the last time. Never rejects. */
  write(): Promise<void>
  /** Writes what is left. */
  stop(): Promise<void>
}

/** What refusals are counted with. `establishmentOf`: of a domain of ours; null: it is none. */
export interface RefusalParts {
  readonly journal: Pick<Journal, 'apply' | 'look'>
  readonly establishmentOf: (domain: string) => string | null
  readonly timeZone: () => string
  readonly clock: Clock
  readonly log: Log
}

/** A count that writes into a journal. */
export function mailRefusals(parts: RefusalParts): MailRefusals {
  const { journal, clock, log } = parts
  let counts = new Map<string, number>()
  let addresses = new Set<string>()
  let cancel: (() => void) | null = null
  let started = false
  let stopped = false
  let writing: Promise<void> = Promise.resolve()

  /** By domain and, for so many at a time, by mailbox. Domains that are not ours are none. */
  const placeOf = (address: string | null): readonly [domain: string, box: string] => {
    const domain = address === null ? '' : domainOf(address)
    if (address === null || parts.establishmentOf(domain) === null) return ['', '']
    const key = mailboxKey(address)
    if (!addresses.has(key) && addresses.size >= MOST_ADDRESSES) return [domain, '']
    addresses.add(key)
    return [domain, key]
  }
  async function flush(): Promise<void> {
    const [counted, boxes] = [counts, [...addresses]]
    counts = new Map()
    addresses = new Set()
    if (counted.size === 0) return
    try {
      const kinds = await kindsOf(journal, boxes)
      await journal.apply({ rows: rowsOf(counted, kinds, parts) })
    } catch (fault) {
      log.warn('mail.refusals', { code: codeOf(fault) })
      // The next writing takes them along.
      for (const [key, n] of counted) counts.set(key, (counts.get(key) ?? 0) + n)
      for (const one of boxes) addresses.add(one)
    }
  }
  /** One writing at a time, and none while there is nothing to write. */
  function later(): void {
    if (!started || stopped || cancel !== null || counts.size === 0) return
    cancel = clock.after(REFUSALS_MS, () => {
      writing = flush().finally(() => {
        cancel = null
        later()
      })
    })
  }
  return {
    refused(code, address) {
      const month = monthAt(clock.nowMs(), parts.timeZone())
      const key = JSON.stringify([month, ...placeOf(address), code])
      counts.set(key, (counts.get(key) ?? 0) + 1)
      later()
    },
    start() {
      started = true
      later()
    },
    write: flush,
    async stop() {
      stopped = true
      cancel?.()
      await writing
      await flush()
    },
  }
}

/** Values bound in one statement. */
const BOUND = 400

async function kindsOf(
  { look }: Pick<Journal, 'look'>,
  boxes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const kinds = new Map<string, string>()
  for (let at = 0; at < boxes.length; at += BOUND) {
    const some = boxes.slice(at, at + BOUND)
    const rows = await look<{ address: string; kind: string }>({
      sql: `SELECT address, kind FROM mailbox WHERE address IN (${some.map(() => '?').join()})`,
      parameters: some,
    })
    for (const { address, kind } of rows) kinds.set(address, kind)
  }
  return kinds
}

/** In one order, so that two nodes do not wait for each other. */
function rowsOf(
  counts: ReadonlyMap<string, number>,
  kinds: ReadonlyMap<string, string>,
  { establishmentOf }: RefusalParts,
): readonly Statement[] {
  const sums = new Map<string, number>()
  for (const [key, n] of counts) {
    const [month, domain, box, code] = JSON.parse(key) as [string, string, string, string]
    const place = JSON.stringify([month, domain, establishmentOf(domain) ?? '', kinds.get(box) ?? '', code])
    sums.set(place, (sums.get(place) ?? 0) + n)
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([place, n]) => ({
      sql: `INSERT INTO mail_refusal (month, domain, establishment, kind, code, n) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (month, domain, establishment, kind, code) DO UPDATE SET n = mail_refusal.n + excluded.n`,
      parameters: [...(JSON.parse(place) as string[]), n],
    }))
}
