import type { Config } from '../../core/config.ts'
import type { MessageFilter, UnknownName } from '../../core/views.ts'

/** `ACK`, `ADT^A01`, `ADT^*`; a FHIR type, `Bundle:transaction`. */
const KIND = /^(ACK|[A-Z][A-Z0-9]{2,3}\^.+|[A-Z][a-z][A-Za-z]+(:[a-z-]+)?\*?)$/

/**
 * What a filter names that the configuration does not know, or that is no kind of message. An establishment that has left the
 * region still has its messages: ask only where nothing was found. Pure. */
export function unknownNames({ from, to, kind }: MessageFilter, config: Config): readonly UnknownName[] {
  const establishment = (id: string) => id === 'platform' || config.establishments.has(id)
  const place = (id: string) => establishment(id) || config.destinations.has(id) || id.startsWith('mail/')
  return [
    ...(from !== undefined && !establishment(from) ? (['from'] as const) : []),
    ...(to !== undefined && !place(to) ? (['to'] as const) : []),
    ...(kind !== undefined && !KIND.test(kind) ? (['kind'] as const) : []),
  ]
}
