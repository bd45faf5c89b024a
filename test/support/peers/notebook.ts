import { EventEmitter, once } from 'node:events'
import type { Log, LogFields, Meter } from '../../../src/core/ports.ts'

export interface Line extends LogFields {
  readonly event: string
}

/** A log and a meter that remember, and can be waited on. */
export interface Notebook {
  readonly log: Log
  readonly meter: Meter
  readonly lines: readonly Line[]
  /** Sum of a counter over all its labels that contain these. */
  counted(name: string, labels?: Readonly<Record<string, string>>): number
  observed(name: string): readonly number[]
  /** The first line, past or to come, of this event and code. */
  line(event: string, code?: string): Promise<Line>
}

export function notebook(): Notebook {
  const lines: Line[] = []
  const counts: { name: string; labels: Readonly<Record<string, string>>; by: number }[] = []
  const values: { name: string; value: number }[] = []
  const news = new EventEmitter()
  const write = (event: string, fields: LogFields = {}): void => {
    lines.push({ event, ...fields })
    news.emit('line')
  }
  return {
    log: { info: write, warn: write, error: write },
    meter: {
      count: (name, labels = {}, by = 1) => void counts.push({ name, labels, by }),
      observe: (name, value) => void values.push({ name, value }),
    },
    lines,
    counted: (name, labels = {}) =>
      counts
        .filter((c) => c.name === name && Object.entries(labels).every(([key, value]) => c.labels[key] === value))
        .reduce((sum, c) => sum + c.by, 0),
    observed: (name) => values.filter((v) => v.name === name).map((v) => v.value),
    async line(event, code) {
      for (;;) {
        const found = lines.find((line) => line.event === event && (code === undefined || line.code === code))
        if (found !== undefined) return found
        await once(news, 'line')
      }
    },
  }
}
