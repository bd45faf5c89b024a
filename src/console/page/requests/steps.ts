/** The form of a teleconsultation or tele-expertise: three steps, for a tablet. What was typed goes along in the form. */
import { type Html, html } from '../html.ts'
import { entered, faults, hidden, tick } from '../inputs.ts'
import { consentPart, ownField, patientPart, phonePart, type Shown, typed, wrongLines } from './parts.ts'

/** A step of the form. */
export type Step = 1 | 2 | 3

/** The step that a form says it is at. */
export function stepOf(fields: URLSearchParams): Step {
  const step = fields.get('step')
  return step === '3' ? 3 : step === '2' ? 2 : 1
}

/** Fields of a step that are no own field of the service. */
const OWN: Readonly<Record<Step, readonly string[]>> = {
  1: ['patient', 'family', 'given', 'again', 'birth', 'sex', 'ipp', 'reason', 'phone', 'drill', 'asked'],
  2: [],
  3: ['consent', 'consent-by', 'consent-why', 'doctor', 'doctor-rpps', 'doctor-phone', 'doctor-mail'],
}

/** Step to which a field belongs. */
export function stepOfField(name: string, { service }: Pick<Shown, 'service'>): Step {
  const field = service.form.find(({ id }) => name === `value.${id}` || name === id)
  if (field !== undefined) return field.step === 3 ? 3 : field.step === 2 ? 2 : 1
  return OWN[3].includes(name) ? 3 : 1
}

/** One step, with what the others hold. */
export function stepForm(shown: Shown, step: Step, attachments: readonly string[]): Html {
  const { words, service, site, fields } = shown
  const kept = [...fields.keys()].filter((name) => {
    if (['id', 'site', 'unit', 'visit', 'shown', 'step', 'act', 'attachment', 'late'].includes(name)) return false
    return stepOfField(name, shown) !== step
  })
  const isLate = fields.get('late') === 'yes'
  const own = service.form.filter((one) => one.step === step).map((field) => ownField(field, shown))
  const names = new Set(['id', 'unit', 'visit', 'shown', ...kept])
  return html`<ol class="progress">${([1, 2, 3] as const).map(
    (one) => html`<li${one === step ? html` aria-current="step"` : null}>${words.steps[one]}</li>`,
  )}</ol>
<form class="asking big" method="post" enctype="multipart/form-data" action="/demandes/${service.name}">${entered(step < 3 ? 'next' : 'send')}
${faults(words.wrongTitle, wrongLines(shown))}
${[...names].map((name) => hidden(name, fields.get(name) ?? ''))}${hidden('site', site.id)}${hidden('step', String(step))}${isLate ? hidden('late', 'yes') : null}
<div id="attachments">${attachments.map((id) => hidden('attachment', id))}</div>
<p class="quiet">${words.stepOf(step)} · ${words.must}</p>
${step === 1 ? first(shown, isLate) : null}
${own}
${step === 3 ? filesPart(shown, attachments) : null}
${step === 3 ? consentPart(shown) : null}
<p class="send">${step > 1 ? html`<button name="act" value="back" formnovalidate>${words.before}</button>` : null}${
    step < 3
      ? html`<button class="main big" name="act" value="next">${words.next}</button>`
      : html`<button class="main big" name="act" value="send">${isLate ? words.sendLate : words.send}</button>`
  }</p>
</form>`
}

function first(shown: Shown, isLate: boolean): Html {
  const { words, fields } = shown
  return html`<h2>${words.resident}</h2>${patientPart(shown)}
${typed(shown, 'reason', words.reason, { required: true, longest: 500, rows: 2 })}
${phonePart(shown)}
${isLate ? typed(shown, 'asked', words.askedAt, { type: 'datetime-local', required: true }) : null}
${tick('drill', words.drill, fields.get('drill') === 'yes')}`
}

function filesPart({ words, service, visit, wrong }: Shown, attachments: readonly string[]): Html | null {
  const asked = service.form.filter(({ type }) => type === 'photos' || type === 'documents')
  if (asked.length === 0) return null
  return html`<div class="files" data-sending="${words.sending}" data-broken="${words.broken}" data-lost="${words.lost}">${asked.map(
    ({ id, name, type, required }) => {
      const fault = wrong.get(id)
      return html`<div class="field"><label for="in-${id}">${name[visit.language]}${required ? html` <span class="must">*</span>` : null}</label><input id="in-${id}" name="file" type="file" multiple accept="${
        type === 'photos' ? 'image/jpeg,image/png' : 'application/pdf'
      }" aria-describedby="in-${id}-help"><p class="help" id="in-${id}-help">${type === 'photos' ? words.photoHelp : words.documentHelp}</p>${
        fault === undefined ? null : html`<p class="alarm">${words.wrong[fault]}</p>`
      }</div>`
    },
  )}
<p id="files-state" aria-live="polite">${words.attached(attachments.length)}</p>
<p class="by-hand"><button name="act" value="add" formnovalidate>${words.add}</button>${
    attachments.length === 0 ? null : html`<button name="act" value="clear" formnovalidate>${words.remove}</button>`
  }</p></div>`
}
