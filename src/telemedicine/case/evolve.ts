import type { Act, Case, CaseRequest, CaseState, Climb, Happening } from '../../core/cases.ts'
import type { CareService } from '../../core/services.ts'
import { samePlacer } from '../../formats/case/reading.ts'
import { ANSWER, afterRefusal, begun, centresOf, concerned, exhausted, ladderOf } from './climb.ts'
import { identified } from './identity.ts'
import { moved, studied } from './part-changes.ts'
import { isTimeOf, takenOut } from './taken-out.ts'

/** What a case is beside what happened to it. */
export interface CaseName {
  readonly id: string
  readonly number: string
  readonly service: CareService
}

type Did<What extends Act['what']> = { readonly act: Extract<Act, { what: What }> } & Omit<Happening, 'act'>
type Changes = Partial<Case>
type Evolve = { readonly [What in Act['what']]: (of: Case, did: Did<What>, service: CareService) => Changes }

/**
 * The case after one more happening; null: there was none yet, and the happening is its first request. Pure: the same
 * happenings make the same case, whoever replays them. @throws when the first one is no request */
export function evolve(before: Case | null, happening: Happening, name: CaseName): Case {
  if (before === null) return opened(happening, name)
  const change = EVOLVE[happening.act.what] as (of: Case, did: unknown, service: CareService) => Changes
  const changes = change(before, happening, name.service)
  const state = changes.state ?? before.state
  return {
    ...before,
    ...changes,
    version: happening.seq,
    stateAtMs: state === before.state ? (changes.stateAtMs ?? before.stateAtMs) : happening.atMs,
  }
}

/** All of them, in order. @throws when there is none */
export function evolveAll(before: Case | null, happenings: readonly Happening[], name: CaseName): Case {
  const after = happenings.reduce<Case | null>((now, one) => evolve(now, one, name), before)
  if (after === null) throw new Error('a case begins with a request')
  return after
}

function opened({ act, seq, recordedAtMs }: Happening, { id, number, service }: CaseName): Case {
  if (act.what !== 'request') throw new Error('a case begins with a request')
  const { request } = act
  const { site, unit, patient, times, consent, test, drill, late } = request
  const answer = ladderOf(service, ANSWER) !== null
  const empty: Case = {
    id,
    number,
    service: service.name,
    kind: service.kind,
    state: 'requested',
    test,
    drill,
    late,
    version: seq,
    openedAtMs: recordedAtMs,
    stateAtMs: recordedAtMs,
    closedAtMs: null,
    site,
    unit,
    requests: [request],
    patient,
    times: since(times, recordedAtMs),
    climbs: answer ? [begun(ANSWER, centresOf(service, ANSWER, site), recordedAtMs, late)] : [],
    owner: null,
    seenAtMs: null,
    reached: null,
    nihss: null,
    biology: null,
    studies: [],
    imagesSentAtMs: null,
    advice: null,
    decision: null,
    consent,
    appointment: null,
    report: null,
    lateTold: {},
    clock: 0,
    task: null,
  }
  return { ...empty, studies: withStudies(empty, request, recordedAtMs) }
}

function withStudies(of: Case, { studies }: CaseRequest, atMs: number): Case['studies'] {
  return studies.reduce((known, study) => studied(known, study, atMs), of.studies)
}

/** Times with when they were told, where their source does not say it. */
function since(times: Case['times'], toldAtMs: number): Case['times'] {
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, { toldAtMs, ...time }]))
}

