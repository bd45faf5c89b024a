import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { programmes, shippedProfiles } from '../../src/app/config/index.ts'
import { type Applicant, eligibilityProblems, trackFor } from '../../src/conformity/programme/eligibility.ts'
import { missingFor, moveTo, offeredMoves } from '../../src/conformity/programme/moves.ts'
import { leftOfParts, mayPay, partsOfAmount, sumOfParts, UNPAID } from '../../src/conformity/programme/payments.ts'
import {
  countedFraction,
  countOf,
  isFraction,
  milestoneReached,
  reaches,
} from '../../src/conformity/programme/targets.ts'
import {
  ENROLMENT_MOVES,
  ENROLMENT_STATES,
  type EnrolmentState,
  MOST_CENTS,
  PAYMENT_PARTS,
  type PaymentShares,
  type Programme,
} from '../../src/core/programmes.ts'
import { centsOf, eurosText } from '../../src/formats/money.ts'

const shipped = new Map(programmes(shippedProfiles()).map((one) => [one.id, one]))
const shares = (advance: number, startUp: number, use: number): PaymentShares => ({ advance, 'start-up': startUp, use })

describe('money', () => {
  test.each([
    ['828 526,26 €', 82_852_626],
    ['828526.26', 82_852_626],
    ['420 000 000 EUR', 42_000_000_000],
    ['0,05', 5],
    ['12', 1_200],
    ['1 2', null],
    ['12,5', null],
    ['-3', null],
    ['12 €€', null],
    ['', null],
  ])('%j is %j cents', (text, cents) => {
    expect(centsOf(text)).toBe(cents)
  })

  test('what is written is read again to the cent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999_999 }), (cents) => {
        expect(centsOf(eurosText(cents))).toBe(cents)
      }),
    )
  })
})

describe('payments', () => {
  test.each([
    ['20 and 80 of the published grant', 82_852_626, shares(0, 2_000, 8_000), [0, 16_570_525, 66_282_101]],
    ['half a cent goes up, and the last part is what is left', 5, shares(0, 5_000, 5_000), [0, 3, 2]],
    ['three parts', 10_001, shares(3_333, 3_333, 3_334), [3_333, 3_333, 3_335]],
    ['one part is the whole', 7, shares(0, 0, 10_000), [0, 0, 7]],
    ['nothing of nothing', 0, shares(3_000, 0, 7_000), [0, 0, 0]],
  ])('%s', (_name, cents, of, [advance, startUp, use]) => {
    expect(partsOfAmount(cents, of)).toEqual({ advance, 'start-up': startUp, use })
  })

  test('parts are the whole to the cent, none is below nothing, and none without a share is paid', () => {
    const amount = fc.integer({ min: 0, max: MOST_CENTS })
    const two = fc.tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 10_000 }))
    fc.assert(
      fc.property(amount, two, (cents, [a, b]) => {
        const of = shares(Math.min(a, b), Math.abs(a - b), 10_000 - Math.max(a, b))
        const parts = partsOfAmount(cents, of)
        expect(sumOfParts(parts)).toBe(cents)
        for (const part of PAYMENT_PARTS) {
          expect(parts[part]).toBeGreaterThanOrEqual(0)
          if (of[part] === 0) expect(parts[part]).toBe(0)
        }
      }),
    )
  })

  const left = leftOfParts({ advance: 0, 'start-up': 1_000, use: 4_000 }, { ...UNPAID, 'start-up': 400 })
  test.each([
    ['start-up', 600, 'selected', true],
    ['start-up', 601, 'selected', false],
    ['start-up', 600, 'candidate', false],
    ['start-up', 600, 'settled', false],
    ['use', 4_000, 'checked', true],
    ['use', 4_000, 'target-met', false],
    ['advance', 1, 'selected', false],
    ['start-up', 0, 'selected', false],
    ['start-up', 0.5, 'selected', false],
  ] as const)('%s of %d cents in %s: %j', (part, cents, state, may) => {
    expect(mayPay({ part, cents }, state, left)).toBe(may)
  })
})

