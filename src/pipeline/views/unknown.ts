import type { Reach } from '../../core/caller.ts'
import type { Config } from '../../core/config.ts'
import type { MessageFilter, UnknownName } from '../../core/views.ts'

/** `ACK`, `ADT^A01`, `ADT^*`; a FHIR type, `Bundle:transaction`. */
const KIND = /^(ACK|[A-Z][A-Z0-9]{2,3}\^.+|[A-Z][a-z][A-Za-z]+(:[a-z-]+)?\*?)$/

/**
 * What a filter names that the configuration does not know or the reach does not hold, without telling which, or that is no
 * kind of message. An establishment that has left the region still has its messages, and a reach sees messages of others: ask
 * only for names that nothing was found of. Pure. */
export function unknownNames(
  { from, to, kind }: MessageFilter,
  config: Config,
  reach: Reach | null,
): readonly UnknownName[] {
  const own = reach?.establishments ?? null
  const establishment = (id: string) =>
    own === null ? id === 'platform' || config.establishments.has(id) : own.includes(id)
  const place = (id: string) =>
    own === null
      ? establishment(id) || config.destinations.has(id) || id.startsWith('mail/')
      : establishment(id) || (config.destinations.has(id) && establishment(id.split('/', 1)[0] ?? ''))
  return [
    ...(from !== undefined && !establishment(from) ? (['from'] as const) : []),
    ...(to !== undefined && !place(to) ? (['to'] as const) : []),
    ...(kind !== undefined && !KIND.test(kind) ? (['kind'] as const) : []),
  ]
}
