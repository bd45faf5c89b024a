/** Work that stops after each slice, so that others may run in between. */

/** Does it without letting anybody in between: where nobody waits behind. */
export function atOnce<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
