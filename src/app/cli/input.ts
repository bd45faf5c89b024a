/** Files that a person names on the command line. */
import { readFile } from 'node:fs/promises'
import { type Call, ProblemError, plain } from './command.ts'

/** What is said of a file that cannot be read. A code of the system stands in brackets. */
export function unreadable(file: string, fault: unknown, call: Call): ProblemError {
  const { code } = (fault ?? {}) as NodeJS.ErrnoException
  const why = code === undefined ? '' : ` (${code})`
  return new ProblemError(
    { en: `${plain(file)} cannot be read${why}.`, fr: `${plain(file)} est illisible${why}.` }[call.language],
  )
}

/** Its bytes. @throws {ProblemError} when it cannot be read */
export async function bytesIn(file: string, call: Call): Promise<Buffer> {
  return readFile(file).catch((fault: unknown) => {
    throw unreadable(file, fault, call)
  })
}

/** Its text, as UTF-8. @throws {ProblemError} when it cannot be read */
export async function textIn(file: string, call: Call): Promise<string> {
  return (await bytesIn(file, call)).toString('utf8')
}
