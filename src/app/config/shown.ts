import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import type { ReadMaterial, Reference } from './material.ts'
import type { Piece } from './schema/piece.ts'
import { configSchema } from './schema/region.ts'
import { canonical, type SharedJson } from './shared.ts'
import type { WrittenService } from './written.ts'

/** Hexadecimal digits that stand for a hash or a set of keys: enough to tell them apart, too few to be used. */
const FINGERPRINT = 12
/** What of the shared part comes from the folders of profiles, and is not written in a region file. */
const OF_PROFILES = ['tables', 'maps', 'ruleFiles']

/**
 * The shared part as a region file would say it, in the order of its schema, keys, hashes of
 * passwords and public keys only as `…` and a fingerprint. `files`: services of the folders of profiles; what is as there is
 * left out. Pure. */
export function shownText(json: SharedJson, files: Readonly<Record<string, WrittenService>> = {}): string {
  const shared = JSON.parse(json) as Record<string, unknown>
  for (const name of OF_PROFILES) delete shared[name]
  const own = Object.entries(shared['services'] ?? {}).filter(
    ([name, service]) => !Object.hasOwn(files, name) || canonical(service) !== canonical(files[name]),
  )
  if (own.length > 0) shared['services'] = Object.fromEntries(own)
  else delete shared['services']
  return stringify(ordered(masked(shared), configSchema), { lineWidth: 0, aliasDuplicateObjects: false })
}

function masked(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (key === 'keySha256') return `…${value.slice(0, FINGERPRINT)}`
    return key === 'jwks' || key === 'password' ? mark(value) : value
  }
  if (Array.isArray(value)) return value.map((one) => masked(one))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, name)]))
}

const mark = (text: string): string => `…${createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT)}`

/** Keys in the order in which the schema has them; others behind. */
function ordered(value: unknown, piece: Piece | undefined): unknown {
  if (Array.isArray(value)) return value.map((one) => ordered(one, piece?.items))
  if (typeof value !== 'object' || value === null) return value
  const known = Object.keys(piece?.properties ?? {})
  const place = (name: string) => (known.includes(name) ? known.indexOf(name) : known.length)
  const other = typeof piece?.additionalProperties === 'object' ? piece.additionalProperties : undefined
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => place(a) - place(b))
      .map(([name, inner]) => [name, ordered(inner, piece?.properties?.[name] ?? other)]),
  )
}

/**
 * A text as `shownText` writes it and somebody changed it, with the hashes that its fingerprints stand for in the running
 * configuration, and a reader that knows the public keys behind theirs. What stands for nothing stays, and is a problem of
 * the file. Pure. */
export function unmasked(
  text: string,
  running: SharedJson,
  read: ReadMaterial,
): { readonly text: string; readonly read: ReadMaterial } {
  const hashes = new Map<string, string>()
  const sets = new Map<string, string>()
  JSON.parse(running, (key, value: unknown) => {
    if (typeof value === 'string' && key === 'keySha256') hashes.set(value.slice(0, FINGERPRINT), value)
    if (typeof value === 'string' && key === 'password') hashes.set(mark(value).slice(1), value)
    if (typeof value === 'string' && key === 'jwks') sets.set(mark(value), value)
    return value
  })
  return {
    text: text.replace(/(["']?)…([0-9a-f]{12})\1/g, (whole, _quote, start: string) => {
      const hash = hashes.get(start)
      return hash === undefined ? whole : `"${hash}"`
    }),
    read(reference: Reference) {
      const name = typeof reference === 'string' ? reference : 'file' in reference ? reference.file : ''
      return sets.get(name) ?? read(reference)
    },
  }
}
