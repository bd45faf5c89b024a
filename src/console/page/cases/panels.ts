import type { Attachment } from '../../../core/attachments.ts'
import type { CaseRequest, Happening, Participant } from '../../../core/cases.ts'
import type { HeldIdentity } from '../../../core/images.ts'
import { isBroughtBy, messagesTakenOut } from '../../../formats/case/brought.ts'
import { CASE_WORDS, writtenText } from '../../../formats/case/words.ts'
import { dayTimeText } from '../../../formats/clock/words.ts'
import { colon } from '../colon.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { facts, several } from '../listing.ts'
import { dateText } from '../moment.ts'
import { type Acting, filledOf, formOf } from './act-forms.ts'
import { lineField, section, unseenField } from './fields.ts'
import { identitiesPart } from './identities.ts'
import { type PhoneBook, phoneLink, phonesOf, spaced } from './phones.ts'
import { actsFor, personOf, placeOf, seatOf } from './shown.ts'
import { decisionName } from './timeline.ts'
import { CASE_PAGE_WORDS } from './words.ts'

/** Pages that other parts serve: forms of requests, the summary of a case, the calendar. */
export interface Linked {
  readonly requests: boolean
  readonly summary: boolean
  readonly calendar: boolean
}

/** What the panels of a case are drawn from. */
export interface Panelled extends Acting {
  readonly happenings: readonly Happening[]
  readonly book: PhoneBook
  readonly attachments: readonly Attachment[]
  /** Of images that are not proved the patient's. */
  readonly identities: readonly HeldIdentity[]
  readonly linked: Linked
  readonly nowMs: number
}

/** A time of the region, as people say it. */
export function whenOf({ visit, nowMs }: Pick<Panelled, 'visit' | 'nowMs'>, atMs: number): string {
  return dayTimeText(atMs, nowMs, visit.config.region.timeZone, visit.language)
}

/** Who it is about, with the identity's own standing. */
export function patientPanel({ shown, visit }: Panelled): Html {
  const { language } = visit
  const page = CASE_PAGE_WORDS[language]
  const { patient } = shown.case
  const provisional = patient.status === 'provisional'
  const status = CASE_WORDS[language].identity[patient.status]
  return section(
    'patient',
    page.sections.patient,
    facts([
      [page.patient.name, html`<strong>${patient.family} ${patient.given}</strong>`],
      [page.patient.birth, patient.birthDate === null ? page.patient.unknown : dateText(patient.birthDate, language)],
      [page.patient.sex, page.sexes[patient.sex]],
      [page.patient.status, provisional ? html`<strong class="alarm">${status}</strong>` : status],
      [
        page.patient.identifiers,
        several(
          patient.identifiers.map(
            ({ type, value, authority }) => html`${type ?? ''} ${value} <span class="quiet">${authority}</span>`,
          ),
        ),
      ],
    ]),
  )
}

/** What was asked; requests that were joined one below the other, each of which may be taken apart again. */
export function requestsPanel(panelled: Panelled): Html {
  const { shown, visit } = panelled
  const { requests } = shown.case
  const page = CASE_PAGE_WORDS[visit.language]
  const title = requests.length > 1 ? CASE_WORDS[visit.language].joined(requests.length) : page.sections.requests
  const body = requests.map(
    (request, i) =>
      html`<div class="request">${requests.length > 1 ? html`<h3>${page.patient.request(i + 1)}</h3>` : null}${requestFacts(request, panelled)}${separation(request, panelled)}</div>`,
  )
  return section('requests', title, body)
}

function separation({ id }: CaseRequest, { allowed, shown, visit }: Panelled): Html | null {
  if (!allowed.requests.includes(id)) return null
  const words = CASE_PAGE_WORDS[visit.language].patient
  const inner = html`${unseenField('of', id)}<p class="quiet">${words.separateHelp}</p>`
  return formOf('separate', { shown, visit }, inner, { button: words.separate })
}

function requestFacts(request: CaseRequest, panelled: Panelled): Html {
  const { shown, visit } = panelled
  const { language, config } = visit
  const page = CASE_PAGE_WORDS[language]
  const words = page.patient
  const answers = (shown.service?.form ?? []).flatMap(({ id, name, choices }): [string, string][] => {
    const answer = request.answers[id]
    return answer === undefined || answer === '' ? [] : [[name[language], choices[answer]?.[language] ?? answer]]
  })
  const unit = request.unit === null ? '' : `, ${request.unit}`
  return facts([
    [words.name, shown.case.requests.length > 1 ? personOf(request.patient, language) : null],
    [words.reason, html`<span class="text-said">${request.reason}</span>`],
    [words.site, `${placeOf(config, request.site)}${unit}`],
    [words.asker, request.asker.name],
    [words.callBack, request.callBack === null ? null : html`<span class="phone">${spaced(request.callBack)}</span>`],
    ...answers,
    [words.treatingDoctor, request.treatingDoctor?.name ?? null],
    [words.number, request.placer?.value ?? null],
    [words.via, `${CASE_WORDS[language].vias[request.via]}, ${whenOf(panelled, request.atMs)}`],
  ])
}

