import { describe, expect, test } from 'vitest'
import { judgeFramework, requirementsFor, windowsOf } from '../../src/conformity/judge/judge.ts'
import {
  judgeDerived,
  judgeEvidence,
  judgeOverride,
  judgeProbes,
  judgeTrials,
} from '../../src/conformity/judge/other.ts'
import { type Count, judgeTraffic } from '../../src/conformity/judge/traffic.ts'
import { regressedFrom } from '../../src/conformity/store/changes.ts'
import {
  type EvidenceFact,
  type Judgement,
  type Judging,
  type Measure,
  NOTHING_MEASURED,
  type ProbeFact,
  type Side,
  type TrafficRule,
  type Verdict,
  type Why,
} from '../../src/core/conformity.ts'
import { frameworkOf, requirementOf } from './pieces.ts'

const DAY_MS = 86_400_000
const NOW = 1_000 * DAY_MS

type Row = readonly [kind: string, signature: string, n: number, application?: string, side?: Side]
const counts = (rows: readonly Row[]): readonly Count[] =>
  rows.map(([kind, signature, n, application = 'GAM', side = 'sent']) => ({ kind, signature, n, application, side }))

const share: Measure = { what: 'share', without: ['PAM-*', 'INS_KEY'], refused: true, atLeast: 0.99, partly: 0.9 }
const rule = (measure: Measure, more: Partial<TrafficRule> = {}): TrafficRule => ({
  ...{ side: 'sent', kinds: ['ADT^A28', 'ADT^A31'], windowDays: 30, minimum: 50, measure },
  ...more,
})

