/** `directory`: its calls of the API, and its import into a store that no gateway holds. */
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { BadLine, DirectoryFileProblem } from '../../core/directory.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import { type Call, ProblemError, plain } from './command.ts'
import { progressBar } from './progress.ts'
import type { RemoteGateway } from './remote.ts'
import { runningGateway } from './running.ts'

const API = '/api/mail/directory'
/** How often the gateway is asked how far it is (ms). */
const ASK_MS = 500

/** An import as the API tells it. */
interface Import {
  readonly generation: number
  readonly state: 'running' | 'current' | 'replaced' | 'failed'
  readonly name: string
  readonly bytes: number | null
  readonly bytesRead: number
  readonly rows: number
  readonly repeated: number
  readonly bad: number
  readonly badLines: readonly BadLine[]
  readonly code: ErrorCode | null
  readonly problems: readonly DirectoryFileProblem[]
}
interface State {
  readonly current: Import | null
  readonly running: Import | null
  readonly last: readonly Import[]
}

const gateway = (call: Call): Promise<RemoteGateway> =>
  runningGateway(call, { en: 'start it.', fr: 'démarrez-la.' }[call.language])

/** `import FILE`: exit 1 when it was not taken into use, with what is wrong with it. */
export async function importFile(path: string, reason: string, call: Call): Promise<number> {
  const [{ reachBy }, { gatewayAt }] = await Promise.all([import('./reach.ts'), import('./remote.ts')])
  const done = await reachBy(
    call,
    () => intoStore(path, reason, call),
    async (url) => overHttp(path, reason, gatewayAt(url, call), call),
  )
  if (call.json) call.io.out(`${JSON.stringify(done)}\n`)
  else tell(done, call)
  return done.state === 'current' ? 0 : 1
}

async function intoStore(path: string, reason: string, call: Call): Promise<Import> {
  const [{ openStore }, { machineClock }, { storedConfig }, wiring, imports, { breathe }, { collectEarly }] =
    await Promise.all([
      import('./open-store.ts'),
      import('./machine.ts'),
      import('./reach.ts'),
      import('../wiring/directory.ts'),
      import('../../mssante/directory/import.ts'),
      import('../directory/breathe.ts'),
      import('../memory.ts'),
    ])
  collectEarly()
  const { userInfo } = await import('node:os')
  const file = await fileOf(path, call)
  const journal = await openStore(call)
  const bar = progressBar(call)
  try {
    const settings = wiring.directorySettings(storedConfig(journal))
    const parts = { journal, settings, clock: machineClock, breathe, rest: breathe }
    const begun = await imports.beginImport(parts, file, { who: `cli:${userInfo().username}`, why: reason })
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

async function overHttp(path: string, reason: string, remote: RemoteGateway, call: Call): Promise<Import> {
  const file = await fileOf(path, call)
  const query = new URLSearchParams({ name: basename(path), reason })
  const begun = await remote.upload<State>(`${API}/import?${query}`, file.chunks)
  const generation = begun.last[0]?.generation
  const bar = progressBar(call)
  try {
    for (;;) {
      const { last } = await remote.need<State>('GET', `${API}/state`)
      const own = last.find((one) => one.generation === generation)
      if (own === undefined) throw new ProblemError('NOT_FOUND')
      if (own.state !== 'running') return own
      bar.show(own.bytesRead, own.bytes ?? 0)
      await wait(ASK_MS)
    }
  } finally {
    bar.end()
  }
}

async function fileOf(path: string, call: Call) {
  const { fileAt } = await import('../directory/spool.ts')
  return fileAt(path).catch((fault: NodeJS.ErrnoException) => {
    throw new ProblemError(
      { en: `${plain(path)} cannot be read (${fault.code}).`, fr: `${plain(path)} est illisible (${fault.code}).` }[
        call.language
      ],
    )
  })
}

function tell(one: Import, call: Call): void {
  const help: Readonly<Record<ErrorCode, string>> = call.language === 'fr' ? HELP_FR : HELP_EN
  for (const { code, column } of one.problems) {
    call.io.err(`${plain(`${code}${column === null ? '' : ` ${column}`}: ${help[code]}`)}\n`)
  }
  const line = { en: 'line', fr: 'ligne' }[call.language]
  for (const { line: at, code } of one.badLines) call.io.err(`${line} ${at}: ${code}: ${help[code]}\n`)
  if (one.state === 'failed') {
    if (one.code !== null && one.problems.length === 0) call.io.err(`${one.code}: ${help[one.code]}\n`)
    return
  }
  const told = {
    en: `${one.rows} mailboxes in use, ${one.repeated} repeated lines, ${one.bad} lines left out`,
    fr: `${one.rows} BAL en service, ${one.repeated} lignes en double, ${one.bad} lignes ignorées`,
  }
  call.io.out(`${told[call.language]}\n`)
}

/** `search WORDS`: what is found, page after page. */
export async function searchWords(query: URLSearchParams, call: Call): Promise<number> {
  const remote = await gateway(call)
  query.set('limit', '200')
  for (let next: string | null = ''; next !== null; ) {
    if (next !== '') query.set('after', next)
    const page: { mailboxes: Record<string, string | null>[]; next: string | null } = await remote.need(
      'GET',
      `${API}?${query}`,
    )
    for (const box of page.mailboxes) {
      const cells = [
        String(box['address']).padEnd(44),
        box['kind'],
        box['name'],
        box['speciality'] ?? box['profession'] ?? '',
      ]
      call.io.out(call.json ? `${JSON.stringify(box)}\n` : `${plain(cells.join(' ').trimEnd())}\n`)
    }
    next = page.next
  }
  return 0
}

/** `state`: the import in use, and the one that runs. */
export async function tellState(call: Call): Promise<number> {
  const state = await (await gateway(call)).need<State>('GET', `${API}/state`)
  if (call.json) call.io.out(`${JSON.stringify(state)}\n`)
  else {
    for (const one of state.last) {
      call.io.out(`${plain([one.generation, one.state.padEnd(8), one.name, one.rows, one.bad].join(' '))}\n`)
    }
  }
  return 0
}

/** `feed`: our mailboxes for a directory, as a file on standard output. */
export async function feedOut(since: string | undefined, call: Call): Promise<number> {
  const query = since === undefined ? '' : `?${new URLSearchParams({ since })}`
  call.io.out(await (await gateway(call)).text(`${API}/feed${query}`))
  return 0
}
