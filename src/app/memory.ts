import { setFlagsFromString } from 'node:v8'

/** How much the memory of long-lived objects may grow before it is collected again (%). */
const GROWTH_PERCENT = 25

/**
 * Has dead objects collected early. Left alone, V8 lets those that died old grow to as much again as lives before it
 * collects them, and buffers beside: a node held 360 MiB while it took in at full speed, and holds 280 with this, for
 * 1 to 3 % of its processor time (measured, 64 connections). May be called at any time: V8 reads the setting at each
 * collection. */
export function collectEarly(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}