describe('traffic', () => {
  test.each<
    [name: string, measure: Measure, rows: readonly Row[], verdict: Verdict, why: Why, good: number, total: number]
  >([
    ['every message is right', share, [['ADT^A28', '', 60]], 'met', 'fine', 60, 60],
    [
      'exactly at the share',
      share,
      [
        ['ADT^A28', '', 99],
        ['ADT^A28', 'PAM-1', 1],
      ],
      'met',
      'fine',
      99,
      100,
    ],
    [
      'just under it',
      share,
      [
        ['ADT^A28', '', 98],
        ['ADT^A28', 'PAM-1', 2],
      ],
      'partly',
      'share',
      98,
      100,
    ],
    [
      'exactly at the lower share',
      share,
      [
        ['ADT^A28', '', 90],
        ['ADT^A31', 'INS_KEY', 10],
      ],
      'partly',
      'share',
      90,
      100,
    ],
    [
      'under both',
      share,
      [
        ['ADT^A28', '', 89],
        ['ADT^A31', 'INS_KEY', 11],
      ],
      'unmet',
      'share',
      89,
      100,
    ],
    [
      'without a lower share',
      { ...share, partly: null },
      [
        ['ADT^A28', '', 98],
        ['ADT^A28', 'PAM-1', 2],
      ],
      'unmet',
      'share',
      98,
      100,
    ],
    ['findings that it does not ask about', share, [['ADT^A28', 'OTHER-1 ZED', 50]], 'met', 'fine', 50, 50],
    [
      'two findings of one message count it once',
      share,
      [
        ['ADT^A28', '', 99],
        ['ADT^A28', 'INS_KEY PAM-1 PAM-2', 1],
      ],
      'met',
      'fine',
      99,
      100,
    ],
    ['more findings than are named', share, [['ADT^A28', 'A-1 …', 50]], 'unmet', 'share', 0, 50],
    ['too few', share, [['ADT^A28', '', 49]], 'not-measured', 'too-few', 49, 49],
    ['too few, and all wrong', share, [['ADT^A28', 'PAM-1', 49]], 'not-measured', 'too-few', 0, 49],
    ['none', share, [], 'not-measured', 'too-few', 0, 0],
    ['other kinds only', share, [['ADT^A01', '', 500]], 'not-measured', 'too-few', 0, 0],
    ['the other side only', share, [['ADT^A28', '', 500, 'x/gam', 'received']], 'not-measured', 'too-few', 0, 0],
    [
      'refused for content',
      share,
      [
        ['ADT^A28', '', 90],
        ['ADT^A28', '!FIELD_MISSING', 10],
      ],
      'partly',
      'share',
      90,
      100,
    ],
    [
      'refused because nothing could be taken',
      share,
      [
        ['ADT^A28', '', 90],
        ['ADT^A28', '!STORE_FULL', 10],
      ],
      'met',
      'fine',
      90,
      90,
    ],
    [
      'refusals left out',
      { ...share, refused: false },
      [
        ['ADT^A28', '', 90],
        ['ADT^A28', '!FIELD_MISSING', 10],
      ],
      'met',
      'fine',
      90,
      90,
    ],
    ['absent', { what: 'absence', of: ['INS_KEY'] }, [['ADT^A28', 'PAM-1', 50]], 'met', 'fine', 50, 50],
    [
      'present once',
      { what: 'absence', of: ['INS_KEY'] },
      [
        ['ADT^A28', '', 499],
        ['ADT^A28', 'INS_KEY', 1],
      ],
      'unmet',
      'found',
      499,
      500,
    ],
    [
      'absent, of a refusal',
      { what: 'absence', of: ['FIELD_MISSING'] },
      [
        ['ADT^A28', '', 50],
        ['ADT^A28', '!FIELD_MISSING', 1],
      ],
      'unmet',
      'found',
      50,
      51,
    ],
    ['a flow is there', { what: 'presence', messages: 10 }, [['ADT^A28', 'PAM-1', 10]], 'met', 'fine', 10, 10],
    ['a flow is thin', { what: 'presence', messages: 10 }, [['ADT^A28', '', 9]], 'partly', 'no-flow', 9, 9],
    [
      'a flow is missing where others are there',
      { what: 'presence', messages: 10 },
      [['ORU^R01', '', 1]],
      'unmet',
      'no-flow',
      0,
      0,
    ],
    ['nothing is heard at all', { what: 'presence', messages: 10 }, [], 'not-measured', 'too-few', 0, 0],
    [
      'only refused is no flow',
      { what: 'presence', messages: 1 },
      [['ADT^A28', '!NOT_HL7', 7]],
      'unmet',
      'no-flow',
      0,
      0,
    ],
  ])('%s', (_name, measure, rows, verdict, why, good, total) => {
    expect(judgeTraffic(rule(measure), counts(rows), 30)).toMatchObject({ verdict, why, good, total })
  })

  test.each<[name: string, rows: readonly Row[], sentDays: number, verdict: Verdict]>([
    ['a flow that is missing for the whole window', [['ORU^R01', '', 9]], 30, 'unmet'],
    ['one that is missing where sending began in the window', [['ORU^R01', '', 9]], 29, 'not-measured'],
    ['a thin one', [['ADT^A28', '', 9]], 29, 'not-measured'],
    ['one that is there, from the first day on', [['ADT^A28', '', 10]], 1, 'met'],
  ])('%s', (_name, rows, sentDays, verdict) => {
    expect(judgeTraffic(rule({ what: 'presence', messages: 10 }), counts(rows), sentDays).verdict).toBe(verdict)
  })

  test('of one that sends nothing any more and is only sent messages, nothing is said of its flows', () => {
    const received: Count[] = [
      { side: 'received', kind: 'ORU^R01', application: 'a/b', signature: 'delivered 250', n: 9 },
    ]
    expect(judgeTraffic(rule({ what: 'presence', messages: 10 }), received, 300)).toMatchObject({
      ...{ verdict: 'not-measured', why: 'too-few' },
    })
  })

  test.each<[name: string, withinMs: number | null, signature: string, good: boolean]>([
    ['delivered, however long', null, 'delivered 30000', true],
    ['in time', 10_000, 'delivered 10000', true],
    ['too late', 10_000, 'delivered 30000', false],
    ['refused', null, 'refused FAR_SIDE_REFUSED', false],
    ['a wrong answer', null, 'unknown ANSWER_WRONG_ID', false],
    ['not reached', null, 'retry CONNECT_FAILED', false],
  ])('answers: %s', (_name, withinMs, signature, good) => {
    const measure: Measure = { what: 'answered', withinMs, atLeast: 1, partly: null }
    const rows: readonly Row[] = [['ADT^A28', signature, 50, 'x/gam', 'received']]
    expect(judgeTraffic(rule(measure, { side: 'received' }), counts(rows), 30).verdict).toBe(good ? 'met' : 'unmet')
  })

  test('says what was most in the way, and by which product it was sent', () => {
    const rows: readonly Row[] = [
      ['ADT^A28', 'INS_KEY', 5, 'GAM'],
      ['ADT^A28', 'INS_KEY PAM-1', 7, 'DPI'],
      ['ADT^A31', '!NOT_HL7', 2, ''],
      ['ADT^A31', '', 40, 'GAM'],
    ]
    const { found, software } = judgeTraffic(rule(share), counts(rows), 30)
    expect(found).toEqual([
      { finding: 'INS_KEY', messages: 12 },
      { finding: 'PAM-1', messages: 7 },
      { finding: 'NOT_HL7', messages: 2 },
    ])
    expect(software).toEqual(['GAM', 'DPI'])
  })
})

