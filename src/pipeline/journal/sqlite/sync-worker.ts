/** The thread behind `LogSync.beside`: one file, one sync at a time. */
import { fdatasyncSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

/** What the thread says: first that it is there, then how each sync ended. */
export type Synced = { readonly ready: true } | { readonly tookMs: number } | { readonly fault: unknown }

const { file } = workerData as { file: number }
const say = (told: Synced): void => parentPort?.postMessage(told)

parentPort?.on('message', () => {
  const beganMs = performance.now()
  try {
    fdatasyncSync(file)
    say({ tookMs: performance.now() - beganMs })
  } catch (fault) {
    say({ fault })
  }
})
say({ ready: true })