describe('eligibility', () => {
  const applicant = (changes: Partial<Applicant>): Applicant => ({
    ...{ finess: '539970012', kind: 'hospital', domains: ['dossier'], project: null, depositedOn: null, count: null },
    taken: [],
    ...changes,
  })
  const esms = (changes: Partial<Applicant>): Applicant =>
    applicant({ kind: 'nursing-home', domains: ['dui'], project: 'acquisition', count: 20, ...changes })
  test.each<[name: string, programme: string, who: Applicant, faults: string[]]>([
    ['a hospital in one domain', 'hopital-numerique', applicant({}), []],
    [
      'a home in a programme of hospitals',
      'hopital-numerique',
      applicant({ kind: 'nursing-home' }),
      ['kind-not-eligible'],
    ],
    ['two domains', 'hopital-numerique', applicant({ domains: ['dossier', 'agenda'] }), ['domains-too-many']],
    ['a second domain beside one it has', 'hopital-numerique', applicant({ taken: ['agenda'] }), ['domains-too-many']],
    ['the same domain again', 'hopital-numerique', applicant({ taken: ['dossier'] }), []],
    [
      'two for the named exception',
      'hopital-numerique',
      applicant({ finess: '530000371', domains: ['pilotage', 'resultats'] }),
      [],
    ],
    [
      'three for it',
      'hopital-numerique',
      applicant({ finess: '530000371', domains: ['pilotage', 'resultats', 'agenda'] }),
      ['domains-too-many'],
    ],
    ['no domain', 'hopital-numerique', applicant({ domains: [] }), ['domains']],
    ['a domain of another programme', 'hopital-numerique', applicant({ domains: ['dui'] }), ['domain-unknown']],
    ['several where there is no limit', 'hopen', applicant({ domains: ['d1', 'd2', 'd6'] }), []],
    ['14 establishments', 'esms-numerique', esms({ count: 14 }), ['no-track']],
    ['15', 'esms-numerique', esms({ count: 15 }), []],
    ['50', 'esms-numerique', esms({ count: 50 }), []],
    ['a number that nobody told', 'esms-numerique', esms({ count: null }), ['body-count']],
    ['regional, on the last day', 'esms-numerique', esms({ count: 49, depositedOn: '2022-09-30' }), []],
    ['national on that day', 'esms-numerique', esms({ count: 50, depositedOn: '2022-09-30' }), ['deposit-closed']],
    ['no project', 'esms-numerique', esms({ project: null }), ['project']],
    ['a project where there is none', 'hopen', applicant({ domains: ['d1'], project: 'acquisition' }), ['project']],
    [
      'a domain after its last day',
      'segur-vague-2',
      applicant({ domains: ['pfi'], depositedOn: '2025-09-18' }),
      ['deposit-closed'],
    ],
    ['one that is open longer', 'segur-vague-2', applicant({ domains: ['dpi'], depositedOn: '2025-09-18' }), []],
  ])('%s', (_name, programme, who, faults) => {
    expect(eligibilityProblems(shipped.get(programme)!, who).map(({ fault }) => fault)).toEqual(faults)
  })

  test.each([
    ['esms-numerique', 49, null, 'regional'],
    ['esms-numerique', 50, '2022-06-01', 'national'],
    ['sun-es', null, '2022-03-15', 'fenetre-2'],
    ['sun-es', null, null, null],
    ['hopen', 12, null, null],
  ])('%s with %j establishments on %j comes by %j', (programme, count, depositedOn, track) => {
    expect(trackFor(shipped.get(programme)!, { count, depositedOn })).toBe(track)
  })
})

describe('targets and milestones', () => {
  test.each([
    [6_000, 60, 100, true],
    [6_000, 59, 100, false],
    [6_667, 2, 3, false],
    [6_666, 2, 3, true],
    [10_000, 3, 3, true],
    [1, 0, 0, null],
    [3_333, 3_002_399_751_580_330, 9_007_199_254_740_991, true],
  ])('%d basis points of %d over %d: %j', (threshold, numerator, denominator, met) => {
    expect(reaches(threshold, { numerator, denominator })).toBe(met)
  })

  const of = (kind: string, signature: string, n: number, side: 'sent' | 'received' = 'sent') => ({
    ...{ side, kind, application: 'DPI', signature, n },
  })
  const counts = [
    ...[of('ADT^A01', '', 40), of('ADT^A28', 'INS_KEY', 7), of('ADT^A28', 'PAM-PID-32', 2)],
    ...[of('ADT^A01', '!INS_TRAITS', 9), of('ORU^R01', '', 5), of('ADT^A01', 'delivered 100', 3, 'received')],
    ...[of('ADT^A01', 'refused FAR_SIDE_REFUSED', 8, 'received'), of('ADT^A01', 'refused', 1, 'received')],
  ]
  const adt = (without: readonly string[] = []) => ({ side: 'sent', kinds: ['ADT^*'], without }) as const
  test('what was refused counts nowhere; findings are named as in frameworks', () => {
    expect(countOf(adt(), counts)).toBe(49)
    expect(countOf(adt(['INS_*']), counts)).toBe(42)
    expect(countOf({ side: 'received', kinds: ['ADT^*'], without: [] }, counts)).toBe(3)
  })
  test('under the least number nothing is said', () => {
    const rule = { numerator: adt(['INS_*']), denominator: adt(), windowDays: 90, minimum: 49 }
    expect(countedFraction(rule, counts)).toEqual({ numerator: 42, denominator: 49 })
    expect(countedFraction({ ...rule, minimum: 50 }, counts)).toBeNull()
    expect(countedFraction(rule, [])).toBeNull()
  })
  test.each([
    [1, 2, true],
    [2, 2, true],
    [3, 2, false],
    [-1, 2, false],
    [0.5, 2, false],
  ])('%d over %d may be declared: %j', (numerator, denominator, may) => {
    expect(isFraction({ numerator, denominator })).toBe(may)
  })
  test.each([
    [['met', 'met'], true],
    [['met', 'not-applicable'], true],
    [['met', 'unmet'], false],
    [['not-measured', 'lapsed'], false],
    [['met', 'not-measured'], null],
    [['not-applicable'], null],
  ] as const)('a milestone of %j is reached: %j', (verdicts, reached) => {
    expect(milestoneReached(verdicts.map((verdict) => ({ verdict })))).toBe(reached)
  })
})

