import { userInfo } from 'node:os'
import { basename } from 'node:path'
import { dumpStore, OtherSchema, ProgramFailed, undumpStore } from '../backup/dump.ts'
import type { Manifest } from '../backup/manifest.ts'
import { ProgramError } from '../backup/programs.ts'
import { VERSION } from '../gateway.ts'
import { type Call, ProblemError, plain, text } from './command.ts'
import { machineClock } from './machine.ts'
import { openStore } from './open-store.ts'
import type { ProgressBar } from './progress.ts'

/** Dumps the store on PostgreSQL into `file`, and keeps who did it and why among its events. @throws {ProblemError} */
export async function backUpDatabase(database: string, file: string, call: Call, bar: ProgressBar) {
  const journal = await openStore(call, 'open')
  try {
    const why = text(call, 'reason') ?? 'passerelle backup'
    const event = { atMs: machineClock.nowMs(), who: `cli:${userInfo().username}`, what: 'backup', why }
    await journal.apply({ events: [{ ...event, code: null, message: null, delivery: null, detail: basename(file) }] })
  } finally {
    await journal.close()
  }
  const parts = { database, file, release: VERSION, clock: machineClock, env: call.env, progress: bar.show }
  const { bytes, messages } = await dumpStore(parts).catch((error: unknown) => {
    throw told(error, call)
  })
  return { file, name: file, bytes, messages }
}

/** Puts a backup into an empty database, then reads every checksum there. @throws {ProblemError}, {RestoreError} */
export async function restoreDatabase(
  database: string,
  file: string,
  call: Call,
  bar: ProgressBar,
): Promise<Manifest & { readonly checked: number; readonly damaged: readonly string[] }> {
  const manifest = await undumpStore({ file, database, env: call.env, progress: bar.show }).catch((error: unknown) => {
    throw told(error, call)
  })
  const journal = await openStore(call, 'open')
  try {
    return { ...manifest, ...(await journal.verify(null, bar.show)) }
  } finally {
    await journal.close()
  }
}

/** The sentence for what PostgreSQL's own programs lack or say. */
function told(error: unknown, call: Call): unknown {
  if (error instanceof ProgramFailed) {
    const { program, status, said } = error
    const en = `${program} failed (${status}): ${plain(said ?? "the server's log says why")}. Nothing was changed.`
    const fr = `${program} a échoué (${status}) : ${plain(said ?? 'le journal du serveur dit pourquoi')}. Rien n'a été modifié.`
    return new ProblemError({ en, fr }[call.language])
  }
  if (error instanceof OtherSchema) {
    const schema = plain(error.schema)
    const en = `The tables of this backup are of schema ${schema}, and search_path does not lead there: make it, and ALTER ROLE … SET search_path = ${schema}. Nothing was changed.`
    const fr = `Les tables de cette sauvegarde sont du schéma ${schema}, où search_path ne mène pas : créez-le, puis ALTER ROLE … SET search_path = ${schema}. Rien n'a été modifié.`
    return new ProblemError({ en, fr }[call.language])
  }
  if (!(error instanceof ProgramError)) return error
  const { program, found, wanted } = error
  const sentence =
    found === null
      ? {
          en: `${program} is missing: install PostgreSQL's client programs, version ${wanted} or later (Debian: postgresql-client).`,
          fr: `${program} manque : installez les programmes clients de PostgreSQL, version ${wanted} au moins (Debian : postgresql-client).`,
        }
      : {
          en: `${program} is of version ${found}, and the server of ${wanted}: install its client programs, version ${wanted} or later.`,
          fr: `${program} est en version ${found}, le serveur en ${wanted} : installez ses programmes clients, version ${wanted} au moins.`,
        }
  return new ProblemError(sentence[call.language])
}
