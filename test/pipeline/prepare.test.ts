import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileConfig } from '../../src/app/config/index.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { QueueEntry } from '../../src/core/journal.ts'
import { deliver, type Prepare } from '../../src/pipeline/deliver.ts'
import { preparing } from '../../src/pipeline/prepare.ts'
import { bytesOf, readRanges, withoutWithheld, writeRanges } from '../../src/pipeline/withheld.ts'
import { newDelivery, newIntake } from '../journal/made.ts'
import { openStage, type Stage } from './stage.ts'

const DPI = 'receiver/dpi'
const route = (name: string, edit: object[] = []) => ({ name, when: { kinds: ['ADT^A01'] }, to: [DPI], edit })
const text = 'MSH|^~\\&|LAB|SENDER|X||1||ADT^A01|C1|T|2.5\rPID|||A~SECRET\r'
const SECRET = { start: text.indexOf('~SECRET'), end: text.indexOf('~SECRET') + 7 }

let stage: Stage
let prepare: Prepare
beforeEach(async () => {
  stage = await openStage({ routes: [route('plain'), route('edited', [{ set: 'PID-3.1', to: 'B' }])] })
  prepare = preparing({
    journal: stage.journal,
    compile: ({ json, revision }) => compileConfig(json, revision, () => ''),
  })
})
afterEach(() => stage.end())

async function committed(name: string, withheld: string | null): Promise<QueueEntry> {
  const delivery = newDelivery(DPI, { route: name })
  const revision = stage.journal.revision()!.revision
  const intake = newIntake({ bytes: Buffer.from(text), revision, deliveries: [delivery] })
  await stage.journal.commit([withheld === null ? intake : { ...intake, withheld }])
  return (await stage.journal.delivery(delivery.id))!
}

async function sent(entry: QueueEntry): Promise<{ kind: string; code?: string; text: string; again: boolean | null }> {
  let left = ''
  let mayBeThere: boolean | null = null
  const result = await deliver(
    entry,
    'normal',
    {
      journal: stage.journal,
      sender: {
        kind: 'mllp',
        async send({ body, again }) {
          left = (await bytesOf(body)).toString()
          mayBeThere = again ?? null
          return { kind: 'delivered', proof: '' }
        },
        close: async () => {},
      },
      prepare,
      mayBegin: () => true,
    },
    new AbortController().signal,
  )
  return { kind: result.kind, ...('code' in result ? { code: result.code } : {}), text: left, again: mayBeThere }
}

test('a message with nothing to do is not worked on', async () => {
  const entry = await committed('plain', null)
  expect(entry.withheld).toBeNull()
  expect(await prepare(entry)).toBeNull()
  expect((await sent(entry)).text).toBe(text)
})

test('what is withheld does not leave, after a restart and in a replay neither', async () => {
  const entry = await committed('plain', writeRanges([SECRET]))
  const left = text.replace('~SECRET', '')
  expect((await sent(entry)).text).toBe(left)
  await stage.reopen()
  expect((await sent((await stage.journal.delivery(entry.id))!)).text).toBe(left)
  const delivery = newDelivery(DPI, { route: 'plain', replayOf: entry.id })
  expect(await stage.journal.apply({ deliveries: [{ messageId: entry.messageId, delivery }] })).toBe(true)
  expect((await sent((await stage.journal.delivery(delivery.id))!)).text).toBe(left)
  const queued = await stage.journal.queue(DPI, 0, 10)
  expect(queued.map(({ withheld }) => withheld)).toEqual([entry.withheld, entry.withheld])
})

test('a sender is told what may have arrived: what was tried before, and what is replayed', async () => {
  const entry = await committed('plain', null)
  const replay = newDelivery(DPI, { route: 'plain', replayOf: entry.id })
  await stage.journal.apply({ deliveries: [{ messageId: entry.messageId, delivery: replay }] })
  const replayed = (await stage.journal.delivery(replay.id))!
  const all = [
    { ...entry, attempts: 1 },
    { ...entry, attempts: 2 },
    { ...replayed, attempts: 1 },
  ]
  expect(await Promise.all(all.map(async (one) => (await sent(one)).again))).toEqual([false, true, true])
})

test('edits see what is left', async () => {
  const entry = await committed('edited', writeRanges([{ start: SECRET.start - 1, end: SECRET.start + 1 }]))
  expect((await sent(entry)).text).toBe(text.replace('A~SECRET', 'B'))
})

test.each(['7-3', '0-9999', '5-9 7-12', '3-3', 'x', ''])(
  'ranges that are none stop the delivery: %s',
  async (withheld) => {
    expect(() => readRanges(withheld, 100)).toThrow()
    expect(await sent(await committed('plain', withheld))).toMatchObject({
      kind: 'failed',
      code: 'BODY_DAMAGED',
      text: '',
    })
  },
)

test('ranges are written as they are read', () => {
  expect(writeRanges([])).toBeNull()
  const bytes = Buffer.from('0123456789')
  expect(withoutWithheld(bytes, null)).toBe(bytes)
  const written = writeRanges([
    { start: 0, end: 2 },
    { start: 5, end: 6 },
  ])
  expect(written).toBe('0-2 5-6')
  expect(withoutWithheld(bytes, written).toString()).toBe('2346789')
})

test.each(['STORE_UNREACHABLE', 'STORE_UNSAFE', 'STORE_FULL', 'QUERY_TIMEOUT'] as const)(
  'a store that cannot now (%s) is no fault of the message: it is tried again, and never poisoned by it',
  async (code) => {
    const entry = await committed('edited', null)
    stage.journal.processing = () => Promise.reject(new GatewayError(code))
    expect(await sent(entry)).toMatchObject({ kind: 'retry', code, text: '' })
  },
)
