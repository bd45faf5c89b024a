import { Readable } from 'node:stream'
import { type Caller, reachOf } from '../../../core/caller.ts'
import type { CaseId, CaseViews } from '../../../core/cases.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Clock, Log } from '../../../core/ports.ts'

/** Something is said at least so often (ms): a page that hears nothing for twice that says that the connection is lost. */
export const BEAT_MS = 2_000
/** After a change was told the next waits so long (ms): images come by the hundred. */
const PAUSE_MS = 250
/** A stream ends after this, and the browser asks again (ms). */
const LIFE_MS = 600_000
/** Live pages of one person in one session, and of the whole node. */
const MOST_OWN = 8
const MOST_ALL = 512
/** Bytes that a viewer may leave unread. */
const MOST_UNREAD = 65_536
/** Browsers ask again after this (ms). */
const RETRY_MS = 1_000

/** What is told live, and with what. */
export interface LiveCaseParts {
  readonly views: Pick<CaseViews, 'one' | 'watch'>
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>
  readonly log: Pick<Log, 'error'>
  /** Absent: BEAT_MS. */
  readonly beatMs?: number
}

interface Viewer {
  readonly stream: Readable
  readonly whose: string
  readonly endMs: number
}

/** All who see the same cases. */
interface Audience {
  readonly caller: Caller
  readonly viewers: Set<Viewer>
  readonly changed: Set<CaseId>
  telling: boolean
}

/** Tells who looks on which of their cases changed: their ids and nothing else; the page asks for the rest itself. */
export interface LiveCases {
  /** The stream of one viewer. @throws {GatewayError} VIEWER_LIMIT */
  join(caller: Caller): Readable
  readonly viewers: number
  stop(): void
}

/** Makes it. Nobody is told of a case that they do not see, not even that something changed. */
export function liveCases(parts: LiveCaseParts): LiveCases {
  const audiences = new Audiences(parts)
  const unwatch = parts.views.watch((id) => audiences.changed(id))
  return {
    join: (caller) => audiences.join(caller),
    get viewers() {
      return audiences.viewers().length
    },
    stop() {
      unwatch()
      audiences.stop()
    },
  }
}

class Audiences {
  readonly #parts: LiveCaseParts
  readonly #audiences = new Map<string, Audience>()
  #cancel: (() => void) | null = null
  #stopped = false

  constructor(parts: LiveCaseParts) {
    this.#parts = parts
  }

  viewers(): Viewer[] {
    return [...this.#audiences.values()].flatMap(({ viewers }) => [...viewers])
  }

  join(caller: Caller): Readable {
    const { clock } = this.#parts
    const whose = 'session' in caller && caller.session !== undefined ? caller.session : `${caller.role} ${caller.who}`
    const all = this.viewers()
    if (this.#stopped || all.length >= MOST_ALL || all.filter((one) => one.whose === whose).length >= MOST_OWN)
      throw new GatewayError('VIEWER_LIMIT')
    const key = `${caller.role} ${JSON.stringify(reachOf(caller, 'cases:read'))}`
    const fresh: Audience = { caller, viewers: new Set(), changed: new Set(), telling: false }
    const audience = this.#audiences.get(key) ?? fresh
    this.#audiences.set(key, audience)
    const stream = new Readable({ read() {} })
    const viewer: Viewer = { stream, whose, endMs: clock.monotonicMs() + LIFE_MS }
    audience.viewers.add(viewer)
    stream.once('close', () => this.#leave(key, audience, viewer))
    stream.push(`retry: ${RETRY_MS}\n\nevent: beat\ndata: \n\n`)
    this.#later()
    return stream
  }

  changed(id: CaseId): void {
    for (const [key, audience] of this.#audiences) {
      audience.changed.add(id)
      if (audience.telling) continue
      audience.telling = true
      void this.#tell(key, audience)
    }
  }

  stop(): void {
    this.#stopped = true
    for (const [key, audience] of [...this.#audiences])
      for (const viewer of [...audience.viewers]) this.#leave(key, audience, viewer)
  }

  #later(): void {
    const { clock, beatMs = BEAT_MS } = this.#parts
    this.#cancel ??= clock.after(beatMs, () => {
      this.#cancel = null
      for (const [key, audience] of [...this.#audiences]) {
        this.#write(key, audience, 'event: beat\ndata: \n\n')
        for (const viewer of [...audience.viewers])
          if (clock.monotonicMs() >= viewer.endMs) this.#leave(key, audience, viewer)
      }
      if (this.#audiences.size > 0) this.#later()
    })
  }

  #leave(key: string, audience: Audience, viewer: Viewer): void {
    if (!audience.viewers.delete(viewer)) return
    // An end behind a cut would hide it, and the answer would stay open.
    if (!viewer.stream.destroyed) viewer.stream.push(null)
    if (audience.viewers.size === 0 && this.#audiences.get(key) === audience) this.#audiences.delete(key)
    if (this.#audiences.size > 0) return
    this.#cancel?.()
    this.#cancel = null
  }

  #write(key: string, audience: Audience, text: string): void {
    for (const viewer of [...audience.viewers]) {
      viewer.stream.push(text)
      if (viewer.stream.readableLength > MOST_UNREAD) this.#leave(key, audience, viewer)
    }
  }

  /** Tells an audience what of its own changed, until nothing more has. */
  async #tell(key: string, audience: Audience): Promise<void> {
    const { views, clock, log } = this.#parts
    const { changed, caller, viewers } = audience
    while (changed.size > 0 && viewers.size > 0) {
      const ids = [...changed]
      changed.clear()
      try {
        const seen = await Promise.all(ids.map(async (id) => (await views.one(id, caller)) !== null))
        const cases = ids.filter((_, i) => seen[i])
        if (cases.length === 0) continue
        this.#write(key, audience, `event: changed\ndata: ${JSON.stringify({ cases })}\n\n`)
      } catch (fault) {
        log.error('cases.live', {}, fault)
        for (const id of ids) changed.add(id)
      }
      await new Promise<void>((resolve) => void clock.after(PAUSE_MS, resolve))
    }
    audience.telling = false
  }
}
