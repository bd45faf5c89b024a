import type { ConformityViews } from '../../../core/conformity-views.ts'
import type { PageRoute } from '../shell/pages.ts'
import { changesPage } from './changes-page.ts'
import { type BesideEstablishment, establishmentPage } from './establishment-page.ts'
import { matrixPage } from './matrix-page.ts'
import { BASE } from './parts.ts'
import { productsPage } from './products-page.ts'

/** The pages of conformity. */
export function conformityPages(views: ConformityViews, beside: BesideEstablishment, nowMs: () => number): PageRoute[] {
  const page = (path: string, show: PageRoute['show']): PageRoute => ({
    path: `${BASE}${path}`,
    permission: 'conformity:read',
    show,
  })
  return [
    page('', (visit) => matrixPage(visit, views, beside.programmes)),
    page('/produits', (visit) => productsPage(visit, views)),
    page('/evolutions', (visit) => changesPage(visit, views, nowMs())),
    page('/etablissements/:id', (visit, { id = '' }) => establishmentPage(visit, views, beside, id)),
  ]
}
