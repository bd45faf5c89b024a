import type { FrameworkProblem } from '../../core/conformity-commands.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { type Call, ProblemError, plain, text } from './command.ts'
import { textIn } from './input.ts'
import type { RemoteGateway } from './remote.ts'
import { runningGateway } from './running.ts'

const API = '/api/conformity'

/** Evidence as the API gives it. */
interface Told {
  readonly id: string
  readonly establishment: string
  readonly framework: string
  readonly requirement: string
  readonly state: string
  readonly filedBy: string
  readonly filedAt: string
  readonly validUntil: string | null
}

const gateway = (call: Call): Promise<RemoteGateway> =>
  runningGateway(call, { en: 'start it.', fr: 'démarrez-la.' }[call.language])

/** `publish FILE`: exit 1 with every problem when it is refused. `reason` null: nothing is published. */
export async function publishFramework(file: string, reason: string | null, call: Call): Promise<number> {
  const yaml = await textIn(file, call)
  const path = `${API}/frameworks${reason === null ? '?check=true' : ''}`
  const body = reason === null ? { yaml } : { yaml, reason }
  const { status, body: said } = await (await gateway(call)).ask('POST', path, body)
  const answer = (said ?? {}) as {
    readonly name?: string
    readonly new?: boolean
    readonly code?: ErrorCode
    readonly detail?: string
    readonly problems?: readonly FrameworkProblem[]
  }
  if (call.json) call.io.out(`${JSON.stringify(answer)}\n`)
  if (status === 200) {
    if (!call.json) call.io.out(`${plain(outcome(answer.name ?? '', answer.new === true, reason === null, call))}\n`)
    return 0
  }
  const { problems = [], code = `HTTP ${status}`, detail = '' } = answer
  for (const one of call.json ? [] : problems) {
    const at = one.at === '' ? '' : `${one.at}: `
    call.io.err(`${plain(`${file}:${one.line}:${one.column}: ${one.code} ${at}${one.message}`)}\n`)
  }
  throw new ProblemError(plain(`${code}: ${detail}`), code as ErrorCode)
}

function outcome(name: string, isNew: boolean, isCheck: boolean, { language }: Call): string {
  if (!isNew)
    return { en: `${name}: published before, in the same words`, fr: `${name} : déjà publié dans ce texte` }[language]
  return isCheck
    ? { en: `${name}: may be published`, fr: `${name} : peut être publié` }[language]
    : { en: `${name}: published`, fr: `${name} : publié` }[language]
}

/** `withdraw NAME`. */
export async function withdrawFramework(name: string, reason: string, call: Call): Promise<number> {
  const path = `${API}/frameworks/${encodeURIComponent(name)}/withdraw`
  const done = await (await gateway(call)).need<{ readonly name: string }>('POST', path, { reason })
  const told = { en: `${name}: withdrawn`, fr: `${name} : retiré` }[call.language]
  call.io.out(call.json ? `${JSON.stringify(done)}\n` : `${plain(told)}\n`)
  return 0
}

/** `evidence list`: all that the options choose, page after page. */
export async function listEvidence(call: Call): Promise<number> {
  const remote = await gateway(call)
  const query = new URLSearchParams({ limit: '500' })
  for (const name of ['establishment', 'state']) {
    const value = text(call, name)
    if (value !== undefined) query.set(name, value)
  }
  for (let next: string | null = ''; next !== null; ) {
    if (next !== '') query.set('after', next)
    const page: { evidence: Told[]; next: string | null } = await remote.need('GET', `${API}/evidence?${query}`)
    for (const one of page.evidence) tell(one, call)
    next = page.next
  }
  return 0
}

/** `evidence review ID`. */
export async function reviewEvidence(id: string, decision: object, call: Call): Promise<number> {
  tell(
    await (await gateway(call)).need<Told>('POST', `${API}/evidence/${encodeURIComponent(id)}/review`, decision),
    call,
  )
  return 0
}

function tell(one: Told, call: Call): void {
  const until = one.validUntil === null ? '' : ` → ${one.validUntil}`
  const line = [
    one.id,
    one.state.padEnd(9),
    one.establishment,
    one.framework,
    one.requirement,
    one.filedBy,
    one.filedAt,
  ]
  call.io.out(call.json ? `${JSON.stringify(one)}\n` : `${plain(line.join(' ') + until)}\n`)
}
