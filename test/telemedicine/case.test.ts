import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Act, CaseState, CaseViewer } from '../../src/core/cases.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import { due, GATEWAY } from '../../src/telemedicine/case/due.ts'
import { evolve, evolveAll } from '../../src/telemedicine/case/evolve.ts'
import { gatewayViewer } from '../../src/telemedicine/store/plan.ts'
import { OPINION, person, plain, STROKE, WOUNDS } from './invented.ts'
import { DELIVERED, Moving, named, T0 } from './moving.ts'

const MIN = 60_000
const ASKS = person('requester', 'ch-laval', ['URG'])
const ANGERS = person('expert', 'chu-angers')
const NANTES = person('expert', 'chu-nantes')
const COORDINATION = person('coordination', null)
const IMAGING = person('requester', 'ch-laval', ['RADIO'])
const STRANGER = person('requester', 'ch-chateaubriant')
const SECRETARIAT = person('secretariat', 'chu-angers')
const SYSTEM: CaseViewer = {
  caller: { role: 'establishment', who: 'chu-angers', establishment: 'chu-angers', scope: null },
  participant: { name: 'chu-angers', rpps: null, establishment: 'chu-angers', role: 'establishment', phone: null },
}

const accepted = (service = STROKE): Moving => {
  const one = new Moving(service)
  expect(one.act(plain('accept'), ANGERS)).toBeNull()
  return one
}
const advised = (): Moving => {
  const one = accepted()
  expect(one.act(ADVICE, ANGERS)).toBeNull()
  return one
}
const closed = (): Moving => {
  const one = advised()
  expect(one.act(plain('finish'), ASKS)).toBeNull()
  return one
}
const ADVICE: Act = { what: 'advise', text: 'Avis', coded: [] }
const REFUSAL: Act = { what: 'refuse', reason: 'Bloc' }
const REACHED: Act = { what: 'reached', whom: 'Dr X', atMs: T0 }

describe('who may do what, and when', () => {
  test.each<readonly [string, () => Moving, Act, CaseViewer, ErrorCode | null]>([
    [
      'the requester sees no request of its own as the centre',
      () => new Moving(STROKE),
      plain('see'),
      ASKS,
      'CASE_FORBIDDEN',
    ],
    ['the alerted centre sees it', () => new Moving(STROKE), plain('see'), ANGERS, null],
    [
      'a centre that was not alerted knows of nothing',
      () => new Moving(STROKE),
      plain('accept'),
      NANTES,
      'CASE_NOT_FOUND',
    ],
    [
      'somebody of another hospital knows of nothing',
      () => new Moving(STROKE),
      plain('finish'),
      STRANGER,
      'CASE_NOT_FOUND',
    ],
    ['the system of the alerted centre accepts', () => new Moving(STROKE), plain('accept'), SYSTEM, null],
    [
      'the coordination accepts nothing itself',
      () => new Moving(STROKE),
      plain('accept'),
      COORDINATION,
      'CASE_FORBIDDEN',
    ],
    ['the coordination has reached somebody', () => new Moving(STROKE), REACHED, COORDINATION, null],
    ['the requester has reached somebody', () => new Moving(STROKE), REACHED, ASKS, null],
    [
      'imaging does not speak for the requester',
      () => new Moving(STROKE),
      { what: 'cancel', reason: 'x' },
      IMAGING,
      'CASE_FORBIDDEN',
    ],
    ['imaging says that images are sent', () => new Moving(STROKE), plain('images-sent'), IMAGING, null],
    ['a secretariat sees no stroke', () => new Moving(STROKE), plain('see'), SECRETARIAT, 'CASE_FORBIDDEN'],
    ['no advice before an acceptance', () => new Moving(STROKE), ADVICE, ANGERS, 'CASE_FORBIDDEN'],
    ['the owner advises', accepted, ADVICE, ANGERS, null],
    ['a decision of the service is recorded', advised, { what: 'decide', decision: 'neither', text: '' }, ASKS, null],
    ['no other decision is', advised, { what: 'decide', decision: 'surgery', text: '' }, ASKS, 'CASE_ACT'],
    ['no advice was there to read', accepted, plain('read-advice'), ASKS, 'CASE_STATE'],
    ['an unknown ladder is not begun', accepted, { what: 'invite', ladder: 'surgeon' }, ANGERS, 'CASE_ACT'],
    ['the owner invites', accepted, { what: 'invite', ladder: 'interventional' }, ANGERS, null],
    ['the requester does not invite', accepted, { what: 'invite', ladder: 'interventional' }, ASKS, 'CASE_FORBIDDEN'],
    ['a stroke has no appointment', accepted, appointment('booked'), ANGERS, 'CASE_ACT'],
    [
      'nobody climbs a rung by hand',
      accepted,
      { what: 'rung', ladder: 'answer', rung: 3, centre: '', notices: [] },
      COORDINATION,
      'CASE_FORBIDDEN',
    ],
    ['nothing late is done to a closed case', closed, plain('accept'), ANGERS, 'CASE_CLOSED'],
    ['nor advised', closed, ADVICE, ANGERS, 'CASE_CLOSED'],
    ['the advice may be read late', closed, plain('read-advice'), ASKS, null],
    [
      'a message of the site cancels',
      () => new Moving(STROKE),
      { what: 'cancel', reason: 'x' },
      gatewayViewer('ch-laval'),
      null,
    ],
    [
      'a message accepts nothing',
      () => new Moving(STROKE),
      plain('accept'),
      gatewayViewer('chu-angers'),
      'CASE_FORBIDDEN',
    ],
  ])('%s', (_name, make, act, viewer, error) => {
    expect(make().act(act, viewer)).toBe(error)
  })
})

