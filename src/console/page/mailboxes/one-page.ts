import { may } from '../../../core/caller.ts'
import type { MailboxDetail, MailboxProblem } from '../../../core/mailboxes.ts'
import { type Html, html } from '../html.ts'
import { tick } from '../inputs.ts'
import { facts, listing, moment } from '../listing.ts'
import { mark, markShapes } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { allFaults, changeInputs, type FormState, fieldInput, reasonInput, UNTYPED } from './field-inputs.ts'
import { BASE, frame, helpOf, pathOf } from './frame.ts'
import { STANDING_OF_BOX } from './list-page.ts'
import { typedBefore } from './typed.ts'
import { MAIL_WORDS } from './words.ts'

/** The forms of the page of a mailbox. */
export type BoxForm = 'change' | 'delegate' | 'suspend' | 'resume' | 'close' | 'undelegate'

/** What the page of a mailbox shows beside it: the form that was refused, and what is odd about what was done. */
export interface OnePageState {
  readonly form: BoxForm | null
  readonly state: FormState
  readonly warnings: readonly MailboxProblem[]
}

/** Nothing was sent. */
export const NOTHING_SENT: OnePageState = { form: null, state: UNTYPED, warnings: [] }

/** One mailbox: its facts, who else reads it, and what may be done with it. */
export function onePage(visit: KnownVisit, found: MailboxDetail, sent: OnePageState): PageBody {
  const { language, caller } = visit
  const { mailbox } = found
  const words = MAIL_WORDS[language]
  const acts = may(caller, 'mail:act') && mailbox.state !== 'closed'
  const body = html`${markShapes()}<p><a href="${BASE}">${words.back}</a></p>
${sent.form === null ? null : allFaults(sent.state, language)}
${
  sent.warnings.length === 0
    ? null
    : html`<div class="box" role="status"><p>${words.odd}</p><ul>${sent.warnings.map(({ code }) => html`<li>${helpOf(code, language)}</li>`)}</ul></div>`
}
${factsOf(visit, found)}
${delegates(visit, found, acts, sent)}
${acts ? html`${changeForm(visit, found, sent)}${moveForms(visit, found, sent)}` : null}`
  return frame(visit, 'mailboxes', mailbox.address, body)
}

function factsOf({ language, config }: KnownVisit, { mailbox }: MailboxDetail): Html {
  const words = MAIL_WORDS[language]
  const at = (ms: number) => moment(ms, language, config.region.timeZone)
  const quota =
    mailbox.quota === null
      ? words.noLimit
      : (mailbox.quota / 1024 ** 2).toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB')
  return facts([
    [words.fields.state, mark(STANDING_OF_BOX[mailbox.state], words.states[mailbox.state])],
    [words.fields.kind, words.kinds[mailbox.kind]],
    [words.fields.name, mailbox.name],
    [words.fields.establishment, config.establishments.get(mailbox.establishment)?.name ?? mailbox.establishment],
    [words.fields.entity, mailbox.entity],
    [words.fields.owner, mailbox.owner],
    [words.fields.responsible, mailbox.responsible],
    [words.fields.service, mailbox.service],
    [words.fields.description, mailbox.description],
    [words.fields.certificate, mailbox.certificate],
    [words.fields.redList, mailbox.redList ? words.yes : null],
    [words.fields.quota, quota],
    [words.createdAt, at(mailbox.createdAtMs)],
    [words.closedAt, mailbox.closedAtMs === null ? null : at(mailbox.closedAtMs)],
    [words.usedAt, mailbox.usedAtMs === null ? words.never : at(mailbox.usedAtMs)],
  ])
}

const stateFor = (sent: OnePageState, form: BoxForm): FormState => (sent.form === form ? sent.state : UNTYPED)

function delegates(visit: KnownVisit, found: MailboxDetail, acts: boolean, sent: OnePageState): Html {
  const { language, config } = visit
  const words = MAIL_WORDS[language]
  const to = pathOf(found.mailbox.address)
  const columns = [{ name: words.fields.person }, { name: words.since }, ...(acts ? [{ name: words.change }] : [])]
  const rows = found.delegates.map(({ person, sinceMs }, n) => ({
    cells: [
      html`${person}`,
      moment(sinceMs, language, config.region.timeZone),
      ...(acts
        ? [
            html`<form method="post" action="${to}/retirer"><input type="hidden" name="person" value="${person}">${reasonInput(`undelegate-${n}`, language)}<button>${words.undelegate(person)}</button></form>`,
          ]
        : []),
    ],
  }))
  const state = stateFor(sent, 'delegate')
  return html`<section>${listing('delegates', words.delegates, columns, rows, words.noDelegate)}
${
  acts
    ? html`<p class="quiet">${words.delegatesTell}</p><form method="post" action="${to}/deleguer">${fieldInput('person', state, language, { required: true })}${reasonInput('delegate-reason', language, state)}<p><button>${words.delegate}</button></p></form>`
    : null
}</section>`
}

function changeForm({ language }: KnownVisit, { mailbox }: MailboxDetail, sent: OnePageState): Html {
  const words = MAIL_WORDS[language]
  const state: FormState = sent.form === 'change' ? sent.state : { typed: typedBefore(mailbox), problems: [] }
  const open = sent.form === 'change' ? html` open` : null
  return html`<section><details${open}><summary>${words.changeThis}</summary><form method="post" action="${pathOf(mailbox.address)}/modifier">${changeInputs(mailbox.kind, state, language)}${reasonInput('change-reason', language, state)}<p><button class="main">${words.save}</button></p></form></details></section>`
}

function moveForms({ language }: KnownVisit, { mailbox }: MailboxDetail, sent: OnePageState): Html {
  const words = MAIL_WORDS[language]
  const to = pathOf(mailbox.address)
  const form = (name: 'suspend' | 'resume' | 'close', path: string, tells: string | null, inside: Html | null) =>
    html`<form method="post" action="${to}/${path}"><h3>${words[name]}</h3>${tells === null ? null : html`<p class="quiet">${tells}</p>`}${inside}${reasonInput(`${name}-reason`, language, stateFor(sent, name))}<p><button>${words[name]}</button></p></form>`
  const sure = html`<div id="in-sure">${tick('sure', words.closeSure, false)}</div>`
  return html`<section aria-labelledby="acts"><h2 id="acts">${words.acts}</h2>
${mailbox.state === 'active' ? form('suspend', 'suspendre', words.suspendTells, null) : form('resume', 'reprendre', null, null)}
${form('close', 'clore', words.closeTells, sure)}</section>`
}