test.each<[name: string, evidence: readonly EvidenceFact[], verdict: Verdict, why: Why]>([
  ['nothing filed', [], 'not-measured', 'no-evidence'],
  ['filed', [filed('filed', 1)], 'not-measured', 'waiting'],
  ['accepted, for good', [filed('accepted', 1)], 'met', 'fine'],
  ['accepted, still valid', [filed('accepted', 1, NOW + 1)], 'met', 'fine'],
  ['accepted, lapsed this instant', [filed('accepted', 1, NOW)], 'lapsed', 'expired'],
  ['accepted, another waits', [filed('accepted', 1, NOW + 1), filed('filed', 2)], 'met', 'fine'],
  ['lapsed, then accepted', [filed('accepted', 1, NOW), filed('accepted', 2, NOW + 1)], 'met', 'fine'],
  ['rejected', [filed('rejected', 1)], 'unmet', 'rejected'],
  ['rejected, filed again', [filed('rejected', 1), filed('filed', 2)], 'not-measured', 'waiting'],
  ['withdrawn', [filed('withdrawn', 1)], 'not-measured', 'no-evidence'],
])('evidence: %s', (_name, evidence, verdict, why) => {
  expect(judgeEvidence(evidence, NOW)).toMatchObject({ verdict, why })
})

function filed(state: EvidenceFact['state'], filedAtMs: number, validUntilMs: number | null = null): EvidenceFact {
  return { requirement: 'R', state, filedAtMs, validUntilMs }
}

const PROBE: Extract<Judging, { by: 'probe' }> = { by: 'probe', probe: 'tls', validDays: 7, settings: {} }

test.each<[name: string, results: readonly ProbeFact[], verdict: Verdict, why: Why]>([
  ['never asked', [], 'not-measured', 'no-probe'],
  ['all pass', [probed('pass', 1), probed('pass', 2)], 'met', 'fine'],
  ['some pass', [probed('pass', 1), probed('fail', 2)], 'partly', 'probe'],
  ['none passes', [probed('fail', 1)], 'unmet', 'probe'],
  ['one could not be reached', [probed('pass', 1), probed('unreachable', 1)], 'partly', 'probe'],
  ['none could', [probed('unreachable', 1)], 'not-measured', 'probe'],
  ['too old', [probed('pass', 7)], 'lapsed', 'expired'],
  ['one is too old', [probed('pass', 1), probed('pass', 8)], 'lapsed', 'expired'],
])('probes: %s', (_name, results, verdict, why) => {
  const declared = results.map(({ endpoint }) => endpoint)
  expect(judgeProbes(PROBE, declared, results, NOW)).toMatchObject({ verdict, why })
})

