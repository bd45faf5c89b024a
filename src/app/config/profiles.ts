import type { CodeTable } from '../../core/config.ts'
import { COSTS, EXPECTED } from '../../formats/measures/costs.ts'
import { REPORT_WORDS } from '../../formats/report/words.ts'
import { tableName } from './check/routes.ts'
import { error, type Fault } from './problem.ts'
import { mapNames, readMap, readTable } from './profile-files.ts'
import { RuleFiles, tablesNamed, unknownRules } from './rule-files.ts'
import { ServiceFiles } from './service-files.ts'
import { type SharedJson, sharedJson, type UsedProfiles } from './shared.ts'
import type { WrittenRegion, WrittenRoute, WrittenService } from './written.ts'

/** Table of what codes of observations and notes are to a case: a name of a time, or `biology`. */
export const CASE_OBSERVATIONS = 'case-observations'
/** Every table that is taken with cases without being named: those of the region's own words, costs and expected numbers too. */
const CASE_TABLES: readonly string[] = [CASE_OBSERVATIONS, REPORT_WORDS, COSTS, EXPECTED]

/** Services and tables shipped or standing beside the region file, each read once. */
export class Profiles {
  readonly #folders: readonly string[]
  readonly #services: ServiceFiles
  readonly #tables = new Map<string, ReturnType<typeof readTable>>()
  readonly #maps = new Map<string, ReturnType<typeof readMap>>()
  readonly #rules: RuleFiles

  constructor(folders: readonly string[]) {
    this.#folders = folders
    this.#services = new ServiceFiles(folders)
    this.#rules = new RuleFiles(folders)
  }

