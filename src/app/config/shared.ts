import type { WrittenRuleFile } from '../../formats/hl7v2/rules/written.ts'
import type { Reference } from './material.ts'
import { NODE_KEYS } from './schema/region.ts'
import type { WrittenRegion, WrittenService } from './written.ts'

/**
 * The shared part as canonical JSON: keys sorted, defaults as written or absent, services and tables it uses inside,
 * hashes of keys and public keys resolved, TLS files and keys of ours elsewhere still by reference: they are each node's own. The same file gives
 * the same text, so equal text is an equal revision. */
export type SharedJson = string

/** What of the profiles travels with a revision. */
export interface UsedProfiles {
  readonly services: Readonly<Record<string, WrittenService>>
  readonly tables: Readonly<Record<string, readonly string[]>>
  readonly maps: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Whole, and not as a digest: a revision then tells exactly what its messages were looked at by, on every node. */
  readonly ruleFiles: Readonly<Record<string, WrittenRuleFile>>
}

/** Gives what stands behind a reference of the file and belongs to all nodes. */
export interface Resolved {
  /** SHA-256 of a key. */
  readonly hash: (reference: Reference) => string
  /** Text of a JWK set. */
  readonly jwks: (reference: Reference) => string
}

/** Makes the canonical JSON of a checked file. Pure. */
export function sharedJson(written: WrittenRegion, profiles: UsedProfiles, { hash, jwks }: Resolved): SharedJson {
  const shared = Object.fromEntries(
    Object.entries(written).filter(([key]) => !(NODE_KEYS as readonly string[]).includes(key)),
  )
  return canonical({
    ...shared,
    operators: (written.operators ?? []).map((one) => ({ ...one, keySha256: hash(one.keySha256) })),
    establishments: (written.establishments ?? []).map((one) => ({
      ...one,
      ...(one.senders?.keys && {
        senders: { ...one.senders, keys: one.senders.keys.map(({ keySha256 }) => ({ keySha256: hash(keySha256) })) },
      }),
      ...(one.clients && {
        clients: one.clients.map((client) => ({ clientId: client.clientId, jwks: jwks(client.jwks) })),
      }),
      ...(one.launch && { launch: { jwks: jwks(one.launch.jwks) } }),
    })),
    ...profiles,
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
