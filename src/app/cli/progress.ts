import type { Call } from './command.ts'

const WIDTH = 30

/** A bar that is drawn over itself. */
export interface ProgressBar {
  show(done: number, total: number): void
  /** Takes it away. */
  end(): void
}

/** Draws progress on a terminal, at most once per percent; anywhere else it says nothing. */
export function progressBar(call: Call): ProgressBar {
  if (!call.io.terminal) return { show() {}, end() {} }
  let shown = -1
  return {
    show(done, total) {
      // A file may have grown since its length was read.
      const percent = total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total))
      if (percent === shown) return
      shown = percent
      const full = Math.round((WIDTH * percent) / 100)
      call.io.err(`\r[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${String(percent).padStart(3)} %`)
    },
    end() {
      if (shown >= 0) call.io.err(`\r${' '.repeat(WIDTH + 8)}\r`)
    },
  }
}
