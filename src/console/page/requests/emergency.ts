/** The form of an emergency: one page, four fields are enough, no image. */
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { readFormTime } from '../../../formats/clock/read.ts'
import { CLOCK_WORDS, repeatedText } from '../../../formats/clock/words.ts'
import { type Html, html } from '../html.ts'
import { entered, faults, hidden, radios, tick } from '../inputs.ts'
import { consentPart, ownField, patientPart, phonePart, type Shown, typed, wrongLines } from './parts.ts'
import { keptValue, LATER_TIMES, shownMs } from './read.ts'

/** The whole form. */
export function emergencyForm(shown: Shown): Html {
  const { words, service, site, fields } = shown
  const isLate = fields.get('late') === 'yes'
  const own = service.form.map((field) => ownField(field, shown))
  const moreOpen = [...shown.wrong.keys()].some((name) => /^(value|consent|doctor)/.test(name))
  const doubt = shown.wrong.get('hour')
  return html`<form class="asking" method="post" action="/demandes/${service.name}">${entered('send')}
${faults(words.wrongTitle, wrongLines(shown))}
${hidden('id', fields.get('id') ?? '')}${hidden('site', site.id)}${hidden('unit', fields.get('unit') ?? '')}${hidden('visit', fields.get('visit') ?? '')}${hidden('shown', fields.get('shown') ?? '')}${isLate ? hidden('late', 'yes') : null}${
  doubt === 'future' || doubt === 'old' ? hidden('kept', keptValue(fields)) : null
}
<section><h2>${words.patient}</h2>${patientPart(shown)}</section>
<section><h2>${words.when}</h2>${isLate ? lateTime(shown) : timePart(shown)}</section>
<section>${typed(shown, 'reason', words.reason, { required: true, longest: 500, help: words.reasonHelp })}
${phonePart(shown)}</section>
<p class="send"><button class="main big" name="act" value="send">${isLate ? words.sendLate : words.send}</button>${isLate ? null : html` <button name="act" value="check" formnovalidate>${words.check}</button>`}</p>
<details class="more"${moreOpen ? html` open` : null}><summary>${words.more}</summary>
${own}
${consentPart(shown)}
${tick('drill', words.drill, fields.get('drill') === 'yes')}
</details>
</form>`
}

function timePart(shown: Shown): Html {
  const { words, fields, visit } = shown
  const clock = CLOCK_WORDS[visit.language]
  const day = fields.get('day') === 'yesterday' ? 'yesterday' : 'today'
  return html`<div class="time">${radios({ name: 'day', label: words.day }, day, [
    ['today', clock.today],
    ['yesterday', clock.yesterday],
  ])}${typed(shown, 'hour', words.hour, { longest: 8, mode: 'numeric', help: words.hourHelp })}
<p class="understood" id="understood" aria-live="polite" data-ask="/demandes/heure">${understood(shown)}</p></div>
${tick('unknown', words.unknownTime, fields.get('unknown') === 'yes')}`
}

/** What the server understands of the time. */
export function understoodText(fields: URLSearchParams, shown: Pick<Shown, 'visit' | 'words' | 'nowMs'>): string {
  const { visit, words, nowMs } = shown
  const said = (fields.get('hour') ?? '').trim()
  const { timeZone } = visit.config.region
  const day = fields.get('day') === 'yesterday' ? 'yesterday' : 'today'
  const read = readFormTime(day, said, shownMs(fields, nowMs), timeZone)
  return read === null ? '' : words.understood(repeatedText(read, { said, nowMs, timeZone, language: visit.language }))
}

function understood(shown: Shown): string {
  return understoodText(shown.fields, shown)
}

/** Times of a request that was made on paper: with their dates. */
function lateTime(shown: Shown): Html {
  const { words, fields, visit } = shown
  const names = CASE_WORDS[visit.language].times
  return html`<div class="time">${typed(shown, 'date', words.date, { type: 'date', required: true })}${typed(
    shown,
    'hour',
    words.hour,
    {
      longest: 8,
      mode: 'numeric',
      help: words.hourHelp,
    },
  )}</div>
${tick('unknown', words.unknownTime, fields.get('unknown') === 'yes')}
${typed(shown, 'asked', words.askedAt, { type: 'datetime-local', required: true })}
<h3>${words.otherTimes}</h3>
<div class="entry">${LATER_TIMES.map((name) => typed(shown, `at.${name}`, names[name], { type: 'datetime-local' }))}</div>`
}