/** Times that an order which was changed tells otherwise than before, where nobody else has told them since. */
function changedTimes(of: Case, request: CaseRequest, toldAtMs: number): Case['times'] {
  const { placer } = request
  if (placer === null) return {}
  const before = of.requests.filter(
    (one) => one.site === request.site && one.placer !== null && samePlacer(one.placer, placer),
  )
  const names = Object.keys(request.times) as (keyof Case['times'])[]
  const changed = names.filter((name) => {
    const [known, now] = [of.times[name], request.times[name]!]
    const isSame = known === undefined || isTimeOf(known, { ...now, toldAtMs: known.toldAtMs ?? 0 })
    return !isSame && before.some(({ times }) => times[name] !== undefined && isTimeOf(known, times[name]))
  })
  return since(Object.fromEntries(changed.map((name) => [name, request.times[name]!])), toldAtMs)
}

const replaced = (of: Case, climb: Climb, by: Climb): readonly Climb[] =>
  of.climbs.map((one) => (one === climb ? by : one))
const ended = (climb: Climb, atMs: number): Climb => (climb.endedAtMs === null ? { ...climb, endedAtMs: atMs } : climb)
const without = (told: Case['lateTold'], ...names: readonly (keyof Case['lateTold'])[]): Case['lateTold'] =>
  Object.fromEntries(Object.entries(told).filter(([name]) => !names.includes(name as keyof Case['lateTold'])))
/** Is the ladder beside `answer`, whose centres alone become owners? Where none answers the site, whoever accepts is the owner. */
const isBeside = (of: Case, climb: Climb | null): boolean =>
  climb !== null &&
  climb.ladder !== ANSWER &&
  of.climbs.some(({ ladder, centres }) => ladder === ANSWER && centres.length > 0)
const among = (of: Case, ...states: readonly CaseState[]): boolean => states.includes(of.state)

