import type { AuditAsk, AuditPage, AuditState, AuditViews } from '../../core/audit.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, SqlValue } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import { type AuditKey, publicPem, signHead } from '../../formats/audit/head.ts'
import { consistencyRanges, inclusionRanges } from '../../formats/audit/proof.ts'
import { rootOf } from '../../formats/audit/tree.ts'
import { coverage, edgeOf, prunedOf, rangesOf, sizeOf, storedHeads, storedKey } from './rows.ts'
import { boundsOf, patientNames, searchAudit } from './search.ts'

/** What the views are made of. */
export interface AuditViewParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'secret'>
  readonly clock: Clock
}

interface LeafRow {
  readonly n: number
  readonly at_ms: number
  readonly line: string
  readonly hash: string
  readonly signature: string
}

/** The audit of a store, to be read. */
export function auditViews({ journal, clock }: AuditViewParts): AuditViews {
  let known: AuditKey | null = null
  const key = async (): Promise<AuditKey> => (known ??= await storedKey(journal))
  const headOf = async (size: number) => signHead(size, rootOf(await edgeOf(journal, size)), clock.nowMs(), await key())
  return {
    page: (ask) => page(journal, ask),
    search: (ask) => searchAudit(journal, ask),
    async event(n) {
      const found = await page(journal, { after: n - 1, limit: 1 })
      return found.events.find((one) => one.n === n) ?? null
    },
    patients: (identifiers) => patientNames(journal, identifiers),
    async state(size): Promise<AuditState> {
      const { covered, waiting, missing } = await coverage(journal)
      if (size !== undefined && (size > covered || size < (await prunedOf(journal))))
        throw new GatewayError('BAD_REQUEST')
      const daily = await storedHeads(journal)
      const { publicKey } = await key()
      return { head: await headOf(size ?? covered), daily, publicKey: publicPem(publicKey), waiting, missing }
    },
    async proof(n) {
      const size = await sizeOf(journal)
      if (n <= (await prunedOf(journal)) || n > size) return null
      const [hash] = await rangesOf(journal, [{ start: n - 1, end: n }])
      const proof = await rangesOf(journal, inclusionRanges(n - 1, size))
      return { n, size, hash: hash!, proof, head: await headOf(size) }
    },
    async consistency(first, second) {
      const least = Math.max(1, await prunedOf(journal))
      if (first < least || first > second || second > (await sizeOf(journal))) throw new GatewayError('BAD_REQUEST')
      return { first, second, proof: await rangesOf(journal, consistencyRanges(first, second)) }
    },
  }
}

/**
 * Events of a time are those from the first to the last of it: numbers are in the order of commits, and a clock that was set
 * back in between must not make a gap. */
async function page(journal: AuditViewParts['journal'], ask: AuditAsk): Promise<AuditPage> {
  const size = await sizeOf(journal)
  const { after, limit } = ask
  const { first, last } = await boundsOf(journal, ask, size)
  const from = Math.max(first, (after ?? 0) + 1, (await prunedOf(journal)) + 1)
  const parameters: SqlValue[] = [from, last, limit]
  const rows = await journal.read<LeafRow>({
    sql: `SELECT l.n, l.at_ms, l.line, l.signature, x.hash FROM audit_leaf l JOIN audit_node x ON x.level = 0 AND x.i = l.n - 1
      WHERE l.n >= ? AND l.n <= ? ORDER BY l.n LIMIT ?`,
    parameters,
  })
  const events = rows.map(({ n, at_ms, line, hash, signature }) => ({
    n: Number(n),
    atMs: Number(at_ms),
    line,
    hash,
    signature,
  }))
  const end = events.at(-1)?.n
  const edge = await edgeOf(journal, Math.min(from - 1, size))
  return {
    events,
    before: { size: edge.size, hashes: edge.hashes.map((one) => one.toString('hex')) },
    next: end !== undefined && end < last ? end : null,
  }
}
