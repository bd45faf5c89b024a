import { type ResourceLimits, Worker } from 'node:worker_threads'

/** What is heard of a thread: what it tells, and that it ended, with the error if that was why. An error is told once more without it. */
export interface Heard<Told> {
  heard(told: Told): void
  gone(error?: unknown): void
}

/** A thread of the store, which by itself keeps no process alive. @throws where the machine gives no more threads or files */
export function storeThread<Told>(
  program: URL,
  given: unknown,
  { heard, gone }: Heard<Told>,
  resourceLimits?: ResourceLimits,
): Worker {
  const started = new Worker(program, { workerData: given, ...(resourceLimits && { resourceLimits }) })
  started.unref()
  started.on('message', heard)
  started.on('error', gone)
  started.on('exit', () => gone())
  return started
}
