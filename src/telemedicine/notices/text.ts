import type { DelayName, Told } from '../../core/services.ts'
import { CASE_WORDS } from '../../formats/case/words.ts'
import type { Language } from '../../formats/http/language.ts'
import type { NoticeWhy } from './row.ts'

/** Characters of a text, at most: two short messages. */
const MOST = 300

/** What a notice may say: numbers and names of the region's own parts, and nothing of a patient. */
export interface NoticeFacts {
  readonly why: NoticeWhy
  readonly told: Told
  /** Counts rungs from 0; null: no rung. */
  readonly rung: number | null
  readonly drill: boolean
  readonly test: boolean
  /** Title of the service, or of the ladder that is no answer; of a duty, its rota. */
  readonly service: string
  /** Number of the case; of a hand-over, of all that go on. */
  readonly numbers: readonly string[]
  /** Name of the site; of a duty, of its centre. */
  readonly site: string
  /** When the appointment begins that is reminded of (ms since 1970), on the clocks of `timeZone`; null: none, or it is off. */
  readonly starts: { readonly atMs: number; readonly timeZone: string } | null
  /** Page of the case; null: no link. */
  readonly link: string | null
  /** A telephone number that goes with it, such as the Centre 15's; null: none. */
  readonly phone: { readonly name: string; readonly number: string } | null
}

/** A day and an hour as clocks on the wall have them, `27/11` and `14:30`. */
interface Wall {
  readonly date: string
  readonly time: string
}

const SAID: Readonly<
  Record<
    Language,
    {
      first: string
      again: string
      yours: string
      remind: (when: Wall | null) => string
      test: string
      handOver: (n: number) => string
    }
  >
> = {
  fr: {
    first: 'nouvelle demande, à ouvrir',
    again: 'demande toujours sans réponse',
    yours: 'votre demande est toujours sans réponse, un autre centre est alerté',
    remind: (when) =>
      when === null ? 'rappel de rendez-vous' : `rappel du rendez-vous du ${when.date} à ${when.time}`,
    test: "essai de début de garde, rien d'autre à faire",
    handOver: (n) => `relève, ${n} dossier(s) en cours`,
  },
  en: {
    first: 'new request, to be opened',
    again: 'request still without an answer',
    yours: 'your request is still without an answer, another centre is told',
    remind: (when) =>
      when === null ? 'reminder of an appointment' : `reminder of the appointment on ${when.date} at ${when.time}`,
    test: 'test at the start of the duty, nothing else to do',
    handOver: (n) => `hand-over, ${n} open case(s)`,
  },
}

/** The text of a short message, call or webhook: `EXERCICE` first for a drill. One line. Pure. */
export function noticeText(facts: NoticeFacts, language: Language, channel: 'sms' | 'voice' | 'webhook'): string {
  const { drill, test, service, numbers, site, link, phone } = facts
  const words = CASE_WORDS[language]
  const colon = language === 'fr' ? ' : ' : ': '
  const mark = drill ? [words.drill] : test && facts.why !== 'duty-test' ? [words.test] : []
  const head = [service, ...numbers.slice(0, 5)].join(' ')
  const text = [
    ...mark,
    `${head}, ${site}${colon}${saidOf(facts, language)}`,
    ...(phone === null ? [] : [`${phone.name}${colon}${phone.number}`]),
    // A voice that spells an address helps nobody.
    ...(link === null || channel === 'voice' ? [] : [link]),
  ].join('. ')
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
  return line.length <= MOST ? line : `${line.slice(0, MOST - 1)}…`
}

function wallOf({ atMs, timeZone }: NonNullable<NoticeFacts['starts']>): Wall {
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone)
  const two = (n: number): string => String(n).padStart(2, '0')
  return { date: `${two(at.day)}/${two(at.month)}`, time: `${two(at.hour)}:${two(at.minute)}` }
}

function saidOf({ why, told, rung, numbers, starts }: NoticeFacts, language: Language): string {
  const said = SAID[language]
  if (why === 'duty-test') return said.test
  if (why === 'reminder') return said.remind(starts === null ? null : wallOf(starts))
  if (why === 'hand-over') return said.handOver(numbers.length)
  if (why !== 'rung') return CASE_WORDS[language].delays[why satisfies DelayName]
  if (told === 'requester') return said.yours
  return rung === 0 ? said.first : said.again
}
