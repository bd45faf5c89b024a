import type { Duty } from '../../../core/duty.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import type { Language } from '../../../formats/http/language.ts'
import { whenText } from '../duty/week.ts'
import { type Html, html } from '../html.ts'
import { phoneText } from '../structures/frame.ts'
import type { Kit, KitService } from './kit.ts'
import { DEGRADED_WORDS, type SheetField } from './words.ts'

/** For whom a kit is written. */
interface Reader {
  readonly language: Language
  readonly timeZone: string
}

/** A kit as it is read and printed: numbers, steps, and a blank sheet for each service. */
export function kitBody(kit: Kit, reader: Reader): Html {
  const { language, timeZone } = reader
  const words = DEGRADED_WORDS[language]
  const { coordination } = kit
  const number = coordination.number ?? coordination.duties[0]?.phone ?? null
  return html`<p class="made">${words.madeAt(whenText(kit.madeAtMs, timeZone, language))}</p>
<h2>${words.steps}</h2><ol class="to-do">${words.stepList.map((step) => html`<li>${step}</li>`)}</ol>
<h2>${words.numbers}</h2>
<dl class="numbers"><div><dt>${words.centre15}</dt><dd><a href="tel:${bare(kit.centre15)}">${kit.centre15}</a></dd></div>${
    number === null
      ? null
      : html`<div><dt>${words.coordination}</dt><dd><a href="tel:${bare(number)}">${number}</a></dd></div>`
  }</dl>
${kit.services.map((one) => html`${numbersOf(one, reader)}`)}
${kit.services.map((one) => sheetOf(one, kit, language))}`
}

function bare(number: string): string {
  return number.replaceAll(/[^+0-9]/g, '')
}

function numbersOf({ service, centres }: KitService, reader: Reader): Html {
  const words = DEGRADED_WORDS[reader.language]
  return html`${centres.map(
    ({ name, duties }, n) =>
      html`<h3>${n + 1}. ${name} · ${service.title[reader.language]}</h3>${
        duties.length === 0
          ? html`<p>${words.nobody}</p>`
          : dutyTable(`${name} · ${service.title[reader.language]}`, duties, reader)
      }`,
  )}`
}

function dutyTable(name: string, duties: readonly Duty[], { language, timeZone }: Reader): Html {
  const words = DEGRADED_WORDS[language]
  const at = (ms: number): string => whenText(ms, timeZone, language)
  const columns = Object.values(words.columns)
  return html`<div class="wide" role="region" tabindex="0" aria-label="${name}"><table role="table" aria-label="${name}"><thead role="rowgroup"><tr role="row">${columns.map(
    (column) => html`<th role="columnheader" scope="col">${column}</th>`,
  )}</tr></thead><tbody role="rowgroup">${duties.map((one) => {
    const phone = html`<a href="tel:${bare(one.phone)}">${phoneText(one.phone)}</a>`
    const cells = [words.places[one.place], one.person, phone, at(one.fromMs), at(one.untilMs)]
    return html`<tr role="row">${cells.map(
      (cell, i) => html`<td role="cell" data-label="${columns[i] ?? ''}"><span>${cell}</span></td>`,
    )}</tr>`
  })}</tbody></table></div>`
}

const BEFORE: readonly SheetField[] = ['site', 'written', 'family', 'given', 'birth', 'sex', 'ipp']
const AFTER: readonly SheetField[] = ['callBack', 'nihss', 'images', 'reached', 'advice']
const TIMES = ['last-seen-well', 'onset', 'discovery'] as const

function sheetOf({ service }: KitService, { site }: Kit, language: Language): Html {
  const words = DEGRADED_WORDS[language]
  const times = CASE_WORDS[language].times
  const line = (name: string, value: Html | string = '', tall = false) =>
    html`<tr${tall ? html` class="tall"` : null}><th scope="row">${name}</th><td>${value}</td></tr>`
  const boxes = service.decisions.map(({ name }) => html`<span class="tick-box">☐ ${name[language]}</span> `)
  const own = service.form.filter(({ type }) => type !== 'photos' && type !== 'documents')
  return html`<section class="sheet"><h2>${words.sheet(service.title[language])}</h2><p>${words.sheetLead}</p>
<table class="blank"><tbody>${BEFORE.map((name) => line(words.fields[name], name === 'site' ? site.name : ''))}
${TIMES.map((name) => line(`${times[name]} (${words.dayHour})`))}
${line(words.fields.reason, '', true)}
${own.map(({ name }) => line(name[language]))}
${AFTER.map((name) => line(words.fields[name], '', name === 'advice'))}
${line(words.fields.decision, html`${boxes}`, true)}
${line(words.fields.by)}</tbody></table></section>`
}

const STYLE = html`<style>
body { font: 11pt/1.4 sans-serif; margin: 1.5cm; color: #000 }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #444; padding: 2mm; text-align: left; vertical-align: top }
.blank th { width: 35% }
.blank tr { height: 9mm }
.blank .tall { height: 22mm }
.sheet { break-before: page }
.tick-box { margin-right: 5mm }
a { color: inherit }
</style>`

/** A kit as a file of its own, for a disk or a printer: it needs no server and no script. */
export function kitDocument(kit: Kit, reader: Reader): string {
  const title = DEGRADED_WORDS[reader.language].kitOf(kit.site.name)
  return html`<!doctype html>
<html lang="${reader.language}"><head><meta charset="utf-8"><title>${title}</title>${STYLE}</head>
<body><h1>${title}</h1>${kitBody(kit, reader)}</body></html>
`.text
}
