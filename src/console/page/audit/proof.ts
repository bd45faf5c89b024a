import type { AuditCheck, AuditEventView, AuditProof, AuditState } from '../../../core/audit.ts'
import { isLeafSigned, isSigned, keyIdOf, publicKeyOf } from '../../../formats/audit/head.ts'
import { includes } from '../../../formats/audit/proof.ts'
import { leafHash } from '../../../formats/audit/tree.ts'
import { type Html, html } from '../html.ts'
import { table } from '../table.ts'
import type { Telling } from './telling.ts'

/** Daily heads shown; all of them are in the export. */
const HEADS = 31

/** What was looked at to prove an event, each right or wrong. */
export interface Proven {
  readonly leaf: boolean
  readonly signature: boolean
  readonly inclusion: boolean
  readonly head: boolean
}

/** Proves that an event is in the tree as it was signed (RFC 6962 §2.1.1). Pure. */
export function prove(event: AuditEventView, { n, size, hash, proof, head }: AuditProof, publicKey: string): Proven {
  const key = publicKeyOf(publicKey)
  const bytes = (hex: string) => Buffer.from(hex, 'hex')
  const leaf = leafHash(Buffer.from(event.line))
  const signature = Buffer.from(event.signature, 'base64')
  return {
    leaf: leaf.equals(bytes(hash)) && event.n === n,
    signature: key !== null && isLeafSigned(n, event.atMs, leaf, signature, key),
    inclusion: includes({ index: n - 1, size, leaf, root: bytes(head.root) }, proof.map(bytes)),
    head: key !== null && head.size === size && isSigned(head, key),
  }
}

/** How the audit stands, its key, its daily heads, and the check of all of it. */
export function proofSection(state: AuditState, check: AuditCheck, telling: Telling): Html {
  const { words, text } = telling
  const { head, daily, missing, waiting, publicKey } = state
  const newest = daily.at(-1)
  const key = publicKeyOf(publicKey)
  const heads = daily.slice(-HEADS).toReversed()
  return html`<section aria-labelledby="proof"><h2 id="proof">${words.proof}</h2>
${
  missing === 0
    ? html`<p class="sound">${words.proofSound(text.number(head.size))}</p>`
    : html`<p class="alarm">${words.proofMissing(text.number(missing))}</p>`
}
${waiting === 0 ? null : html`<p class="quiet">${words.waiting(text.number(waiting))}</p>`}
${checkPart(check, telling)}
<dl class="facts"><dt>${words.root}</dt><dd><code>${head.root}</code></dd>
<dt>${words.lastSigned}</dt><dd>${newest === undefined ? words.none : text.time(newest.atMs)}</dd>
<dt>${words.fingerprint}</dt><dd><code>${key === null ? '' : keyIdOf(key)}</code></dd></dl>
<details><summary>${words.key}</summary><pre tabindex="0">${publicKey}</pre><p class="quiet">${words.keyNote}</p></details>
${
  heads.length === 0
    ? null
    : html`<details><summary>${words.daily}</summary>
${table(
  'heads',
  words.daily,
  [{ name: words.signedAt }, { name: words.size, numeric: true }, { name: words.root }],
  heads.map((one) => [text.time(one.atMs), html`${text.number(one.size)}`, html`<code>${one.root}</code>`]),
)}</details>`
}
</section>`
}

/** The check of everything: how far it is, or what it found. */
function checkPart({ state, done, total, faults, missing, endedAtMs }: AuditCheck, { words, text }: Telling): Html {
  const button = html`<form method="post" action="/audit/verification"><button>${words.check}</button></form>`
  const ended = endedAtMs === null ? null : html` <span class="quiet">${text.time(endedAtMs)}</span>`
  if (state === 'running') {
    return html`<div data-check="running"><p role="status">${words.checks['running'] ?? ''}
<progress id="check" max="${Math.max(total, 1)}" value="${done}" aria-label="${words.check}"></progress>
<span>${words.progress(text.number(done), text.number(total))}</span></p>
<p><a href="/audit">${words.refresh}</a></p></div>`
  }
  if (state === 'sound')
    return html`<p class="sound" role="status">${words.checkSound(text.number(done))}${ended}</p>${button}`
  if (state === 'unsound') {
    const kinds = Map.groupBy(faults, ({ what }) => what)
    return html`<div class="alarm" role="alert"><p>${words.checkUnsound(text.number(faults.length + missing))}${ended}</p>
<ul>${[...kinds].map(
      ([what, of]) =>
        html`<li>${words.faults[what] ?? what} : ${of.map(({ n }) => (n === null ? '–' : `n° ${n}`)).join(', ')}</li>`,
    )}${missing === 0 ? null : html`<li>${words.proofMissing(text.number(missing))}</li>`}</ul></div>${button}`
  }
  return html`<p class="quiet">${words.checks[state] ?? ''}</p>${button}`
}