test.each<[name: string, results: readonly ProbeFact[], verdict: Verdict, good: number, total: number]>([
  ['none was asked', [], 'not-measured', 0, 0],
  ['none was asked but one that is not declared any more', [probed('pass', 3)], 'not-measured', 0, 0],
  ['one passes, the other was never asked', [probed('pass', 1)], 'not-measured', 1, 2],
  ['one fails, the other was never asked', [probed('fail', 1)], 'unmet', 0, 2],
  ['one could not be reached, the other was never asked', [probed('unreachable', 1)], 'not-measured', 0, 2],
  ['both pass', [probed('pass', 1), probed('pass', 2)], 'met', 2, 2],
  ['what is not declared any more is too old', [probed('pass', 1), probed('pass', 2), probed('pass', 9)], 'met', 2, 2],
  ['what is not declared any more fails', [probed('pass', 1), probed('pass', 2), probed('fail', 3)], 'met', 2, 2],
  ['what is not declared any more passes', [probed('fail', 1), probed('fail', 2), probed('pass', 3)], 'unmet', 0, 2],
])('probes of two endpoints: %s', (_name, results, verdict, good, total) => {
  expect(judgeProbes(PROBE, ['x/1', 'x/2'], results, NOW)).toMatchObject({ verdict, good, total })
})

function probed(outcome: ProbeFact['outcome'], daysAgo: number, name = 'trial@1/TLS'): ProbeFact {
  const faults = outcome === 'pass' ? [] : ['TLS_OLD']
  return { name, endpoint: `x/${daysAgo}`, asked: null, outcome, faults, atMs: NOW - daysAgo * DAY_MS }
}

test.each<[name: string, need: number | 'all', parts: readonly Verdict[], verdict: Verdict]>([
  ['all of all', 'all', ['met', 'met'], 'met'],
  ['one is missing', 'all', ['met', 'unmet'], 'partly'],
  ['none', 'all', ['unmet', 'unmet'], 'unmet'],
  ['one is not measured', 'all', ['met', 'not-measured'], 'not-measured'],
  ['one is not measured, another fails', 'all', ['met', 'not-measured', 'unmet'], 'partly'],
  ['none is measured', 'all', ['not-measured', 'not-measured'], 'not-measured'],
  ['what is not applicable is not asked', 'all', ['met', 'not-applicable'], 'met'],
  ['nothing is applicable', 'all', ['not-applicable', 'not-applicable'], 'not-applicable'],
  ['any', 1, ['unmet', 'met'], 'met'],
  ['any, none', 1, ['unmet', 'lapsed'], 'unmet'],
  ['any, partly', 1, ['unmet', 'partly'], 'partly'],
  ['two of three', 2, ['met', 'unmet', 'met'], 'met'],
  ['more than there are', 5, ['met', 'met'], 'met'],
])('derived: %s', (_name, need, parts, verdict) => {
  const judged = new Map(parts.map((one, i) => [`P${i}`, judgement(one)]))
  expect(judgeDerived({ by: 'derived', of: [...judged.keys()], need }, judged).verdict).toBe(verdict)
})

function judgement(verdict: Verdict): Judgement {
  return { ...NOTHING_MEASURED, verdict, why: 'fine' }
}

test.each<[name: string, untilMs: number | null, verdict: Verdict, why: Why]>([
  ['for good', null, 'not-applicable', 'waived'],
  ['until tomorrow', NOW + 1, 'not-applicable', 'waived'],
  ['until now', NOW, 'unmet', 'fine'],
])('an override: %s', (_name, untilMs, verdict, why) => {
  const set = { requirement: 'R', verdict: 'not-applicable', untilMs } as const
  expect(judgeOverride(set, judgement('unmet'), NOW)).toMatchObject({ verdict, why })
})

