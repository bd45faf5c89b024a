import type { Log } from '../core/ports.ts'
import { plain } from './cli/command.ts'
import type { Problem } from './config/problem.ts'

/** A problem of a region file as a person reads it, with its place as editors take it: `region.yaml:18:1: error UNKNOWN_KEY route: …`. */
export function problemLine(path: string, { line, column, severity, code, at, message }: Problem): string {
  return plain(`${path}:${line}:${column}: ${severity} ${code} ${at === '' ? message : `${at}: ${message}`}`)
}

/** The same for the log, which holds no text of the file: place and code. `at` may begin with line and column. */
export function logProblem(
  log: Log,
  { severity, at, code }: Pick<Problem, 'severity' | 'at'> & { readonly code: string },
): void {
  const fields = { code: 'CONFIG_INVALID', rule: `${at} ${code}` } as const
  if (severity === 'error') log.error('config.problem', fields)
  else log.warn('config.problem', fields)
}

/** Tells a person and the log of every problem of a region file that is to run. */
export function tellProblems(
  path: string,
  problems: readonly Problem[],
  { say, log }: { readonly say: (line: string) => void; readonly log: Log },
): void {
  for (const problem of problems) {
    say(problemLine(path, problem))
    logProblem(log, { ...problem, at: `${problem.line}:${problem.column} ${problem.at}`.trimEnd() })
  }
}
