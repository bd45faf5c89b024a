import { isResourceType } from '../../../formats/fhir/resource-types.ts'
import { error, type Fault } from '../problem.ts'
import type { WrittenRegion } from '../written.ts'

const R4_TYPE = 'http://hl7.org/fhir/StructureDefinition/'

/** Types that R4 does not have, and profiles that are not loaded or are for other types. `loaded` is asked only where profiles are named. */
export function fhirFaults(
  { fhir }: WrittenRegion,
  loaded: () => readonly { readonly url: string; readonly type: string }[],
): Fault[] {
  const named = Object.entries(fhir?.profiles ?? {})
  if (named.length === 0) return []
  const types = new Map(loaded().map(({ url, type }) => [url, type]))
  return named.flatMap(([type, profiles]): Fault[] => {
    const at = ['fhir', 'profiles', type]
    if (!isResourceType(type)) {
      return [{ ...error(at, 'BAD_VALUE', `${type} is no resource type of FHIR R4`), onKey: true }]
    }
    return profiles.flatMap((canonical, i): Fault[] => {
      if (canonical === R4_TYPE + type || types.get(canonical) === type) return []
      const known = types.get(canonical)
      const why = known === undefined ? 'no such profile is loaded' : `this profile is for ${known}`
      return [error([...at, i], 'UNKNOWN_PROFILE', why)]
    })
  })
}
