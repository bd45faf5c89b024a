import { GatewayError } from '../../../core/errors.ts'
import type { SqlValue } from '../../../core/journal.ts'

/**
 * A statement with `?` placeholders in PostgreSQL's `$n`; those inside quotes and comments stay. `?3` is `$3`. Pure. */
export function numbered(sql: string): string {
  let n = 0
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\?(\d*)/g, (found: string, digits: string | undefined) => {
    if (!found.startsWith('?')) return found
    if (digits) return `$${digits}`
    n += 1
    return `$${n}`
  })
}

/**
 * Text as PostgreSQL can hold it: no NUL, no lone surrogate; each becomes U+FFFD. What people read there is never the
 * message itself, whose bytes are kept as they came. */
export function storable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\u0000') ? whole.replaceAll('\u0000', '\ufffd') : whole
}

/** Values as they may be bound. @throws {GatewayError} INTERNAL for anything that is no SqlValue */
export function bindable(values: readonly SqlValue[]): (string | number | Buffer | null)[] {
  return values.map((value) => {
    if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value
    if (typeof value === 'string') return storable(value)
    if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    throw new GatewayError('INTERNAL', `a statement cannot bind a ${typeof value}`)
  })
}

/** Bytes as text that a column of bytes reads; null stays. */
export function hexOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}