/** How far each study is; one whose identity does not fit is held, and somebody may confirm it with a reason. */
export function imagesPanel(panelled: Panelled): Html {
  const { shown, visit, allowed } = panelled
  const page = CASE_PAGE_WORDS[visit.language]
  const words = CASE_WORDS[visit.language]
  const { studies, imagesSentAtMs } = shown.case
  const confirming = (uid: string, n: number) => {
    const filled = filledOf('confirm-identity', panelled, `f-confirm-${n}`)
    return html`${unseenField('of', uid)}${lineField(filled, 'reason', page.form.reason, { required: true })}`
  }
  const body = html`${studies.length === 0 ? html`<p class="quiet">${page.images.none}</p>` : null}${studies.map(
    ({ uid, accession, modality, received, expected, held }, n) =>
      html`<div class="study"><p><strong>${[modality, accession].filter((text) => text !== null).join(' ') || page.images.unknownStudy}</strong>${colon(visit.language)}${words.imagesOf(received, expected)}</p>
${expected === null || expected <= 0 ? null : html`<progress max="${expected}" value="${Math.min(received, expected)}" aria-label="${words.imagesOf(received, expected)}"></progress>`}
${
  held === 0
    ? null
    : html`<p class="alarm">${words.identityToCheck}${colon(visit.language)}${page.images.held(held)}</p>${
        uid === null ? null : identitiesPart(uid, shown.case.patient, panelled.identities, visit)
      }${
        uid !== null && allowed.acts.has('confirm-identity')
          ? formOf('confirm-identity', panelled, confirming(uid, n))
          : null
      }`
}</div>`,
  )}${imagesSentAtMs === null ? null : html`<p>${page.images.sent(whenOf(panelled, imagesSentAtMs))}</p>`}${
    allowed.acts.has('study') && actsFor(shown.case, visit.caller) === shown.case.site
      ? html`<p><a href="/dossiers/${shown.case.id}/images">${page.found.link}</a></p>`
      : null
  }`
  return section('images', page.sections.images, body)
}

/** Results, as they came; without those of requests that were taken out. */
export function biologyPanel({ happenings, visit }: Panelled): Html {
  const page = CASE_PAGE_WORDS[visit.language]
  const gone = messagesTakenOut(happenings)
  const texts = happenings.flatMap(({ act }) =>
    act.what === 'biology' && act.text !== '' && !isBroughtBy(gone, act) ? [act.text] : [],
  )
  const body =
    texts.length === 0
      ? html`<p class="quiet">${page.exchanges.noBiology}</p>`
      : texts.map((text) => html`<div class="text-said">${text}</div>`)
  return section('biology', page.sections.biology, body)
}

/** The advice, and whether the requester has read it. */
export function advicePanel(panelled: Panelled): Html {
  const page = CASE_PAGE_WORDS[panelled.visit.language]
  const { advice } = panelled.shown.case
  if (advice === null)
    return section('advice', page.sections.advice, html`<p class="quiet">${page.exchanges.noAdvice}</p>`)
  const read =
    advice.readAtMs === null
      ? html`<p class="alarm">${page.exchanges.notRead}</p>`
      : html`<p class="sound">${page.exchanges.readAt(whenOf(panelled, advice.readAtMs))}</p>`
  return section(
    'advice',
    page.sections.advice,
    html`<div class="text-said advice">${advice.text}</div><p class="quiet">${advice.by.name}, ${whenOf(panelled, advice.atMs)}</p>${read}`,
  )
}

/** The decision that was recorded. */
export function decisionPanel(panelled: Panelled): Html {
  const { shown, visit } = panelled
  const page = CASE_PAGE_WORDS[visit.language]
  const { decision } = shown.case
  const body =
    decision === null
      ? html`<p class="quiet">${page.exchanges.noDecision}</p>`
      : html`<p><strong>${decisionName(decision.id, shown.service, visit.language)}</strong>, ${whenOf(panelled, decision.atMs)}</p><div class="text-said">${decision.text}</div>`
  return section('decision', page.sections.decision, body)
}

