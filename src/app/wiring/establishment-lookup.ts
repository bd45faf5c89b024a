import type { Config } from '../../core/config.ts'
import type { FindEstablishment, KnownEstablishment } from '../../core/establishment-lookup.ts'

/** Looks establishments up among those of region.yaml, by any of their FINESS numbers. */
export function regionLookup(config: () => Config): FindEstablishment {
  return async (finess) => {
    for (const { id, name, kind, finess: own } of config().establishments.values()) {
      if (own.ej !== finess && !own.eg.includes(finess)) continue
      const known: KnownEstablishment = {
        ...{ finess, id, name, kind, department: finess.slice(0, 2), managingBody: null },
      }
      return known
    }
    return null
  }
}
