import { reachOf } from '../../../core/caller.ts'
import type { ProgrammeViews } from '../../../core/programme-commands.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { frame } from './frame.ts'
import { moneyBars } from './money-bars.ts'
import { BASE, confirmMark, envelopeText, leftOf, moneyOf, NO_SUMS, periodText, programmePath } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** Every programme, with what is set aside, engaged and paid. */
export async function listPage(visit: KnownVisit, views: ProgrammeViews): Promise<PageBody> {
  const { language, caller } = visit
  const words = PROGRAMME_WORDS[language]
  const reach = reachOf(caller, 'programmes:read')
  const [sums, supported] = await Promise.all([views.sums(reach), views.supported(reach)])
  const all = views.programmes().map((programme) => ({ programme, sums: sums.get(programme.id) ?? NO_SUMS }))
  const money = (cents: number): string => moneyOf(cents, language)
  const rows = all.map(({ programme, sums: own }): (Html | string)[] => [
    html`<a href="${programmePath(programme)}">${programme.name[language]}</a>${confirmMark(programme.confirm, language)}`,
    periodText(programme, visit),
    envelopeText(programme, language, own),
    numberOf(own.enrolments, language),
    ...[own.engaged, own.paid, leftOf(own)].map(money),
  ])
  const columns = [
    ...[words.programme, words.period, words.envelope].map((name) => ({ name })),
    ...[words.enrolments, words.engaged, words.paid, words.left].map((name) => ({ name, numeric: true })),
  ]
  const bars = all.map(({ programme, sums: own }) => ({ name: programme.name[language], sums: own }))
  const body = html`<p>${words.lead}</p><p><strong>${words.supported(numberOf(supported, language))}</strong></p>
${moneyBars(bars, visit)}
${headedTable('programmes', words.title, columns, rows, words.none)}
<p class="quiet">${words.leftTells}</p>`
  return frame(visit, words.title, BASE, body)
}
