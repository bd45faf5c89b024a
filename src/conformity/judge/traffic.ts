import { type Judgement, type Measure, NOTHING_MEASURED, type Side, type TrafficRule } from '../../core/conformity.ts'
import { ERRORS } from '../../core/errors.ts'
import { isNamed, MORE, readSignature, softwareVersionIn } from '../count/signature.ts'

/** How many messages of one kind, product and signature there were in a window. */
export interface Count {
  readonly side: Side
  readonly kind: string
  readonly application: string
  readonly signature: string
  readonly n: number
}

/** Most findings and products that a judgement names. */
const MOST_NAMED = 5

/** What a rule comes to over the counts of its window. `sentDays`: since when anything was sent (`Sent`). Pure. */
export function judgeTraffic(rule: TrafficRule, counts: readonly Count[], sentDays: number): Judgement {
  const own = counts.filter((count) => looksAt(rule, count))
  const read = own.map((count) => ({ ...count, fault: faultOf(rule.measure, count.signature) }))
  const counted = read.filter(({ fault }) => fault !== 'not-counted')
  const total = sum(counted)
  const good = sum(counted.filter(({ fault }) => fault === null))
  const measured = {
    good,
    total,
    found: mostOften(
      counted.flatMap(({ fault, n }) => (Array.isArray(fault) ? fault.map((one) => [one, n] as const) : [])),
    ),
    software: mostOften(counted.map((count) => [softwareOf(count), count.n] as const))
      .map(({ finding }) => finding)
      .filter((one) => one !== ''),
    untilMs: null,
  }
  if (rule.measure.what === 'presence') {
    return present(rule.measure.messages, measured, heardOf(counts) && sentDays >= rule.windowDays)
  }
  if (total < rule.minimum || total === 0) return { ...measured, verdict: 'not-measured', why: 'too-few' }
  return { ...measured, ...verdictOf(rule.measure, good, total) }
}

/** A product as its messages name it, with its version where they tell one; '': they name none. */
function softwareOf({ side, application, signature }: Count): string {
  const version = side === 'sent' && application !== '' ? softwareVersionIn(signature) : ''
  return version === '' ? application : `${application} ${version}`
}

/** Is a message one of those that a rule looks at? Pure. */
export function looksAt(
  { side, kinds, profiles, notProfiles = [] }: TrafficRule,
  count: Pick<Count, 'side' | 'kind' | 'signature'>,
): boolean {
  if (count.side !== side || !isNamed(count.kind, kinds)) return false
  if (profiles === undefined && notProfiles.length === 0) return true
  const claimed = readSignature(count.signature).profiles
  const claims = (some: readonly string[]): boolean => claimed.some((one) => isNamed(one, some))
  return (profiles === undefined || claims(profiles)) && !claims(notProfiles)
}

function verdictOf(
  measure: Exclude<Measure, { what: 'presence' }>,
  good: number,
  total: number,
): Pick<Judgement, 'verdict' | 'why'> {
  if (measure.what === 'absence') {
    return good === total ? { verdict: 'met', why: 'fine' } : { verdict: 'unmet', why: 'found' }
  }
  // A product and not a quotient: 99 of 100 is 0.99 whatever a binary fraction makes of it.
  const reaches = (share: number): boolean => good >= share * total - 1e-9
  if (reaches(measure.atLeast)) return { verdict: 'met', why: 'fine' }
  const why = measure.what === 'share' ? 'share' : 'answers'
  return { verdict: measure.partly !== null && reaches(measure.partly) ? 'partly' : 'unmet', why }
}

/** Did it send anything? What it was sent says nothing of that. */
function heardOf(counts: readonly Count[]): boolean {
  return counts.some(({ side, n }) => side === 'sent' && n > 0)
}

/**
 * No flow is only then a lack when the establishment sends at all, and has for as long as the window: of one that is not heard, or
 * began not long ago, nothing can be said (`heard` false). */
function present(needed: number, measured: Omit<Judgement, 'verdict' | 'why'>, heard: boolean): Judgement {
  if (measured.total >= needed) return { ...measured, verdict: 'met', why: 'fine' }
  if (!heard) return { ...measured, verdict: 'not-measured', why: 'too-few' }
  return { ...measured, verdict: measured.total > 0 ? 'partly' : 'unmet', why: 'no-flow' }
}

/** What is wrong with messages of that signature: names of findings, nothing (null), or they do not count. Pure. */
export function faultOf(measure: Measure, signature: string): readonly string[] | null | 'not-counted' {
  if (measure.what === 'answered') return answeredFault(signature, measure.withinMs)
  const { names, refused } = readSignature(signature)
  if (refused !== null) return refusedFault(measure, refused)
  if (measure.what === 'presence') return null
  const unwanted = measure.what === 'share' ? measure.without : measure.of
  const found = names.filter((name) => name === MORE || isNamed(name, unwanted))
  return found.length === 0 ? null : found
}

/** A message that was refused for what it was, is a message that was not right; one that could not be taken says nothing. */
function refusedFault(measure: Measure, code: keyof typeof ERRORS): readonly string[] | 'not-counted' {
  const reason = ERRORS[code]?.reason
  const own = reason === 'content' || reason === 'type'
  if (measure.what === 'absence' && own && isNamed(code, measure.of)) return [code]
  return measure.what === 'share' && measure.refused && own ? [code] : 'not-counted'
}

function answeredFault(signature: string, withinMs: number | null): readonly string[] | null {
  const [outcome = '', detail = ''] = signature.split(' ')
  if (outcome !== 'delivered') return [detail === '' ? outcome : detail]
  return withinMs === null || Number(detail) <= withinMs ? null : ['SLOW']
}

function sum(counts: readonly { readonly n: number }[]): number {
  return counts.reduce((all, { n }) => all + n, 0)
}

function mostOften(named: readonly (readonly [name: string, n: number])[]): Judgement['found'] {
  const sums = new Map<string, number>()
  for (const [name, n] of named) sums.set(name, (sums.get(name) ?? 0) + n)
  return [...sums]
    .map(([finding, messages]) => ({ finding, messages }))
    .sort((a, b) => b.messages - a.messages || (a.finding < b.finding ? -1 : 1))
    .slice(0, MOST_NAMED)
}

/** A judgement with nothing measured, by its reason. Pure. */
export function unmeasured(why: Judgement['why']): Judgement {
  return { ...NOTHING_MEASURED, verdict: 'not-measured', why }
}
