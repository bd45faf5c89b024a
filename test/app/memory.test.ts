import { constants, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { expect, test } from 'vitest'
import { collectBuffers, giveBackRoom, growthPercent, limitYoung } from '../../src/app/memory.ts'

const { NODE_PERFORMANCE_GC_MINOR, NODE_PERFORMANCE_GC_FLAGS_FORCED } = constants

test('buffers alone have a small collection made, and nobody else can ask for one', async () => {
  let asked = 0
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as unknown as { detail: { kind: number; flags: number } }[]) {
      if (detail.kind === NODE_PERFORMANCE_GC_MINOR && (detail.flags & NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0)
        asked += 1
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  const end = collectBuffers()
  try {
    expect(globalThis.gc).toBeUndefined()
    while (asked === 0) {
      Buffer.alloc(256 * 1024)
      await setImmediate()
    }
  } finally {
    end()
    observer.disconnect()
  }
})

test('room that a start took and needs no more is given back', () => {
  const MIB = 1024 * 1024
  const room = (): number => getHeapStatistics().total_physical_size
  let kept: object[] = Array.from({ length: 1_000_000 }, (_, n) => ({ n, text: `of a start ${n}` }))
  const full = room()
  expect(kept).toHaveLength(1_000_000)
  kept = []
  giveBackRoom()
  expect(full - room()).toBeGreaterThan(30 * MIB)
  expect(globalThis.gc).toBeUndefined()
})

test('the room for new objects grows no more once there is enough', async () => {
  const MIB = 1024 * 1024
  const young = (): number =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.space_size / MIB
  const end = limitYoung()
  try {
    let kept: object[] = []
    // What lives through some collections has V8 double the room, up to 64 MB, if it may.
    for (let turn = 0; turn < 300; turn += 1) {
      kept = [...kept.slice(-40_000), ...Array.from({ length: 20_000 }, (_, n) => ({ n, turn }))]
      await setImmediate()
    }
    expect(kept.length).toBeGreaterThan(0)
    expect(young()).toBeLessThanOrEqual(32)
  } finally {
    end()
  }
})

test.each([
  [100, 75],
  [200, 75],
  [230, 50],
  [260, 25],
  [400, 25],
])('with %i MiB resident what lives long may grow by %i %%', (mebibytes, percent) => {
  expect(growthPercent(mebibytes * 1024 * 1024)).toBe(percent)
})
