/** What OBX and NTE of a message say of a case: times, the stroke scale, results, and words. */
import type { Act, ToldTime } from '../../core/cases.ts'
import { scoreAt } from '../bridge/nihss.ts'
import { noteTexts, type ObservationGroup, type OrderGroup, textsAt } from '../bridge/order-groups.ts'
import { textAt } from '../bridge/parts.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { isScale, nihssOf } from './nihss.ts'
import { type CaseFacts, isBiology, timeNamed, toldTime } from './reading.ts'

/** Results that were withdrawn or never made (table 0085). */
const WITHDRAWN: ReadonlySet<string> = new Set(['D', 'W', 'X', 'N'])
const WORDS: ReadonlySet<string> = new Set(['TX', 'FT', 'ST'])
/** Longest text of an act that is read from a message. */
const MOST_TEXT = 20_000

/** Observations of all orders, without those that were withdrawn. */
export function observationsIn(message: Hl7Message, groups: readonly OrderGroup[]): readonly ObservationGroup[] {
  return groups
    .flatMap(({ observations }) => observations)
    .filter(({ obx }) => !WITHDRAWN.has(textAt(message, `${obx}-11`)))
}

/** Times by OBX whose code is known, then by NTE whose type (NTE-4) is and whose text is a time; the first of each counts. */
export function timesIn(message: Hl7Message, groups: readonly OrderGroup[], facts: CaseFacts) {
  const times: { [name in NonNullable<ReturnType<typeof timeNamed>>]?: ToldTime } = {}
  const put = (code: string, said: string): void => {
    const name = timeNamed(code, facts)
    const told = name === null || times[name] !== undefined ? null : toldTime(said, facts)
    if (name !== null && told !== null) times[name] = told
  }
  for (const { obx } of observationsIn(message, groups)) put(textAt(message, `${obx}-3`), textAt(message, `${obx}-5`))
  for (const note of groups.flatMap(({ notes }) => notes)) {
    put(textAt(message, `${note}-4`), textAt(message, `${note}-3`))
  }
  return times
}

/** The stroke scale; null: none. */
export function scoreIn(
  message: Hl7Message,
  observations: readonly ObservationGroup[],
  facts: Pick<CaseFacts, 'message'>,
): Act | null {
  const scores = observations
    .map(({ obx }) => [textAt(message, `${obx}-3`), scoreAt(message, obx)] as const)
    .filter(([code]) => isScale(code))
  const nihss = nihssOf(scores)
  return nihss === null ? null : { what: 'score', nihss, message: facts.message }
}

/** Results that the service waits for, each on a line; null: none. */
export function biologyIn(
  message: Hl7Message,
  observations: readonly ObservationGroup[],
  facts: CaseFacts,
): Act | null {
  const found = observations
    .map(({ obx }) => ({ code: textAt(message, `${obx}-3`), line: resultLine(message, obx) }))
    .filter(({ code, line }) => line !== '' && isBiology(code, facts))
  if (found.length === 0) return null
  const text = found.map(({ line }) => line).join('\n')
  return { what: 'biology', message: facts.message, codes: found.map(({ code }) => code), text }
}

function resultLine(message: Hl7Message, obx: string): string {
  // A structured number (SN) has its comparator in front and its parts behind.
  const isParts = textAt(message, `${obx}-2`) === 'SN'
  const value = isParts
    ? [1, 2, 3, 4].map((n) => textAt(message, `${obx}-5.${n}`)).join('')
    : textAt(message, `${obx}-5`)
  if (value === '') return ''
  const name = textAt(message, `${obx}-3.2`) || textAt(message, `${obx}-3`)
  const unit = textAt(message, `${obx}-6.2`) || textAt(message, `${obx}-6`)
  const flag = textAt(message, `${obx}-8`)
  return [name, value, unit, flag === '' || flag === 'N' ? '' : `(${flag})`].filter((one) => one !== '').join(' ')
}

/** Words of OBX of text whose code says nothing to a case, then of the notes; '' when there are none. */
export function wordsIn(message: Hl7Message, groups: readonly OrderGroup[], facts: CaseFacts): string {
  const said = observationsIn(message, groups).flatMap(({ obx, notes }) => {
    const code = textAt(message, `${obx}-3`)
    const clinical = isScale(code) || facts.codes.has(code) || !WORDS.has(textAt(message, `${obx}-2`))
    return [...(clinical ? [] : [textsAt(message, `${obx}-5`).join('\n')]), ...noteTexts(message, notes)]
  })
  const noted = groups.flatMap(({ notes }) => noteTexts(message, notes))
  return [...said, ...noted]
    .filter((one) => one !== '')
    .join('\n')
    .slice(0, MOST_TEXT)
}
