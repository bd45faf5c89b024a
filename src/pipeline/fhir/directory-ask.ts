import type { DirectoryAsk, DirectoryEntry } from '../../core/directory.ts'
import { GatewayError } from '../../core/errors.ts'
import type { SearchParameter } from '../../core/fhir.ts'
import { MAILBOX_KINDS } from '../../core/mailboxes.ts'
import { askOfHolder, HOLDERS, type HolderType } from '../../formats/directory/resource.ts'
import { foldedWords, soughtWords } from '../../formats/directory/words.ts'
import { readToken, unescapeValue } from '../../formats/fhir/search-parameters.ts'
import { spanOf } from './conditions.ts'

/** One way of meeting a search: what the directory is asked, and what of it is meant. */
export interface HolderAsk {
  readonly ask: DirectoryAsk
  readonly meant: (entry: DirectoryEntry) => boolean
}

/** Values of one search that are combined with those of another. */
const MOST_WAYS = 24
/** Parameters that other resources have too. */
const COMMON: readonly string[] = ['_id', '_lastUpdated', 'identifier']
/** Those of holders alone. */
const OF_HOLDERS: Readonly<Record<HolderType, readonly string[]>> = {
  Practitioner: ['mailbox-mss', 'mailbox-mss-type', 'name', 'family', 'given'],
  PractitionerRole: ['mailbox-mss', 'mailbox-mss-type', 'practitioner', 'organization', 'specialty', 'role'],
  Organization: ['mailbox-mss', 'mailbox-mss-type', 'name', 'address-city', 'address-postalcode'],
}

/** Does a search ask what only the directory knows? */
export function onlyDirectory(type: HolderType, parameters: readonly SearchParameter[]): boolean {
  return parameters.some(({ name }) => OF_HOLDERS[type].includes(name))
}

/** Could the directory have what is searched for? */
export function askable(type: HolderType, parameters: readonly SearchParameter[]): boolean {
  const known = [...COMMON, ...OF_HOLDERS[type]]
  return parameters.length > 0 && parameters.every(({ name }) => known.includes(name))
}

/** The ways of meeting all parameters, each by one of its values. @throws {GatewayError} BAD_REQUEST */
export function waysToMeet(type: HolderType, parameters: readonly SearchParameter[]): readonly HolderAsk[] {
  let ways: readonly HolderAsk[] = [{ ask: { kinds: HOLDERS[type] }, meant: () => true }]
  for (const parameter of parameters) {
    if (parameter.values.length === 0) throw new GatewayError('BAD_REQUEST')
    const own = parameter.values.flatMap((value) => wayOf(type, parameter, value) ?? [])
    ways = ways.flatMap((way) => own.flatMap((one) => together(way, one) ?? []))
    if (ways.length > MOST_WAYS) throw new GatewayError('BAD_REQUEST')
  }
  return ways
}

/** Both at once; null: they cannot be. */
function together(a: HolderAsk, b: HolderAsk): HolderAsk | null {
  const ask: Record<string, unknown> = { ...a.ask }
  for (const [name, value] of Object.entries(b.ask)) {
    const before = ask[name]
    if (name === 'kinds' && Array.isArray(before))
      ask[name] = before.filter((one) => (value as unknown[]).includes(one))
    else if (before === undefined || before === value) ask[name] = value
    else if (TEXTS.includes(name)) ask[name] = `${before} ${value}`
    else if (name === 'address') throw new GatewayError('BAD_REQUEST')
    else return null
  }
  return { ask: ask as DirectoryAsk, meant: (entry) => a.meant(entry) && b.meant(entry) }
}

const TEXTS: readonly string[] = ['name', 'organisation', 'speciality', 'town']

const ALL = (): boolean => true

function wayOf(type: HolderType, { name, modifier }: SearchParameter, written: string): HolderAsk | null {
  const value = unescapeValue(written)
  const plain = (ask: DirectoryAsk, meant: HolderAsk['meant'] = ALL): HolderAsk => {
    if (modifier !== null) throw new GatewayError('BAD_REQUEST')
    return { ask, meant }
  }
  switch (name) {
    case '_id': {
      const ask = askOfHolder(type, value)
      return ask === null ? null : plain(ask)
    }
    case '_lastUpdated': {
      const { fromMs, untilMs } = spanOf(value, 'UTC')
      const within = (ms: number): boolean => ms >= (fromMs ?? -Infinity) && ms < (untilMs ?? Infinity)
      return plain({}, ({ changedAtMs }) => within(changedAtMs))
    }
    case 'identifier':
      return plain(numbered(type === 'Organization' ? 'structure' : 'person', written))
    case 'mailbox-mss':
      return byAddress(value, modifier)
    case 'mailbox-mss-type': {
      const kind = MAILBOX_KINDS.find((one) => one === readToken(written).value?.toUpperCase())
      return kind === undefined ? null : plain({ kinds: [kind] })
    }
    case 'name':
      return plain(type === 'Organization' ? { organisation: value } : { name: value })
    case 'family':
    case 'given':
      return plain({ name: value }, (entry) => begins(entry[name], value))
    case 'specialty':
    case 'role': {
      const code = readToken(written).value ?? ''
      const of = name === 'role' ? 'professionCode' : 'specialityCode'
      return plain({ speciality: code }, (entry) => entry[of]?.toUpperCase() === code.toUpperCase())
    }
    case 'address-city':
    case 'address-postalcode':
      return plain({ town: value })
    default:
      return byReference(name === 'practitioner' ? 'Practitioner' : 'Organization', modifier, written)
  }
}

/** The number of a token, whatever its system: numbers of persons and structures are told apart by where they are looked for. */
function numbered(field: 'person' | 'structure', written: string): DirectoryAsk {
  const { value } = readToken(written)
  if (value === null || value === '') throw new GatewayError('BAD_REQUEST')
  return { [field]: value }
}

function byAddress(text: string, modifier: string | null): HolderAsk {
  const how = modifier === null ? 'start' : modifier === 'exact' ? 'exact' : modifier === 'contains' ? 'part' : null
  const ask: DirectoryAsk = how === null ? {} : { address: { text, how } }
  // A part too short for the index would be looked for in every address.
  if (soughtWords(ask, false) === null) throw new GatewayError('BAD_REQUEST')
  return { ask, meant: ALL }
}

function byReference(to: 'Practitioner' | 'Organization', modifier: string | null, written: string): HolderAsk | null {
  if (modifier === 'identifier') {
    return { ask: numbered(to === 'Practitioner' ? 'person' : 'structure', written), meant: ALL }
  }
  if (modifier !== null && modifier !== to) throw new GatewayError('BAD_REQUEST')
  const ask = askOfHolder(to, unescapeValue(written).replace(/^.*\//, ''))
  if (ask === null) return null
  const { kinds: _, ...holder } = ask
  return { ask: holder, meant: ALL }
}

/** Does each word begin one of the text's? */
function begins(text: string | null, asked: string): boolean {
  const words = foldedWords(text ?? '')
  return foldedWords(asked).every((one) => words.some((word) => word.startsWith(one)))
}
