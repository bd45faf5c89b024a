import { type Caller, may } from '../../../core/caller.ts'
import type { ReplayCounts } from '../../../core/treat.ts'
import type { AttemptView, DeliveryDetail, FindingView, MessageDetail } from '../../../core/views.ts'
import { nameOf } from '../../../formats/hl7v2/names.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { lengthOf, momentOf, numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { choice, codeOf, hidden, reasonField, stateText } from './pieces.ts'
import { timelineSection } from './timeline.ts'
import { MESSAGE_WORDS, type MessageWords } from './words.ts'

/** What the page of one message shows beside it. */
export interface MessagePageParts {
  readonly message: MessageDetail
  /** Its content, revealed; absent: it is not. */
  readonly content?: Html
  /** What a replay would make. */
  readonly simulated?: { readonly counts: ReplayCounts; readonly to: string | null; readonly elsewhere: boolean }
}

/** The page of one message: how it went, what was noticed, what may be done, and the content once somebody said why. */
export function messageBody({ message, content, simulated }: MessagePageParts, visit: KnownVisit): PageBody {
  const { language, caller } = visit
  const words = MESSAGE_WORDS[language]
  const acts = may(caller, 'deliveries:act')
  const body = html`<nav class="inside" aria-label="${words.facts}"><ul>${[
    ['facts', words.facts],
    ['timeline', words.timeline],
    ['deliveries', words.deliveries],
    ['findings', words.findings],
    ['content', words.content],
  ].map(([id = '', label = '']) => html`<li><a href="#${id}">${label}</a></li>`)}</ul></nav>
${simulated === undefined ? null : simulation(message, simulated, words)}
${facts(message, visit, words)}
${timelineSection(message, visit)}
<section aria-labelledby="deliveries"><h2 id="deliveries">${words.deliveries}</h2>
<p class="quiet">${words.handedHelp}</p>
${message.deliveries.length === 0 ? html`<p>${words.none}</p>` : message.deliveries.map((one) => deliveryCard(one, message, acts, visit, words))}
${acts ? replayForm(message, visit, words) : null}</section>
${findingsSection(message.findings, language, words)}
${content ?? revealSection(message, caller, words, language)}
<section aria-labelledby="sheet"><h2 id="sheet">${words.sheet}</h2><p class="quiet">${words.sheetHelp}</p>
<ul><li><a href="/messages/${message.id}/fiche.txt">${words.sheetText}</a></li><li><a href="/messages/${message.id}/fiche.json">${words.sheetJson}</a></li></ul></section>`
  return { title: words.one(message.kind), body, styles: ['messages.css'] }
}

function facts(message: MessageDetail, visit: KnownVisit, words: MessageWords): Html {
  const { config, language } = visit
  const { from } = message
  const link = (id: string) => html`<a href="/messages/${id}">${id}</a>`
  const pairs: (readonly [string, HtmlValue])[] = [
    [words.state, words.states[message.state]],
    [words.received, momentOf(message.receivedAt, visit)],
    [words.from, from === null ? words.unknownSender : (config.establishments.get(from)?.name ?? from)],
    [words.entrance, words.entrances[message.entrance]],
    [words.controlId, message.controlId],
    [words.application, [message.application, message.facility].filter(Boolean).join(' · ')],
    [words.receiver, [message.receivingApplication, message.receivingFacility].filter(Boolean).join(' · ')],
    [words.test, message.test ? words.yes : words.no],
    [words.size, `${numberOf(message.bytes, language)}`],
    [words.revision, message.revision],
    [words.number, message.id],
    [words.fingerprint, html`<code>${message.sha256}</code>`],
    ...(message.parent === null ? [] : ([[words.partOf, link(message.parent)]] as const)),
    ...(message.cause === null ? [] : ([[words.causedBy, link(message.cause)]] as const)),
  ]
  return html`<section aria-labelledby="facts"><h2 id="facts">${words.facts}</h2><dl class="facts">${pairs.map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`,
  )}</dl></section>`
}

/** Three words, never one tick: the two later ones come from those who read and act. */
function threeWords({ state, history }: DeliveryDetail, visit: KnownVisit, words: MessageWords): Html {
  const last = history.findLast(({ outcome }) => outcome === 'delivered')
  const atMs = last === undefined ? null : Date.parse(last.startedAt) + last.ms
  const when = atMs === null ? null : momentOf(new Date(atMs).toISOString(), visit)
  const handed: HtmlValue = state === 'delivered' ? (when ?? words.yes) : words.notYet
  return html`<p class="three"><span class="${state === 'delivered' ? 'reached' : 'open'}">${words.handed} : ${handed}</span> · <span class="open">${words.seen} : ${words.notKnown}</span> · <span class="open">${words.taken} : ${words.notKnown}</span></p>`
}

function deliveryCard(
  one: DeliveryDetail,
  message: MessageDetail,
  acts: boolean,
  visit: KnownVisit,
  words: MessageWords,
): Html {
  const route = one.route === 'replay' ? words.byHand : one.route
  const ended = one.state === 'delivered' || one.state === 'closed' || one.state === 'sending'
  return html`<article class="delivery" id="d-${one.id}" data-row><h3>${one.destination}</h3>