function appointment(status: Extract<Act, { what: 'appointment' }>['status']): Act {
  return {
    what: 'appointment',
    appointment: 'a1',
    status,
    startMs: T0 + MIN,
    endMs: T0 + 2 * MIN,
    centre: 'chu-angers',
  }
}

describe('the ladder', () => {
  test('tells each rung at its time, and its last again and again', () => {
    const one = new Moving(STROKE)
    for (let s = 0; s < 11 * 60; s += 1) one.wait(1_000)
    expect(one.told()).toEqual(
      [
        'duty-1 chu-angers',
        'duty-1 chu-angers',
        'duty-2 chu-angers',
        'coordination',
        'duty-1 chu-nantes',
        ...['duty-1 chu-angers', 'duty-1 chu-nantes', 'coordination', 'requester ch-laval'],
        ...['duty-1 chu-angers', 'duty-1 chu-nantes', 'coordination', 'requester ch-laval'],
      ].toSpliced(4, 1, 'next-centre chu-nantes'),
    )
  })

  test('a refusal asks the next centre at once, and the last one the coordination, who goes on being told', () => {
    const one = new Moving(STROKE)
    one.act(REFUSAL, ANGERS)
    expect(one.told(2)).toEqual(['duty-1 chu-nantes'])
    one.wait(MIN)
    const before = one.happenings.length
    one.act(REFUSAL, NANTES)
    expect(one.now.state).toBe('refused')
    expect(one.told(before)).toEqual(['coordination', 'requester ch-laval'])
    one.wait(2 * MIN)
    one.wait(2 * MIN)
    expect(one.told(before)).toHaveLength(6)
    expect(one.act(plain('accept'), ANGERS)).toBeNull()
    expect(one.now).toMatchObject({ state: 'accepted', owner: { establishment: 'chu-angers' } })
  })

  test.each<readonly [string, Act, CaseViewer]>([
    ['an acceptance', plain('accept'), ANGERS],
    ['a call that reached somebody', REACHED, ASKS],
    ['a cancellation', { what: 'cancel', reason: 'x' }, ASKS],
  ])('is stopped by %s', (_name, act, viewer) => {
    const one = new Moving(STROKE)
    one.wait(5 * MIN)
    expect(one.act(act, viewer)).toBeNull()
    expect(due(one.now, STROKE, DELIVERED).filter(({ what }) => what.kind === 'rung')).toEqual([])
  })

  test('an owner who can no longer do it gives it back, and the next centre is asked at once', () => {
    const one = accepted()
    const before = one.happenings.length
    expect(one.act(REFUSAL, ANGERS)).toBeNull()
    expect(one.now).toMatchObject({ state: 'requested', owner: null })
    expect(one.told(before)).toEqual(['duty-1 chu-nantes'])
  })

  test('another ladder runs beside, and who accepts on it owns nothing', () => {
    const one = accepted()
    one.act({ what: 'invite', ladder: 'interventional' }, ANGERS)
    expect(one.now.climbs).toMatchObject([{ endedAtMs: T0 }, { ladder: 'interventional', climbed: 1, endedAtMs: null }])
    expect(one.act(plain('accept'), NANTES)).toBeNull()
    expect(one.now).toMatchObject({ owner: { establishment: 'chu-angers' } })
    expect(one.now.climbs[1]).toMatchObject({ acceptedBy: 'chu-nantes', endedAtMs: T0 })
  })

  test('what nobody could tell in an hour is told once, each person once', () => {
    const one = new Moving(STROKE)
    const before = one.happenings.length
    one.wait(60 * MIN)
    expect(one.now.climbs[0]).toMatchObject({ climbed: 30 })
    const notices = one.happenings.slice(before).flatMap(({ act }) => (act.what === 'rung' ? act.notices : []))
    const keys = notices.map(({ told, channel, establishment }) => `${told} ${channel} ${establishment}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('two ladders that are due at once tell each their own person on duty of a centre', () => {
    const one = new Moving(STROKE, { site: 'ch-chateaubriant' })
    one.atMs += 0.5 * MIN
    expect(one.act({ what: 'invite', ladder: 'interventional' }, COORDINATION)).toBeNull()
    const before = one.happenings.length
    one.wait(3 * MIN)
    const rungs = one.happenings.slice(before).flatMap(({ act }) => (act.what === 'rung' ? [act] : []))
    const told = rungs.flatMap(({ ladder, notices }) =>
      notices.map(({ told, channel, establishment }) => `${ladder} ${told} ${channel} ${establishment}`),
    )
    expect(told.toSorted()).toEqual([
      'answer duty-1 console chu-nantes',
      'answer duty-1 voice chu-nantes',
      'interventional duty-1 console chu-nantes',
    ])
  })

  test('who accepts on another ladder first owns nothing, and answer goes on until it is answered', () => {
    const one = new Moving(STROKE)
    expect(one.act({ what: 'invite', ladder: 'interventional' }, COORDINATION)).toBeNull()
    expect(one.act(plain('accept'), NANTES)).toBeNull()
    expect(one.now).toMatchObject({ owner: null, state: 'requested' })
    expect(due(one.now, STROKE, DELIVERED)).toMatchObject([{ what: { ladder: 'answer', rung: 1 } }])
    expect(one.act(ADVICE, NANTES)).toBe('CASE_FORBIDDEN')
    expect(one.act(plain('accept'), ANGERS)).toBeNull()
    expect(one.now).toMatchObject({ owner: { establishment: 'chu-angers' }, state: 'accepted' })
    expect(one.now.climbs).toMatchObject([{ acceptedBy: 'chu-angers' }, { acceptedBy: 'chu-nantes' }])
    expect(one.now.climbs.every(({ endedAtMs }) => endedAtMs !== null)).toBe(true)
  })

  test('where no centre answers a site, who accepts on another ladder owns the case', () => {
    const [answer, interventional] = STROKE.ladders
    const one = new Moving({ ...STROKE, ladders: [{ ...answer!, centres: [] }, interventional!] })
    expect(one.act({ what: 'invite', ladder: 'interventional' }, COORDINATION)).toBeNull()
    expect(one.act(plain('accept'), NANTES)).toBeNull()
    expect(one.now).toMatchObject({ owner: { establishment: 'chu-nantes' }, state: 'accepted' })
  })

  test('what was written down afterwards wakes nobody', () => {
    const one = new Moving(STROKE, { late: true })
    one.wait(60 * MIN)
    expect(one.happenings).toHaveLength(1)
    expect(one.act(plain('accept'), ANGERS)).toBeNull()
  })

  test('a site without a centre is the coordination’s from the start', () => {
    const nowhere = { ...STROKE, ladders: STROKE.ladders.map((one) => ({ ...one, centres: [] })) }
    expect(new Moving(nowhere).told()).toEqual(['coordination'])
  })
})

describe('after acceptance', () => {
  const images = (received: number, expected: number): Act => ({
    what: 'images',
    uid: '1.2',
    received,
    expected,
    held: 0,
  })
  const study: Act = { what: 'study', study: { uid: '1.2', accession: null, expected: 10, modality: 'CT' } }
  const gate = gatewayViewer('ch-laval')
  test.each<readonly [string, readonly (readonly [Act, CaseViewer])[], number, readonly string[]]>([
    ['seen and not accepted', [[plain('see'), ANGERS]], 3, ['duty-1 chu-angers']],
    ['no advice', [[plain('accept'), ANGERS]], 15, ['owner chu-angers']],
    [
      'no image',
      [
        [study, gate],
        [plain('accept'), ANGERS],
      ],
      15,
      ['imaging ch-laval', 'owner chu-angers'],
    ],
    [
      'a transfer that stands still',
      [
        [plain('accept'), ANGERS],
        [images(3, 10), gate],
      ],
      2,
      ['imaging ch-laval'],
    ],
    [
      'advice nobody opened',
      [
        [plain('accept'), ANGERS],
        [ADVICE, ANGERS],
      ],
      3,
      ['requester ch-laval'],
    ],
    [
      'no decision',
      [
        [plain('accept'), ANGERS],
        [ADVICE, ANGERS],
        [plain('read-advice'), ASKS],
      ],
      30,
      ['owner chu-angers'],
    ],
  ])('%s is told to its own first, then to the coordination', (_name, until, minutes, first) => {
    const one = new Moving({
      ...STROKE,
      ladders: STROKE.ladders.map((each) => ({ ...each, rungs: [{ ...each.rungs[0]!, everyMs: null }] })),
    })
    for (const each of until) expect(one.act(...each)).toBeNull()
    const before = one.happenings.length
    one.wait(minutes * MIN - 1_000)
    expect(one.told(before)).toEqual([])
    one.wait(1_000)
    expect(one.told(before).toSorted()).toEqual(first.toSorted())
    one.wait(10 * MIN)
    expect(one.told(before)).toContain('coordination')
    const told = one.happenings.length
    one.wait(MIN)
    expect(one.happenings).toHaveLength(told)
  })

  test('what moves again is late again when it stands still again', () => {
    const one = accepted()
    one.act(images(3, 10), gate)
    one.wait(2 * MIN)
    one.act(images(5, 10), gate)
    const before = one.happenings.length
    one.wait(2 * MIN)
    expect(one.told(before)).toEqual(['imaging ch-laval'])
    one.act(images(10, 10), gate)
    expect(
      due(one.now, STROKE, DELIVERED).filter(({ what }) => what.kind === 'late' && what.delay === 'transfer-stalled'),
    ).toEqual([])
  })

  test('a request that nobody has got is told, one that was delivered is not', () => {
    const one = new Moving(STROKE)
    const lates = (delivered: boolean) =>
      due(one.now, STROKE, { delivered }).filter(
        ({ what }) => what.kind === 'late' && what.delay === 'request-undelivered',
      )
    expect(lates(false)).toMatchObject([{ atMs: T0 + 2 * MIN }])
    expect(lates(true)).toEqual([])
  })
})

describe('the other services run in the same engine', () => {
  test('a teleconsultation is planned, arrives, is advised and done', () => {
    const one = new Moving(WOUNDS)
    const states: CaseState[] = []
    for (const [act, viewer] of [
      [appointment('proposed'), ASKS],
      [appointment('booked'), SECRETARIAT],
      [appointment('arrived'), ASKS],
      [appointment('fulfilled'), ANGERS],
      [ADVICE, ANGERS],
      [plain('finish'), ANGERS],
    ] as const) {
      expect(one.act(act, viewer)).toBeNull()
      states.push(one.now.state)
    }
    expect(states).toEqual(['requested', 'planned', 'arrived', 'arrived', 'advised', 'done'])
    expect(one.now.owner).toMatchObject({ establishment: 'chu-angers' })
  })

  test('a patient who did not come is with the centre again', () => {
    const one = new Moving(WOUNDS)
    one.act(appointment('booked'), SECRETARIAT)
    expect(one.act(appointment('noshow'), ANGERS)).toBeNull()
    expect(one.now.state).toBe('accepted')
  })

  test('a written opinion is late after its two days', () => {
    const one = new Moving(OPINION)
    one.act(plain('accept'), ANGERS)
    const before = one.happenings.length
    one.wait(48 * 60 * MIN)
    expect(one.told(before)).toEqual(['owner chu-angers'])
    one.act(ADVICE, ANGERS)
    expect(due(one.now, OPINION, DELIVERED)).toEqual([])
  })
})

describe('whatever happens', () => {
  const acts = fc.constantFrom<readonly [Act, CaseViewer]>(
    [plain('see'), ANGERS],
    [plain('accept'), ANGERS],
    [plain('accept'), NANTES],
    [REFUSAL, ANGERS],
    [REFUSAL, NANTES],
    [REACHED, ASKS],
    [ADVICE, ANGERS],
    [ADVICE, NANTES],
    [plain('read-advice'), ASKS],
    [{ what: 'invite', ladder: 'interventional' }, ANGERS],
    [{ what: 'invite', ladder: 'answer' }, COORDINATION],
    [{ what: 'images', uid: '1.2', received: 3, expected: 9, held: 0 }, gatewayViewer('ch-laval')],
    [{ what: 'decide', decision: 'neither', text: '' }, ASKS],
    [{ what: 'hand-over', to: NANTES.participant }, COORDINATION],
    [plain('finish'), ASKS],
    [{ what: 'cancel', reason: 'x' }, ASKS],
  )
  const steps = fc.array(fc.oneof(acts, fc.integer({ min: 1, max: 20 * MIN })), { maxLength: 25 })

  test('replaying what happened makes the same case, no rung is missed or doubled, nobody is forgotten', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const one = new Moving(STROKE)
        for (const step of all) {
          if (typeof step === 'number') one.wait(step)
          else one.act(...step)
          // Open and without an owner: somebody is told, or was reached by telephone.
          const { state, owner, reached } = one.now
          const open = !['done', 'cancelled'].includes(state)
          if (open && owner === null && reached === null)
            expect(due(one.now, STROKE, DELIVERED).length).toBeGreaterThan(0)
          for (const { atMs } of due(one.now, STROKE, DELIVERED)) expect(atMs).toBeGreaterThan(one.atMs)
        }
        expect(evolveAll(null, one.happenings, named(STROKE))).toEqual(one.now)
        expect(one.happenings.map(({ seq }) => seq)).toEqual(one.happenings.map((_, i) => i + 1))
        let fixed = -1
        for (const { act } of one.happenings) {
          if (act.what === 'refuse' || act.what === 'invite') fixed = -1
          if (act.what !== 'rung' || act.ladder !== 'answer') continue
          if (fixed >= 0) expect(act.rung).toBeGreaterThan(fixed)
          if (act.rung < 5 && fixed >= 0) expect(act.rung).toBe(fixed + 1)
          fixed = act.rung
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a step of the clock moves what the gateway timed, and nothing is sooner or later for it', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: -2 * 60 * MIN, max: 2 * 60 * MIN }), (all, byMs) => {
        const one = new Moving(STROKE)
        for (const step of all) typeof step === 'number' ? one.wait(step) : one.act(...step)
        const clock = {
          seq: one.now.version + 1,
          atMs: 0,
          recordedAtMs: 0,
          by: GATEWAY,
          act: { what: 'clock', step: 1, byMs },
        } as const
        const after = evolve(one.now, clock, named(STROKE))
        const moved = due(one.now, STROKE, DELIVERED).map(({ atMs, what }) => ({ atMs: atMs + byMs, what }))
        expect(due(after, STROKE, DELIVERED)).toEqual(moved)
        expect(after.times).toEqual(one.now.times)
      }),
      { numRuns: 200 },
    )
  })
})
