import { reachOf } from '../../../core/caller.ts'
import type { MailboxKind } from '../../../core/mail.ts'
import { MAILBOX_KINDS, type MailboxViews } from '../../../core/mailboxes.ts'
import { type Html, html } from '../html.ts'
import { choice, hidden } from '../inputs.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { tabBar } from '../tabs.ts'
import { allFaults, changeInputs, type FormState, fieldInput, reasonInput, wrongOf } from './field-inputs.ts'
import { BASE, frame } from './frame.ts'
import { MAIL_WORDS } from './words.ts'

/** The kind that a text names; a personal one when it names none. */
export function kindOf(text: string | null): MailboxKind {
  return MAILBOX_KINDS.find((one) => one === text) ?? 'PER'
}

/** The form of a new mailbox of a kind; the other kinds are a link away. */
export function newPage(visit: KnownVisit, views: MailboxViews, kind: MailboxKind, state: FormState): PageBody {
  const { language, caller } = visit
  const words = MAIL_WORDS[language]
  const domains = views.domains(reachOf(caller, 'mail:act'))
  if (domains.length === 0) return frame(visit, 'create', words.create, html`<p>${words.closedHere}</p>`)
  const kinds = MAILBOX_KINDS.map((one) => ({
    path: `${BASE}/nouvelle?kind=${one}`,
    name: words.kinds[one],
    isHere: one === kind,
  }))
  const body = html`${tabBar(words.createKind, kinds)}
<p>${words.kindTells[kind]}</p>
${allFaults(state, language)}
<form method="post" action="${BASE}/nouvelle">${hidden('kind', kind)}
${fieldInput('local', state, language, { required: true })}
${choice(
  { name: 'domain', label: words.fields.domain, value: state.typed['domain'] ?? '', required: true },
  domains.map(({ name }) => [name, `@${name}`]),
)}
${kind === 'PER' ? fieldInput('owner', state, language, { required: true }) : null}
${entityInput(visit, domains, state)}
${changeInputs(kind, state, language)}
${reasonInput('reason', language, state)}
<p><button class="main">${words.createAct}</button></p></form>`
  return frame(visit, 'create', words.create, body)
}

function entityInput(
  { language, config }: KnownVisit,
  domains: ReturnType<MailboxViews['domains']>,
  state: FormState,
): Html | null {
  const words = MAIL_WORDS[language]
  const entities = [...new Set(domains.map(({ establishment }) => establishment))].flatMap((id) => {
    const one = config.establishments.get(id)
    return (one?.finess.eg ?? []).map((eg) => [eg, `${eg} · ${one?.name ?? id}`] as const)
  })
  const wrong = wrongOf(state, 'entity', language)
  const field = { name: 'entity', label: words.fields.entity, value: state.typed['entity'] ?? '', wrong }
  return entities.length === 0 ? null : choice(field, [['', words.noEntity], ...entities])
}