${threeWords(one, visit, words)}
<p>${stateText(one, visit)}${one.lane === 'urgent' ? html` · <strong>${words.urgent}</strong>` : null} · ${words.route} : ${route}${
    one.lastError === null ? null : html` · ${codeOf(one.lastError, visit.language)}`
  }</p>
${one.history.length === 0 ? html`<p class="quiet">${words.noAttempt}</p>` : attempts(one, visit, words)}
${acts && !ended ? actForm(one, message, visit.language, words) : null}</article>`
}

function attempts({ id, history }: DeliveryDetail, visit: KnownVisit, words: MessageWords): Html {
  const columns = [
    { name: words.attempt, numeric: true },
    { name: words.start },
    { name: words.lasted, numeric: true },
    { name: words.outcome },
    { name: words.answer },
  ]
  const row = ({ n, startedAt, ms, outcome, code, answer }: AttemptView): readonly HtmlValue[] => [
    n,
    momentOf(startedAt, visit),
    lengthOf(ms, visit.language),
    [words.outcomes[outcome] ?? '', code === null ? null : html` · ${codeOf(code, visit.language)}`],
    answer === null ? '' : html`<code>${answer}</code>`,
  ]
  return table(`attempts-${id}`, words.attempts, columns, history.map(row))
}

function actForm({ id, state, held }: DeliveryDetail, message: MessageDetail, language: Language, words: MessageWords) {
  const parked = held || state === 'refused' || state === 'expired' || state === 'poisoned'
  return html`<form method="post" action="/messages/${message.id}/actes" class="fields">
${hidden({ delivery: id })}${reasonField(language)}
<p class="act"><button name="act" value="resend">${words.resend}</button>${
    parked ? html` <button name="act" value="skip">${words.skip}</button>` : null
  } <button name="act" value="close">${words.close}</button></p></form>`
}

function replayForm(message: MessageDetail, { language, config, caller }: KnownVisit, words: MessageWords): Html {
  const had = new Set(message.deliveries.map(({ destination }) => destination))
  const others = [...config.destinations.values()].filter(({ use }) => (use === 'qualification') === message.test)
  const offered = may(caller, 'replay:elsewhere') ? others : others.filter(({ id }) => had.has(id))
  const choices = offered.map(({ id }): [string, string] => [id, had.has(id) ? id : `${id} (${words.needsSecond})`])
  return html`<form method="post" action="/messages/${message.id}/renvoi" class="fields" aria-label="${words.replay}">
${choice('to', words.replayTo, '', [['', words.sameAsBefore], ...choices])}${reasonField(language)}
<p class="act"><button name="how" value="simulate">${words.simulate}</button> <button name="how" value="do">${words.replay}</button></p>
<p class="quiet">${words.elsewhereHelp}</p></form>`
}

function simulation(
  message: MessageDetail,
  simulated: NonNullable<MessagePageParts['simulated']>,
  words: MessageWords,
) {
  const { counts, elsewhere } = simulated
  const made = Object.entries(counts.deliveries)
  const delivered = new Set(message.deliveries.filter(({ state }) => state === 'delivered').map((d) => d.destination))
  return html`<section class="result" role="status" aria-labelledby="simulated"><h2 id="simulated">${words.simulated}</h2>
<p>${words.wouldMake(String(made.length))}</p>
<ul>${made.map(
    ([destination]) =>
      html`<li>${destination}${delivered.has(destination) ? html` · <strong>${words.double}</strong>` : null}${elsewhere ? html` · ${words.needsSecond}` : null}</li>`,
  )}</ul></section>`
}

/** Findings with the name of the place they speak of. */
function findingsSection(findings: readonly FindingView[], language: Language, words: MessageWords): Html {
  const columns = [{ name: words.what }, { name: words.severity }, { name: words.place }]
  const row = ({ code, class: kind, at, params }: FindingView): readonly HtmlValue[] => {
    const told = Object.values(params)
    return [
      html`${codeOf(code, language)}${told.length === 0 ? null : html` <span class="quiet">${told.join(', ')}</span>`}`,
      words.classes[kind],
      at === null ? '' : html`${at}${placeName(at, language)}`,
    ]
  }
  return html`<section aria-labelledby="findings"><h2 id="findings">${words.findings}</h2>${
    findings.length === 0
      ? html`<p>${words.noFindings}</p>`
      : table('finding-list', words.noticed, columns, findings.map(row))
  }</section>`
}

/** ` (Identifiants du patient)` for `PID-3(2).1`; nothing where it has no name. */
function placeName(at: string, language: Language): Html | null {
  const found = /^([A-Z][A-Z0-9]{2})(?:\(\d+\))?(?:-(\d+))?/.exec(at)
  const name = found === null ? null : nameOf(found[2] === undefined ? found[1]! : `${found[1]}-${found[2]}`, language)
  return name === null ? null : html` <span class="quiet">(${name})</span>`
}

function revealSection(message: MessageDetail, caller: Caller, words: MessageWords, language: Language): Html {
  const form = html`<p class="quiet">${words.revealHelp}</p>
<form method="post" action="/messages/${message.id}#content" class="fields">${reasonField(language)}<p class="act"><button>${words.reveal}</button></p></form>`
  return html`<section aria-labelledby="content"><h2 id="content">${words.content}</h2>${
    may(caller, 'content:read') ? form : html`<p>${words.noContent}</p>`
  }</section>`
}
