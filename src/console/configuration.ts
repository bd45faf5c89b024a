import type { ConfigDrafts, ConfigViews } from '../core/configuration.ts'
import { GatewayError } from '../core/errors.ts'
import type { Guards, Server } from './console.ts'
import { applyDraft, changePage, planPage, sourceOf, textOf } from './page/configuration/draft.ts'
import { establishmentPage, establishmentsPage } from './page/configuration/establishments.ts'
import { revisionPage, revisionsPage, textPage } from './page/configuration/revisions.ts'
import { routesPage } from './page/configuration/routes.ts'
import { type FormRoute, type PageParts, type PageRoute, servePages } from './page/shell/pages.ts'

/** What the pages of the configuration are made from. */
export interface ConfigurationParts extends PageParts {
  readonly views: ConfigViews
  readonly drafts: ConfigDrafts
}

/** Longest form that holds a configuration (bytes). */
const TEXT_BYTES = 2_097_152

/** The pages of the configuration: who sends how, what goes where, its text, its revisions, and changing it. */
export function configurationPlugin(
  parts: ConfigurationParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { views, drafts } = parts
  const page = (path: string, show: PageRoute['show']): PageRoute => ({ path, permission: 'config:read', show })
  const pages = [
    page('/configuration', (visit) => establishmentsPage(visit, views)),
    page('/configuration/etablissements/:id', async (visit, { id = '' }) => establishmentPage(visit, id)),
    page('/configuration/routes', async (visit) => routesPage(visit)),
    page('/configuration/fichier', (visit) => textPage(visit, views)),
    page('/configuration/revisions', (visit) => revisionsPage(visit, views)),
    page('/configuration/revisions/:n', (visit, { n = '' }) => revisionPage(visit, views, n)),
    page('/configuration/modifier', (visit) => changePage(visit, views)),
    // What a form showed is gone when its address is asked for again, as by the links to another language.
    ...['/configuration/plan', '/configuration/plan/texte', '/configuration/appliquer'].map((path) =>
      page(path, async () => ({ to: '/configuration/modifier' })),
    ),
  ]
  const forms: FormRoute[] = [
    {
      path: '/configuration/plan',
      permission: 'config:read',
      async act(visit, fields) {
        const source = sourceOf(fields)
        // A text may name any file of this machine: whoever may not change the configuration has no use for that.
        if (source.from === 'text') throw new GatewayError('BAD_REQUEST')
        return planPage(visit, source, drafts)
      },
    },
    {
      path: '/configuration/plan/texte',
      permission: 'config:change',
      maxBytes: TEXT_BYTES,
      act: (visit, fields) => planPage(visit, textOf(fields), drafts),
    },
    {
      path: '/configuration/appliquer',
      permission: 'config:change',
      maxBytes: TEXT_BYTES,
      act: (visit, fields) => applyDraft(visit, fields, drafts),
    },
  ]
  return (server, { guards }) => servePages(server, guards, parts, { pages, forms })
}
