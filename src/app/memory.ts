import { setFlagsFromString } from 'node:v8'

/** How much the memory of long-lived objects may grow before it is collected again (%). */
const GROWTH_PERCENT = 25

/**
 * Has dead objects collected early. Left alone, V8 lets what died old grow to half as much again as lives before it
 * collects it, and buffers with it: a node held 355 MiB while it took in at full speed, and holds 275 with this, for 4 %
 * of its processor time (64 connections, medians). May be called at any time: V8 reads the setting at each collection. */
export function collectEarly(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}