const EVOLVE: Evolve = {
  request: (of, { act: { request }, recordedAtMs }) => ({
    requests: [...of.requests, request],
    times: { ...since(request.times, recordedAtMs), ...of.times, ...changedTimes(of, request, recordedAtMs) },
    consent: of.consent ?? request.consent,
    studies: withStudies(of, request, recordedAtMs),
  }),
  separate: (of, { act }) => ({ ...takenOut(of, act.request), ...act.left }),
  see: (of, { atMs }) => ({ seenAtMs: of.seenAtMs ?? atMs, ...(among(of, 'requested') && { state: 'seen' as const }) }),
  accept: (of, { by, atMs }) => {
    const centre = by.establishment ?? ''
    const climb = concerned(of, centre)
    const climbs = climb === null ? of.climbs : replaced(of, climb, { ...ended(climb, atMs), acceptedBy: centre })
    if (of.owner !== null || isBeside(of, climb)) return { climbs }
    const owner = { establishment: centre, expert: by, atMs }
    return {
      climbs,
      owner,
      seenAtMs: of.seenAtMs ?? atMs,
      state: 'accepted',
      lateTold: without(of.lateTold, 'seen-not-accepted'),
    }
  },
  refuse: (of, { by, atMs }, service) => {
    const centre = by.establishment ?? ''
    const owned = of.owner?.establishment === centre
    const climb = owned ? (of.climbs.find(({ ladder }) => ladder === ANSWER) ?? null) : concerned(of, centre)
    if (climb === null) return {}
    const after = afterRefusal(climb, centre, atMs, ladderOf(service, climb.ladder)?.rungs ?? [])
    const climbs = replaced(of, climb, after)
    if (climb.ladder !== ANSWER) return { climbs }
    const state = exhausted(after) ? ('refused' as const) : ('requested' as const)
    const lateTold = without(
      of.lateTold,
      'seen-not-accepted',
      'accepted-without-advice',
      'images-absent',
      'transfer-stalled',
    )
    return { climbs, owner: null, seenAtMs: null, reached: null, state, lateTold, appointment: declined(of, centre) }
  },
  // Nobody was reached in the future: what counts from then would never be due.
  reached: (of, { act, by, atMs, recordedAtMs }) => ({
    reached: { whom: act.whom, atMs: Math.min(act.atMs, recordedAtMs), by: by.name },
    climbs: reachedOn(of.climbs, atMs),
  }),
  'tell-time': (of, { act: { name, time }, recordedAtMs }) => {
    const { [name]: _, ...others } = of.times
    return { times: time === null ? others : { ...others, ...since({ [name]: time }, recordedAtMs) } }
  },
  // What is heard late is no newer for that.
  score: (of, { act, atMs }) => (atMs < (of.nihss?.atMs ?? atMs) ? {} : { nihss: { ...act.nihss, atMs } }),
  biology: (of, { act, atMs }) => ({
    biology: {
      codes: [...new Set([...(of.biology?.codes ?? []), ...act.codes])],
      atMs: Math.max(atMs, of.biology?.atMs ?? atMs),
    },
  }),
  study: (of, { act, recordedAtMs }) => ({ studies: studied(of.studies, act.study, recordedAtMs) }),
  images: (of, { act, recordedAtMs }) => ({
    studies: moved(of.studies, act, recordedAtMs),
    lateTold: without(of.lateTold, 'transfer-stalled'),
  }),
  'images-sent': (of, { atMs }) => ({ imagesSentAtMs: of.imagesSentAtMs ?? atMs }),
  'confirm-identity': () => ({}),
  invite: (of, { act, atMs }, service) => ({
    climbs: invited(of.climbs, begun(act.ladder, centresOf(service, act.ladder, of.site), atMs)),
    ...(act.ladder === ANSWER &&
      of.owner === null && {
        state: 'requested' as const,
        seenAtMs: null,
        reached: null,
        // Who is asked anew is told anew.
        lateTold: without(of.lateTold, 'seen-not-accepted'),
      }),
  }),
  advise: (of, { act, by, atMs }) => ({
    advice: { text: act.text, by, atMs, readAtMs: null },
    lateTold: without(of.lateTold, 'advice-not-opened', 'decision-not-recorded'),
    ...(!among(of, 'decided') && { state: 'advised' as const }),
  }),
  'read-advice': (of, { atMs }) => ({
    advice: of.advice === null ? null : { ...of.advice, readAtMs: of.advice.readAtMs ?? atMs },
    ...(among(of, 'advised') && { state: 'advice-read' as const }),
  }),
  decide: (_of, { act, atMs }) => ({ decision: { id: act.decision, text: act.text, atMs }, state: 'decided' }),
  consent: (_of, { act }) => ({ consent: act.consent }),
  write: (of, { act: { requests = [] } }) =>
    requests.length === 0
      ? {}
      : { requests: of.requests.map((one) => (requests.includes(one.id) ? { ...one, takenBack: true } : one)) },
  identity: (of, { act: { change } }) => identified(of, change),
  'hand-over': (of, { act: { to } }) => ({
    owner:
      of.owner === null ? null : { ...of.owner, establishment: to.establishment ?? of.owner.establishment, expert: to },
  }),
  report: (_of, { act, atMs }) => ({ report: { type: act.type, atMs, message: act.message } }),
  finish: (of, { atMs }) => closed(of, 'done', atMs),
  cancel: (of, { atMs }) => closed(of, 'cancelled', atMs),
  appointment: (of, { act: { what: _, ...appointment }, by, atMs }) => appointed(of, appointment, { by, atMs }),
  rung: (of, { act }) => ({
    climbs: of.climbs.map((climb) => {
      if (climb.ladder !== act.ladder) return climb
      const at = climb.centres.indexOf(act.centre)
      return { ...climb, climbed: act.rung + 1, at: at < 0 ? climb.at : at }
    }),
  }),
  late: (of, { act }) => ({ lateTold: { ...of.lateTold, [act.delay]: act.step + 1 } }),
  clock: (of, { act }) => shifted(of, act),
}

/** Ladders with one that begins, or begins anew in its place: the first stays that of who answers. */
function invited(climbs: readonly Climb[], climb: Climb): readonly Climb[] {
  const isKnown = climbs.some(({ ladder }) => ladder === climb.ladder)
  return isKnown ? climbs.map((one) => (one.ladder === climb.ladder ? climb : one)) : [...climbs, climb]
}

