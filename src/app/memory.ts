import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How much the memory of long-lived objects may grow before it is collected again (%). */
const GROWTH_PERCENT = 25
/** Bytes of new buffers behind which those that are used no more are freed, and how often they are counted (ms). */
const BUFFER_BYTES = 3 * 1024 ** 2
const COUNT_MS = 20

/**
 * Has dead objects collected early. Left alone, V8 lets what died old grow to half as much again as lives before it
 * collects it, and buffers with it: a node held 355 MiB while it took in at full speed, and holds 275 with this, for 4 %
 * of its processor time (64 connections, medians). May be called at any time: V8 reads the setting at each collection. */
export function collectEarly(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}

/**
 * Has buffers freed by small collections, some milliseconds each. Long mails are made of buffers and of next to no objects, so
 * that V8 begins none by itself: it marked the whole heap for every eight mails of 1 MB, a quarter of what they cost. Returns
 * what ends it. */
export function collectBuffers(): () => void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void
  setFlagsFromString('--no-expose-gc')
  const held = (): number => getHeapStatistics().external_memory
  let least = held()
  const counting = setInterval(() => {
    least = Math.min(least, held())
    if (held() - least < BUFFER_BYTES) return
    collect({ type: 'minor' })
    least = held()
  }, COUNT_MS)
  counting.unref()
  return () => clearInterval(counting)
}
