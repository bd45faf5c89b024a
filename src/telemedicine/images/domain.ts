import type { Config, Destination } from '../../core/config.ts'

/**
 * Who issues identifiers, by every name that is known of it: ids, MSH-4, FINESS numbers, issuers and object identifiers of
 * archives. Names of one establishment are one issuer; a name nobody declares is one by itself. */
export interface Issuers {
  /** The establishment that a name is of; null: of nobody here. */
  establishmentOf(name: string): string | null
  /** Do two names mean one issuer? */
  same(a: string, b: string): boolean
}

/** Issuers of a revision. */
export function issuersOf(config: Config): Issuers {
  const known = new Map<string, string>()
  for (const { id, facilities, finess } of config.establishments.values()) {
    for (const name of [id, ...facilities, ...(finess.ej === null ? [] : [finess.ej]), ...finess.eg])
      known.set(plain(name), id)
  }
  for (const { establishment, target } of config.destinations.values()) {
    if (target.type !== 'dicomweb') continue
    known.set(plain(target.issuer), establishment)
    if (target.oid !== null) known.set(plain(target.oid), establishment)
  }
  const establishmentOf = (name: string): string | null => known.get(plain(name)) ?? null
  return {
    establishmentOf,
    same: (a, b) => plain(a) === plain(b) || (establishmentOf(a) ?? a) === (establishmentOf(b) ?? b),
  }
}

/** A name without regard to case, and an object identifier without its URN. */
function plain(name: string): string {
  return name
    .trim()
    .replace(/^urn:oid:/i, '')
    .toUpperCase()
}

/** The archives of an establishment that take images of this use, in the order of the region file. */
export function archivesOf(config: Config, establishment: string, test: boolean): Destination[] {
  return [...config.destinations.values()].filter(
    (one) =>
      one.establishment === establishment &&
      one.target.type === 'dicomweb' &&
      one.use === (test ? 'qualification' : 'production'),
  )
}
