import type { ShownWindow } from '../../../formats/clock/windows.ts'
import { type Html, html } from '../html.ts'

/** Length of the axis in the drawing's own units. */
const AXIS = 1_000

/** From the earliest begin of the windows to their last end, and now (ms since 1970): the axis that their bars share. */
export interface Axis {
  readonly fromMs: number
  readonly untilMs: number
}

/** The axis of windows that are counted; null where none is, or they have no length. Pure. */
export function axisOf(windows: readonly ShownWindow[]): Axis | null {
  const counted = windows.filter(isCounted)
  const fromMs = Math.min(...counted.map((one) => one.fromMs))
  const untilMs = Math.max(...counted.map((one) => one.endsMs))
  return untilMs > fromMs ? { fromMs, untilMs } : null
}

/**
 * A window as a bar on the shared axis: what has passed is filled, what is left is outlined, so that windows are compared at a
 * glance. The words beside it say the same, hence readers are not told. Nothing for a window that does not count. Pure. */
export function spanBar(one: ShownWindow, { fromMs, untilMs }: Axis, nowMs: number): Html | null {
  if (!isCounted(one)) return null
  const at = (ms: number): number => Math.round(((ms - fromMs) * AXIS) / (untilMs - fromMs))
  const [left, right] = [at(one.fromMs), at(one.endsMs)]
  const gone = Math.min(Math.max(at(nowMs), left), right)
  return html`<svg class="span-bar" viewBox="0 0 ${AXIS} 10" preserveAspectRatio="none" aria-hidden="true"><rect class="whole" x="${left}" y="1" width="${right - left}" height="8"/><rect class="gone" x="${left}" y="1" width="${gone - left}" height="8"/></svg>`
}

function isCounted({ state }: ShownWindow): boolean {
  return state === 'running' || state === 'over'
}
