import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How much the memory of long-lived objects may grow before it is collected again (%): where there is room, and where there is none. */
const ROOMY_PERCENT = 75
const TIGHT_PERCENT = 25
/** Resident memory (bytes) up to which there is room, and from which there is none; how often it is asked (ms). */
const ROOMY_BYTES = 200 * 1024 ** 2
const TIGHT_BYTES = 260 * 1024 ** 2
const ASK_MS = 250
/** Bytes of new buffers behind which those that are used no more are freed, and how often they are counted (ms). */
const BUFFER_BYTES = 3 * 1024 ** 2
const COUNT_MS = 20
/** Bytes for new objects, both halves, that are enough. */
const YOUNG_BYTES = 12 * 1024 ** 2

/** Has dead objects collected early, whatever room there is: an import, whose memory is what counts. */
export function collectEarly(): void {
  setFlagsFromString(`--heap-growing-percent=${TIGHT_PERCENT}`)
}

/**
 * Has dead objects collected early where memory is short. Left alone, V8 lets what died old grow to half as much again as lives
 * before it collects it, and buffers with it: a node held 355 MiB while it took in at full speed, and 275 with a quarter. But each
 * collection marks all that lives: with a quarter it was a third of the processor time of a message (64 connections, PostgreSQL, medians).
 * V8 reads the setting at each collection. Returns what ends it. */
export function collectByRoom(): () => void {
  let set = TIGHT_PERCENT
  collectEarly()
  const ask = (): void => {
    const resident = residentBytes()
    const percent = resident === null ? set : growthPercent(resident)
    if (percent !== set) setFlagsFromString(`--heap-growing-percent=${percent}`)
    set = percent
  }
  ask()
  const asking = setInterval(ask, ASK_MS)
  asking.unref()
  return () => clearInterval(asking)
}

/** Null: nothing can be opened, not even what says so (out of file descriptors). */
function residentBytes(): number | null {
  try {
    return process.memoryUsage.rss()
  } catch {
    return null
  }
}

/** How much what lives long may grow (%), by the resident memory (bytes): less, the less room there is. Pure. */
export function growthPercent(resident: number): number {
  const share = (resident - ROOMY_BYTES) / (TIGHT_BYTES - ROOMY_BYTES)
  return Math.round(ROOMY_PERCENT - Math.min(1, Math.max(0, share)) * (ROOMY_PERCENT - TIGHT_PERCENT))
}

/**
 * Has buffers freed by small collections, some milliseconds each. Long mails are made of buffers and of next to no objects, so
 * that V8 begins none by itself: it marked the whole heap for every eight mails of 1 MB, a quarter of what they cost. Returns
 * what ends it. */
export function collectBuffers(): () => void {
  const collect = collector()
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

/**
 * Keeps the room for new objects from growing on once it has `YOUNG_BYTES`: V8 would take 64 MB. A node that took in at full speed
 * held 299 MiB without this and 267 with it, for the same processor time; less room costs some. Returns what ends it. */
export function limitYoung(): () => void {
  let grows = true
  const looking = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    const may = (young?.space_size ?? 0) < YOUNG_BYTES
    if (may === grows) return
    grows = may
    setFlagsFromString(`--semi-space-growth-factor=${may ? 2 : 1}`)
  }, COUNT_MS)
  looking.unref()
  return () => clearInterval(looking)
}

/**
 * Collects everything that can be, and gives what was freed back to the machine. A start makes twice the garbage of what it keeps,
 * and V8 holds on to the room: a gateway at rest had 228 MiB without this and 175 with it, for 0.2 s of a processor. */
export function giveBackRoom(): void {
  collector()({ type: 'major', flavor: 'last-resort' })
}

interface Collection {
  readonly type: 'minor' | 'major'
  readonly flavor?: 'last-resort'
}

let made: ((collection: Collection) => void) | null = null

/** V8's own collector, which nobody else gets to see. */
function collector(): (collection: Collection) => void {
  if (made !== null) return made
  setFlagsFromString('--expose-gc')
  made = runInNewContext('gc') as (collection: Collection) => void
  setFlagsFromString('--no-expose-gc')
  return made
}
