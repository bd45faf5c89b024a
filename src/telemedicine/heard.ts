import {
  type Act,
  type Case,
  type CaseAnswer,
  type CaseMessage,
  type CaseViewer,
  type Happening,
  partyKey,
  type Remark,
} from '../core/cases.ts'
import type { Journal, NewEvent } from '../core/journal.ts'
import { samePlacer } from '../formats/case/reading.ts'
import { decide } from './case/decide.ts'
import { evolveAll } from './case/evolve.ts'
import type { CaseParts } from './projection.ts'
import { loadCase } from './store/load.ts'
import { gatewayViewer, patientAlert } from './store/plan.ts'
import { messageRows } from './store/rows.ts'
import { moment, onTime, type Written, written } from './store/write.ts'
import { type Heard, meeting, namesAnother, ownOf, saidOf, takingBack } from './whose.ts'

/** What messages come to: changes of cases, and what a system said that was not done. */
export interface Hearing {
  readonly writes: readonly Written[]
  readonly events: readonly NewEvent[]
  /** It takes an order back that no open case has. */
  readonly unknown?: boolean
}

/** What a message says of open cases: what is so of the patient's, and what its sender answers to those it takes part in. */
export async function hearing(heard: Heard, parts: CaseParts): Promise<Hearing> {
  const { message, reading } = heard
  const sayings = new Map<string, Saying[]>()
  const add = (id: string, saying: Saying): void => {
    sayings.set(id, [...(sayings.get(id) ?? []), saying])
  }
  const viewer = gatewayViewer(message.establishment)
  const bearers = await bearing(message, reading.keys ?? [], parts)
  const own = ownOf(bearers, heard)
  const backs = takingBack(bearers, heard)
  const meets = meeting(own, heard)
  for (const one of bearers) {
    const told = own.includes(one) ? saidOf(one, heard, own) : []
    const acts = [...told, ...(meets.get(one.id) ?? []), ...(backs.get(one.id) ?? [])]
    add(one.id, { message, viewer, acts })
  }
  const answers = await answered(heard, parts)
  for (const { of, acts } of answers.to) add(of.id, { message, viewer: systemOf(message, parts), acts })
  const done = await Promise.all(
    [...sayings].map(async ([id, said]) => moved(await loadCase(parts.journal, id), said, parts)),
  )
  const { nowMs } = moment(parts)
  const unheard = own.length === 0 && bearers.length > 0 && reading.acts.length > 0
  return {
    writes: done.flatMap(({ writes }) => writes),
    events: [
      ...done.flatMap(({ events }) => events),
      ...(unheard ? [patientAlert(message.id, bearers, nowMs)] : []),
      ...(answers.others.length === 0 ? [] : [patientAlert(message.id, answers.others, nowMs)]),
    ],
    unknown: reading.cancels !== null && backs.size === 0,
  }
}

/** What came before a case was opened, the oldest first: facts alone, for nobody could answer yet. */
export async function hearAll(of: Case, heard: readonly Heard[], parts: CaseParts): Promise<Hearing> {
  const sayings = heard.map((one): Saying => {
    const told = ownOf([of], one).length === 0 ? [] : saidOf(of, one)
    // The request has its patient as they are known by then.
    const acts = [...told.filter(({ what }) => what !== 'identity'), ...(takingBack([of], one).get(of.id) ?? [])]
    return { message: one.message, viewer: gatewayViewer(one.message.establishment), acts }
  })
  return moved(of, sayings, parts)
}

/** Acts of one message on one case, and as whom. */
interface Saying {
  readonly message: CaseMessage
  readonly viewer: CaseViewer
  readonly acts: readonly Act[]
}

/** The system of an establishment, which acts as that establishment may. */
function systemOf({ establishment }: CaseMessage, { config }: CaseParts): CaseViewer {
  const name = config().establishments.get(establishment)?.name ?? establishment
  return {
    caller: { role: 'establishment', who: establishment, establishment, scope: null },
    participant: { name, rpps: null, establishment, role: 'establishment', phone: null },
  }
}

/** The open cases that share a key with a message. */
async function bearing(
  { keys, test }: CaseMessage,
  more: readonly string[],
  { journal }: CaseParts,
): Promise<readonly Case[]> {
  const all = [...new Set([...keys, ...more])].filter((key) => !key.startsWith(partyKey('')))
  if (all.length === 0) return []
  const found = await journal.look<{ id: string }>({
    sql: `SELECT DISTINCT c.id FROM care_key k JOIN care_case c ON c.id = k.care_case
      WHERE k.search_key IN (${all.map(() => '?').join(', ')}) AND ${TRIAL} = ? AND c.closed_at_ms IS NULL ORDER BY c.id`,
    parameters: [...all, test ? 1 : 0],
  })
  return loaded(found, journal)
}

/** A drill is answered by test messages, as a test is. */
const TRIAL = '(CASE WHEN c.test = 1 OR c.drill = 1 THEN 1 ELSE 0 END)'

