import { expect, test } from 'vitest'
import { createLog, faultFields } from '../../src/app/log.ts'
import { GatewayError } from '../../src/core/errors.ts'

function lines(level: 'info' | 'warn' = 'info') {
  const written: string[] = []
  const log = createLog(level, { write: (line) => written.push(line) })
  return { log, written, last: () => JSON.parse(written.at(-1) ?? '{}') as Record<string, unknown> }
}

test('a line is one JSON object with level, time, event and fields', () => {
  const { log, last } = lines()
  log.info('mllp.accepted', { bytes: 12, destination: 'chu-angers/unv' })
  expect(last()).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    event: 'mllp.accepted',
    bytes: 12,
    destination: 'chu-angers/unv',
  })
})

test('a level keeps lower ones out', () => {
  const { log, written } = lines('warn')
  log.info('mllp.accepted')
  log.warn('mllp.refused')
  expect(written).toHaveLength(1)
})

test.each([
  ['newline', 'a\nb', 'a\nb'],
  ['escape of a terminal', 'a\u001b[2Jb', 'a\u001b[2Jb'],
  ['C1 control', 'a\u009b2Jb', 'a\ufffd2Jb'],
  ['right-to-left override', 'a\u202eb', 'a\ufffdb'],
])('%s in a field stays inside its line', (_name, peer, shown) => {
  const { log, written, last } = lines()
  log.info('door.open', { peer })
  expect(written[0]).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202e]*\n$/)
  expect(last().peer).toBe(shown)
})

const CANARY = 'DUPONT-CANARI 1850101'
class NamedError extends Error {
  override readonly name = 'NamedError'
}

function thrown(make: () => unknown): unknown {
  try {
    throw make()
  } catch (error) {
    return error
  }
}

test.each<[name: string, fault: () => unknown, expected: object]>([
  [
    'error of the database',
    () => Object.assign(new Error(CANARY), { code: '28P01' }),
    { fault: 'Error', faultCode: '28P01' },
  ],
  ['error of ours', () => new GatewayError('NOT_HL7', CANARY), { fault: 'GatewayError', faultCode: 'NOT_HL7' }],
  [
    'error of the system',
    () => Object.assign(new Error(CANARY), { code: 'EIO' }),
    { fault: 'Error', faultCode: 'EIO' },
  ],
  ['error with a class', () => new NamedError(CANARY), { fault: 'NamedError' }],
  ['message of several lines', () => new Error(`x\n    at ${CANARY} (/x/y.ts:1:1)\nz`), { fault: 'Error' }],
  ['message changed afterwards', () => Object.assign(new Error(CANARY), { message: 'other' }), { fault: 'Error' }],
  ['name that quotes', () => Object.assign(new Error('x'), { name: CANARY }), { fault: 'Error' }],
  ['code that quotes', () => Object.assign(new Error('x'), { code: CANARY }), { fault: 'Error' }],
  ['cause', () => new Error(CANARY, { cause: new RangeError(CANARY) }), { cause: { fault: 'RangeError' } }],
  ['text thrown', () => CANARY, { fault: 'string' }],
])('a fault is told without its text: %s', (_name, fault, expected) => {
  const { log, written, last } = lines()
  log.error('test.failed', {}, thrown(fault))
  expect(last()).toMatchObject(expected)
  expect(written.join('')).not.toContain('CANARI')
})

test('a fault tells where it was thrown, from src or test on', () => {
  const { at } = faultFields(thrown(() => new Error('x')))
  expect(at?.[0]).toMatch(/test\/console\/log\.test\.ts:\d+:\d+/)
  expect(at?.join('')).not.toContain('file://')
})
