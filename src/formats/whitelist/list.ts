/** The white list of the trust space: which certificates may carry mail of which domain. */
import { domainToASCII } from 'node:url'
import type { OddRow, RowOddity } from '../../core/white-list.ts'
import { type DistinguishedName, parseDistinguishedName } from '../x509/distinguished-name.ts'

/** Namespace of the list, as the published one has it. */
export const LIST_NAMESPACE = 'https://listeblanche.mssante.fr/schema'

/** One row, as published: texts as they stand, trimmed. */
export interface ListRow {
  /** Nom: the domain. */
  readonly domain: string
  readonly description: string
  /** DNCertificatOperateur, as written. */
  readonly subject: string
  readonly responsible: string
  readonly support: string
  /** DateMAJ, as written. */
  readonly changed: string
}

/** A row that can be used, and by what it is compared. */
export interface KeyedRow extends ListRow {
  /** The domain in lower-case ASCII (IDNA). */
  readonly ascii: string
  /** `DistinguishedName.key` of the subject. */
  readonly subjectKey: string
}

/** Characters of a name in what is told of an odd row. */
const NAME_CHARACTERS = 120

/** How much of a list is read. */
export interface ListBudget {
  readonly maxBytes: number
  readonly maxRows: number
  /** Elements inside each other. */
  readonly maxDepth: number
  /** Characters of one field of a row. */
  readonly maxField: number
}

/** Some six times the list of 2026 (8,655 rows, 5 MB). */
export const LIST_BUDGET: ListBudget = { maxBytes: 32 * 1024 ** 2, maxRows: 100_000, maxDepth: 16, maxField: 4_096 }

/**
 * A domain as it is compared: lower-case ASCII, IDNA names in their `xn--` form (UTS 46, as of node:url), without a final
 * dot. Null for what is no domain of at least two labels. */
export function asciiDomain(written: string): string | null {
  const text = written.trim().replace(/\.$/, '')
  if (text === '' || /[\s/:@?#\\%[\]_*]/.test(text)) return null
  const ascii = domainToASCII(text).toLowerCase()
  const isDomain =
    ascii.length <= 253 &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(ascii)
  return isDomain && !/^[\d.]+$/.test(ascii) ? ascii : null
}

/** The name that a row gives, or null where it is none. */
export function subjectOf(written: string): DistinguishedName | null {
  try {
    return parseDistinguishedName(written)
  } catch {
    return null
  }
}

/** The rows that can be used, and what is odd in the others. Repeats of domain and subject count once. */
export function keyedRows(rows: readonly ListRow[]): { readonly rows: KeyedRow[]; readonly findings: OddRow[] } {
  const findings: OddRow[] = []
  const seen = new Set<string>()
  const keys = new Map<string, string | null>()
  const usable: KeyedRow[] = []
  for (const [index, row] of rows.entries()) {
    const odd = (what: RowOddity, name = row.domain): void =>
      void findings.push({ row: index + 1, what, name: name.slice(0, NAME_CHARACTERS) })
    const ascii = asciiDomain(row.domain)
    if (ascii === null) {
      if (row.domain === '') odd('no-domain', row.subject)
      else odd('bad-domain')
      continue
    }
    // A list has some twenty rows of each subject.
    if (!keys.has(row.subject)) keys.set(row.subject, subjectOf(row.subject)?.key ?? null)
    const subjectKey = keys.get(row.subject) ?? null
    if (subjectKey === null) {
      if (row.subject === '') odd('no-subject')
      else odd('bad-subject', row.subject)
      continue
    }
    const pair = `${ascii} ${subjectKey}`
    if (seen.has(pair)) {
      odd('repeated')
      continue
    }
    seen.add(pair)
    if (Number.isNaN(Date.parse(row.changed))) odd('no-date')
    usable.push({ ...row, ascii, subjectKey })
  }
  return { rows: usable, findings }
}
