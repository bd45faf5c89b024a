import { may, reaches, reachOf } from '../../../core/caller.ts'
import type { Establishment } from '../../../core/config.ts'
import type { DutyViews } from '../../../core/duty.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { KeptKits } from '../../../core/kits.ts'
import type { Clock } from '../../../core/ports.ts'
import { colon } from '../colon.ts'
import { html } from '../html.ts'
import { addressOf } from '../requests/page.ts'
import type { KnownVisit, PageRoute } from '../shell/pages.ts'
import { emergenciesOf, kitOf, kitSites } from './kit.ts'
import { kitBody } from './print.ts'
import { DEGRADED_WORDS } from './words.ts'

/** What the pages of the degraded mode read. */
export interface DegradedParts {
  readonly duty: DutyViews
  /** As they were written last. */
  readonly kept: KeptKits
  readonly clock: Clock
}

const STYLES = ['degraded.css']
const SCRIPTS = ['degraded.js']

/** Sites whose kit the visitor may read. */
function sitesOf({ caller, config }: KnownVisit): readonly Establishment[] {
  const reach = reachOf(caller, 'duty:read')
  return kitSites(config).filter(({ id }) => reaches(reach, id))
}

/** The list of kits, and the kit of a site. */
export function degradedPages({ duty, clock, kept }: DegradedParts): readonly PageRoute[] {
  return [
    {
      path: '/procedure-degradee',
      permission: 'duty:read',
      async show(visit) {
        const words = DEGRADED_WORDS[visit.language]
        const sites = sitesOf(visit)
        const list = html`<ul>${sites.map(({ id, name }) => html`<li><a class="kit" href="/procedure-degradee/${id}">${name}</a></li>`)}</ul>
<p id="kept" role="status" data-kept="${words.kept}" data-not="${words.notKept}"></p>`
        const body = html`<p>${words.lead}</p>${sites.length === 0 ? html`<p class="quiet">${words.none}</p>` : list}`
        return { title: words.title, body, styles: STYLES, scripts: SCRIPTS }
      },
    },
    {
      path: '/procedure-degradee/:site',
      permission: 'duty:read',
      async show(visit, { site: id }) {
        const { language, config } = visit
        const words = DEGRADED_WORDS[language]
        const site = sitesOf(visit).find((one) => one.id === id)
        if (site === undefined) throw new GatewayError('NOT_FOUND')
        const kit = await kitOf(site, config, duty, clock.nowMs())
        const late = may(visit.caller, 'cases:act')
          ? emergenciesOf(site, config).map(
              (service) =>
                html`<p class="screen"><a href="${addressOf(service, site, true)}">${words.late}${colon(language)}${service.title[language]}</a></p>`,
            )
          : null
        const body = html`<p class="screen"><a href="/procedure-degradee">${words.back}</a> · ${words.print} · <a href="/procedure-degradee/${site.id}/nuit">${words.nightly}</a></p>${late}
<p id="kept" class="screen" role="status" data-kept="${words.kept}" data-not="${words.notKept}"></p>
${kitBody(kit, { language, timeZone: config.region.timeZone })}`
        return { title: words.kitOf(site.name), body, styles: STYLES, scripts: SCRIPTS }
      },
    },
    {
      path: '/procedure-degradee/:site/nuit',
      permission: 'duty:read',
      async show(visit, { site: id }) {
        const site = sitesOf(visit).find((one) => one.id === id)
        const kit = site === undefined ? null : await kept.of(site.id)
        if (site === undefined || kit === null) throw new GatewayError('NOT_FOUND')
        return { file: `procedure-degradee-${site.id}.html`, type: 'text/html; charset=utf-8', body: kit.html }
      },
    },
  ]
}
