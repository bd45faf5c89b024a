import type { Span } from '../../../core/journal.ts'

/** Up to which number everything has been told, whatever the order it is told in. */
export interface Coverage {
  /** Everything up to here was told. */
  readonly upTo: number
  /** One commit was told. */
  add(span: Span): void
  /** Everything up to a number is known by other means. */
  reach(upTo: number): void
}

/** Nothing is told yet. */
export function coverage(): Coverage {
  let upTo = 0
  /** What was told ahead of its turn, in order. */
  let ahead: Span[] = []
  function merge(): void {
    while (ahead[0] !== undefined && ahead[0].after <= upTo) upTo = Math.max(upTo, ahead.shift()!.upTo)
  }
  return {
    get upTo() {
      return upTo
    },
    add(span) {
      if (span.upTo <= upTo) return
      ahead = [...ahead, span].sort((a, b) => a.after - b.after)
      merge()
    },
    reach(known) {
      upTo = Math.max(upTo, known)
      merge()
    },
  }
}
