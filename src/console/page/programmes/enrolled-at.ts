import { may, reachOf } from '../../../core/caller.ts'
import type { ProgrammeViews } from '../../../core/programme-commands.ts'
import type { MemberViews } from '../../among.ts'
import { type Html, html } from '../html.ts'
import { markShapes } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { headedTable } from '../table.ts'
import { confirmMark, enrolmentPath, inventedMark, moneyOf, stateMark } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** What pages of one establishment show of programmes. */
export type EnrolledViews = Pick<ProgrammeViews, 'enrolledAt' | 'programme'> & MemberViews

/** Programmes that an establishment is in, by its FINESS numbers; nothing where it is in none, or not for these eyes. */
export async function enrolledAt(
  { caller, language }: KnownVisit,
  views: EnrolledViews,
  finess: readonly string[],
): Promise<Html | null> {
  if (!may(caller, 'programmes:read')) return null
  const enrolments = await views.enrolledAt(finess, reachOf(caller, 'programmes:read'))
  if (enrolments.length === 0) return null
  const words = PROGRAMME_WORDS[language]
  const columns = [
    ...[words.programme, words.state, words.domains].map((name) => ({ name })),
    ...[words.amount, words.paid].map((name) => ({ name, numeric: true })),
  ]
  const rows = enrolments.map((one) => {
    const programme = views.programme(one.programme)
    const domains = one.domains.map((id) => programme?.domains.find((domain) => domain.id === id)?.name[language] ?? id)
    return [
      html`<a href="${enrolmentPath(one)}">${programme?.name[language] ?? one.programme}</a>${inventedMark(one.invented, language)}${confirmMark(one.confirm, language)}`,
      stateMark(one.state, language),
      domains.join(', '),
      one.cents === null ? '–' : moneyOf(one.cents, language),
      moneyOf(one.paid.advance + one.paid['start-up'] + one.paid.use, language),
    ]
  })
  return html`${markShapes()}${headedTable('programmes', words.ofOne, columns, rows, '')}`
}
