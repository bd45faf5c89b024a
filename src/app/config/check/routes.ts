import { PLATFORM } from '../../../core/message.ts'
import { parsePath } from '../../../formats/hl7v2/path.ts'
import { error, type Fault, type Path, warning } from '../problem.ts'
import type { WrittenRegion, WrittenService } from '../written.ts'
import { careFaults } from './care.ts'
import { type Known, present } from './sound.ts'

const FHIR_PATH = /^[A-Z][A-Za-z]+(\.[a-z][A-Za-z]*)+$/

/** What routes, services and establishments refer to and that is not there. Pure. `tableProblem` says what is wrong with
 * a table, or null. */
export function routeFaults(
  region: WrittenRegion,
  known: Known,
  tableProblem: (name: string) => { found: boolean; message: string } | null,
): Fault[] {
  const faults: Fault[] = []
  const establishment = (id: string, path: Path) => {
    if (known.establishments.has(id)) return
    faults.push(error(path, 'UNKNOWN_ESTABLISHMENT', `there is no establishment ${id}`))
  }
  const destination = (id: string, path: Path) => {
    if (id === PLATFORM || known.destinations.has(id)) return
    faults.push(error(path, 'UNKNOWN_DESTINATION', `there is no destination ${id}`))
  }
  for (const [i, one] of present(region.establishments)) {
    for (const [j, id] of present(one.sendsFor)) establishment(id, ['establishments', i, 'sendsFor', j])
    if (one.answersTo !== undefined) destination(`${one.id}/${one.answersTo}`, ['establishments', i, 'answersTo'])
    if (one.casesTo !== undefined) destination(`${one.id}/${one.casesTo}`, ['establishments', i, 'casesTo'])
  }
  const languages = spokenBy(region)
  for (const [i, route] of present(region.routes)) {
    for (const [j, id] of present(route.to)) {
      destination(id, ['routes', i, 'to', j])
      if (languages.get(id) !== 'DICOMweb') continue
      const message = `${id} is an archive of images: it takes no messages`
      faults.push(error(['routes', i, 'to', j], 'UNKNOWN_DESTINATION', message))
    }
    for (const [j, id] of present(route.when.from ?? [])) establishment(id, ['routes', i, 'when', 'from', j])
    const { service, paths, kinds } = route.when
    if (service !== undefined && !known.services.has(service)) {
      faults.push(error(['routes', i, 'when', 'service'], 'UNKNOWN_SERVICE', `there is no service ${service}`))
    }
    for (const path of Object.keys(paths ?? {}))
      faults.push(...pathFaults(path, ['routes', i, 'when', 'paths', path], true))
    const spoken = new Set(route.to.map((id) => languages.get(id)))
    const carried = new Set(kinds?.map((kind) => leavesAs(kind, route.transform)))
    if (carried.size === 1 && spoken.size === 1 && !spoken.has(undefined) && carried.isDisjointFrom(spoken)) {
      const message = `every kind is ${[...carried]} and every destination speaks ${[...spoken]}: nothing can take these messages`
      faults.push(warning(['routes', i, 'to'], 'NO_TAKER', message))
    }
  }
  for (const [name, service] of Object.entries(region.services)) {
    faults.push(...serviceFaults(service, ['services', name], tableProblem))
    faults.push(...careFaults(service, ['services', name], known.establishments))
  }
  return faults
}

/** Faults of one service's paths and tables. Pure. */
export function serviceFaults(
  service: WrittenService,
  at: Path,
  tableProblem: (name: string) => { found: boolean; message: string } | null,
): Fault[] {
  if (service.any.length + service.all.length === 0) {
    return [error(at, 'BAD_VALUE', 'a service needs a condition, under any or all')]
  }
  return (['any', 'all', 'none'] as const).flatMap((list) =>
    present(service[list]).flatMap(([i, condition]) => {
      const path = [...at, list, i]
      const faults = pathFaults(condition.path, [...path, 'path'], false)
      const name = tableName(condition.in)
      const problem = name === null ? null : tableProblem(name)
      if (problem) {
        faults.push(error([...path, 'in'], problem.found ? 'BAD_TABLE' : 'UNKNOWN_TABLE', problem.message))
      }
      return faults
    }),
  )
}

/** The table that `table:NAME` names, or null for a list of codes. */
export function tableName(values: string | readonly string[]): string | null {
  return typeof values === 'string' ? values.slice('table:'.length) : null
}

const SPOKEN = { mllp: 'HL7 v2', http: 'HL7 v2', fhir: 'FHIR', dicomweb: 'DICOMweb' } as const

/** What each destination speaks; `platform` and what is not there have no entry. */
export function spokenBy(region: WrittenRegion): ReadonlyMap<string, 'FHIR' | 'HL7 v2' | 'DICOMweb'> {
  const ways = present(region.establishments).flatMap(([, one]) =>
    Object.entries(one.destinations).map(([name, { type }]) => [`${one.id}/${name}`, type] as const),
  )
  return new Map(ways.map(([id, type]) => [id, SPOKEN[type]]))
}

/** The format in which a kind leaves by a route. */
function leavesAs(kind: string, transform: 'fhir' | 'hl7v2' | undefined): 'FHIR' | 'HL7 v2' {
  if (transform !== undefined) return transform === 'fhir' ? 'FHIR' : 'HL7 v2'
  return isFhir(kind) ? 'FHIR' : 'HL7 v2'
}

/** HL7 kinds hold `^` or are three capitals; the rest are FHIR types. */
export function isFhir(kind: string): boolean {
  return !/^[A-Z][A-Z0-9]{2}(\^|$)/.test(kind)
}

function pathFaults(text: string, path: Path, onKey: boolean): Fault[] {
  if (FHIR_PATH.test(text)) return []
  try {
    parsePath(text)
    return []
  } catch {
    const message = `${JSON.stringify(text)} is no path: PID-3.4, OBX(1)-5 or ServiceRequest.code are`
    return [{ ...error(path, 'BAD_PATH', message), onKey }]
  }
}
