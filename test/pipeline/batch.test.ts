import { afterEach, beforeEach, expect, test } from 'vitest'
import { isReceipt } from '../../src/core/message.ts'
import { openStage, oru, type Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.end())

const batchOf = (...messages: string[]): string =>
  [
    'BHS|^~\\&|LAB|SENDER|DPI|RECEIVER|20261123080000||||B1',
    ...messages.map((m) => m.replace(/\r$/, '')),
    `BTS|${messages.length}`,
    '',
  ].join('\r')
const msa = (answer: Buffer | null): string[] =>
  answer
    ?.toString('latin1')
    .split('\r')
    .filter((line) => line.startsWith('MSA|'))
    .map((line) => line.slice(4)) ?? []
const kinds = async (): Promise<unknown[]> => {
  const entries = await stage.journal.follow(null, 20)
  return entries.map((entry) => entry.kind)
}

test('a batch: one commit, one answer each, the messages name the batch as their parent', async () => {
  const said = await stage.post(batchOf(oru({ 10: 'A' }), oru({ 10: 'B' }), oru({ 10: 'C' })))
  expect([isReceipt(said), msa(said.answer)]).toEqual([true, ['AA|A', 'AA|B', 'AA|C']])
  expect(said.answer?.toString().split('\r')[0]).toMatch(/^BHS\|/)
  expect(await kinds()).toEqual(['BATCH', 'ORU^R01', 'ORU^R01', 'ORU^R01'])
  const rows = await stage.journal.read<{ parent: string | null; id: string }>({
    sql: 'SELECT id, parent FROM message ORDER BY seq',
    parameters: [],
  })
  expect(rows.map(({ parent }) => parent)).toEqual([null, rows[0]?.id, rows[0]?.id, rows[0]?.id])
  expect((await stage.journal.queue('receiver/dpi', 0, 9)).length).toBe(3)
})

test('one bad message is refused alone', async () => {
  const said = await stage.post(batchOf(oru({ 10: 'A' }), oru({ 10: 'B', 4: 'NOBODY' }), oru({ 10: 'C' })))
  expect(msa(said.answer)).toEqual(['AA|A', 'AE|B', 'AA|C'])
  expect(await stage.journal.counts()).toMatchObject({ received: 3, refused: 1 })
})

test('in the enhanced mode each message has the answers that it asks for, and the batch counts them', async () => {
  const said = await stage.post(
    batchOf(
      oru({ 10: 'A', 15: 'AL', 16: 'AL' }),
      oru({ 10: 'B', 15: 'NE', 16: 'AL' }),
      oru({ 10: 'C', 15: 'NE', 16: 'NE' }),
    ),
  )
  expect(msa(said.answer)).toEqual(['CA|A', 'AA|A', 'AA|B'])
  expect(said.answer?.toString('latin1')).toContain('BTS|3')
})

test('all refused: nothing is kept as accepted', async () => {
  const said = await stage.post(batchOf(oru({ 10: 'A', 4: 'NOBODY' })))
  expect([isReceipt(said), msa(said.answer), (await stage.journal.counts()).received]).toEqual([false, ['AE|A'], 0])
})

test('the same batch again: the same answers, nothing delivered twice; what is new in it is taken', async () => {
  await stage.post(batchOf(oru({ 10: 'A' }), oru({ 10: 'B' })))
  const again = await stage.post(batchOf(oru({ 10: 'A' }), oru({ 10: 'B' })))
  expect([isReceipt(again), msa(again.answer), (await stage.journal.counts()).received]).toEqual([
    true,
    ['AA|A', 'AA|B'],
    3,
  ])
  const more = await stage.post(batchOf(oru({ 10: 'A' }), oru({ 10: 'N' }), oru({ 10: 'B' }, 'P2^^^SENDER^PI')))
  expect(msa(more.answer)).toEqual(['AA|A', 'AA|N', 'AE|B'])
  expect((await stage.journal.queue('receiver/dpi', 0, 9)).length).toBe(3)
})

test('a message twice in one batch goes out once', async () => {
  const said = await stage.post(batchOf(oru({ 10: 'A' }), oru({ 10: 'A' })))
  expect([msa(said.answer), (await stage.journal.queue('receiver/dpi', 0, 9)).length]).toEqual([['AA|A', 'AA|A'], 1])
})

test('a count that does not agree is a finding on the batch', async () => {
  await stage.post(batchOf(oru({ 10: 'A' })).replace('BTS|1', 'BTS|7'))
  expect((await stage.journal.follow(null, 1))[0]?.findings).toHaveLength(1)
})

test('a store that takes nothing: each message is told so', async () => {
  stage.closed = 'DISK_LOW'
  const said = await stage.post(batchOf(oru({ 10: 'A' }), oru({ 10: 'B', 12: '2.5^FRA' })))
  expect([isReceipt(said), msa(said.answer)]).toEqual([false, ['AE|A', 'AR|B']])
})

test('a strict sender whose counts do not agree is refused, each message with the count to mend', async () => {
  await stage.end()
  const senders = { facilities: ['SENDER'] }
  const strict = { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', strict: true, senders }
  stage = await openStage({
    establishments: [strict],
    routes: [{ name: 'all', when: { from: ['sender'] }, to: ['platform'] }],
  })
  const complete = oru({ 10: 'A' }).replace('|N||Normal', '|N||Normal||||||F')
  expect(msa((await stage.post(batchOf(complete))).answer)).toEqual(['AA|A'])
  const said = await stage.post(batchOf(complete.replace('|A|', '|B|')).replace('BTS|1', 'BTS|7'))
  expect(msa(said.answer)).toEqual(['AE|B'])
  expect(said.answer?.toString('latin1')).toContain('ERR||BTS^1^1|102^')
})
