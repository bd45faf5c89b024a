import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { FrameworkFile, ProgrammeFile } from '../config/index.ts'
import { type Call, type ExitCode, plain, regionPath } from './command.ts'

/** `conformity check FILE…`: everything wrong with files of frameworks, before they are laid into profiles/frameworks. */
export async function checkFrameworks(files: readonly string[], call: Call): Promise<ExitCode> {
  const checked = await checkFiles(files, call)
  return tell(checked, call, ({ framework }: FrameworkFile) => ({
    framework: framework === null ? null : { id: framework.id, version: framework.version },
  }))
}

/** `conformity programmes check FILE…`: the same of files of programmes. */
export async function checkProgrammes(files: readonly string[], call: Call): Promise<ExitCode> {
  const { profileFolders, programmeNames, readProgramme, unreadableProgramme, withoutTwins } = await import(
    '../config/index.ts'
  )
  const names = programmeNames(profileFolders(dirname(resolve(regionPath(call)))))
  const read = await Promise.all(
    files.map((file) =>
      readFile(file, 'utf8').then(
        (text) => readProgramme(file, text, names),
        (fault: NodeJS.ErrnoException) => unreadableProgramme(file, fault),
      ),
    ),
  )
  return tell(withoutTwins(read), call, ({ programme }: ProgrammeFile) => ({
    programme: programme === null ? null : { id: programme.id },
  }))
}

/** Tells what was found in files; 1 where anything is wrong. `named`: how JSON names what a file holds. */
function tell<One extends Pick<FrameworkFile, 'file' | 'problems'>>(
  checked: readonly One[],
  call: Call,
  named: (one: One) => object,
): ExitCode {
  const errors = checked.reduce((sum, { problems }) => sum + problems.length, 0)
  if (call.json) {
    const told = checked.map((one) => ({ file: one.file, ...named(one), problems: one.problems }))
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

function lines({ file, problems }: Pick<FrameworkFile, 'file' | 'problems'>): string {
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