/** What both sides wrote to each other, and a line to write more. */
export function messagesPanel(panelled: Panelled): Html {
  const { happenings, allowed, visit } = panelled
  const page = CASE_PAGE_WORDS[visit.language]
  const written = happenings.filter(({ act }) => act.what === 'write')
  const line = ({ act, by, atMs }: Happening): HtmlValue =>
    act.what === 'write'
      ? html`<li><p class="quiet"><strong>${by.role === 'gateway' ? page.timeline.gateway : by.name}</strong>, ${placeOf(visit.config, by.establishment)}, ${whenOf(panelled, atMs)}</p><div class="text-said">${writtenText(act, visit.language)}</div></li>`
      : null
  const filled = filledOf('write', panelled)
  const form = html`<div><label for="f-write-text">${page.form.message}</label><textarea id="f-write-text" name="text" rows="2" maxlength="20000" required>${filled.value('text')}</textarea></div>`
  const body = html`${
    written.length === 0
      ? html`<p class="quiet">${page.exchanges.noMessages}</p>`
      : html`<ul class="letters">${written.map(line)}</ul>`
  }`
  return html`${section('messages', page.sections.messages, body)}${allowed.acts.has('write') ? html`<div id="s-write" data-fresh>${formOf('write', panelled, form)}</div>` : null}`
}

/** Photos, small, and documents that came with the case; each opens whole. Looking at one is noted by whoever gives it. */
export function attachmentsPanel({ attachments, visit }: Panelled): Html | null {
  if (attachments.length === 0) return null
  const page = CASE_PAGE_WORDS[visit.language]
  const item = ({ id, type }: Attachment, i: number): Html => {
    const name = type === 'application/pdf' ? page.exchanges.document(i + 1) : page.exchanges.photo(i + 1)
    const seen =
      type === 'application/pdf' ? name : html`<img src="/api/cases/attachments/${id}" alt="${name}" loading="lazy">`
    return html`<li><a href="/api/cases/attachments/${id}">${seen}</a></li>`
  }
  return section('attachments', page.sections.attachments, html`<ul class="photos">${attachments.map(item)}</ul>`)
}

/** Consent, and the appointment where the service has one. */
export function consentPanel({ shown, visit }: Panelled): Html {
  const page = CASE_PAGE_WORDS[visit.language]
  const { consent } = shown.case
  const text =
    consent === null
      ? html`<p class="quiet">${page.exchanges.noConsent}</p>`
      : html`<p>${consent.given ? page.exchanges.consentGiven(consent.by) : page.exchanges.consentNot(consent.by, consent.refusedWhy ?? '')}</p>`
  return section('consent', page.sections.consent, text)
}

/** When the session is, and with whom; it leads to its waiting room and link. */
export function appointmentPanel(panelled: Panelled): Html | null {
  const { shown, visit } = panelled
  const { appointment } = shown.case
  if (appointment === null) return null
  const page = CASE_PAGE_WORDS[visit.language]
  const { startMs, status, centre, appointment: id } = appointment
  const body = html`<p><strong>${whenOf(panelled, startMs)}</strong> ${page.exchanges.with(placeOf(visit.config, centre))} · ${page.exchanges.statuses[status]}</p>${
    panelled.linked.calendar ? html`<p><a href="/rendez-vous/${id}">${page.exchanges.join}</a></p>` : null
  }`
  return section('appointment', page.sections.appointment, body)
}

/** Everybody who took part, with their numbers, and the numbers to call. */
export function participantsPanel({ shown, visit, happenings, book }: Panelled): Html {
  const { language, config, caller } = visit
  const page = CASE_PAGE_WORDS[language]
  const one = shown.case
  const people = new Map<string, Participant>()
  const named = [...happenings.map(({ by }) => by), ...(one.owner === null ? [] : [one.owner.expert])]
  for (const who of named) if (who.role !== 'gateway') people.set(`${who.name} ${who.establishment ?? ''}`, who)
  const body = html`<ul class="calls">${phonesOf(one, seatOf(caller), book).map((phone) => html`<li>${phoneLink(phone, language)}</li>`)}</ul>
<ul class="people">${[...people.values()].map(
    ({ name, establishment, phone, rpps }) =>
      html`<li>${name} <span class="quiet">${placeOf(config, establishment)}${rpps === null ? '' : ` · RPPS ${rpps}`}</span>${phone === null ? null : html` <span class="phone">${spaced(phone)}</span>`}</li>`,
  )}</ul>`
  return section('participants', page.sections.participants, body)
}
