import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameworkOf } from '../../src/conformity/framework/compile.ts'
import { frameworkProblems } from '../../src/conformity/framework/problems.ts'
import type { WrittenFramework, WrittenJudge } from '../../src/conformity/framework/written.ts'
import type { Judging } from '../../src/core/conformity.ts'

/** A framework of these requirements. */
function written(judges: Readonly<Record<string, WrittenJudge>>): WrittenFramework {
  const both = { fr: 'Un', en: 'One' }
  return {
    id: 'essai',
    version: '1',
    name: both,
    publisher: 'Région exemple',
    status: 'final',
    valid: { from: '2026-01-01' },
    appliesTo: ['hospital'],
    source: 'exemple',
    confirm: false,
    domains: [
      {
        id: 'flows',
        name: both,
        requirements: Object.entries(judges).map(([id, judge]) => ({
          id,
          level: 'mandatory',
          text: both,
          source: { document: 'exemple' },
          confirm: false,
          next: both,
          judge,
        })),
      },
    ],
  }
}

const sent = { side: 'sent', kinds: ['ADT^A28'], window: '30 d', minimum: 50 } as const
const ofSent = { side: 'sent', kinds: ['ADT^A28'], windowDays: 30, minimum: 50 } as const
const judgings: [name: string, judge: WrittenJudge, judging: Judging][] = [
  [
    'a share',
    { traffic: { ...sent, share: { without: ['INS_KEY'], refused: true, atLeast: '99.5 %', partly: '90 %' } } },
    {
      by: 'traffic',
      rule: { ...ofSent, measure: { what: 'share', without: ['INS_KEY'], refused: true, atLeast: 0.995, partly: 0.9 } },
    },
  ],
  [
    'an absence',
    { traffic: { ...sent, absence: ['INS_KEY'] } },
    { by: 'traffic', rule: { ...ofSent, measure: { what: 'absence', of: ['INS_KEY'] } } },
  ],
  [
    'a presence',
    { traffic: { ...sent, presence: 60 } },
    { by: 'traffic', rule: { ...ofSent, measure: { what: 'presence', messages: 60 } } },
  ],
  [
    'answers in time',
    { traffic: { ...sent, side: 'received', answered: { within: '10 s', atLeast: '95 %', partly: '80 %' } } },
    {
      by: 'traffic',
      rule: {
        ...ofSent,
        side: 'received',
        measure: { what: 'answered', withinMs: 10_000, atLeast: 0.95, partly: 0.8 },
      },
    },
  ],
  [
    'answers at any time',
    { traffic: { ...sent, side: 'received', answered: { atLeast: '100 %' } } },
    {
      by: 'traffic',
      rule: { ...ofSent, side: 'received', measure: { what: 'answered', withinMs: null, atLeast: 1, partly: null } },
    },
  ],
  [
    'a probe',
    { probe: { kind: 'tls', valid: '7 d', settings: { a: 1 } } },
    { by: 'probe', probe: 'tls', validDays: 7, settings: { a: 1 } },
  ],
  [
    'evidence',
    { evidence: { accepts: 'either', valid: '365 d', remind: '30 d' } },
    { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 },
  ],
  ['all', { derived: { all: ['A', 'B'] } }, { by: 'derived', of: ['A', 'B'], need: 'all' }],
  ['any', { derived: { any: ['A', 'B'] } }, { by: 'derived', of: ['A', 'B'], need: 1 }],
  ['so many', { derived: { atLeast: { n: 2, of: ['A', 'B'] } } }, { by: 'derived', of: ['A', 'B'], need: 2 }],
]

test.each(judgings)('judging: %s', (_name, judge, judging) => {
  expect(frameworkOf(written({ X: judge })).domains[0]?.requirements[0]).toMatchObject({ id: 'X', judging })
})

test('what is absent is null', () => {
  const framework = frameworkOf(written({ X: { derived: { all: ['X'] } } }))
  expect(framework).toMatchObject({ validFrom: '2026-01-01', validTo: null })
  expect(framework.domains[0]?.requirements[0]).toMatchObject({ source: { clause: null }, appliesTo: null })
})

/** Whether requirements remain when those made of nothing that remains are taken away again and again. */
function hasCircle(parts: ReadonlyMap<string, readonly string[]>): boolean {
  const left = new Map(parts)
  for (let before = -1; before !== left.size; ) {
    before = left.size
    for (const [id, of] of left) if (!of.some((one) => left.has(one))) left.delete(id)
  }
  return left.size > 0
}

test('a circle is told exactly where there is one', () => {
  const ids = ['A', 'B', 'C', 'D', 'E', 'F']
  const parts = fc.array(fc.subarray(ids, { maxLength: 3 }), { minLength: ids.length, maxLength: ids.length })
  fc.assert(
    fc.property(parts, (lists) => {
      const of = new Map(ids.map((id, i) => [id, lists[i]!]))
      const judges = Object.fromEntries(ids.map((id, i) => [id, { derived: { all: lists[i]! } }]))
      const names = { findings: new Set<string>(), requirements: new Set(ids) }
      expect(frameworkProblems(written(judges), names).length > 0).toBe(hasCircle(of))
    }),
  )
})
