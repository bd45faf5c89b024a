import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { isReceipt } from '../../src/core/message.ts'
import type { ReplayAsk } from '../../src/core/operations.ts'
import { replayOne, replayStep, STEP } from '../../src/pipeline/replay.ts'
import { openStage, oru, type Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.end())

const step = (ask: Partial<ReplayAsk> = {}) => {
  const parts = { journal: stage.journal, config: () => stage.config, clock: machineClock, ids: machineIds }
  const whole: ReplayAsk = { filter: {}, to: null, reason: 'moved', dryRun: false, after: null, ...ask }
  return replayStep(parts, whole, 'ann')
}

test('messages of a filter get new deliveries that name the old ones, step by step in the order they came', async () => {
  const count = STEP + 3
  for (let n = 0; n < count; n++) await stage.post(oru({ 10: `C${n}` }))
  const one = await step()
  expect(one).toMatchObject({ messages: STEP, skipped: {}, doubles: 0 })
  await stage.post(oru({ 10: 'LATER' }))
  const two = await step({ after: one.next })
  expect(two).toMatchObject({ messages: 3, next: null })
  const made = await stage.journal.read<{ control_id: string }>({
    sql: `SELECT m.control_id FROM delivery d JOIN delivery o ON o.id = d.replay_of AND o.destination = d.destination
      JOIN message m ON m.seq = o.message_seq AND m.seq = d.message_seq ORDER BY d.seq`,
    parameters: [],
  })
  expect(made.map(({ control_id }) => control_id)).toEqual(Array.from({ length: count }, (_, n) => `C${n}`))
  expect(await step({ filter: { controlId: 'none' } })).toMatchObject({ messages: 0, next: null })
})

test('the platform is not among them, and is named', async () => {
  const inside = await openStage({
    routes: [{ name: 'inside', when: { kinds: ['ORU^R01'] }, to: ['platform', 'receiver/dpi'] }],
  })
  onTestFinished(() => inside.end())
  const parts = { journal: inside.journal, config: () => inside.config, clock: machineClock, ids: machineIds }
  const said = await inside.post(oru())
  if (!isReceipt(said)) throw new Error('not taken')
  for (const dryRun of [true, false])
    expect(await replayOne(parts, said.messageId, { to: null, dryRun, reason: 'moved' }, 'ann')).toMatchObject({
      deliveries: [{ destination: 'receiver/dpi' }],
      left: ['platform'],
    })
  const ask = { filter: {}, to: null, reason: 'moved', dryRun: true, after: null }
  expect(await replayStep(parts, ask, 'ann')).toMatchObject({
    deliveries: { 'receiver/dpi': 1 },
    skipped: { platform: 1 },
  })
})
