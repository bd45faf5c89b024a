import { MAILBOX_KINDS } from '../../core/mailboxes.ts'
import { SIZE_PATTERN, sizeBytes } from '../../core/units.ts'
import { type Call, type Command, OPTIONS, type Option, text, UsageError } from './command.ts'

const USAGE =
  'passerelle mailbox list | show ADDRESS | create ADDRESS --kind PER|ORG|APP|CAB --name NAME --reason TEXT | suspend|resume|close ADDRESS --reason TEXT | import FILE --reason TEXT [--dry-run]'

const option = (value: string, en: string, fr: string): Option => ({ type: 'string', value, help: { en, fr } })
const MOVES = ['suspend', 'resume', 'close'] as const

/** `mailbox`: the mailboxes that the gateway which runs keeps. */
export const mailboxCommand: Command = {
  name: 'mailbox',
  positionals: ['list|show|create|suspend|resume|close|import', '[ADDRESS|FILE]'],
  summary: {
    en: 'lists mailboxes, shows, creates, suspends, resumes or closes one, or creates those of a file',
    fr: 'liste les BAL, en montre, crée, suspend, reprend ou clôt une, ou crée celles d’un fichier',
  },
  options: {
    store: OPTIONS.store,
    url: OPTIONS.url,
    reason: OPTIONS.reason,
    domain: option('DOMAIN', 'list: of this domain', 'list : de ce domaine'),
    establishment: option('ID', 'list: of this establishment', 'list : de cet établissement'),
    kind: option('KIND', 'PER, ORG, APP or CAB', 'PER, ORG, APP ou CAB'),
    state: option('STATE', 'list: active, suspended or closed', 'list : active, suspended ou closed'),
    search: option('WORDS', 'list: with these words', 'list : avec ces mots'),
    name: option('NAME', 'create: displayed name', 'create : nom affiché'),
    owner: option('ID', 'create: RPPS of the owner', 'create : RPPS du titulaire'),
    entity: option('FINESS', 'create: geographic entity', 'create : entité géographique'),
    responsible: option('TEXT', 'create: who answers for it', 'create : responsable'),
    service: option('TEXT', 'create: service', 'create : service'),
    description: option('TEXT', 'create: what it is for', 'create : description'),
    certificate: option('DN', 'create: subject that signs it in (APP)', 'create : sujet du certificat (APP)'),
    quota: option('SIZE', 'create: what it may hold, such as 2 GiB', 'create : quota, par exemple 2 GiB'),
    'red-list': { type: 'boolean', help: { en: 'create: in no directory', fr: 'create : liste rouge' } },
    'dry-run': { type: 'boolean', help: { en: 'import: create nothing', fr: 'import : ne rien créer' } },
  },
  async run(call) {
    const [what = '', about] = call.positionals
    const moves = MOVES.find((one) => one === what)
    const needsOne = what !== 'list'
    const known = moves !== undefined || ['list', 'show', 'create', 'import'].includes(what)
    if (!known || needsOne !== (about !== undefined)) throw new UsageError(USAGE)
    const { createBox, importBoxes, listBoxes, moveBox, showBox } = await import('./mailbox-calls.ts')
    if (what === 'list') return listBoxes(call)
    if (what === 'show') return showBox(about!, call)
    const reason = text(call, 'reason')
    if (reason === undefined) throw new UsageError('--reason TEXT')
    if (what === 'create') return createBox({ ...writtenBox(about!, call), reason }, call)
    return moves === undefined
      ? importBoxes(about!, reason, call.values['dry-run'] === true, call)
      : moveBox(about!, moves, reason, call)
  },
}

/** The mailbox that the options describe, as the API takes it. @throws {UsageError} */
function writtenBox(address: string, call: Call): object {
  const kind = MAILBOX_KINDS.find((one) => one === text(call, 'kind')?.toUpperCase())
  const name = text(call, 'name')
  if (kind === undefined || name === undefined) throw new UsageError(USAGE)
  const quota = text(call, 'quota')
  if (quota !== undefined && !new RegExp(SIZE_PATTERN).test(quota)) throw new UsageError('--quota "2 GiB"')
  const named = ['owner', 'entity', 'responsible', 'service', 'description', 'certificate'].flatMap((field) => {
    const value = text(call, field)
    return value === undefined ? [] : [[field, value]]
  })
  return {
    ...{ address, kind, name, redList: call.values['red-list'] === true },
    ...Object.fromEntries(named),
    ...(quota === undefined ? {} : { quota: sizeBytes(quota) }),
  }
}
