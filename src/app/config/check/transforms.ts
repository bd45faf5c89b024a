import { isConvertible } from '../../../formats/bridge/bridge.ts'
import { error, type Fault, warning } from '../problem.ts'
import type { WrittenRegion, WrittenRoute } from '../written.ts'
import { isFhir, spokenBy } from './routes.ts'
import { present } from './sound.ts'

const SPOKEN = { fhir: 'FHIR', hl7v2: 'HL7 v2' } as const

/** Routes whose `transform` no mapping, no destination or no edit goes with. Pure. */
export function transformFaults(region: WrittenRegion): Fault[] {
  const languages = spokenBy(region)
  return present(region.routes).flatMap(([i, route]) =>
    route.transform === undefined ? [] : faultsOf(route, route.transform, i, languages),
  )
}

function faultsOf(
  route: WrittenRoute,
  transform: 'fhir' | 'hl7v2',
  i: number,
  languages: ReturnType<typeof spokenBy>,
): Fault[] {
  const at = ['routes', i]
  const faults: Fault[] = []
  for (const [j, id] of present(route.to)) {
    const spoken = languages.get(id)
    if (spoken === undefined || spoken === SPOKEN[transform]) continue
    const message = `${id} speaks ${spoken}: messages transformed to ${transform} cannot go there`
    faults.push(error([...at, 'to', j], 'BAD_TRANSFORM', message))
  }
  if (transform === 'fhir' && route.edit.length > 0) {
    faults.push(
      error([...at, 'edit'], 'BAD_TRANSFORM', 'edits are of HL7 v2, and nothing of it is left after transform: fhir'),
    )
  }
  const { kinds } = route.when
  if (kinds === undefined) {
    const message = `without when.kinds, messages of kinds that have no conversion to ${transform} will be refused by this delivery`
    faults.push(warning([...at, 'transform'], 'NO_CONVERSION', message))
  }
  for (const [j, kind] of present(kinds ?? [])) {
    // What is in the format already goes as it came.
    if (isFhir(kind) === (transform === 'fhir') || isConvertible(kind, transform)) continue
    faults.push(
      error([...at, 'when', 'kinds', j], 'NO_CONVERSION', `there is no conversion of ${kind} to ${transform}`),
    )
  }
  return faults
}
