import { finessFault } from '../../formats/identifiers/finess.ts'
import { ESTABLISHMENT_KINDS } from '../config/schema/care.ts'
import { type Command, OPTIONS, type Option, plain, text, UsageError } from './command.ts'

const USAGE = 'passerelle structures import FILE [--ej FILE] [--reason TEXT] | show FINESS | search WORDS… | state'
const YES_OR_NO = /^(yes|oui|true|1|no|non|false|0)$/i
const NOT_FINESS = {
  en: 'a FINESS number has nine characters, such as 530000371; `structures search` finds it by name.',
  fr: 'un numéro FINESS a neuf caractères, comme 530000371 ; `structures search` le trouve par le nom.',
}
const option = (value: string, en: string, fr: string): Option => ({ type: 'string', value, help: { en, fr } })

/** `structures`: the register of establishments, of the gateway that runs or of a store opened here. */
export const structuresCommand: Command = {
  name: 'structures',
  positionals: ['import|show|search|state', '[FILE|FINESS|WORDS]…'],
  summary: {
    en: 'imports the register of establishments (FINESS), shows one, or searches it',
    fr: 'importe le répertoire des établissements (FINESS), en montre un, ou y cherche',
  },
  options: {
    store: OPTIONS.store,
    url: OPTIONS.url,
    reason: {
      ...OPTIONS.reason,
      help: { en: 'import: why (kept with the act)', fr: "import : pourquoi (conservé avec l'acte)" },
    },
    ej: option(
      'FILE',
      'import: the file of legal entities, in the same import',
      'import : le fichier des EJ, du même import',
    ),
    department: option('CODE', 'search: department', 'search : département'),
    kind: option('KIND', 'search: kind, as in region.yaml', 'search : type, comme dans region.yaml'),
    ght: option('NAME', 'search: GHT', 'search : GHT'),
    declared: option('YES|NO', 'search: declared in the region', 'search : déclaré dans la région'),
  },
  async run(call) {
    const [what = '', ...about] = call.positionals
    const needs = { import: about.length === 1, show: about.length === 1, search: true, state: about.length === 0 }
    if (!Object.hasOwn(needs, what) || !needs[what as keyof typeof needs]) throw new UsageError(USAGE)
    const calls = await import('./structure-calls.ts')
    if (what === 'import') {
      const reason = text(call, 'reason') ?? 'passerelle structures import'
      return calls.importFiles(
        [about[0], text(call, 'ej')].flatMap((path) => path ?? []),
        reason,
        call,
      )
    }
    if (what === 'show') {
      if (finessFault(about[0]!) === 'form') throw new UsageError(`${plain(about[0]!)}: ${NOT_FINESS[call.language]}`)
      return calls.show(about[0]!, call)
    }
    if (what === 'state') return calls.tellState(call)
    const query = new URLSearchParams()
    const words = about.join(' ').trim()
    if (words !== '') query.set('q', words)
    for (const name of ['department', 'kind', 'ght']) {
      const value = text(call, name)
      if (value !== undefined) query.set(name, value)
    }
    const declared = text(call, 'declared')
    if (declared !== undefined) {
      if (!YES_OR_NO.test(declared)) throw new UsageError('--declared YES|NO')
      query.set('declared', String(/^(yes|oui|true|1)$/i.test(declared)))
    }
    const kind = text(call, 'kind')
    if (kind !== undefined && !ESTABLISHMENT_KINDS.some((one) => one === kind)) {
      throw new UsageError(`--kind ${ESTABLISHMENT_KINDS.join('|')}`)
    }
    if (query.size === 0) throw new UsageError(USAGE)
    return calls.search(query, call)
  },
}
