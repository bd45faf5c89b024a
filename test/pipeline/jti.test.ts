import { expect, test } from 'vitest'
import { useOnce } from '../../src/pipeline/jti.ts'
import { openStage } from './stage.ts'

test('a name is good once, also after a restart, and forgotten when it is over', async () => {
  const stage = await openStage()
  let nowMs = 1_000
  const clock = { ...stage.parts.clock, nowMs: () => nowMs }
  const use = (name: string) => useOnce(stage.journal, clock)(name, nowMs + 500)
  expect([await use('a'), await use('a'), await use('b')]).toEqual([true, false, true])
  expect(await Promise.all([use('c'), use('c')])).toEqual([true, false])
  await stage.reopen()
  expect(await use('a')).toBe(false)
  nowMs += 501
  expect(await use('d')).toBe(true)
  const [row] = await stage.journal.read<{ n: number }>({ sql: 'SELECT count(*) AS n FROM jti', parameters: [] })
  expect(row?.n).toBe(1)
  await stage.end()
})
