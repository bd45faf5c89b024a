import type { ConformityAct } from '../../core/conformity-commands.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { NewEvent, Statement } from '../../core/journal.ts'
import type {
  Enrolment,
  EnrolmentDetail,
  MilestoneStanding,
  Moved,
  NewPayment,
  ProgrammeCommands,
  TargetValue,
} from '../../core/programme-commands.ts'
import type { EnrolmentState } from '../../core/programmes.ts'
import { eurosText } from '../../formats/money.ts'
import { eventOf } from '../acting.ts'
import { dayOf } from '../day.ts'
import { isDay } from '../framework/problems.ts'
import { enrolActs, namedEnrolment } from './enrol.ts'
import { isAmount } from './judge.ts'
import { moveTo } from './moves.ts'
import type { ProgrammeParts } from './parts.ts'
import { leftOfParts, mayPay, sumOfParts } from './payments.ts'
import { changedRow, enrolmentAt, enrolmentOf, paymentRow, stepRow, valueRow } from './rows.ts'
import { isFraction } from './targets.ts'
import { programmeViews } from './views.ts'

/** What people do in programmes, over a journal. */
export function programmeCommands(parts: ProgrammeParts): ProgrammeCommands {
  return {
    ...enrolActs(parts),
    grant: (id, cents, act) => grant(id, cents, act, parts),
    move: (id, to, act) => move(id, to, act, parts),
    pay: (id, payment, act) => pay(id, payment, act, parts),
    declare: (id, value, act) => declare(id, value, act, parts),
  }
}

/** An enrolment as it is looked at before an act, with the version that the act is for. */
interface Looked extends EnrolmentDetail {
  readonly version: number
}

async function lookAt(id: string, { reach }: ConformityAct, parts: ProgrammeParts): Promise<Looked> {
  // Read first: what changes meanwhile has another version, and the act is refused.
  const row = await enrolmentAt(parts.journal, id)
  const detail = row === null ? null : await programmeViews(parts).one(id, reach)
  if (row === null || detail === null) throw new GatewayError('NOT_FOUND')
  return { ...detail, version: Number(row.version) }
}

/** Writes what an act comes to, and its event. @throws {GatewayError} PROGRAMME_CHANGED */
async function write(
  id: string,
  rows: readonly Statement[],
  events: readonly NewEvent[],
  { journal }: ProgrammeParts,
): Promise<Enrolment> {
  if (!(await journal.apply({ rows, events }))) throw new GatewayError('PROGRAMME_CHANGED')
  const row = await enrolmentAt(journal, id)
  if (row === null) throw new GatewayError('NOT_FOUND')
  return enrolmentOf(row)
}

const refuseUnless = (holds: boolean, code: ErrorCode): void => {
  if (!holds) throw new GatewayError(code)
}

async function grant(id: string, cents: number, act: ConformityAct, parts: ProgrammeParts): Promise<Enrolment> {
  const { enrolment, version } = await lookAt(id, act, parts)
  const mayChange = ['candidate', 'selected'].includes(enrolment.state) && sumOfParts(enrolment.paid) === 0
  refuseUnless(mayChange && isAmount(cents), 'PROGRAMME_AMOUNT')
  const detail = namedEnrolment(enrolment, `${eurosText(cents)} EUR`)
  return write(id, [changedRow({ id, version }, { cents })], [eventOf(parts, 'grant-programme', act, detail)], parts)
}

async function move(id: string, to: EnrolmentState, act: ConformityAct, parts: ProgrammeParts): Promise<Moved> {
  const { enrolment, version, moves, steps, targets, milestones } = await lookAt(id, act, parts)
  const from = enrolment.state
  const offered = moves.find(({ move: one }) => one.to === to)
  if (moveTo(from, to) === null || offered === undefined) return { ok: false, missing: [] }
  if (offered.missing.length > 0) return { ok: false, missing: offered.missing }
  // Who declared a figure does not check it either; to send it back anybody but the last may.
  const declared = to === 'checked' && targets.some((one) => one.declared?.who === act.who)
  refuseUnless(!(offered.move.second && (steps.at(-1)?.who === act.who || declared)), 'PROGRAMME_SECOND')
  const atMs = parts.clock.nowMs()
  const rows = [
    changedRow({ id, version }, { state: { to, atMs } }),
    stepRow(id, { from, to, who: act.who, why: act.why, atMs }),
  ]
  // Counts move on and are forgotten, and verdicts change: what a payment rests on is kept with the act.
  const seen =
    to === 'target-met' || to === 'checked' ? [...targets.map(targetText), ...milestones.map(milestoneText)] : []
  const detail = namedEnrolment(enrolment, [from, to, ...seen].join(' '))
  const events = [eventOf(parts, 'move-programme', act, detail)]
  return { ok: true, enrolment: await write(id, rows, events, parts) }
}

/** A target as it stood: `ins 46/50 counts`, `dossier 800/1000 declared`. */
function targetText({ target, numerator, denominator, by }: TargetValue): string {
  return `${target.id} ${numerator}/${denominator} ${by ?? 'unknown'}`
}

/** A milestone as it stood: `socle reached`, `socle not-measured`; with `set` where a person decided a verdict of it. */
function milestoneText({ milestone, requirements, reached }: MilestoneStanding): string {
  const stood = reached === null ? 'not-measured' : reached ? 'reached' : 'not-reached'
  return `${milestone.id} ${stood}${requirements.some(({ byPerson }) => byPerson) ? ' set' : ''}`
}

async function pay(id: string, payment: NewPayment, act: ConformityAct, parts: ProgrammeParts): Promise<Enrolment> {
  const { enrolment, version, parts: shares, steps } = await lookAt(id, act, parts)
  const { part, cents, paidOn } = payment
  const left = shares === null ? null : leftOfParts(shares, enrolment.paid)
  const isPaid = isDay(paidOn) && paidOn <= dayOf(parts.clock.nowMs(), parts.config().region.timeZone)
  refuseUnless(left !== null && isPaid && mayPay(payment, enrolment.state, left), 'PROGRAMME_PAYMENT')
  // A file may say that a target was checked: two people stand behind that, too.
  const toldBy = steps.find(({ from, to }) => from === null && to === 'checked')?.who
  refuseUnless(part !== 'use' || toldBy !== act.who, 'PROGRAMME_SECOND')
  const { who, why } = act
  const rows = [
    changedRow({ id, version }, { paid: { part, cents } }),
    paymentRow(id, { part, cents, paidOn, who, why, atMs: parts.clock.nowMs() }),
  ]
  const detail = namedEnrolment(enrolment, `${part} ${eurosText(cents)} EUR ${paidOn}`)
  return write(id, rows, [eventOf(parts, 'pay-programme', act, detail)], parts)
}

async function declare(
  id: string,
  value: Parameters<ProgrammeCommands['declare']>[1],
  act: ConformityAct,
  parts: ProgrammeParts,
): Promise<Enrolment> {
  const { enrolment, version, targets } = await lookAt(id, act, parts)
  const isKnown = targets.some(({ target }) => target.id === value.target)
  // What was checked stays what it was.
  const open = !['checked', 'settled', 'dropped'].includes(enrolment.state)
  refuseUnless(isKnown && open && isFraction(value), 'PROGRAMME_TARGET')
  const { who, why } = act
  const rows = [changedRow({ id, version }, {}), valueRow(id, { ...value, who, why, atMs: parts.clock.nowMs() })]
  const detail = namedEnrolment(enrolment, `${value.target} ${value.numerator}/${value.denominator}`)
  return write(id, rows, [eventOf(parts, 'declare-programme', act, detail)], parts)
}