test.each<[before: Verdict | null, held: Verdict | null, now: Verdict, regressed: Verdict | null]>([
  [null, null, 'unmet', null],
  ['met', null, 'unmet', 'met'],
  ['met', null, 'partly', 'met'],
  ['met', null, 'lapsed', 'met'],
  ['partly', null, 'unmet', 'partly'],
  ['unmet', 'met', 'partly', 'met'],
  ['partly', 'met', 'met', null],
  ['met', null, 'not-measured', null],
  ['unmet', 'met', 'not-measured', 'met'],
  ['not-measured', 'met', 'unmet', 'met'],
  ['unmet', 'met', 'not-applicable', null],
  ['not-measured', null, 'unmet', null],
  ['unmet', null, 'met', null],
  ['unmet', null, 'lapsed', null],
])('from %s (held %s) to %s: regressed from %s', (before, held, now, regressed) => {
  expect(regressedFrom(before === null ? null : { verdict: before, regressedFrom: held }, now)).toBe(regressed)
})

test('a framework is judged as a whole: parts before what leans on them, and only what applies', () => {
  const framework = frameworkOf([
    requirementOf('WHOLE', { by: 'derived', of: ['FLOW', 'PAPER', 'HOMES'], need: 'all' }),
    requirementOf('FLOW', { by: 'traffic', rule: rule({ what: 'presence', messages: 1 }) }),
    requirementOf('TLS', PROBE),
    requirementOf('OTHER-TLS', PROBE),
    requirementOf('PAPER', { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 }),
    {
      ...requirementOf('HOMES', { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 }),
      appliesTo: ['nursing-home'],
    },
  ])
  const facts = {
    kind: 'hospital',
    windows: new Map([[30, counts([['ADT^A28', '', 1]])]]),
    sentDays: 30,
    evidence: [{ ...filed('accepted', 1), requirement: 'PAPER' }],
    probes: [probed('pass', 1)],
    endpoints: new Map([['tls', ['x/1']]] as const),
    overrides: [],
    trials: null,
  }
  expect([...judgeFramework(framework, facts, NOW)].map(([id, { verdict }]) => [id, verdict])).toEqual([
    ['FLOW', 'met'],
    ['PAPER', 'met'],
    ['WHOLE', 'met'],
    ['TLS', 'met'],
    // What was found for one requirement says nothing of another, which may ask in another way.
    ['OTHER-TLS', 'not-measured'],
  ])
  expect(requirementsFor(framework, 'nursing-home').map(({ id }) => id)).toEqual(['HOMES'])
  expect(windowsOf([framework])).toEqual([30])
})

test.each<
  [name: string, tried: readonly (readonly [name: string, passed: boolean, days: number])[] | null, is: object]
>([
  ['production is not asked for trials', null, { verdict: 'not-applicable', why: 'trial-only' }],
  ['nothing tried', [['b/OTHER', true, 1]], { verdict: 'not-measured', why: 'no-trial', total: 0 }],
  ['one of two', [['b/ONE', true, 1]], { verdict: 'partly', why: 'trial', good: 1, total: 2 }],
  [
    'one passed, one failed',
    [
      ['b/ONE', true, 1],
      ['b/TWO', false, 1],
    ],
    { verdict: 'partly', good: 1, total: 2, found: [{ finding: 'b/TWO', messages: 1 }] },
  ],
  ['all failed', [['b/ONE', false, 1]], { verdict: 'unmet', why: 'trial' }],
  [
    'all passed, until the oldest lapses',
    [
      ['b/ONE', true, 3],
      ['b/TWO', true, 1],
    ],
    { verdict: 'met', why: 'fine', untilMs: NOW + 7 * DAY_MS },
  ],
  [
    'all passed, one too long ago',
    [
      ['b/ONE', true, 11],
      ['b/TWO', true, 1],
    ],
    { verdict: 'lapsed', why: 'expired' },
  ],
])('trials: %s', (_name, tried, is) => {
  const facts = tried?.map(([name, passed, days]) => ({ name, passed, atMs: NOW - days * DAY_MS })) ?? null
  expect(judgeTrials({ cases: ['b/ONE', 'b/TWO'], validDays: 10 }, facts, NOW)).toMatchObject(is)
})
