import { expect, test } from 'vitest'
import { progressOf } from '../../src/conformity/views/progress.ts'
import { findingText } from '../../src/console/page/conformity/findings.ts'
import { progressText } from '../../src/console/page/conformity/progress.ts'
import { askedText, differenceOf } from '../../src/console/page/conformity/said.ts'
import { CONFORMITY_WORDS } from '../../src/console/page/conformity/words.ts'
import type { Hl7Rules } from '../../src/core/config.ts'
import { type Judgement, type Judging, type Measure, VERDICTS, type Verdict, WHYS } from '../../src/core/conformity.ts'

const rules: Hl7Rules = {
  files: {
    invented: {
      title: 'Inventé',
      structures: [{ id: 'X-SEGMENTS', events: ['A28'], segments: 'MSH PID' }],
      rules: [
        { id: 'X-PID-3', at: 'PID-3', required: true },
        { id: 'X-PID-8', at: 'PID-8', in: ['M', 'F'], text: { fr: 'le sexe est M ou F', en: 'the sex is M or F' } },
      ],
    },
  },
  classes: {},
  tables: new Map(),
}

test.each<[finding: string, fr: string, en: string]>([
  ['X-PID-3', 'PID-3 est obligatoire', 'PID-3 is required'],
  ['X-PID-8', 'le sexe est M ou F', 'the sex is M or F'],
  ['X-SEGMENTS', 'structure du message (X-SEGMENTS)', 'structure of the message (X-SEGMENTS)'],
  ['SLOW', 'réponse trop lente', 'answered too slowly'],
  ['unknown', 'réponse incertaine', 'uncertain answer'],
  ['…', "d'autres anomalies du même message", 'other findings of the same message'],
  ['NOBODY-KNOWS-1', 'NOBODY-KNOWS-1', 'NOBODY-KNOWS-1'],
])('what was in the way is said in words: %s', (finding, fr, en) => {
  expect([findingText(finding, { rules }, 'fr'), findingText(finding, { rules }, 'en')]).toEqual([fr, en])
})

test('a code is said by the beginning of its help', () => {
  expect(findingText('TYPE_UNSUPPORTED', { rules }, 'fr')).toMatch(/^\S+ \S+/)
})

const traffic = (measure: Measure): Judging => ({
  by: 'traffic',
  rule: { side: 'sent', kinds: ['*'], windowDays: 90, minimum: 20, measure },
})
test.each<[judging: Judging, said: string]>([
  [
    traffic({ what: 'share', without: [], refused: true, atLeast: 0.995, partly: null }),
    "Demandé : 99,5 % des messages sans l'anomalie visée, sur 90 jours, à partir de 20 messages.",
  ],
  [traffic({ what: 'presence', messages: 1 }), 'Demandé : 1 message au moins, sur 90 jours.'],
  [
    traffic({ what: 'answered', withinMs: 2_000, atLeast: 0.9, partly: 0.5 }),
    'Demandé : 90 % des messages reçus ont une réponse positive dès le premier envoi, en 2 s, sur 90 jours, à partir de 20 messages.',
  ],
  [
    { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 },
    'Jugé sur une preuve déposée et examinée, valable 365 jours.',
  ],
])('what is asked: %j', (judging, said) => {
  expect(askedText({ judging }, 'fr').replaceAll('\u202f', ' ')).toBe(said)
})

test('a difference is in points, and nothing is said of nothing', () => {
  expect(differenceOf({ met: 1, of: 2 }, { met: 1, of: 4 })).toBe(25)
  expect(differenceOf({ met: 0, of: 0 }, { met: 1, of: 4 })).toBeNull()
  expect(differenceOf({ met: 1, of: 2 }, null)).toBeNull()
})

test('every verdict and every reason has its words in both languages, each another', () => {
  for (const words of Object.values(CONFORMITY_WORDS)) {
    const verdicts = VERDICTS.map((one) => words.verdicts[one])
    const whys = WHYS.map((one) => words.whys[one]({ good: '1', total: '3', bad: '2' }))
    expect(new Set(verdicts).size).toBe(VERDICTS.length)
    expect(new Set(whys).size).toBe(WHYS.length)
  }
})

const share = (atLeast: number): Judging =>
  traffic({ what: 'share', without: [], refused: true, atLeast, partly: null }) as Judging
const at = (good: number, total: number, verdict: Verdict = 'unmet'): Judgement => ({
  ...{ verdict, why: 'share', good, total, software: [], untilMs: null },
  found: [{ finding: 'PAM-PID-32', messages: total - good }],
})

test.each<[name: string, judging: Judging, judgement: Judgement, said: string | null]>([
  ['too few', share(0.9), at(3, 5), 'messages comptés, 5 sur 20 nécessaires pour juger ; encore 15.'],
  ['a share', share(0.9), at(80, 100), "messages corrects, 80 sur 100, pour 90 % demandés ; encore 100 d'affilée."],
  [
    'a share nearly reached',
    share(0.99),
    at(98, 99),
    "messages corrects, 98 sur 99, pour 99 % demandés ; encore 1 d'affilée.",
  ],
  [
    'all',
    share(1),
    at(98, 99),
    "messages corrects, 98 sur 99 ; tous doivent l'être, et les autres comptent jusqu'à la fin de la période.",
  ],
  [
    'none of them',
    traffic({ what: 'absence', of: ['X'] }) as Judging,
    at(90, 99),
    "messages portant l'anomalie, 9 sur 99 ; ils comptent jusqu'à la fin de la période, aucun ne doit s'y ajouter.",
  ],
  [
    'a flow',
    traffic({ what: 'presence', messages: 10 }) as Judging,
    at(4, 4),
    'messages émis, 4 sur 10 demandés ; encore 6.',
  ],
  ['cases', { by: 'trial', cases: ['b/A', 'b/B'], validDays: 9 }, at(1, 2), '1 sur 2 ; encore 1.'],
  ['evidence', { by: 'evidence', accepts: 'either', validDays: 1, remindDays: 0 }, at(0, 0), null],
  ['met', share(0.9), at(99, 100, 'met'), null],
])('how far it is: %s', (_name, judging, judgement, said) => {
  const progress = progressOf({ judging }, judgement)
  expect(progress === null ? null : progressText(progress, 'fr')).toBe(said)
  if (progress?.of !== 'right' || progress.more === null) return
  // So many right ones in a row do, and one less does not.
  const reached = (n: number) => judgement.good + n >= progress.share! * (judgement.total + n) - 1e-9
  expect([reached(progress.more), reached(progress.more - 1)]).toEqual([true, false])
})
