import { expect, test } from 'vitest'
import { callBackOf, phonesOf } from '../../src/console/page/cases/phones.ts'
import type { Case } from '../../src/core/cases.ts'
import type { Duty } from '../../src/core/duty.ts'
import { evolve } from '../../src/telemedicine/case/evolve.ts'
import { person, request, STROKE } from '../telemedicine/invented.ts'
import { named } from '../telemedicine/moving.ts'
import { someConfig } from './region.ts'

const config = someConfig()
const asker = (name: string) => ({ ...person('requester', 'ch-laval').participant, name })
const expert = (name: string, phone: string | null) => ({ ...person('expert', 'chu-angers').participant, name, phone })

function caseOf(changes: Partial<Case> = {}): Case {
  const asked = request({ asker: asker('Dr A (fictif)'), callBack: '0199000001' })
  const first = { seq: 1, atMs: 0, recordedAtMs: 0, by: asked.asker, act: { what: 'request', request: asked } } as const
  return { ...evolve(null, first, named(STROKE)), ...changes }
}
const duty = (who: string, phone: string, place: 1 | 2 = 1): Duty => ({
  ...{ id: who, service: 'stroke', centre: 'chu-angers', place, person: who, rpps: null, phone, mobile: null },
  ...{ fromMs: 0, untilMs: 1, takenAtMs: null, takenBy: null, heard: null },
})
const shown = (one: Case, duties: readonly Duty[], seat: 'requester' | 'centre') =>
  phonesOf(one, seat, { duties, config }).map(({ whose, name, number }) => `${whose} ${name} ${number}`)

test('a number to call back is shown with the name of who told it, and that of who took theirs back last', () => {
  const { requests } = caseOf()
  const other = request({ id: 'r2', asker: asker('Dr B (fictif)'), callBack: null })
  const joined = caseOf({ requests: [...requests, other] })
  expect(shown(joined, [], 'centre')[0]).toBe('requester Dr A (fictif) 0199000001')
  const back = { ...other, callBack: '0199000002', takenBack: true } as const
  expect(callBackOf(caseOf({ requests: [...requests, back] }))).toBe('0199000001')
  expect(callBackOf(caseOf({ requests: [back] }))).toBe('0199000002')
})

const owned = (name: string, phone: string | null): Case =>
  caseOf({ owner: { establishment: 'chu-angers', expert: expert(name, phone), atMs: 0 } })

test.each<readonly [string, Case, readonly Duty[], readonly string[]]>([
  [
    'the owner who is on duty',
    owned('Dr X', '0199000010'),
    [duty('Dr Y', '0199000020'), duty('Dr X', '0199000011', 2)],
    ['expert Dr X 0199000010'],
  ],
  [
    'the owner by the number of the duty',
    owned('Dr X', '0199000020'),
    [duty('garde', '0199000020')],
    ['expert Dr X 0199000020'],
  ],
  [
    'who came after an owner who has gone home, and then the owner',
    owned('Dr X', '0199000010'),
    [duty('Dr Y', '0199000020')],
    ['expert Dr Y 0199000020', 'expert Dr X 0199000010'],
  ],
  ['the owner where nobody came after', owned('Dr X', '0199000010'), [], ['expert Dr X 0199000010']],
  [
    'who is on duty, for an owner without a number',
    owned('Dr X', null),
    [duty('Dr Y', '0199000020')],
    ['expert Dr Y 0199000020'],
  ],
])('the requester calls %s', (_name, one, duties, first) => {
  expect(shown(one, duties, 'requester').slice(0, first.length)).toEqual(first)
})