/** Ladders once somebody was reached: who answers, as long as they are called; others are called on till they are reached too. */
function reachedOn(climbs: readonly Climb[], atMs: number): readonly Climb[] {
  const isCalled = climbs.some(({ ladder, endedAtMs }) => ladder === ANSWER && endedAtMs === null)
  return climbs.map((climb) => (isCalled && climb.ladder !== ANSWER ? climb : ended(climb, atMs)))
}

function closed(of: Case, state: CaseState, atMs: number): Changes {
  return { state, closedAtMs: atMs, climbs: of.climbs.map((climb) => ended(climb, atMs)) }
}

/** The appointment of a case once a centre has refused: what was booked with it does not take place. */
function declined({ appointment }: Case, centre: string): Case['appointment'] {
  const isIts = appointment?.centre === centre && appointment.status === 'booked'
  return isIts ? { ...appointment, status: 'cancelled' } : appointment
}

/** A booked appointment is a centre that has accepted: its time was the centre's to offer. */
function appointed(
  of: Case,
  appointment: NonNullable<Case['appointment']>,
  { by, atMs }: Pick<Happening, 'by' | 'atMs'>,
): Changes {
  const { status, centre } = appointment
  const early = among(of, 'requested', 'seen', 'accepted', 'refused', 'planned')
  if (status === 'cancelled' || status === 'noshow') {
    const back = of.owner === null ? ('requested' as const) : ('accepted' as const)
    return { appointment, ...(among(of, 'planned', 'arrived') && { state: back }) }
  }
  const booked = of.owner === null && status !== 'proposed'
  const expert =
    by.establishment === centre ? by : { ...by, name: centre, rpps: null, establishment: centre, phone: null }
  return {
    appointment,
    ...(booked && {
      owner: { establishment: centre, expert, atMs },
      climbs: of.climbs.map((climb) =>
        climb.ladder === ANSWER ? { ...ended(climb, atMs), acceptedBy: centre } : climb,
      ),
    }),
    ...(status === 'arrived' && early && { state: 'arrived' as const }),
    ...(status === 'booked' && early && { state: 'planned' as const }),
    ...(status === 'proposed' && of.owner !== null && early && { state: 'planned' as const }),
  }
}

/** The times that the gateway took, as the clock that was set anew would have had them. What people told stays as told. */
export function shifted(of: Case, { step, byMs }: { readonly step: number; readonly byMs: number }): Changes {
  const later = (atMs: number): number => atMs + byMs
  const maybe = (atMs: number | null): number | null => (atMs === null ? null : later(atMs))
  return {
    clock: step,
    openedAtMs: later(of.openedAtMs),
    stateAtMs: later(of.stateAtMs),
    seenAtMs: maybe(of.seenAtMs),
    imagesSentAtMs: maybe(of.imagesSentAtMs),
    owner: of.owner && { ...of.owner, atMs: later(of.owner.atMs) },
    reached: of.reached && { ...of.reached, atMs: later(of.reached.atMs) },
    advice: of.advice && { ...of.advice, atMs: later(of.advice.atMs), readAtMs: maybe(of.advice.readAtMs) },
    decision: of.decision && { ...of.decision, atMs: later(of.decision.atMs) },
    nihss: of.nihss?.atMs === undefined ? of.nihss : { ...of.nihss, atMs: later(of.nihss.atMs) },
    biology: of.biology && { ...of.biology, atMs: later(of.biology.atMs) },
    studies: of.studies.map((study) => ({ ...study, changedAtMs: later(study.changedAtMs) })),
    climbs: of.climbs.map((climb) => ({
      ...climb,
      begunAtMs: later(climb.begunAtMs),
      endedAtMs: maybe(climb.endedAtMs),
    })),
  }
}
