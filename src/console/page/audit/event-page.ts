import type { AuditEventView, AuditProof } from '../../../core/audit.ts'
import { may } from '../../../core/caller.ts'
import { readEvent } from '../../../formats/audit/record.ts'
import { html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { type Proven, prove } from './proof.ts'
import { detailText } from './sentence.ts'
import { tellingTo } from './telling.ts'

/** One event: in plain words, its proof looked at now, and its FHIR AuditEvent. */
export function eventPage(visit: KnownVisit, event: AuditEventView, proof: AuditProof, publicKey: string): PageBody {
  const { words, text, tell } = tellingTo(visit)
  const fact = readEvent(event.line)
  const proven = prove(event, proof, publicKey)
  const sound = Object.values(proven).every(Boolean)
  const step = (name: keyof Proven, sentence: string) =>
    html`<li class="${proven[name] ? 'sound' : 'alarm'}">${sentence} : <strong>${proven[name] ? words.holds : words.fails}</strong></li>`
  const detail = detailText(fact)
  const body = html`<p class="event">${tell(fact)}</p>
${
  fact.message !== null && may(visit.caller, 'messages:read')
    ? html`<p><a href="/messages/${fact.message}">${words.seeMessage}</a></p>`
    : null
}
<section aria-labelledby="proof"><h2 id="proof">${words.proof}</h2>
<p class="${sound ? 'sound' : 'alarm'}" role="status">${sound ? words.verified : words.notVerified}</p>
<ul>${step('leaf', words.steps.leaf)}${step('signature', words.steps.signature)}${step(
    'inclusion',
    words.steps.inclusion(text.number(proof.size)),
  )}${step('head', words.steps.head)}</ul>
<dl class="facts"><dt>SHA-256</dt><dd><code>${event.hash}</code></dd><dt>${words.root}</dt><dd><code>${proof.head.root}</code></dd></dl>
</section>
${
  fact.patients.length === 0
    ? null
    : html`<section aria-labelledby="patients"><h2 id="patients">${words.pseudonyms}</h2>
<p>${fact.patients.map((one) => html`<code>${one}</code> `)}</p><p class="quiet">${words.pseudonymNote}</p></section>`
}
<section aria-labelledby="json"><h2 id="json">${words.json}</h2>
${detail === '' ? null : html`<p class="quiet">${words.technical} : <code>${detail}</code></p>`}
<pre tabindex="0">${indented(event.line)}</pre></section>
<p><a href="/audit">${words.back}</a></p>`
  return { title: words.event(text.number(event.n)), body, styles: ['audit.css'] }
}

function indented(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line), null, 2)
  } catch {
    return line
  }
}
