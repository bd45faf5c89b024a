import { type Act, type Case, type Participant, PRECISIONS, TIME_SOURCES, type ToldTime } from '../../../core/cases.ts'
import { TIME_NAMES } from '../../../core/services.ts'
import { NIHSS_ITEMS, NIHSS_TOTAL } from '../../../formats/bridge/nihss.ts'
import { nihssOf } from '../../../formats/case/nihss.ts'
import { readFormTime } from '../../../formats/clock/read.ts'

/** What a form says, or why nothing can be made of it. */
export type FormAct =
  | { readonly act: Act; readonly atMs: number | null }
  | { readonly fault: 'missing' | 'badTime' | 'badScore' }

/** When and where a form was filled in. */
export interface FormFacts {
  readonly nowMs: number
  readonly timeZone: string
  readonly actor: Participant
  readonly of: Pick<Case, 'owner'>
}

const PLAIN = ['accept', 'images-sent', 'read-advice', 'finish'] as const
/** Characters of a line, and of a text. */
const MOST_LINE = 200
const MOST_TEXT = 20_000
/** The highest total of the stroke scale. */
const MOST_SCORE = 42
const MISSING = { fault: 'missing' } as const

/** What was written as a line: no control characters, at most two hundred characters. */
function line(fields: URLSearchParams, name: string): string {
  return (fields.get(name) ?? '')
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')
    .trim()
    .slice(0, MOST_LINE)
}

function text(fields: URLSearchParams, name: string): string {
  return (fields.get(name) ?? '').replaceAll('\r\n', '\n').trim().slice(0, MOST_TEXT)
}

const oneOf = <T extends string>(words: readonly T[], word: string | null): T | null =>
  words.find((one) => one === word) ?? null

/** The act that a form of a case page asks for. Pure. Null: no form of ours sends that. */
export function actOf(fields: URLSearchParams, facts: FormFacts): FormAct | null {
  const what = fields.get('acte')
  const plain = oneOf(PLAIN, what)
  if (plain !== null) return { act: { what: plain }, atMs: null }
  switch (what) {
    case 'refuse':
    case 'cancel': {
      const reason = line(fields, 'reason')
      return reason === '' ? MISSING : { act: { what, reason }, atMs: null }
    }
    case 'write': {
      const said = text(fields, 'text')
      return said === '' ? MISSING : { act: { what, text: said }, atMs: null }
    }
    case 'advise': {
      const said = text(fields, 'text')
      return said === '' ? MISSING : { act: { what, text: said, coded: [] }, atMs: null }
    }
    case 'biology': {
      const said = text(fields, 'text')
      return said === '' ? MISSING : { act: { what, message: null, codes: [], text: said }, atMs: null }
    }
    case 'decide': {
      const decision = line(fields, 'decision')
      return decision === '' ? MISSING : { act: { what, decision, text: text(fields, 'text') }, atMs: null }
    }
    case 'report': {
      const said = text(fields, 'text')
      const type = line(fields, 'type')
      return said === '' ? MISSING : { act: { what, type, message: null, text: said }, atMs: null }
    }
    case 'separate':
    case 'invite':
    case 'confirm-identity':
      return named(what, fields)
    case 'reached':
      return reached(fields, facts)
    case 'tell-time':
      return toldTime(fields, facts)
    case 'score':
      return score(fields)
    case 'consent':
      return consent(fields, facts)
    case 'hand-over': {
      const name = line(fields, 'to')
      if (name === '') return MISSING
      const establishment = facts.of.owner?.establishment ?? null
      const phone = line(fields, 'phone') || null
      return { act: { what, to: { name, rpps: null, establishment, role: 'expert', phone } }, atMs: null }
    }
    default:
      return null
  }
}

function named(what: 'separate' | 'invite' | 'confirm-identity', fields: URLSearchParams): FormAct {
  const name = line(fields, 'of')
  const reason = line(fields, 'reason')
  if (name === '') return MISSING
  if (what === 'separate') return { act: { what, request: name, into: '' }, atMs: null }
  if (what === 'invite') return { act: { what, ladder: name }, atMs: null }
  return reason === '' ? MISSING : { act: { what, uid: name, reason }, atMs: null }
}

/** An hour of today, or of yesterday when today's is yet to come by more than an hour; empty: now. */
function hourOf(written: string, { nowMs, timeZone }: FormFacts): number | null {
  if (written === '') return nowMs
  const today = readFormTime('today', written, nowMs, timeZone)
  if (today === null) return null
  return today.atMs <= nowMs + 3_600_000
    ? today.atMs
    : (readFormTime('yesterday', written, nowMs, timeZone)?.atMs ?? null)
}

function reached(fields: URLSearchParams, facts: FormFacts): FormAct {
  const whom = line(fields, 'whom')
  if (whom === '') return MISSING
  const atMs = hourOf(line(fields, 'hour'), facts)
  return atMs === null
    ? { fault: 'badTime' }
    : { act: { what: 'reached', whom, atMs }, atMs: Math.min(atMs, facts.nowMs) }
}

function toldTime(fields: URLSearchParams, { nowMs, timeZone }: FormFacts): FormAct {
  const name = oneOf(TIME_NAMES, fields.get('name'))
  if (name === null) return MISSING
  if (fields.get('unknown') === '1') return { act: { what: 'tell-time', name, time: null }, atMs: null }
  const day = fields.get('day') === 'yesterday' ? 'yesterday' : 'today'
  const read = readFormTime(day, line(fields, 'hour'), nowMs, timeZone)
  if (read === null) return { fault: 'badTime' }
  const time: ToldTime = {
    atMs: read.atMs,
    precision: oneOf(PRECISIONS, fields.get('precision')) ?? 'minute',
    source: oneOf(TIME_SOURCES, fields.get('source')) ?? 'record',
    toldAtMs: nowMs,
  }
  return { act: { what: 'tell-time', name, time }, atMs: null }
}

function score(fields: URLSearchParams): FormAct {
  const number = (name: string): number | null => {
    const written = line(fields, name)
    return written === '' ? null : Number(written)
  }
  const items = Object.entries(NIHSS_ITEMS).map(([code, most]) => ({ code, most, score: number(`i-${code}`) }))
  const told = number('total')
  const scored = items.flatMap((one) => (one.score === null ? [] : [one.score]))
  if (told === null && scored.length === 0) return MISSING
  const isRight = (one: number | null, most: number) =>
    one === null || (Number.isInteger(one) && one >= 0 && one <= most)
  if (!isRight(told, MOST_SCORE) || !items.every(({ score: one, most }) => isRight(one, most)))
    return { fault: 'badScore' }
  const scores = items.map(({ code, score: one }) => [code, one] as const)
  const nihss = nihssOf(told === null ? scores : [...scores, [NIHSS_TOTAL, told]])
  return nihss === null ? { fault: 'badScore' } : { act: { what: 'score', nihss }, atMs: null }
}

function consent(fields: URLSearchParams, { nowMs }: FormFacts): FormAct {
  const given = fields.get('given') === 'yes'
  const by = line(fields, 'by')
  const why = line(fields, 'why')
  if (by === '' || (!given && why === '')) return MISSING
  return { act: { what: 'consent', consent: { given, by, atMs: nowMs, refusedWhy: given ? null : why } }, atMs: null }
}
