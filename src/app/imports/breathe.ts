import { setImmediate } from 'node:timers/promises'

/** Lets whatever came meanwhile have its turn. */
export async function breathe(): Promise<void> {
  await setImmediate()
}
