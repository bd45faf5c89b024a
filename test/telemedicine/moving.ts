import type { Act, Case, CaseViewer, Happening } from '../../src/core/cases.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { CareService } from '../../src/core/services.ts'
import { decide } from '../../src/telemedicine/case/decide.ts'
import { tick } from '../../src/telemedicine/case/due.ts'
import { evolve, evolveAll } from '../../src/telemedicine/case/evolve.ts'
import { request } from './invented.ts'

/** When these cases are asked for. */
export const T0 = Date.UTC(2026, 10, 26, 9)
/** The request has reached whom it was sent to. */
export const DELIVERED = { delivered: true }

let ids = 0
/** One id after the other. */
export const uuid = (): string => `n${ids++}`
/** What a case is named by in these tests. */
export const named = (service: CareService) => ({ id: 'c', number: 'AVC-1', service })

/** A case that moves by acts and time, as the engine moves it. */
export class Moving {
  now: Case
  atMs = T0
  readonly happenings: Happening[] = []
  readonly service: CareService

  constructor(service: CareService, changes: Parameters<typeof request>[0] = {}) {
    this.service = service
    const asked = request({ service: service.name, ...changes })
    const first = {
      seq: 1,
      atMs: T0,
      recordedAtMs: T0,
      by: asked.asker,
      act: { what: 'request', request: asked },
    } as const
    this.happenings.push(first)
    this.now = evolve(null, first, named(service))
    this.#take(tick(this.now, this.atMs, { ...named(service), uuid, facts: DELIVERED }))
  }

  #take(happenings: readonly Happening[]): void {
    this.happenings.push(...happenings)
    if (happenings.length > 0) this.now = evolveAll(this.now, happenings, named(this.service))
  }

  act(act: Act, viewer: CaseViewer): ErrorCode | null {
    const decision = decide(this.now, act, viewer, this.service, { nowMs: this.atMs, atMs: null })
    if (!decision.ok) return decision.error
    this.#take(decision.happenings)
    this.#take(tick(this.now, this.atMs, { ...named(this.service), uuid, facts: DELIVERED }))
    return null
  }

  wait(ms: number): void {
    this.atMs += ms
    this.#take(tick(this.now, this.atMs, { ...named(this.service), uuid, facts: DELIVERED }))
  }

  /** Who was told since the last `n` happenings, by delay or rung. */
  told(since = 0): readonly string[] {
    return this.happenings
      .slice(since)
      .flatMap(({ act }) =>
        act.what === 'rung' || act.what === 'late'
          ? [
              ...new Set(
                act.notices.map(
                  ({ told, establishment }) => `${told}${establishment === null ? '' : ` ${establishment}`}`,
                ),
              ),
            ]
          : [],
      )
  }
}
