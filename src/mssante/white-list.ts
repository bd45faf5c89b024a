/** What the white list allows: which certificate may carry mail of a domain, and which one answers for it. */
import type { ErrorCode } from '../core/errors.ts'
import { asciiDomain, type KeyedRow } from '../formats/whitelist/list.ts'

/** One operator certificate of a domain. */
export type ListedSubject = Pick<
  KeyedRow,
  'subject' | 'subjectKey' | 'description' | 'responsible' | 'support' | 'changed'
>

/** The list in use, by what it is asked for. Never changes: another list is another value. */
export interface WhiteList {
  /** DateDeGeneration, ms since 1970. */
  readonly generatedAtMs: number
  readonly rows: number
  /** Domain in lower-case ASCII → its certificates, by `DistinguishedName.key`. */
  readonly domains: ReadonlyMap<string, ReadonlyMap<string, ListedSubject>>
  /** Every subject that stands anywhere. */
  readonly subjects: ReadonlySet<string>
}

/** The rule by which a question was answered no. */
export type ListRefusal = Extract<ErrorCode, 'MAIL_DOMAIN_UNLISTED' | 'MAIL_PEER_UNLISTED' | 'MAIL_PEER_OTHER'>

/** Builds a list a slice of rows at a time, so that nobody waits for all of it. */
export class WhiteListBuilder {
  readonly #domains = new Map<string, Map<string, ListedSubject>>()
  readonly #subjects = new Set<string>()
  #rows = 0

  add(rows: readonly KeyedRow[]): void {
    for (const { ascii, subject, subjectKey, description, responsible, support, changed } of rows) {
      const known = this.#domains.get(ascii) ?? new Map<string, ListedSubject>()
      known.set(subjectKey, { subject, subjectKey, description, responsible, support, changed })
      this.#domains.set(ascii, known)
      this.#subjects.add(subjectKey)
      this.#rows++
    }
  }

  /** The list. The builder is spent. */
  done(generatedAtMs: number): WhiteList {
    return { generatedAtMs, rows: this.#rows, domains: this.#domains, subjects: this.#subjects }
  }
}

/** The list of these rows. */
export function whiteList(rows: readonly KeyedRow[], generatedAtMs: number): WhiteList {
  const builder = new WhiteListBuilder()
  builder.add(rows)
  return builder.done(generatedAtMs)
}

/**
 * May the peer with this subject (`DistinguishedName.key`) give us mail whose sender is of this domain? Null: yes. Asked at
 * each MAIL, so that a list that changed counts at once. `domain` null is the null sender: any listed peer may carry it. */
export function mayCarry(list: WhiteList, subjectKey: string, domain: string | null): ListRefusal | null {
  if (!list.subjects.has(subjectKey)) return 'MAIL_PEER_UNLISTED'
  return domain === null ? null : bound(list, subjectKey, domain)
}

/** Does the server with this subject answer for the recipient's domain? Null: yes, mail may go there. */
export function servesDomain(list: WhiteList, subjectKey: string, domain: string): ListRefusal | null {
  return bound(list, subjectKey, domain)
}

function bound(list: WhiteList, subjectKey: string, domain: string): ListRefusal | null {
  const ascii = asciiDomain(domain)
  const listed = ascii === null ? undefined : list.domains.get(ascii)
  if (listed === undefined) return 'MAIL_DOMAIN_UNLISTED'
  if (listed.has(subjectKey)) return null
  return list.subjects.has(subjectKey) ? 'MAIL_PEER_OTHER' : 'MAIL_PEER_UNLISTED'
}
