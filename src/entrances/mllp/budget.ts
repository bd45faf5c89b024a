/** Bytes one door may hold at once: messages being accepted and blocks begun. */
export interface ByteBudget {
  /** Adds (or, negative, gives back) bytes. */
  change(bytes: number): void
  /** True from the moment the limit is passed until less than three quarters of it are held. */
  readonly full: boolean
  readonly heldBytes: number
}

/** A budget of `limitBytes`; `turned` is told each time it becomes full or free again. */
export function byteBudget(limitBytes: number, turned: (full: boolean) => void): ByteBudget {
  let held = 0
  let full = false
  return {
    get full() {
      return full
    },
    get heldBytes() {
      return held
    },
    change(bytes) {
      held += bytes
      const next = full ? held >= limitBytes * 0.75 : held > limitBytes
      if (next === full) return
      full = next
      turned(full)
    },
  }
}