  #table(name: string): ReturnType<typeof readTable> {
    const table = this.#tables.get(name) ?? readTable(this.#folders, name)
    this.#tables.set(name, table)
    return table
  }

  /** What is wrong with a table, or null. */
  tableProblem(name: string): { found: boolean; message: string } | null {
    const table = this.#table(name)
    return table.ok ? null : table
  }

  #map(name: string): ReturnType<typeof readMap> {
    const map = this.#maps.get(name) ?? readMap(this.#folders, name)
    this.#maps.set(name, map)
    return map
  }

  /** What is wrong with a table of an edit, or null. */
  mapProblem(name: string): { found: boolean; message: string } | null {
    const map = this.#map(name)
    return map.ok ? null : map
  }

  /** Names of the services of the folders. */
  serviceNames(): string[] {
    return this.#services.names()
  }

  /** Faults of the service files themselves, told at `services`. `establishments`: ids of the region. */
  faults(region: WrittenRegion, establishments: ReadonlySet<string>): Fault[] {
    const inFiles = this.#services.problems({
      own: region.services,
      establishments,
      tableProblem: (name) => this.tableProblem(name),
    })
    return [...inFiles.map((message) => error(['services'], 'BAD_SERVICE', message)), ...this.#ruleFaults(region)]
  }

  /** Faults of the rule files, told at `rules`, and rules that the region speaks of and no file has. */
  #ruleFaults({ rules }: WrittenRegion): Fault[] {
    const files = this.#rules.written()
    const tables = new Map<string, CodeTable>()
    const unusable: string[] = []
    for (const name of new Set(tablesNamed(files))) {
      const table = this.#table(name)
      if (!table.ok && table.found) unusable.push(table.message)
      if (table.ok || table.found) tables.set(name, { codes: new Set(), prefixes: [] })
    }
    const inFiles = [...unusable, ...this.#rules.problems(tables)]
    // Where a file is not sound, its rules are not known.
    const unknown = inFiles.length > 0 ? [] : unknownRules(rules, files)
    return [
      ...inFiles.map((message) => error(['rules'], 'BAD_RULES', message)),
      ...unknown.map((id) => ({
        ...error(['rules', id], 'UNKNOWN_RULE', `no rule file has a rule ${id}`),
        onKey: true,
      })),
    ]
  }

  /** All services: the region file's own replace those of the folders by name; one without `kind` replaces the rule alone. */
  services(own: Readonly<Record<string, WrittenService>> = {}): Record<string, WrittenService> {
    const files = this.#services.written()
    const replaced = Object.entries(own).map(([name, service]) => {
      if (service.kind !== undefined) return [name, service]
      const { any: _any, all: _all, none: _none, ...care } = files[name] ?? { any: [], all: [], none: [] }
      return [name, { ...care, ...service }]
    })
    return { ...files, ...Object.fromEntries(replaced) }
  }

  /** What of the folders a file uses: services, their tables, and the tables of its edits. */
  used(written: WrittenRegion): UsedProfiles {
    const services = this.services(written.services)
    const ruleFiles = this.#rules.written()
    const tables = { ...this.tables(services), ...this.#codes(tablesNamed(ruleFiles)) }
    const routes = written.routes ?? []
    const maps = { ...this.maps(routes), ...this.#bridgeMaps(routes), ...this.#caseMaps(written) }
    return { services, tables, maps, ruleFiles }
  }

  /** Tables by which the region's codes go before those of the conversions: taken where a route converts. */
  #bridgeMaps(routes: readonly WrittenRoute[]): UsedProfiles['maps'] {
    if (routes.every(({ transform }) => transform === undefined)) return {}
    return this.#rows(mapNames(this.#folders).filter((name) => name.startsWith('bridge-')))
  }

  /** What codes of observations are to cases: taken where a service is offered. */
  #caseMaps({ telemedicine }: WrittenRegion): UsedProfiles['maps'] {
    if (Object.keys(telemedicine?.services ?? {}).length === 0) return {}
    return this.#rows(mapNames(this.#folders).filter((name) => CASE_TABLES.includes(name)))
  }

  /** What is wrong with the tables that are taken without being named, told at `routes` or `telemedicine`. */
  bridgeFaults(written: WrittenRegion): Fault[] {
    const faults = (names: UsedProfiles['maps'], at: string): Fault[] =>
      Object.keys(names).flatMap((name) => {
        const problem = this.mapProblem(name)
        return problem === null ? [] : [error([at], 'BAD_TABLE', problem.message)]
      })
    return [
      ...faults(this.#bridgeMaps(written.routes ?? []), 'routes'),
      ...faults(this.#caseMaps(written), 'telemedicine'),
    ]
  }

  /** Rows of every table that the edits name. */
  maps(routes: readonly WrittenRoute[]): UsedProfiles['maps'] {
    return this.#rows(
      routes.flatMap(({ edit = [] }) => edit.flatMap(({ table }) => (table === undefined ? [] : [table]))),
    )
  }

  #rows(names: readonly string[]): UsedProfiles['maps'] {
    return Object.fromEntries(
      names.map((name) => {
        const map = this.#map(name)
        return [name, map.ok ? Object.fromEntries(map.rows) : {}]
      }),
    )
  }

  /** Codes of every table that the services name. */
  tables(services: Readonly<Record<string, WrittenService>>): Record<string, readonly string[]> {
    const names = Object.values(services).flatMap(({ any = [], all = [], none = [] }) =>
      [...any, ...all, ...none].map((condition) => tableName(condition.in)).filter((name) => name !== null),
    )
    return this.#codes(names)
  }

  #codes(names: readonly string[]): Record<string, readonly string[]> {
    return Object.fromEntries(
      names.map((name) => {
        const table = this.#table(name)
        return [name, table.ok ? table.codes : []]
      }),
    )
  }
}

/** The shared part of a region without establishments: what the folders ship holds, and nothing is asked beside it. */
export function emptyRegion(folders: readonly string[]): SharedJson {
  const written = { region: { name: '-' }, establishments: [] } as unknown as WrittenRegion
  const none = { hash: () => '', jwks: () => '' }
  return sharedJson(written, new Profiles(folders).used({ ...written, services: {}, routes: [] }), none)
}
