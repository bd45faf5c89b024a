import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { FrameworkFile } from '../config/index.ts'
import { type Call, type ExitCode, plain, regionPath } from './command.ts'

/** `conformity check FILE…`: everything wrong with files of frameworks, before they are laid into profiles/frameworks. */
export async function checkFrameworks(files: readonly string[], call: Call): Promise<ExitCode> {
  const checked = await checkFiles(files, call)
  const errors = checked.reduce((sum, { problems }) => sum + problems.length, 0)
  if (call.json) {
    const told = checked.map(({ file, framework, problems }) => ({
      file,
      framework: framework === null ? null : { id: framework.id, version: framework.version },
      problems,
    }))
    call.io.out(`${JSON.stringify({ ok: errors === 0, files: told })}\n`)
  } else {
    for (const one of checked) call.io.out(lines(one))
    call.io.err(
      {
        en: `${checked.length} file(s), ${errors} error(s)\n`,
        fr: `${checked.length} fichier(s), ${errors} erreur(s)\n`,
      }[call.language],
    )
  }
  return errors === 0 ? 0 : 1
}

function lines({ file, problems }: FrameworkFile): string {
  return problems
    .map(({ line, column, severity, code, at, message }) => {
      const said = plain(at === '' ? message : `${at}: ${message}`)
      return `${plain(file)}:${line}:${column}: ${severity} ${code} ${said}\n`
    })
    .join('')
}

/** The files named, each read beside what is shipped and what the region has. */
async function checkFiles(files: readonly string[], call: Call): Promise<FrameworkFile[]> {
  const { findingNames, frameworkFiles, profileFolders, readFramework, unreadable, withoutClashes } = await import(
    '../config/index.ts'
  )
  const folders = profileFolders(dirname(resolve(regionPath(call))))
  const findings = findingNames(folders)
  const named = new Set(files.map((file) => resolve(file)))
  const others = frameworkFiles(folders).filter(({ file }) => !named.has(file))
  const read = await Promise.all(
    files.map((file) =>
      readFile(file, 'utf8').then(
        (text) => readFramework(file, text, findings),
        (fault: NodeJS.ErrnoException) => unreadable(file, fault),
      ),
    ),
  )
  return withoutClashes([...others, ...read]).slice(others.length)
}
