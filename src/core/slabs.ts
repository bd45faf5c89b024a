/** Bytes of a slab. */
export const SLAB_BYTES = 512 * 1024
/** Slabs that are kept for whoever needs one next. */
const MOST_SPARE = 32

const spare: Buffer[] = []

/**
 * A buffer for long bodies on their way, with whatever it held before. Buffers that are used once and thrown away have V8 mark the
 * whole heap for every few megabytes, which costs more than the bodies do. Whoever borrows one gives it back, once. */
export function borrowSlab(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES)
}

/** Takes a slab back that nobody looks at any more. */
export function giveBackSlab(slab: Buffer): void {
  if (spare.length < MOST_SPARE) spare.push(slab)
}
