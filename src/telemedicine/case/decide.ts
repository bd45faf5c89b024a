import {
  type Act,
  type Case,
  type CaseState,
  type CaseViewer,
  CLOSED_STATES,
  type Happening,
  type ToldTime,
} from '../../core/cases.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { CareService } from '../../core/services.ts'
import { ANSWER, answersFor, centresOf, concerned, ladderOf } from './climb.ts'
import { identified } from './identity.ts'
import { type Side, sidesOf } from './sides.ts'

/** What an act comes to: what happened, nothing when it had happened already, or why not. */
export type Decision =
  | { readonly ok: true; readonly happenings: readonly Happening[] }
  | { readonly ok: false; readonly error: ErrorCode }

/** When an act is done. `atMs`: when it was so; it is never later than now. */
export interface When {
  readonly nowMs: number
  readonly atMs: number | null
  /** Establishment that coordinates the region; null or absent: none does. */
  readonly coordination?: string | null
}

interface Rule<What extends Act['what']> {
  readonly sides: readonly Side[]
  /** States in which it may be done; absent: all but the closed ones. */
  readonly states?: readonly CaseState[]
  /** Why this one may not; `done`: it is so already; null: it may. */
  readonly check?: (
    act: Extract<Act, { what: What }>,
    of: Case,
    viewer: CaseViewer,
    service: CareService,
  ) => ErrorCode | 'done' | null
}

const BOTH: readonly Side[] = ['requester', 'centre', 'coordination']
const ALL: readonly Side[] = ['requester', 'imaging', 'centre', 'invited', 'coordination', 'gateway']
const NOBODY: readonly Side[] = []
const AFTER_ACCEPTANCE: readonly CaseState[] = ['accepted', 'planned', 'arrived', 'advised', 'advice-read', 'decided']
const UNACCEPTED: readonly CaseState[] = ['requested', 'seen', 'refused']

const here = ({ participant }: CaseViewer): string => participant.establishment ?? ''
const uidKnown = (of: Case, uid: string): boolean => of.studies.some((study) => study.uid === uid)

/**
 * Does a case know a time better than a message tells it? It is the same, was told since, or was told by others than the system
 * that tells it: an ADT message has its hour from a desk. */
function isKnownBetter(known: ToldTime | undefined, told: ToldTime): boolean {
  if (known === undefined) return false
  const { atMs, precision, source, toldAtMs = 0 } = known
  if (atMs === told.atMs && precision === told.precision && source === told.source) return true
  if (told.toldAtMs !== undefined && toldAtMs > told.toldAtMs) return true
  return told.source === 'system' && source !== 'system'
}

