import type { Reference } from './material.ts'
import { NODE_KEYS } from './schema/region.ts'
import type { WrittenRegion, WrittenService } from './written.ts'

/**
 * The shared part as canonical JSON: keys sorted, defaults as written or absent, services and tables it uses inside,
 * hashes of keys resolved, TLS files still by reference because their paths are each node's own. The same file gives
 * the same text, so equal text is an equal revision. */
export type SharedJson = string

/** Makes the canonical JSON of a checked file. `hash` resolves a reference to a key's hash. Pure. */
export function sharedJson(
  written: WrittenRegion,
  services: Readonly<Record<string, WrittenService>>,
  tables: Readonly<Record<string, readonly string[]>>,
  hash: (reference: Reference) => string,
): SharedJson {
  const shared = Object.fromEntries(
    Object.entries(written).filter(([key]) => !(NODE_KEYS as readonly string[]).includes(key)),
  )
  return canonical({
    ...shared,
    operators: (written.operators ?? []).map((one) => ({ ...one, keySha256: hash(one.keySha256) })),
    establishments: written.establishments.map((one) => ({
      ...one,
      ...(one.senders?.keys && {
        senders: { ...one.senders, keys: one.senders.keys.map(({ keySha256 }) => ({ keySha256: hash(keySha256) })) },
      }),
    })),
    services,
    tables,
  })
}

/** JSON with the keys of every object sorted by code unit; lists keep their order. Pure. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    const sorted = Object.keys(inner).sort()
    return Object.fromEntries(sorted.map((key) => [key, (inner as Record<string, unknown>)[key]]))
  })
}
