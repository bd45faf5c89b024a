import { GatewayError } from '../../core/errors.ts'
import type { FhirReads, SearchParameter, StoredResource } from '../../core/fhir.ts'
import type { Structure, StructureAsk, StructureViews } from '../../core/structures.ts'
import { writeJson } from '../../formats/fhir/json.ts'
import { readToken, unescapeValue } from '../../formats/fhir/search-parameters.ts'
import { finessOfId, structureId, structureResource } from '../../formats/structures/resource.ts'
import { versioned } from './answers.ts'
import { spanOf } from './conditions.ts'
import { inTurn, type Stage } from './stages.ts'

/** Structures that a search may find. */
const MOST_FOUND = 2_000
const PAGE = 200
/** Values of one search that are combined with those of another. */
const MOST_WAYS = 24
const KNOWN = ['_id', '_lastUpdated', 'identifier', 'name', 'address-city', 'address-postalcode', 'partof']
const NUMBER = /^1?((?:[0-9]{2}|2[AB])[0-9]{7})$/

type Register = Pick<StructureViews, 'one' | 'search' | 'state'>

/** One way of meeting a search: what the register is asked, and which of what it gives is meant. */
interface Way {
  readonly ask: StructureAsk
  readonly meant: readonly ((structure: Structure, atMs: number) => boolean)[]
}

/**
 * Structures of the register as Organization, beside the resources that were posted: whoever may read at the door finds them. A
 * search that says nothing of a structure finds what was posted alone. */
export function structureReads(base: FhirReads, register: Register): FhirReads {
  async function structure(type: string, id: string): Promise<StoredResource | null> {
    const finess = type === 'Organization' ? finessOfId(id) : null
    const [one, { current }] = finess === null ? [null, { current: null }] : await both(finess)
    return one === null || current === null ? null : stored(one, current)
  }
  const both = (finess: string) => Promise.all([register.one(finess), register.state()])
  return {
    async read(type, id, reader) {
      return (await structure(type, id)) ?? base.read(type, id, reader)
    },
    // What an import replaced is not kept.
    async version(type, id, version, reader) {
      const found = await structure(type, id)
      if (found === null) return base.version(type, id, version, reader)
      return found.version === version ? found : null
    },
    async search(type, parameters, page, reader) {
      const isAskable = parameters.length > 0 && parameters.every(({ name }) => KNOWN.includes(name))
      if (type !== 'Organization' || !isAskable) return base.search(type, parameters, page, reader)
      const stage = structures(parameters, register)
      if (parameters.some(({ name }) => name === 'partof')) return inTurn([stage], page)
      return inTurn([stage, (asked) => base.search(type, parameters, asked, reader)], page)
    },
  }
}

interface Version {
  readonly generation: number
  readonly startedAtMs: number
  readonly endedAtMs: number | null
}

const atOf = ({ startedAtMs, endedAtMs }: Version): number => endedAtMs ?? startedAtMs

function stored(one: Structure, version: Version): StoredResource {
  const id = structureId(one.finess)
  const updatedAtMs = atOf(version)
  const json = writeJson(versioned(structureResource(one), id, version.generation, updatedAtMs))
  return { type: 'Organization', id, version: version.generation, updatedAtMs, message: null, json }
}

/** Structures in the order of their numbers. @throws {GatewayError} STRUCTURE_BROAD, BAD_REQUEST */
function structures(parameters: readonly SearchParameter[], register: Register): Stage {
  let known: Promise<readonly StoredResource[]> | null = null
  const found = async (): Promise<readonly StoredResource[]> => {
    const { current } = await register.state()
    const all = new Map<string, Structure>()
    for (const { ask, meant } of current === null ? [] : waysOf(parameters)) {
      for (const one of await everyOne(ask, register)) {
        if (meant.every((holds) => holds(one, current === null ? 0 : atOf(current)))) all.set(one.finess, one)
      }
    }
    const sorted = [...all.values()].sort((a, b) => (a.finess < b.finess ? -1 : 1))
    return current === null ? [] : sorted.map((one) => stored(one, current))
  }
  return async ({ count, after }) => {
    known ??= found()
    const all = await known
    const rest = after === null ? all : all.filter(({ id }) => id > after)
    const page = rest.slice(0, count)
    return { total: all.length, resources: page, next: count > 0 && rest.length > count ? page.at(-1)!.id : null }
  }
}

async function everyOne(ask: StructureAsk, register: Register): Promise<readonly Structure[]> {
  const all: Structure[] = []
  for (let after: string | null = null; ; ) {
    const page: Awaited<ReturnType<Register['search']>> = await register.search(ask, { limit: PAGE, after })
    all.push(...page.structures)
    if (page.next === null) return all
    if (all.length >= MOST_FOUND) throw new GatewayError('STRUCTURE_BROAD')
    after = page.next
  }
}

function waysOf(parameters: readonly SearchParameter[]): readonly Way[] {
  let ways: readonly Way[] = [{ ask: {}, meant: [] }]
  for (const parameter of parameters) {
    if (parameter.values.length === 0) throw new GatewayError('BAD_REQUEST')
    const own = parameter.values.flatMap((value) => wayOf(parameter, value) ?? [])
    ways = ways.flatMap((way) =>
      own.map(({ ask, meant }) => ({ ask: { ...way.ask, ...ask }, meant: [...way.meant, ...meant] })),
    )
    if (ways.length > MOST_WAYS) throw new GatewayError('BAD_REQUEST')
  }
  // A time alone says nothing of a structure.
  return ways.filter(({ ask }) => Object.keys(ask).length > 0)
}

/** Null: no structure is so. */
function wayOf({ name, modifier }: SearchParameter, written: string): Way | null {
  const value = unescapeValue(written)
  if (modifier !== null && name !== 'partof') throw new GatewayError('BAD_REQUEST')
  switch (name) {
    case '_id':
      return numbered(finessOfId(value))
    case '_lastUpdated': {
      const { fromMs, untilMs } = spanOf(value, 'UTC')
      return { ask: {}, meant: [(_one, atMs) => atMs >= (fromMs ?? -Infinity) && atMs < (untilMs ?? Infinity)] }
    }
    case 'identifier':
      return numbered(numberOf(written))
    case 'name':
      return { ask: { name: value }, meant: [] }
    case 'address-city':
      return { ask: { commune: value }, meant: [] }
    case 'address-postalcode':
      return { ask: { postcode: value }, meant: [] }
    default: {
      if (modifier !== null && modifier !== 'identifier' && modifier !== 'Organization')
        throw new GatewayError('BAD_REQUEST')
      const ej = modifier === 'identifier' ? numberOf(written) : finessOfId(value.replace(/^.*\//, ''))
      return ej === null ? null : { ask: { words: ej }, meant: [(one) => one.ej === ej] }
    }
  }
}

function numberOf(written: string): string | null {
  return NUMBER.exec(readToken(written).value?.toUpperCase() ?? '')?.[1] ?? null
}

/** A number finds the one and what is under it: here the one is meant. */
function numbered(finess: string | null): Way | null {
  return finess === null ? null : { ask: { words: finess }, meant: [(one) => one.finess === finess] }
}