const RULES: { readonly [What in Act['what']]: Rule<What> } = {
  request: { sides: NOBODY },
  separate: {
    sides: ['requester', 'centre', 'coordination'],
    check: ({ request }, of) =>
      of.requests.length > 1 && of.requests.slice(1).some(({ id }) => id === request) ? null : 'CASE_ACT',
  },
  see: {
    sides: ['centre', 'invited'],
    // Who is invited beside those who answer has not seen it for them.
    check: (_act, of, viewer) => (of.seenAtMs === null && answersFor(of, here(viewer)) ? null : 'done'),
  },
  accept: {
    sides: ['centre', 'invited'],
    check: (_act, of, viewer) => {
      const climb = concerned(of, here(viewer))
      if (climb !== null) return null
      return of.climbs.some(({ acceptedBy }) => acceptedBy === here(viewer)) ? 'done' : 'CASE_TAKEN'
    },
  },
  refuse: {
    sides: ['centre', 'invited'],
    check: (_act, of, viewer) => {
      const centre = here(viewer)
      if (of.owner?.establishment === centre)
        return of.state === 'accepted' || of.state === 'planned' ? null : 'CASE_STATE'
      const climb = concerned(of, centre)
      if (climb === null) return of.owner === null ? 'CASE_STATE' : 'CASE_TAKEN'
      return climb.refused.includes(centre) ? 'done' : null
    },
  },
  reached: { sides: ['requester', 'centre', 'invited', 'coordination'] },
  'tell-time': {
    sides: ALL,
    check: ({ name, time }, { times }, { participant }) =>
      participant.role === 'gateway' && time !== null && isKnownBetter(times[name], time) ? 'done' : null,
  },
  score: { sides: [...BOTH, 'invited', 'gateway'] },
  biology: { sides: [...BOTH, 'gateway'] },
  study: { sides: ALL },
  images: { sides: ['imaging', 'centre', 'gateway'] },
  'images-sent': {
    sides: ['requester', 'imaging', 'gateway'],
    check: (_act, of) => (of.imagesSentAtMs === null ? null : 'done'),
  },
  'confirm-identity': {
    sides: ['requester', 'imaging', 'owner', 'coordination'],
    check: ({ uid }, of) => (uidKnown(of, uid) ? null : 'CASE_ACT'),
  },
  invite: {
    sides: ['owner', 'coordination'],
    check: ({ ladder }, of, { caller }, service) => {
      if (ladderOf(service, ladder) === null || centresOf(service, ladder, of.site).length === 0) return 'CASE_ACT'
      if (of.climbs.some((climb) => climb.ladder === ladder && climb.endedAtMs === null)) {
        return of.state === 'refused' && ladder === ANSWER && caller.role === 'coordination' ? null : 'done'
      }
      if (ladder !== ANSWER) return null
      return of.owner === null && caller.role === 'coordination' ? null : 'CASE_STATE'
    },
  },
  advise: { sides: ['owner'], states: AFTER_ACCEPTANCE },
  'read-advice': {
    sides: ['requester'],
    states: [...AFTER_ACCEPTANCE, 'done'],
    check: (_act, { advice }) => (advice === null ? 'CASE_STATE' : advice.readAtMs === null ? null : 'done'),
  },
  decide: {
    sides: ['requester', 'owner', 'coordination'],
    states: AFTER_ACCEPTANCE,
    check: ({ decision }, _of, _viewer, { decisions }) =>
      decisions.some(({ id }) => id === decision) ? null : 'CASE_ACT',
  },
  consent: {
    sides: [...BOTH, 'gateway'],
    // One that a message tells late is no newer for that.
    check: ({ consent }, of, { participant }) =>
      participant.role === 'gateway' && of.consent !== null && consent.atMs < of.consent.atMs ? 'done' : null,
  },
  write: { sides: ALL },
  identity: {
    sides: ['gateway'],
    check: ({ change }, { requests, patient }) =>
      JSON.stringify(identified({ requests, patient }, change)) === JSON.stringify({ requests, patient })
        ? 'done'
        : null,
  },
  'hand-over': {
    sides: ['owner', 'coordination'],
    states: AFTER_ACCEPTANCE,
    check: ({ to }, of) => {
      if (of.owner === null) return 'CASE_STATE'
      const centre = to.establishment ?? of.owner.establishment
      const known = of.climbs.some(({ centres }) => centres.includes(centre))
      return centre === of.owner.establishment || known ? null : 'CASE_ACT'
    },
  },
  report: {
    sides: ['requester', 'owner', 'coordination', 'gateway'],
    states: [...AFTER_ACCEPTANCE, 'done'],
    // No type told is the service's default.
    check: ({ type }, _of, _viewer, { reports }) =>
      reports.length > 0 && (type === '' || reports.some(({ id }) => id === type)) ? null : 'CASE_ACT',
  },
  finish: { sides: ['requester', 'owner', 'coordination', 'gateway'], states: AFTER_ACCEPTANCE },
  cancel: { sides: ['requester', 'coordination', 'gateway'] },
  appointment: {
    sides: ['requester', 'centre', 'coordination', 'secretariat', 'gateway'],
    states: [...UNACCEPTED, ...AFTER_ACCEPTANCE],
    check: ({ centre, startMs, endMs }, of, _viewer, { appointment }) => {
      if (appointment === null || endMs <= startMs) return 'CASE_ACT'
      return of.climbs.some(({ centres }) => centres.includes(centre)) ? null : 'CASE_ACT'
    },
  },
  rung: { sides: NOBODY },
  late: { sides: NOBODY },
  clock: { sides: NOBODY },
}

/**
 * What an act of this viewer comes to in this case now. Pure; its order of answers is the same for everybody: not theirs to
 * see (CASE_NOT_FOUND), closed, not theirs to do (CASE_FORBIDDEN), not in this state, not with these words. */
export function decide(
  of: Case,
  act: Act,
  viewer: CaseViewer,
  service: CareService,
  { nowMs, atMs, coordination = null }: When,
): Decision {
  const sides = sidesOf(of, viewer, service, coordination)
  if (sides.size === 0) return { ok: false, error: 'CASE_NOT_FOUND' }
  const rule = RULES[act.what] as Rule<Act['what']>
  if (!rule.sides.some((side) => sides.has(side))) return { ok: false, error: 'CASE_FORBIDDEN' }
  const closed = CLOSED_STATES.includes(of.state)
  if (rule.states === undefined ? closed : !rule.states.includes(of.state)) {
    return { ok: false, error: closed ? 'CASE_CLOSED' : 'CASE_STATE' }
  }
  const why = rule.check?.(act as never, of, viewer, service) ?? null
  if (why === 'done') return { ok: true, happenings: [] }
  if (why !== null) return { ok: false, error: why }
  const happening: Happening = {
    seq: of.version + 1,
    atMs: Math.min(atMs ?? nowMs, nowMs),
    recordedAtMs: nowMs,
    by: viewer.participant,
    act,
  }
  return { ok: true, happenings: [happening] }
}

/** Who may do an act, for whoever shows it: its sides, in no order. */
export function sidesThatMay(what: Act['what']): readonly Side[] {
  return RULES[what].sides
}
