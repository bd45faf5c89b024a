/** `directory`: its calls of the API, and what is told of its imports. */
import type { BadLine, DirectoryFileProblem } from '../../core/directory.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import { type Call, plain } from './command.ts'
import { fileOf, importRegister } from './register-import.ts'
import type { RemoteGateway } from './remote.ts'
import { runningGateway } from './running.ts'

const API = '/api/mail/directory'

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
  const file = await fileOf(path, call)
  const done = await importRegister<Import>(file, reason, call, API, async (parts) => {
    const [wiring, imports, { storedConfig }] = await Promise.all([
      import('../wiring/directory.ts'),
      import('../../mssante/directory/import.ts'),
      import('./reach.ts'),
    ])
    const settings = wiring.directorySettings(storedConfig(parts.journal))
    return (kept, act) => imports.beginImport({ ...parts, settings }, kept, act)
  })
  if (call.json) call.io.out(`${JSON.stringify(done)}\n`)
  else tell(done, call)
  return done.state === 'current' ? 0 : 1
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
