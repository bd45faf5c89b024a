import { setImmediate, setTimeout } from 'node:timers/promises'

/** Pause between two pieces of work for which nobody waits (ms): the loop then is free more than half of the time. */
const REST_MS = 10

/** Lets whatever came meanwhile have its turn. */
export async function breathe(): Promise<void> {
  await setImmediate()
}

/** Leaves the loop to others for a while. */
export async function rest(): Promise<void> {
  await setTimeout(REST_MS)
}
