import { hash } from 'node:crypto'
import type { Row } from './side.ts'
import type { Table } from './tables.ts'

/** Digests are numbers below this, and so are their sums. */
const MODULUS = 2 ** 48

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (value instanceof Uint8Array) return `bytes:${hash('sha256', value, 'hex')}`
  return `${typeof value}:${String(value)}`
}

/** Of the portable columns of a row, and of its bytes outside where `outside` gives their hash. Pure. */
export function digestOf({ columns }: Table, row: Row, outside: string | undefined): number {
  const parts = columns.map((column) => textOf(row[column]))
  if (outside !== undefined) parts.push(outside)
  return Number.parseInt(hash('sha256', parts.join('\u0001'), 'hex').slice(0, 12), 16)
}

/** Adds digests up, in whatever order: two tables with equal sums hold equal rows, save by an accident of 1 in 2^48. Pure. */
export function addUp(sum: number, digests: readonly number[]): number {
  return digests.reduce((total, one) => (total + one) % MODULUS, sum)
}
