import { pino } from 'pino'
import { GatewayError } from '../core/errors.ts'
import type { Log, LogFields } from '../core/ports.ts'

/** How much is said; the value of PASSERELLE_LOG_LEVEL. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
/** Every log level, quietest last. */
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** The level that PASSERELLE_LOG_LEVEL names; undefined: it names none. */
export function logLevel({ PASSERELLE_LOG_LEVEL }: Readonly<Record<string, string | undefined>>): LogLevel | undefined {
  return LOG_LEVELS.find((level) => level === PASSERELLE_LOG_LEVEL)
}

/** Where lines go; a stream or anything with `write`. */
export interface LogDestination {
  write(line: string): void
}

// JSON escapes C0; these would still move a terminal's cursor or turn the reading direction.
const UNSEEN = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const FRAME = /^ {4}at (?:[^\n]* \()?(?:file:|node:|\/)[^\n]*:\d+:\d+\)?$/
const MAX_FRAMES = 6

/** Frames of a stack without its first lines: they quote the message, and the message may quote a patient. */
function frames(error: Error): string[] {
  const stack = error.stack ?? ''
  const said = error.message === '' ? 0 : stack.indexOf(error.message)
  // A message changed after the throw cannot be cut out of the stack with certainty.
  if (said < 0) return []
  return stack
    .slice(said + error.message.length)
    .split('\n')
    .filter((line) => FRAME.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => line.trim().replace(/(?:file:\/\/)?\/[^\s()]*\/(src|test|node_modules)\//, '$1/'))
}

function code(error: Error): string | undefined {
  if (error instanceof GatewayError) return error.code
  const own = (error as NodeJS.ErrnoException).code
  // The system's, Node's, or an SQLSTATE: five of letters and digits.
  return typeof own === 'string' && /^([A-Z][A-Z0-9_]{1,48}|[A-Z0-9]{5})$/.test(own) ? own : undefined
}

/** What a log may tell of a fault: class, code, where, and the same of its cause. Never its text. */
export function faultFields(fault: unknown): { fault: string; faultCode?: string; at?: string[]; cause?: unknown } {
  if (!(fault instanceof Error)) return { fault: typeof fault }
  const own = code(fault)
  return {
    fault: /^\w{1,64}$/.test(fault.name) ? fault.name : 'Error',
    ...(own === undefined ? {} : { faultCode: own }),
    at: frames(fault),
    ...(fault.cause instanceof Error ? { cause: faultFields(fault.cause) } : {}),
  }
}

function clean(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(UNSEEN, '\ufffd') : value,
    ]),
  )
}

/**
 * A log of one JSON object per line, `time` in ISO 8601 UTC, to standard output unless told otherwise. Lines hold the
 * fields of `LogFields` and nothing else. */
export function createLog(level: LogLevel, destination?: LogDestination): Log {
  const options = {
    level,
    base: null,
    messageKey: 'text',
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  const out = destination === undefined ? pino(options) : pino(options, destination)
  return {
    info: (event, fields = {}) => out.info({ event, ...clean(fields) }),
    warn: (event, fields = {}) => out.warn({ event, ...clean(fields) }),
    error: (event, fields = {}, fault) =>
      out.error({ event, ...clean(fields), ...(fault === undefined ? {} : faultFields(fault)) }),
  }
}
