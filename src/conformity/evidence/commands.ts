import { createHash } from 'node:crypto'
import { reaches } from '../../core/caller.ts'
import type { Judging } from '../../core/conformity.ts'
import {
  type ConformityAct,
  type ConformityCommands,
  type Evidence,
  type EvidenceDecision,
  type NewEvidence,
  STATEMENT_LENGTH,
} from '../../core/conformity-commands.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Statement } from '../../core/journal.ts'
import { type ActingParts, eventOf, judgedAgain, named, untilMs } from '../acting.ts'
import { dayOf, endOf } from '../day.ts'
import { requirementOf } from '../requirement.ts'
import { type Received, receiveDocument } from './receive.ts'
import { type EvidenceRow, evidenceAt, evidenceOf, noParts, partsOf } from './rows.ts'

/** Evidence of one establishment that may wait for review: so many, and so many bytes. */
export const MOST_WAITING = { count: 200, bytes: 200 * 1024 ** 2 } as const
/** Documents that may be on their way into one node at once. */
export const MOST_UNDER_WAY = 16
const DAY_MS = 86_400_000
/** Controls and signs that turn text; line breaks and tabs are a writer's. */
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

/** Filing, reviewing and withdrawing evidence. */
export function evidenceActs(parts: ActingParts): Pick<ConformityCommands, 'file' | 'review' | 'withdraw'> {
  let underWay = 0
  return {
    async file(evidence, act) {
      if (evidence.document === null) return file(evidence, act, parts)
      if (underWay >= MOST_UNDER_WAY) throw new GatewayError('EVIDENCE_BUSY')
      underWay++
      try {
        return await file(evidence, act, parts)
      } finally {
        underWay--
      }
    },
    review: (id, decision, act) => review(id, decision, act, parts),
    withdraw: (id, act) => withdraw(id, act, parts),
  }
}

async function file(asked: NewEvidence, act: Omit<ConformityAct, 'why'>, parts: ActingParts): Promise<Evidence> {
  const { journal, clock, ids } = parts
  if (!reaches(act.reach, asked.establishment)) throw new GatewayError('NOT_FOUND')
  const found = await requirementOf(asked, parts)
  const judging = found?.requirement.judging
  if (judging?.by !== 'evidence') throw new GatewayError('EVIDENCE_REQUIREMENT')
  const statement = asked.statement.trim()
  if (statement.length > STATEMENT_LENGTH || UNFIT.test(statement)) throw new GatewayError('EVIDENCE_STATEMENT')
  if (!isEnough(judging.accepts, statement, asked.document !== null)) throw new GatewayError('EVIDENCE_EMPTY')
  const id = ids.uuid()
  const received = asked.document === null ? null : await receiveDocument(id, asked.document, parts)
  try {
    if (received !== null && asked.sha256 !== null && asked.sha256 !== received.sha256)
      throw new GatewayError('UPLOAD_DAMAGED')
    const rows = [
      newRow(id, { ...asked, statement }, received, act.who, clock.nowMs()),
      judgedAgain(asked.establishment),
    ]
    const event = eventOf(parts, 'file-evidence', { who: act.who, why: null }, named(asked, id))
    if (!(await journal.apply({ rows, events: [event] }))) throw new GatewayError('EVIDENCE_MOST')
  } catch (fault) {
    if (received !== null) await journal.apply({ rows: [noParts(id, true)] })
    throw fault
  }
  parts.changed()
  return known(id, act, parts)
}

/** Does what is filed hold what the requirement asks for? Pure. */
function isEnough(
  accepts: Extract<Judging, { by: 'evidence' }>['accepts'],
  statement: string,
  hasDocument: boolean,
): boolean {
  if (accepts === 'document') return hasDocument
  return statement !== '' || (accepts === 'either' && hasDocument)
}

/** No row when too much waits for review, or a part of the document is not there. */
function newRow(
  id: string,
  { establishment, framework, requirement, statement }: NewEvidence,
  received: Received | null,
  who: string,
  nowMs: number,
): Statement {
  const bytes = received?.bytes ?? 0
  const sha256 = received?.sha256 ?? createHash('sha256').update(statement).digest('hex')
  const waits = `FROM conformity_evidence AS e WHERE e.establishment = ? AND e.state = 'filed'`
  return {
    sql: `INSERT INTO conformity_evidence
        (id, establishment, framework, requirement, state, statement, file, media_type, bytes, sha256, filed_by, filed_at_ms)
      SELECT ?, ?, ?, ?, 'filed', ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) ${waits}) < ?
        AND (SELECT coalesce(sum(e.bytes), 0) ${waits}) <= ?
        AND (SELECT count(*) FROM conformity_evidence_part AS p WHERE p.evidence = ?) = ?`,
    parameters: [
      ...[id, establishment, framework, requirement, statement, received === null ? null : id],
      ...[received?.type ?? null, bytes, sha256, who, nowMs],
      ...[establishment, MOST_WAITING.count, establishment, MOST_WAITING.bytes - bytes, id, partsOf(bytes)],
    ],
    rows: 1,
  }
}

