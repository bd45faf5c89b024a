/** One measured figure. `target` is text for people; `ok` tells whether it is reached. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target?: string
  readonly ok?: boolean
}

/** A figure with the least it should be. */
export function atLeast(name: string, value: number, unit: string, least: number): Figure {
  return { name, value, unit, target: `≥ ${least}`, ok: value >= least }
}

/** A figure with the most it should be. */
export function atMost(name: string, value: number, unit: string, most: number): Figure {
  return { name, value, unit, target: `≤ ${most}`, ok: value <= most }
}

/** The middle one. @throws {RangeError} when there is none */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which the share `q` (0 to 1) of the values lie. @throws {RangeError} when there is none */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
  if (value === undefined) throw new RangeError('no values')
  return value
}

/** A table for a terminal. */
export function table(figures: readonly Figure[]): string {
  const shown = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3))
  const rows = figures.map((f) => [
    f.name,
    shown(f.value),
    f.unit,
    f.target ?? '',
    f.ok === undefined ? '' : f.ok ? 'yes' : 'NO',
  ])
  const head = ['figure', 'value', 'unit', 'target', 'met']
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
