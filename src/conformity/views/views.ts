import { frameworkName } from '../../core/conformity.ts'
import type { ConformityViews } from '../../core/conformity-views.ts'
import { readChanges } from './changes.ts'
import { readEstablishment } from './establishment.ts'
import { readMatrix } from './matrix.ts'
import { readProducts } from './products.ts'
import type { ViewParts } from './seen.ts'

/** Reads conformity from a journal. */
export function conformityViews(parts: ViewParts): ConformityViews {
  return {
    async frameworks() {
      const all = await parts.frameworks()
      return all.toSorted((a, b) => frameworkName(a).localeCompare(frameworkName(b)))
    },
    matrix: (ask, filter, reach) => readMatrix(parts, ask, filter, reach),
    establishment: (id, ask, reach) => readEstablishment(parts, id, ask, reach),
    changes: (ask, reach) => readChanges(parts, ask, reach),
    products: (ask, reach) => readProducts(parts, ask, reach),
  }
}
