/** Imports of a register's file: into a store that no gateway holds, or sent to the one that does. */
import { setTimeout as wait } from 'node:timers/promises'
import type { BegunFile, ImportingParts } from '../../core/imports/import.ts'
import type { FileImport, ImportFile } from '../../core/imports/imported.ts'
import type { Journal } from '../../core/journal.ts'
import { type Call, ProblemError } from './command.ts'
import { unreadable } from './input.ts'
import { progressBar } from './progress.ts'
import type { RemoteGateway } from './remote.ts'

/** How often the gateway is asked how far it is (ms). */
const ASK_MS = 500

/** What people are told of an import, from a store or from the API. */
type Told = Pick<FileImport, 'generation' | 'state' | 'bytes' | 'bytesRead'>

/** Begins an import in a store that was opened here. */
export type BeginHere<Import> = (
  parts: ImportingParts & { readonly journal: Journal },
) => Promise<
  (file: ImportFile, act: { readonly who: string; readonly why: string }) => Promise<BegunFile<FileImport & Import>>
>

/** Imports a file and tells how far it is on a terminal; what became of it. `api`: where the gateway takes it, at `/import`. */
export async function importRegister<Import extends Told>(
  file: ImportFile,
  reason: string,
  call: Call,
  api: string,
  begin: BeginHere<unknown>,
): Promise<Import> {
  const [{ reachBy }, { gatewayAt }] = await Promise.all([import('./reach.ts'), import('./remote.ts')])
  return reachBy(
    call,
    async () => (await intoStore(file, reason, call, begin)) as unknown as Import,
    async (url) => overHttp<Import>(file, reason, gatewayAt(url, call), call, api),
  )
}

async function intoStore(file: ImportFile, reason: string, call: Call, begin: BeginHere<unknown>): Promise<FileImport> {
  const [{ openStore }, { machineClock }, { breathe }, { collectEarly }, { userInfo }] = await Promise.all([
    import('./open-store.ts'),
    import('./machine.ts'),
    import('../imports/breathe.ts'),
    import('../memory.ts'),
    import('node:os'),
  ])
  collectEarly()
  const journal = await openStore(call)
  const bar = progressBar(call)
  try {
    const beginning = await begin({ journal, clock: machineClock, breathe })
    const begun = await beginning(file, { who: `cli:${userInfo().username}`, why: reason })
    return await begun.run(
      { ...file, chunks: counted(file.chunks, (read) => bar.show(read, file.bytes ?? 0)) },
      () => false,
    )
  } finally {
    bar.end()
    await journal.close()
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, told: (read: number) => void): AsyncGenerator<Uint8Array> {
  let read = 0
  for await (const chunk of chunks) {
    read += chunk.length
    told(read)
    yield chunk
  }
}

async function overHttp<Import extends Told>(
  { name, chunks }: ImportFile,
  reason: string,
  remote: RemoteGateway,
  call: Call,
  api: string,
): Promise<Import> {
  type State = { readonly last: readonly Import[] }
  const query = new URLSearchParams({ name, reason })
  const begun = await remote.upload<State>(`${api}/import?${query}`, chunks)
  const generation = begun.last[0]?.generation
  const bar = progressBar(call)
  try {
    for (;;) {
      const { last } = await remote.need<State>('GET', `${api}/state`)
      const own = last.find((one) => one.generation === generation)
      if (own === undefined) throw new ProblemError('NOT_FOUND', 'NOT_FOUND')
      if (own.state !== 'running') return own
      bar.show(own.bytesRead, own.bytes ?? 0)
      await wait(ASK_MS)
    }
  } finally {
    bar.end()
  }
}

/** A file of this machine. @throws {ProblemError} when it cannot be read */
export async function fileOf(path: string, call: Call): Promise<ImportFile> {
  const { fileAt } = await import('../imports/spool.ts')
  return fileAt(path).catch((fault: unknown) => {
    throw unreadable(path, fault, call)
  })
}
