/** Whose cases a message is about, and what follows of it for each. Pure. */
import type { Act, Case, CaseMessage, CaseReading, CaseRequest } from '../core/cases.ts'
import { samePlacer } from '../formats/case/reading.ts'
import { isAnswered } from './case/answered.ts'
import { isOfAnother, isPatientOf } from './case/identity.ts'

/** A message, and what it says. */
export interface Heard {
  readonly message: CaseMessage
  readonly reading: CaseReading
}

const bears = (keys: readonly string[], { requests }: Case): boolean =>
  requests.some((one) => one.keys.some((key) => keys.includes(key)))

/**
 * The cases that are of the message's patient: not those of which it has only a number or INS, and names somebody else. Where
 * two patients have one, and it names neither, it is of whom the site itself numbers so, or of nobody. */
export function ownOf(cases: readonly Case[], heard: Heard): readonly Case[] {
  const { keys } = heard.message
  // A merge or a change of numbers names nobody: it says who is whom.
  if (heard.reading.patient == null && heard.reading.acts.some(({ what }) => what === 'identity')) return cases
  const fit = cases.filter((one) => !namesAnother(one, heard))
  if (!areOfSeveral(fit)) return fit
  const numbers = keys.filter((key) => !key.startsWith('INS:'))
  const sure = fit.filter((one) => bears(numbers, one))
  return areOfSeveral(sure) ? [] : sure
}

/** Does the message name somebody else than the patient of the case? */
export function namesAnother(of: Case, { message, reading }: Heard): boolean {
  const patient = reading.patient ?? null
  return patient !== null && isOfAnother(of, { site: message.establishment, patient })
}

/**
 * What a message says of one of the cases that it is of, in order. When somebody arrived is for the sites that ask to say: another
 * establishment registers whoever is brought to it later. Of a patient who was asked for again, what is measured is of the case
 * that is not answered yet, who they are of both. */
export function saidOf(of: Case, { message, reading }: Heard, own: readonly Case[] = []): readonly Act[] {
  const isOver = isAnswered(of) && own.some((one) => isAlike(one, of) && one.openedAtMs > of.openedAtMs)
  if (isOver) return reading.acts.filter(({ what }) => what === 'identity')
  if (of.requests.some(({ site }) => site === message.establishment)) return reading.acts
  return reading.acts.filter(
    (act) => act.what !== 'tell-time' || act.name !== 'arrival' || act.time?.source !== 'system',
  )
}

const isAlike = (one: Case, other: Case): boolean => one.service === other.service && one.drill === other.drill

function areOfSeveral(cases: readonly Case[]): boolean {
  return cases.some((one, i) =>
    cases.slice(i + 1).some((other) => other.requests.some((request) => isOfAnother(one, request))),
  )
}

/**
 * What an order that is taken back by its site does to each case that has it: the case is closed once none of its requests is
 * left. Of others that joined, and where the patient is not theirs, it is written down for people to see. */
export function takingBack(cases: readonly Case[], heard: Heard): ReadonlyMap<string, readonly Act[]> {
  const { message, reading } = heard
  const { cancels, cancelReason } = reading
  if (cancels === null) return new Map()
  const isNamed = ({ placer, site }: CaseRequest): boolean =>
    site === message.establishment && placer !== null && samePlacer(placer, cancels)
  const having = cases.filter(({ requests }) => requests.some(isNamed))
  const isTheirs = (one: Case): boolean =>
    bears(message.keys, one) ||
    (reading.patient != null &&
      one.requests.some((request) => isNamed(request) && isPatientOf(request, reading.patient!)))
  const own = having.filter((one) => isTheirs(one) && !namesAnother(one, heard))
  if (own.length === 0) {
    return new Map(having.map(({ id }) => [id, [{ what: 'write', remark: 'other-cancel', text: cancels.value }]]))
  }
  const text = cancelReason || cancels.value
  return new Map(
    own.map(({ id, requests }): [string, readonly Act[]] => {
      if (requests.every((one) => isNamed(one) || one.takenBack)) return [id, [{ what: 'cancel', reason: text }]]
      const named = requests.filter(isNamed).map((one) => one.id)
      return [id, [{ what: 'write', remark: 'taken-back', text, requests: named }]]
    }),
  )
}

/** Cases of one service that a change of an identity makes one patient's: people see it on each, and decide. */
export function meeting(cases: readonly Case[], { message, reading }: Heard): ReadonlyMap<string, readonly Act[]> {
  const met = new Map<string, readonly Act[]>()
  if (!reading.acts.some((act) => act.what === 'identity' && act.change.comes.length > 0)) return met
  const all = [...message.keys, ...(reading.keys ?? [])]
  const mine = (of: Case): readonly string[] => all.filter((key) => bears([key], of))
  const pairs = cases.flatMap((one, i) => cases.slice(i + 1).map((other) => [one, other] as const))
  for (const [one, other] of pairs) {
    if (!isAlike(one, other) || mine(one).some((key) => mine(other).includes(key))) continue
    for (const [of, by] of [
      [one, other],
      [other, one],
    ] as const) {
      met.set(of.id, [...(met.get(of.id) ?? []), { what: 'write', remark: 'same-patient', text: by.number }])
    }
  }
  return met
}
