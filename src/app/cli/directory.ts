import { type Command, OPTIONS, type Option, text, UsageError } from './command.ts'

const FEED_AS_FILE = {
  en: 'directory feed writes a file of CSV: call it without --json.',
  fr: 'directory feed écrit un fichier CSV : appelez-le sans --json.',
}
const USAGE = 'passerelle directory import FILE [--reason TEXT] | search WORDS… | state | feed [--since TIME]'
const option = (value: string, en: string, fr: string): Option => ({ type: 'string', value, help: { en, fr } })

/** `directory`: the directory of mailboxes, of the gateway that runs or of a store opened here. */
export const directoryCommand: Command = {
  name: 'directory',
  positionals: ['import|search|state|feed', '[FILE|WORDS]…'],
  summary: {
    en: 'imports the national directory of mailboxes, searches it, or gives ours to a directory',
    fr: "importe l'annuaire national des BAL, y cherche, ou donne les nôtres à un annuaire",
  },
  options: {
    store: OPTIONS.store,
    url: OPTIONS.url,
    reason: {
      ...OPTIONS.reason,
      help: { en: 'import: why (kept with the act)', fr: "import : pourquoi (conservé avec l'acte)" },
    },
    rpps: option('NUMBER', 'search: RPPS or ADELI number', 'search : numéro RPPS ou ADELI'),
    finess: option('NUMBER', 'search: FINESS number', 'search : numéro FINESS'),
    speciality: option('WORDS', 'search: profession or speciality', 'search : profession ou spécialité'),
    town: option('WORDS', 'search: town, postcode, department', 'search : ville, code postal, département'),
    since: option('TIME', 'feed: what changed since', 'feed : ce qui a changé depuis'),
  },
  async run(call) {
    const [what = '', ...about] = call.positionals
    const needs = { import: about.length === 1, search: true, state: about.length === 0, feed: about.length === 0 }
    if (!Object.hasOwn(needs, what) || !needs[what as keyof typeof needs]) throw new UsageError(USAGE)
    const { feedOut, importFile, searchWords, tellState } = await import('./directory-calls.ts')
    if (what === 'import') return importFile(about[0]!, text(call, 'reason') ?? 'passerelle directory import', call)
    if (what === 'state') return tellState(call)
    if (what === 'feed' && call.json) throw new UsageError(FEED_AS_FILE[call.language])
    if (what === 'feed') return feedOut(text(call, 'since'), call)
    const asked = ['rpps', 'finess', 'speciality', 'town'].map((name) => [name, text(call, name)] as const)
    const named = asked.filter((pair): pair is [string, string] => pair[1] !== undefined)
    const words = about.join(' ').trim()
    if (words === '' && named.length === 0) throw new UsageError(USAGE)
    return searchWords(new URLSearchParams([...(words === '' ? [] : [['q', words]]), ...named]), call)
  },
}
