import { Readable } from 'node:stream'
import { type Caller, type Reach, reachOf } from '../../../core/caller.ts'
import type { Config } from '../../../core/config.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { OverviewViews } from '../../../core/overview.ts'
import type { Clock } from '../../../core/ports.ts'
import type { Language } from '../../../formats/http/language.ts'
import { boardOf } from './board.ts'
import { formatsOf } from './formats.ts'
import { difference, type LiveValues, liveValues } from './live-values.ts'
import { WORDS } from './words.ts'

/** Between two looks while somebody looks on (ms): what is shown is at most a second old. */
export const TICK_MS = 500
/** Something is said at least so often (ms), so that nobody between takes the line for dead. */
export const HEARTBEAT_MS = 15_000
/** A stream ends after this, and the browser asks again: by then the session may be over (ms). */
export const LIFE_MS = 600_000
/** Live pages of one person in one session, and of the whole node. */
export const MOST_OWN = 6
/** The second of these. */
export const MOST_ALL = 256
/** Bytes that a viewer may leave unread; who reads slower comes again and gets the whole state. */
const MOST_UNREAD = 262_144
/** Browsers ask again after this (ms). */
const RETRY_MS = 2_000

/** What is shown live, and with what. */
export interface LiveParts {
  readonly overview: OverviewViews
  readonly config: () => Config
  readonly clock: Clock
  /** Absent: TICK_MS. */
  readonly tickMs?: number
}

interface Viewer {
  readonly stream: Readable
  readonly whose: string
  endMs: number
}

/** All who see the same: one reach in one language. */
interface Audience {
  readonly reach: Reach | null
  readonly language: Language
  readonly viewers: Set<Viewer>
  values: LiveValues | null
  number: number
}

/** The live overview: one look at the store, however many look on. Each audience is told what changed since it was last. */
export interface LiveOverview {
  /** The stream of one viewer; `last`: the number it had before its line broke. @throws {GatewayError} VIEWER_LIMIT */
  join(caller: Caller, language: Language, last: string | undefined): Readable
  /** How many look on. */
  readonly viewers: number
  /** Ends every stream. */
  stop(): void
}

/** Makes it; nothing is looked at while nobody looks on. */
export function liveOverview({ overview, config, clock, tickMs = TICK_MS }: LiveParts): LiveOverview {
  const audiences = new Map<string, Audience>()
  const begun = clock.nowMs().toString(36)
  let cancel: (() => void) | null = null
  let saidMs = clock.monotonicMs()
  let stopped = false

  const all = (): Viewer[] => [...audiences.values()].flatMap(({ viewers }) => [...viewers])
  const leave = (audience: Audience, key: string, viewer: Viewer): void => {
    audience.viewers.delete(viewer)
    viewer.stream.push(null)
    if (audience.viewers.size === 0) audiences.delete(key)
    if (audiences.size > 0) return
    cancel?.()
    cancel = null
  }
  function write(text: string, to: Audience, key: string): void {
    for (const viewer of to.viewers) {
      viewer.stream.push(text)
      if (viewer.stream.readableLength > MOST_UNREAD) leave(to, key, viewer)
    }
  }
  async function tick(): Promise<void> {
    const picture = await overview.picture().catch(() => null)
    const nowMs = clock.monotonicMs()
    const beat = nowMs - saidMs >= HEARTBEAT_MS
    if (beat) saidMs = nowMs
    for (const [key, audience] of [...audiences]) {
      if (picture !== null) {
        const now = valuesOf(picture, audience)
        const changed = difference(audience.values, now)
        audience.values = now
        if (changed !== null) write(event(audience, ++audience.number, changed), audience, key)
      }
      if (beat) write(': still here\n\n', audience, key)
      for (const viewer of [...audience.viewers]) if (nowMs >= viewer.endMs) leave(audience, key, viewer)
    }
  }
  function valuesOf(picture: Awaited<ReturnType<OverviewViews['picture']>>, { reach, language }: Audience): LiveValues {
    const current = config()
    const text = formatsOf(language, current.region.timeZone)
    return liveValues(picture, boardOf(picture, current, reach), reach, WORDS[language], text)
  }
  const event = (audience: Audience, number: number, data: string): string =>
    `id: ${begun}.${audience.language}.${number}\ndata: ${data}\n\n`
  function later(): void {
    cancel ??= clock.after(tickMs, () => {
      void tick().finally(() => {
        cancel = null
        if (!stopped && audiences.size > 0) later()
      })
    })
  }
  return {
    join(caller, language, last) {
      const whose =
        'session' in caller && caller.session !== undefined ? caller.session : `${caller.role} ${caller.who}`
      const viewers = all()
      if (stopped || viewers.length >= MOST_ALL || viewers.filter((one) => one.whose === whose).length >= MOST_OWN)
        throw new GatewayError('VIEWER_LIMIT')
      const reach = reachOf(caller, 'overview:read')
      const key = `${language} ${JSON.stringify(reach)}`
      const audience: Audience = audiences.get(key) ?? { reach, language, viewers: new Set(), values: null, number: 0 }
      audiences.set(key, audience)
      const stream = new Readable({ read() {} })
      const viewer: Viewer = { stream, whose, endMs: clock.monotonicMs() + LIFE_MS }
      audience.viewers.add(viewer)
      stream.once('close', () => leave(audience, key, viewer))
      stream.push(`retry: ${RETRY_MS}\n\n`)
      const known = last === `${begun}.${language}.${audience.number}` && audience.values !== null
      // Whoever comes first waits for the first look, which tells everything.
      const whole = known || audience.values === null ? null : difference(null, audience.values)
      if (whole !== null) stream.push(event(audience, audience.number, whole))
      later()
      return stream
    },
    get viewers() {
      return all().length
    },
    stop() {
      stopped = true
      for (const [key, audience] of [...audiences]) for (const one of [...audience.viewers]) leave(audience, key, one)
    },
  }
}