async function review(
  id: string,
  decision: EvidenceDecision,
  act: ConformityAct,
  parts: ActingParts,
): Promise<Evidence> {
  const row = await own(id, act, parts)
  const validUntilMs = decision.accept ? await validUntil(row, decision.until, parts) : null
  const state = decision.accept ? 'accepted' : 'rejected'
  const moved: Statement = {
    sql: `UPDATE conformity_evidence SET state = ?, valid_until_ms = ?, reviewed_by = ?, reviewed_at_ms = ?, reason = ?
      WHERE id = ? AND state = 'filed' AND filed_by <> ?`,
    parameters: [state, validUntilMs, act.who, parts.clock.nowMs(), act.why, id, act.who],
    rows: 1,
  }
  return move(row, moved, `${decision.accept ? 'accept' : 'reject'}-evidence`, act, parts)
}

/** The last moment of accepted evidence. @throws {GatewayError} CONFORMITY_UNTIL; also where nothing says how long it counts */
async function validUntil(row: EvidenceRow, day: string | null, parts: ActingParts): Promise<number> {
  if (day !== null) return untilMs(day, parts)
  const shelved = await parts.shelf.one(row.framework)
  const requirement = shelved?.framework?.domains
    .flatMap(({ requirements }) => requirements)
    .find(({ id }) => id === row.requirement)
  if (requirement?.judging.by !== 'evidence') throw new GatewayError('CONFORMITY_UNTIL')
  // Through a last day, as when a person names it: verdicts rest on days, and would go on counting for the rest of this one.
  const { timeZone } = parts.config().region
  const last = dayOf(parts.clock.nowMs() + requirement.judging.validDays * DAY_MS, timeZone)
  return endOf(last, timeZone) ?? parts.clock.nowMs()
}

async function withdraw(id: string, act: ConformityAct, parts: ActingParts): Promise<Evidence> {
  const row = await own(id, act, parts)
  if (row.state !== 'filed' && row.state !== 'accepted') throw new GatewayError('EVIDENCE_STATE')
  const moved: Statement = {
    sql: `UPDATE conformity_evidence SET state = 'withdrawn', withdrawn_by = ?, withdrawn_at_ms = ?, withdrawn_why = ?
      WHERE id = ? AND state = ?`,
    parameters: [act.who, parts.clock.nowMs(), act.why, id, row.state],
    rows: 1,
  }
  // What verdicts of the past rested on is kept with them; what never counted is not.
  return move(row, moved, 'withdraw-evidence', act, parts, row.state === 'filed' ? [noParts(id, false)] : [])
}

async function move(
  row: EvidenceRow,
  moved: Statement,
  what: string,
  act: ConformityAct,
  parts: ActingParts,
  more: readonly Statement[] = [],
): Promise<Evidence> {
  const event = eventOf(parts, what, act, named(row, row.id))
  const rows = [moved, ...more, judgedAgain(row.establishment)]
  if (!(await parts.journal.apply({ rows, events: [event] }))) {
    const now = await own(row.id, act, parts)
    throw new GatewayError(now.state === 'filed' && now.filed_by === act.who ? 'EVIDENCE_OWN' : 'EVIDENCE_STATE')
  }
  parts.changed()
  return known(row.id, act, parts)
}

/** @throws {GatewayError} NOT_FOUND */
async function own(
  id: string,
  { reach }: Pick<ConformityAct, 'reach'>,
  { journal }: Pick<ActingParts, 'journal'>,
): Promise<EvidenceRow> {
  const row = await evidenceAt(journal, id)
  if (row === null || !reaches(reach, row.establishment)) throw new GatewayError('NOT_FOUND')
  return row
}

async function known(id: string, act: Pick<ConformityAct, 'reach'>, parts: ActingParts): Promise<Evidence> {
  return evidenceOf(await own(id, act, parts))
}
