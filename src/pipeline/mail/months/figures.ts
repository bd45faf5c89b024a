import {
  type CodeCounts,
  type MailFigures,
  type MailGroup,
  OTHER_CODE,
  X_MSS_NAMES,
  type XMssCodes,
  type XMssCounts,
} from '../../../core/mail-indicators.ts'

type Counts = Record<string, number>
type Sum = { -readonly [name in keyof MailFigures as MailFigures[name] extends number ? name : never]: number }

/** Figures of a group while they are counted. */
export interface Counting {
  readonly group: MailGroup
  readonly sum: Sum
  lastUseMs: number | null
  readonly failed: Counts
  readonly refused: Counts
  readonly xMss: { readonly received: Record<string, Counts>; readonly sent: Record<string, Counts> }
}

/** A row of a count, which names its group. Numbers may come as text. */
export interface GroupRow {
  readonly domain: string | null
  readonly establishment: string | null
  readonly kind: string | null
}

/** Figures of every group that something was counted of. */
export class Counted {
  readonly #groups = new Map<string, Counting>()

  /** The figures of a row's group. */
  of({ domain, establishment, kind }: GroupRow): Counting {
    const group = { domain: domain ?? '', establishment: establishment ?? '', kind: kind ?? '' } as MailGroup
    const key = JSON.stringify(Object.values(group))
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const made = blank(group)
    this.#groups.set(key, made)
    return made
  }

  /** By domain, establishment and kind. Groups of which there is nothing are not among them. */
  all(): readonly (MailGroup & MailFigures)[] {
    return [...this.#groups.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, one]) => ({ ...one.group, ...figuresOf(one) }))
      .filter(isSomething)
  }
}

function blank(group: MailGroup): Counting {
  return {
    group,
    sum: {
      ...{ boxes: 0, suspended: 0, created: 0, closed: 0, used: 0, received: 0, receivedRecipients: 0 },
      ...{ receivedBytes: 0, sent: 0, relayed: 0, sentRecipients: 0, sentBytes: 0 },
    },
    lastUseMs: null,
    failed: {},
    refused: {},
    xMss: { received: {}, sent: {} },
  }
}

function figuresOf({ sum, lastUseMs, failed, refused, xMss }: Counting): MailFigures {
  return {
    ...sum,
    lastUseMs,
    failed: inOrder(failed),
    refused: inOrder(refused),
    receivedXMss: named(xMss.received),
    sentXMss: named(xMss.sent),
  }
}

function isSomething({ failed, refused, ...figures }: MailFigures): boolean {
  const codes = Object.keys(failed).length + Object.keys(refused).length
  return codes > 0 || Object.values(figures).some((value) => typeof value === 'number' && value > 0)
}

function named(counts: Readonly<Record<string, Counts>>): XMssCounts {
  return Object.fromEntries(X_MSS_NAMES.map((name) => [name, inOrder(counts[name] ?? {})])) as unknown as XMssCounts
}

function inOrder(counts: Counts): CodeCounts {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** So many more of a code. */
export function count(counts: Counts, code: string, by: number): void {
  counts[code] = (counts[code] ?? 0) + by
}

/** Used at that time. */
export function usedAt(one: Counting, atMs: number): void {
  one.lastUseMs = Math.max(one.lastUseMs ?? 0, atMs)
}

/** So many mails with these X-MSS headers: only values of the list by themselves, whatever a sender wrote. */
export function countXMss(counts: Record<string, Counts>, headers: string, codes: XMssCodes, by: number): void {
  const written = JSON.parse(headers) as Readonly<Record<string, unknown>>
  for (const name of X_MSS_NAMES) {
    const value = written[name]
    if (typeof value !== 'string') continue
    const values = name === 'codeCda' ? value.split(',') : [value]
    const known = new Set(values.map((one) => codeOf(one, codes[name])))
    for (const code of known) count((counts[name] ??= {}), code, by)
  }
}

function codeOf(value: string, codes: readonly string[]): string {
  const written = value.trim().toLowerCase()
  return codes.find((code) => code.toLowerCase() === written) ?? OTHER_CODE
}
