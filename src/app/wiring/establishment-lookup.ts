import type { Config } from '../../core/config.ts'
import type { FindEstablishment, KnownEstablishment } from '../../core/establishment-lookup.ts'
import type { Structure, StructureViews } from '../../core/structures.ts'

/**
 * Looks establishments up among those of region.yaml, by any of their FINESS numbers, and in the register. The region's own
 * file names its establishments; the register tells who runs them, and knows the others. */
export function establishmentLookup(config: () => Config, register: Pick<StructureViews, 'one'>): FindEstablishment {
  return async (finess) => {
    const own = ownOf(config(), finess)
    // What is looked up is a help to whoever fills a form in: without the register it is filled in by hand.
    const listed = await register.one(finess).catch(() => null)
    if (listed === null) return own
    return { ...(own ?? listedOf(listed)), managingBody: bodyOf(listed) }
  }
}

function ownOf(config: Config, finess: string): KnownEstablishment | null {
  for (const { id, name, kind, finess: own } of config.establishments.values()) {
    if (own.ej !== finess && !own.eg.includes(finess)) continue
    return { finess, id, name, kind, department: finess.slice(0, 2), managingBody: null }
  }
  return null
}

function listedOf({ finess, establishment, name, kind, department }: Structure): KnownEstablishment {
  return { finess, id: establishment, name, kind, department: department ?? finess.slice(0, 2), managingBody: null }
}

/** The legal entity of a place, under the name that the region gives the body. */
function bodyOf({ ej, ejName, body }: Structure): KnownEstablishment['managingBody'] {
  const name = body ?? ejName
  return ej === null || name === null ? null : { finess: ej, name }
}
