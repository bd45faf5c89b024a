import type { AlertView } from '../../core/alerts.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { Language } from '../http/language.ts'
import { ALERT_WORDS, subjectName } from './words.ts'

/** An alert that is told, and what of it. */
export interface Told {
  readonly what: 'raised' | 'ended'
  readonly alert: AlertView
}

/** What all notices of a region know. */
export interface NoticeSurroundings {
  readonly language: Language
  readonly region: { readonly name: string; readonly timeZone: string }
  readonly establishments: ReadonlyMap<string, { readonly name: string }>
  /** Origin of the console; null: no link is given. */
  readonly console: string | null
}

/** One message to people about one or more alerts. It names parts of the region, figures and times, and no patient. */
export interface Notice {
  /** One line. */
  readonly subject: string
  readonly text: string
  /** At most 300 characters: for a telephone. */
  readonly short: string
}

/** Makes the message of alerts that are told together, the gravest first. Pure. */
export function noticeOf(told: readonly Told[], around: NoticeSurroundings): Notice {
  const { language, region } = around
  const words = ALERT_WORDS[language]
  const lines = told.map((one) => lineOf(one, around))
  const rest = told.length - 1
  const more = rest === 0 ? '' : language === 'fr' ? ` (et ${rest} autre${rest > 1 ? 's' : ''})` : ` (and ${rest} more)`
  const subject = oneLine(`[${region.name}] ${lines[0]}${more}`)
  const help = language === 'fr' ? HELP_FR : HELP_EN
  const time = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: region.timeZone,
  })
  const text = told.map(({ what, alert }, i) =>
    [
      `${words.severities[alert.severity]} · ${lines[i]}`,
      ...(what === 'raised' ? [help[alert.code]] : []),
      `${time.format(new Date(alert.firstAt))} → ${time.format(new Date(alert.endedAt ?? alert.lastAt))} · × ${alert.times}`,
      ...(around.console === null ? [] : [`${around.console}/alertes/${alert.id}`]),
    ].join('\n'),
  )
  return { subject, text: `${text.join('\n\n')}\n`, short: cut(`${region.name}: ${lines[0]}${more}`, 300) }
}

function lineOf({ what, alert }: Told, { language, establishments }: NoticeSurroundings): string {
  const words = ALERT_WORDS[language]
  const sentence = words.sentence(alert, subjectName(alert.subject, establishments, language))
  return oneLine(what === 'ended' ? `${words.ended} : ${sentence}` : sentence)
}

/** Names come from a file that people write: nothing of them may begin a new header or line. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
