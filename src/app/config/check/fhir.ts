import { isResourceType } from '../../../formats/fhir/resource-types.ts'
import type { Loaded } from '../../fhir-definitions.ts'
import { error, type Fault } from '../problem.ts'
import type { WrittenRegion } from '../written.ts'

const R4_TYPE = 'http://hl7.org/fhir/StructureDefinition/'

/**
 * Types that R4 does not have, profiles that are not loaded or are for other types, and files of definitions that cannot be
 * used. `loaded` takes some time, and is asked only where profiles are named or the region brings packages. */
export function fhirFaults({ fhir }: WrittenRegion, packages: boolean, loaded: () => Loaded): Fault[] {
  const named = Object.entries(fhir?.profiles ?? {})
  if (named.length === 0 && !packages) return []
  const { profiles: known, problems } = loaded()
  const types = new Map(known.map(({ url, type }) => [url, type]))
  const files = problems.map(({ severity, file, message }) => ({
    ...error(['fhir'], 'BAD_DEFINITIONS', `${file}: ${message}`),
    severity,
  }))
  return [...files, ...named.flatMap(([type, profiles]) => profileFaults(type, profiles, types))]
}

function profileFaults(type: string, profiles: readonly string[], types: ReadonlyMap<string, string>): Fault[] {
  const at = ['fhir', 'profiles', type]
  if (!isResourceType(type)) {
    return [{ ...error(at, 'BAD_VALUE', `${type} is no resource type of FHIR R4`), onKey: true }]
  }
  return profiles.flatMap((canonical, i): Fault[] => {
    const known = types.get(canonical)
    if (canonical === R4_TYPE + type || known === type) return []
    const why = known === undefined ? 'no such profile is loaded' : `this profile is for ${known}`
    return [error([...at, i], 'UNKNOWN_PROFILE', why)]
  })
}
