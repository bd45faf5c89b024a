import type { EnrolmentProblem } from '../../../core/programme-commands.ts'
import type { Programme } from '../../../core/programmes.ts'
import type { EnrolmentColumn } from '../../../formats/programme-csv.ts'
import { reasonInput, type Typed } from '../conformity/acts-parts.ts'
import { type Html, html } from '../html.ts'
import { choice, faults, type Input, input, tick } from '../inputs.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { programmePath } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** The form that enrols an establishment, with what was typed and what is wrong with it. */
export function enrolForm(
  programme: Programme,
  visit: KnownVisit,
  { typed, problems }: { readonly typed: Typed; readonly problems: readonly EnrolmentProblem[] },
): Html {
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  const wrong = (field: string): string | null => {
    const found = problems.find((one) => one.field === field)
    return found === undefined ? null : words.faults[found.fault]
  }
  const field = (name: EnrolmentColumn, more: Partial<Input> = {}): Html =>
    input({ name, label: words.fields[name], value: typed[name] ?? '', wrong: wrong(name), ...more })
  const none = ['', '–'] as const
  const open = problems.length > 0 || Object.keys(typed).length > 0
  return html`<details${open ? html` open` : null}><summary>${words.enrol}</summary><p>${words.enrolTells}</p>
${faults(
  words.faultsTitle,
  problems.map((one) => [one.field, words.faults[one.fault]]),
)}
<form method="post" action="${programmePath(programme)}/dossiers">
${field('finess', { help: words.helps.finess, required: true, longest: 9 })}
${field('name', { help: words.helps.name, longest: 200 })}
${choice({ name: 'kind', label: words.fields.kind, value: typed['kind'] ?? '', wrong: wrong('kind') }, [none, ...programme.kinds.map((one) => [one, words.kinds[one] ?? one] as const)])}
${field('department', { longest: 3 })}
${domainTicks(programme, visit, typed, wrong('domains'))}
${
  programme.projects.length === 0
    ? null
    : choice(
        {
          ...{ name: 'project', label: words.fields.project, value: typed['project'] ?? '', wrong: wrong('project') },
          required: true,
        },
        programme.projects.map(({ id, name }) => [id, name[language]]),
      )
}
${field('bodyFiness', { longest: 9 })}
${field('bodyName', { longest: 200 })}
${field('bodyCount', { help: words.helps.bodyCount, mode: 'numeric', longest: 5 })}
${field('depositedOn', { type: 'date' })}
${field('amount', { help: words.helps.amount, longest: 20 })}
${field('source', { help: words.helps.source, longest: 400 })}
${tick('invented', words.inventedTick, typed['invented'] === 'yes')}
${tick('confirm', words.confirmTick, typed['confirm'] === 'yes')}
${reasonInput('enrol-reason', visit, typed)}
<p><button class="main">${words.enrolAct}</button></p></form></details>`
}

function domainTicks(programme: Programme, { language }: KnownVisit, typed: Typed, wrong: string | null): Html {
  const words = PROGRAMME_WORDS[language]
  const chosen = (typed['domains'] ?? '').split(' ')
  return html`<fieldset class="radios" id="in-domains"${wrong === null ? null : html` aria-describedby="in-domains-wrong"`}><legend>${words.fields.domains} <span class="must">*</span></legend>${programme.domains.map(
    ({ id, name }) =>
      html`<label class="tick"><input type="checkbox" name="domains" value="${id}"${chosen.includes(id) ? html` checked` : null}> <span>${name[language]}</span></label>`,
  )}${wrong === null ? null : html`<p class="alarm" id="in-domains-wrong">${wrong}</p>`}</fieldset>`
}
