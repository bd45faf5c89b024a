import type { Clock } from '../../core/ports.ts'
import type { DomainView, WhiteListSettings, WhiteListStatus, WhiteListViews } from '../../core/white-list.ts'
import { asciiDomain } from '../../formats/whitelist/list.ts'
import { isStale, type RevocationList, readRevocationLists } from '../../formats/x509/revocation-list.ts'
import { stateCode, waitCode } from '../../mssante/age.ts'
import type { KeptFacts } from '../../mssante/state.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'
import type { WhiteListKeeper } from './keeper.ts'

const HOUR_MS = 3_600_000
const iso = (ms: number): string => new Date(ms).toISOString()

/** What people are shown of the list. */
export function whiteListViews(keeper: WhiteListKeeper): WhiteListViews {
  return {
    status: async () => statusOf(keeper),
    changes: (limit) => keeper.changes(limit),
    domain: (domain) => domainView(keeper, domain),
  }
}

function statusOf(keeper: WhiteListKeeper): WhiteListStatus {
  const { settings, kept } = keeper
  const { state, ageMs } = keeper.age()
  const { refused, extended, confirmedAtMs } = kept.state
  return {
    state,
    code: stateCode(state),
    source: settings === null ? '' : sourceText(settings),
    current:
      kept.current === null || confirmedAtMs === null
        ? null
        : { ...factsOf(kept.current), confirmedAt: iso(confirmedAtMs), ageMs },
    extended: extended === null ? null : { until: iso(extended.untilMs), who: extended.who, why: extended.why },
    refused:
      refused === null ? null : { code: refused.code, at: refused.at, when: iso(refused.atMs), times: refused.times },
    waiting:
      kept.waiting === null || kept.state.waiting === null
        ? null
        : {
            sha256: kept.waiting.sha256,
            generatedAt: iso(kept.waiting.generatedAtMs),
            rows: kept.waiting.rows,
            ...kept.state.waiting,
          },
  }
}

function sourceText({ source }: WhiteListSettings): string {
  return source.kind === 'url' ? source.url : source.file
}

function factsOf({
  sha256,
  generatedAtMs,
  rows,
  domains,
  subjects,
  odd,
  oddRows = [],
  signer,
  signerUntilMs,
}: KeptFacts) {
  return {
    sha256,
    generatedAt: iso(generatedAtMs),
    rows,
    domains,
    subjects,
    odd,
    oddRows,
    signer,
    signerUntil: iso(signerUntilMs),
  }
}

function domainView(keeper: WhiteListKeeper, domain: string): DomainView {
  const ascii = asciiDomain(domain)
  const wait = waitCode(keeper.age().state)
  const listed = ascii === null ? undefined : keeper.list?.domains.get(ascii)
  return {
    domain: ascii ?? domain,
    code: wait ?? (listed === undefined ? 'MAIL_DOMAIN_UNLISTED' : null),
    subjects: [...(listed?.values() ?? [])].map(({ subjectKey: _, ...row }) => row),
  }
}

/** What people should look at: an old list, a refused one, one that waits. */
export function whiteListConditions(keeper: WhiteListKeeper, nowMs: number): Condition[] {
  const { settings } = keeper
  if (settings === null) return []
  const { state, ageMs } = keeper.age()
  const { refused } = keeper.kept.state
  const { current, waiting } = keeper.kept
  const code = stateCode(state)
  const found: Condition[] = []
  const add = (part: string, about: Pick<Condition, 'severity' | 'code' | 'params'>): void => {
    found.push({ cause: `white-list:${part}`, kind: 'white-list', subject: '*', establishment: null, ...about })
  }
  if (code !== null) {
    const severity = state === 'stale' ? 'info' : state === 'old' ? 'important' : 'urgent'
    add('age', { severity, code, params: state === 'none' ? {} : { hours: Math.floor(ageMs / HOUR_MS) } })
  }
  if (staleLists(settings, nowMs)) {
    const severity = settings.crlStale === 'warn' ? 'important' : 'urgent'
    add('crl', { severity, code: 'WHITELIST_CRL_STALE', params: {} })
  }
  if (waiting !== null && current !== null) {
    add('waiting', { severity: 'important', code: 'WHITELIST_SHRUNK', params: { lost: current.rows - waiting.rows } })
  } else if (refused !== null && (refused.code !== 'WHITELIST_UNREAD' || refused.times > 3)) {
    // A publisher that is away for a moment is no news; a list that is not what it should be is, at once.
    add('refused', { severity: 'important', code: refused.code, params: { times: refused.times } })
  }
  return found
}

const known = new WeakMap<WhiteListSettings, readonly RevocationList[]>()

/** Is a revocation list of the signer's authorities past its next update? */
function staleLists(settings: WhiteListSettings, nowMs: number): boolean {
  const lists = known.get(settings) ?? settings.crl.flatMap(readRevocationLists)
  known.set(settings, lists)
  return lists.some((list) => isStale(list, nowMs))
}

/** The figures of `/metrics`. */
export function whiteListFigures(keeper: WhiteListKeeper, clock: Clock): { ageSeconds: number; rows: number } | null {
  const { confirmedAtMs } = keeper.kept.state
  if (keeper.settings === null || confirmedAtMs === null || keeper.list === null) return null
  return { ageSeconds: (clock.nowMs() - confirmedAtMs) / 1000, rows: keeper.list.rows }
}