describe('moves', () => {
  const two = { shares: shares(0, 2_000, 8_000) } as Programme
  const lump = { shares: shares(0, 0, 10_000) } as Programme
  const standing = (state: EnrolmentState, more: object = {}, programme = two) => ({
    ...{ programme, targets: [{ met: true }], milestones: [] },
    enrolment: { state, cents: 10_000, paid: UNPAID },
    ...more,
  })
  const offered = (of: Parameters<typeof offeredMoves>[0]) =>
    offeredMoves(of).map(({ move, missing }) => [move.to, ...missing].join(' '))

  test('every state but the last two leads on, and none leads out of those', () => {
    const from = (state: EnrolmentState) => ENROLMENT_MOVES.filter((one) => one.from === state).length
    expect(ENROLMENT_STATES.map((state) => from(state) > 0)).toEqual([true, true, true, true, true, false, false])
    expect(moveTo('candidate', 'settled')).toBeNull()
    expect(ENROLMENT_MOVES.filter(({ second }) => second).map(({ from: one }) => one)).toEqual(
      Array(3).fill('target-met'),
    )
  })

  test.each([
    [
      'no amount',
      standing('candidate', { enrolment: { state: 'candidate', cents: null, paid: UNPAID } }),
      ['selected amount', 'dropped'],
    ],
    ['a candidate', standing('candidate'), ['selected', 'dropped']],
    ['start-up not paid', standing('selected'), ['started start-up-paid', 'dropped']],
    [
      'start-up paid',
      standing('selected', { enrolment: { state: 'selected', cents: 10_000, paid: { ...UNPAID, 'start-up': 2_000 } } }),
      ['started', 'dropped'],
    ],
    ['a lump sum', standing('selected', {}, lump), ['target-met', 'dropped']],
    [
      'a target without a value',
      standing('started', { targets: [{ met: true }, { met: null }] }),
      ['target-met targets', 'dropped'],
    ],
    [
      'a milestone that is not reached',
      standing('started', { milestones: [{ reached: false, milestone: { before: 'use' } }] }),
      ['target-met use-milestones', 'dropped'],
    ],
    [
      'one that nobody measured',
      standing('started', { milestones: [{ reached: null, milestone: { before: 'use' } }] }),
      ['target-met', 'dropped'],
    ],
    [
      'one of the start does not hold up the use',
      standing('started', { milestones: [{ reached: false, milestone: { before: 'start-up' } }] }),
      ['target-met', 'dropped'],
    ],
    ['to be checked', standing('target-met'), ['checked', 'started']],
    ['to be checked, a lump sum', standing('target-met', {}, lump), ['checked', 'selected']],
    ['not all paid', standing('checked'), ['settled all-paid']],
    [
      'all paid',
      standing('checked', {
        enrolment: { state: 'checked', cents: 10_000, paid: { advance: 0, 'start-up': 2_000, use: 8_000 } },
      }),
      ['settled'],
    ],
    ['at the end', standing('settled'), []],
  ])('%s', (_name, of, moves) => {
    expect(offered(of as Parameters<typeof offeredMoves>[0])).toEqual(moves)
  })

  test('what a move needs is told in the order in which it asks', () => {
    const lacking = standing('selected', {
      milestones: [{ reached: false, milestone: { before: 'start-up' } }],
    }) as unknown as Parameters<typeof missingFor>[1]
    expect(missingFor(moveTo('selected', 'started')!, lacking)).toEqual(['start-up-milestones', 'start-up-paid'])
  })
})
