import { GatewayError } from '../../core/errors.ts'
import type { SearchPage, StoredResource } from '../../core/fhir.ts'

/** A search that goes on `after` what it gave as `next`; with a count of 0 it only counts. */
export type Stage = (page: { readonly count: number; readonly after: string | null }) => Promise<SearchPage>

/**
 * One search of several, one after the other: a page may end one and begin the next.
 * @throws {GatewayError} BAD_REQUEST for an `after` that no such search gave */
export async function inTurn(
  stages: readonly Stage[],
  { count, after }: { readonly count: number; readonly after: string | null },
): Promise<SearchPage> {
  const [, from, within = ''] = after === null ? ['', '0'] : (/^(\d)~(.*)$/s.exec(after) ?? [])
  const first = Number(from)
  if (from === undefined || first >= stages.length) throw new GatewayError('BAD_REQUEST')
  const resources: StoredResource[] = []
  let total = 0
  let next: string | null = null
  for (const [at, stage] of stages.entries()) {
    const begins = at === first && within !== '' ? within : null
    const left = at < first || next !== null ? 0 : count - resources.length
    const found = await stage({ count: left, after: left === 0 ? null : begins })
    total += found.total
    resources.push(...found.resources)
    if (at < first || next !== null) continue
    if (found.next !== null) next = `${at}~${found.next}`
    else if (left === 0 && found.total > 0) next = `${at}~`
  }
  return { total, resources, next }
}

/** A search of what is known already. */
export function listed(all: readonly StoredResource[]): Stage {
  return async ({ count, after }) => {
    const from = after === null ? 0 : Number(after)
    if (!Number.isSafeInteger(from) || from < 0) throw new GatewayError('BAD_REQUEST')
    const page = all.slice(from, from + count)
    const next = count > 0 && from + count < all.length ? String(from + count) : null
    return { total: all.length, resources: page, next }
  }
}