/** What answers come to: acts on cases, and cases of other patients that they name. */
interface Answered {
  readonly to: readonly { readonly of: Case; readonly acts: readonly Act[] }[]
  readonly others: readonly Case[]
}

/**
 * The open cases that the answers of a message are about. A number that two of them bear says nothing, unless the message
 * names the patient of one: it would be another patient's. */
async function answered(heard: Heard, parts: CaseParts): Promise<Answered> {
  const to: Answered['to'][number][] = []
  const others: Case[] = []
  for (const answer of heard.reading.answers ?? []) {
    const found = await answerable(answer, heard.message, parts)
    const own = found.filter((one) => !namesAnother(one, heard))
    if (answer.about !== null || own.length === 1) to.push(...own.map((of) => ({ of, acts: answer.acts })))
    if (own.length === 0) others.push(...found)
  }
  return { to, others }
}

/** The open cases that an answer names, among those in which its sender takes part: by the number of an order, or their own. */
async function answerable(
  { placer, about }: CaseAnswer,
  { establishment, test }: CaseMessage,
  { journal }: CaseParts,
): Promise<readonly Case[]> {
  const [type = '', id = ''] = about === null ? [] : about.split('/', 2)
  const named =
    about === null
      ? ''
      : `AND (c.id IN (SELECT r.care_case FROM care_resource r WHERE r.type = ? AND r.id = ?)
    OR c.id IN (SELECT w.care_case FROM care_message w JOIN resource r ON r.message = w.message WHERE r.type = ? AND r.id = ?))`
  const found = await journal.look<{ id: string }>({
    sql: `SELECT DISTINCT c.id FROM care_part p JOIN care_case c ON c.id = p.care_case
      WHERE p.establishment = ? AND ${TRIAL} = ? AND c.closed_at_ms IS NULL ${named} ORDER BY c.id`,
    parameters: [establishment, test ? 1 : 0, ...(about === null ? [] : [type, id, type, id])],
  })
  const cases = await loaded(found, journal)
  if (placer === null) return cases
  return cases.filter(
    ({ number, requests }) =>
      placer.value === number || requests.some((one) => one.placer !== null && samePlacer(one.placer, placer)),
  )
}

async function loaded(
  rows: readonly { readonly id: string }[],
  journal: Pick<Journal, 'look'>,
): Promise<readonly Case[]> {
  const cases = await Promise.all(rows.map(({ id }) => loadCase(journal, id)))
  return cases.filter((one) => one !== null)
}

/** The case after what was said of it. What had been heard before is passed over. */
async function moved(before: Case | null, sayings: readonly Saying[], parts: CaseParts): Promise<Hearing> {
  const service = before === null ? undefined : parts.config().careServices?.get(before.service)
  if (before === null || service === undefined) return { writes: [], events: [] }
  const coordination = parts.config().telemedicine?.coordination ?? null
  const name = { id: before.id, number: before.number, service }
  const heard = await parts.journal.look<{ message: string }>({
    sql: 'SELECT message FROM care_message WHERE care_case = ?',
    parameters: [before.id],
  })
  const known = new Set(heard.map(({ message }) => message))
  const at = moment(parts)
  const { nowMs } = at
  let [now, happenings]: readonly [Case, readonly Happening[]] = onTime(before, name, at, parts)
  const taken = new Set<string>()
  const events: NewEvent[] = []
  for (const { message, viewer, acts } of sayings) {
    if (known.has(message.id)) continue
    for (const act of acts) {
      const decision = decide(now, act, viewer, service, { nowMs, atMs: message.receivedAtMs, coordination })
      if (!decision.ok) events.push(denied(act.what, message, decision.error, nowMs, before))
      if (!decision.ok || decision.happenings.length === 0) continue
      if (act.what === 'write' && ALARMING.has(act.remark)) events.push(patientAlert(message.id, [before], nowMs))
      now = evolveAll(now, decision.happenings, name)
      happenings = [...happenings, ...decision.happenings]
      taken.add(message.id)
    }
  }
  if (taken.size === 0) return { writes: [], events }
  const rows = messageRows(before.id, [...taken])
  const change = { before, happenings, name, who: sayings[0]!.viewer.caller.who, why: null, at, rows }
  return { writes: [await written(change, parts)], events }
}

/** Remarks that people are told of, and do not only find on the case. */
const ALARMING: ReadonlySet<Remark | undefined> = new Set<Remark>(['other-cancel', 'same-patient'])

/** What a system said and was not done, for the timeline of its message. `of` null: of no case that is open. */
export function denied(
  what: Act['what'],
  message: CaseMessage,
  code: NewEvent['code'],
  atMs: number,
  of: Case | null = null,
): NewEvent {
  const who = message.establishment
  const detail = of === null ? what : `case:${of.number} ${what}`
  return { atMs, who, what: 'case-denied', why: null, code, message: message.id, delivery: null, detail }
}
