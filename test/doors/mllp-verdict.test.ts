import { expect, test } from 'vitest'
import type { Outcome } from '../../src/core/outcome.ts'
import { verdict } from '../../src/senders/verdict.ts'

const refused = (answer: string): Outcome => ({ kind: 'refused', code: 'ACK_REJECT', answer })
const later = (answer: string): Outcome => ({ kind: 'retry', code: 'ACK_ERROR', answer })
const thrice = (answer: string): Outcome => ({ kind: 'retry', code: 'ACK_ERROR', answer, refusedAfter: 3 })

test.each<[code: string, ans: Outcome, hl7base: Outcome]>([
  ['AA', { kind: 'delivered', proof: 'MSA-1 AA' }, { kind: 'delivered', proof: 'MSA-1 AA' }],
  ['CA', { kind: 'delivered', proof: 'MSA-1 CA' }, { kind: 'delivered', proof: 'MSA-1 CA' }],
  ['AE', refused('MSA-1 AE'), thrice('MSA-1 AE')],
  ['CE', refused('MSA-1 CE'), thrice('MSA-1 CE')],
  ['AR', later('MSA-1 AR'), refused('MSA-1 AR')],
  ['CR', later('MSA-1 CR'), refused('MSA-1 CR')],
  ['XX', { kind: 'unknown', code: 'ANSWER_GARBAGE' }, { kind: 'unknown', code: 'ANSWER_GARBAGE' }],
  ['', { kind: 'unknown', code: 'ANSWER_GARBAGE' }, { kind: 'unknown', code: 'ANSWER_GARBAGE' }],
])('MSA-1 %j', (code, ans, hl7base) => {
  expect(verdict({ code, controlId: '', errors: '' }, 'ans')).toEqual(ans)
  expect(verdict({ code, controlId: '', errors: '' }, 'hl7base')).toEqual(hl7base)
})

test('error codes go along, at most 200 characters in all', () => {
  expect(verdict({ code: 'AE', controlId: '', errors: '101 207' }, 'ans')).toEqual(refused('MSA-1 AE 101 207'))
  const long = verdict({ code: 'AE', controlId: '', errors: '1'.repeat(500) }, 'ans')
  expect(long).toMatchObject({ answer: expect.stringMatching(/^.{200}$/) })
})
