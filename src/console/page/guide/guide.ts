import { type Caller, may } from '../../../core/caller.ts'
import type { Config } from '../../../core/config.ts'
import type { GuideCommands } from '../../../core/guide.ts'
import type { Permission } from '../../../core/roles.ts'
import type { Guards, Server } from '../../console.ts'
import { type Html, html } from '../html.ts'
import { type KnownVisit, servePages } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { GUIDE_WORDS } from './words.ts'

/** Where each step leads: a form of the guide itself, or a page. */
const LEADS = ['admission', '/messages', 'refused', '/a-traiter', '/audit'] as const
type Lead = (typeof LEADS)[number]
/** Whom the page of a step opens for; the forms are for whoever is signed in. */
const NEEDED: Partial<Record<Lead, Permission>> = {
  '/messages': 'messages:read',
  '/a-traiter': 'deliveries:act',
  '/audit': 'audit:read',
}
const PATH = '/decouvrir'

/** The guided first run: five steps on the demo region, and nowhere else. */
export function guidePlugin(
  guide: GuideCommands,
  parts: { readonly config: () => Config; readonly version: string },
): (server: Server, doorway: { readonly guards: Guards }) => void {
  const send = (what: 'admission' | 'refused', step: number) => ({
    path: `${PATH}/${what}`,
    permission: 'session:own' as const,
    act: async () => ({ to: `${PATH}?etape=${step}&message=${await guide[what]()}` }),
  })
  return (server, { guards }) =>
    servePages(
      server,
      guards,
      { ...parts, demo: true },
      {
        pages: [{ path: PATH, permission: 'session:own', show: async (visit) => guidePage(visit) }],
        forms: [send('admission', 2), send('refused', 4)],
      },
    )
}

function guidePage({ caller, language, query }: KnownVisit): PageBody {
  const words = GUIDE_WORDS[language]
  const at = Math.min(Math.max(Number(query.get('etape')) || 1, 1), LEADS.length)
  const sent = /^[A-Z0-9-]{1,20}$/.exec(query.get('message') ?? '')?.[0] ?? null
  const body = html`<p>${words.lead}</p>
${sent === null ? null : html`<p class="sound" role="status">${words.sent(sent)}</p>`}
<ol class="steps">${words.steps.map(
    ({ title, text, go }, i) => html`<li${i + 1 === at ? html` aria-current="step"` : null}>
<h2><span class="quiet">${words.step(i + 1, LEADS.length)}</span> ${title}</h2>
<p>${text}</p>
${opens(caller, LEADS[i]!) ? way(LEADS[i]!, go, sent) : html`<p class="quiet">${words.closed}</p>`}
</li>`,
  )}</ol>`
  return { title: words.title, body }
}

function opens(caller: Caller, lead: Lead): boolean {
  const needed = NEEDED[lead]
  return needed === undefined || may(caller, needed)
}

function way(lead: Lead, go: string, sent: string | null): Html {
  if (!lead.startsWith('/')) return html`<form method="post" action="${PATH}/${lead}"><button>${go}</button></form>`
  const to = lead === '/messages' && sent !== null ? `${lead}?controlId=${sent}` : lead
  return html`<p><a href="${to}">${go}</a></p>`
}
