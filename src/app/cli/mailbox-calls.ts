import type { ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { MailboxImport, MailboxLineProblem, MailboxProblem } from '../../core/mailboxes.ts'
import { type Call, ProblemError, plain, text } from './command.ts'
import { textIn } from './input.ts'
import type { RemoteGateway } from './remote.ts'
import { runningGateway } from './running.ts'

const API = '/api/mail/mailboxes'

/** A mailbox as the API gives it. */
type Box = Readonly<Record<string, string | number | boolean | null>>
interface Detail {
  readonly mailbox: Box
  readonly delegates: readonly { readonly person: string; readonly since: string }[]
  readonly warnings?: readonly MailboxProblem[]
}

const gateway = (call: Call): Promise<RemoteGateway> =>
  runningGateway(call, { en: 'start it.', fr: 'démarrez-la.' }[call.language])
const pathOf = (address: string): string => `${API}/${encodeURIComponent(address)}`

/** `list`: every mailbox that the options choose, page after page. */
export async function listBoxes(call: Call): Promise<number> {
  const remote = await gateway(call)
  const names = { domain: 'domain', establishment: 'establishment', kind: 'kind', state: 'state', search: 'q' }
  const query = new URLSearchParams({ limit: '500' })
  for (const [option, name] of Object.entries(names)) {
    const value = text(call, option)
    if (value !== undefined) query.set(name, option === 'kind' ? value.toUpperCase() : value)
  }
  for (let next: string | null = ''; next !== null; ) {
    if (next !== '') query.set('after', next)
    const page: { mailboxes: Box[]; next: string | null } = await remote.need('GET', `${API}?${query}`)
    for (const box of page.mailboxes) {
      const line = [String(box['address']).padEnd(44), box['kind'], String(box['state']).padEnd(9), box['name']].join(
        ' ',
      )
      call.io.out(call.json ? `${JSON.stringify(box)}\n` : `${plain(line)}\n`)
    }
    next = page.next
  }
  return 0
}

/** `show ADDRESS`: its facts and delegates. */
export async function showBox(address: string, call: Call): Promise<number> {
  tell(await (await gateway(call)).need<Detail>('GET', pathOf(address)), call)
  return 0
}

/** `create ADDRESS`: exit 1 with every problem when it is refused. */
export async function createBox(box: object, call: Call): Promise<number> {
  const { status, body } = await (await gateway(call)).ask('POST', API, box)
  if (status === 200) {
    tell(body as Detail, call)
    return 0
  }
  const { problems, code, detail } = (body ?? {}) as { problems?: MailboxProblem[]; code?: ErrorCode; detail?: string }
  if (problems === undefined) throw new ProblemError(plain(`${code ?? 'HTTP'} ${status}: ${detail ?? ''}`), code)
  throw new ProblemError(problems.map((one) => sentence(one, call)).join('\n'), code ?? problems[0]?.code, { problems })
}

/** `suspend|resume|close ADDRESS`. */
export async function moveBox(address: string, to: string, reason: string, call: Call): Promise<number> {
  tell(await (await gateway(call)).need<Detail>('POST', `${pathOf(address)}/${to}`, { reason }), call)
  return 0
}

/** `import FILE`: all of them, or exit 1 with every problem of every line. */
export async function importBoxes(file: string, reason: string, dryRun: boolean, call: Call): Promise<number> {
  const csv = await textIn(file, call)
  const done = await (await gateway(call)).need<MailboxImport>('POST', `${API}/import`, { csv, dryRun, reason })
  const { created, problems, warnings } = done
  if (call.json) call.io.out(`${JSON.stringify(done)}\n`)
  else {
    const line = (one: MailboxLineProblem): string =>
      `${{ en: 'line', fr: 'ligne' }[call.language]} ${one.line}: ${sentence(one, call)}\n`
    for (const one of [...problems, ...warnings]) call.io.err(line(one))
    const told = dryRun
      ? { en: `${created} would be created`, fr: `${created} BAL seraient créées` }
      : { en: `${created} created`, fr: `${created} BAL créées` }
    if (problems.length === 0) call.io.out(`${told[call.language]}\n`)
  }
  return problems.length === 0 ? 0 : 1
}

function tell(detail: Detail, call: Call): void {
  if (call.json) {
    call.io.out(`${JSON.stringify(detail)}\n`)
    return
  }
  const facts = Object.entries(detail.mailbox).filter(([, value]) => value !== null)
  for (const [name, value] of facts) call.io.out(`${name.padEnd(14)} ${plain(String(value))}\n`)
  for (const { person, since } of detail.delegates) call.io.out(`${'delegate'.padEnd(14)} ${plain(person)} ${since}\n`)
  for (const one of detail.warnings ?? []) call.io.err(`${sentence(one, call)}\n`)
}

function sentence({ field, code }: MailboxProblem, call: Call): string {
  const help: Readonly<Record<ErrorCode, string>> = call.language === 'fr' ? HELP_FR : HELP_EN
  return plain(`${field}: ${code}: ${help[code]}`)
}
