/** OBX of tele-radiology: numbered `n.m` by OBX-4, where the m tell more of the same n. */
import type { Finding } from '../../core/message.ts'
import type { JsonObject } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Entry, type Loose, written } from './bundle.ts'
import { conceptOf } from './codes.ts'
import { VIEWER } from './imaging.ts'
import type { ObservationNames } from './observation-entries.ts'
import { VALUE_ELEMENTS, type ValueElements } from './observation-value.ts'
import { type Observed, observationWith, observed, type Shared, together } from './observations.ts'
import type { ObservationGroup, OrderGroup } from './order-groups.ts'
import { partOf, textAt } from './parts.ts'
import { PROFILES } from './profiles.ts'
import { lossFindings } from './unread.ts'

/** Extension of R4 on a bodySite: the BodyStructure that says it more closely. */
export const BODY_SITE = 'http://hl7.org/fhir/StructureDefinition/bodySite'
/** What has a place of its own in request, Task or study. */
const PLACED: ReadonlySet<string> = new Set([
  VIEWER,
  'MODALITE_IMAGERIE',
  'REGION_ANATOMIQUE',
  'CODE_ACTE_IMAGERIE',
  'PROTOCOLE_IMAGERIE',
])

/** The OBX with this code. */
export function valuesOf(message: Hl7Message, { observations }: OrderGroup, code: string): ObservationGroup[] {
  return observations.filter(({ obx }) => textAt(message, `${obx}-3`) === code)
}

/** Their values, as far as they are coded. */
export function codedValues(message: Hl7Message, group: OrderGroup, code: string): JsonObject[] {
  return valuesOf(message, group, code)
    .map(({ obx }) => conceptOf(partOf(message, `${obx}-5`)))
    .filter((one) => one !== null)
}

/** OBX of one code gathered by the n of their sub-id, in the order of their m; without sub-id each stands alone. */
function gathered(message: Hl7Message, observations: readonly ObservationGroup[]): ObservationGroup[][] {
  const found = new Map<string, { m: number; one: ObservationGroup }[]>()
  for (const [i, one] of observations.entries()) {
    const [, n, m = '1'] = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(textAt(message, `${one.obx}-4`)) ?? []
    const code = JSON.stringify([textAt(message, `${one.obx}-3`), textAt(message, `${one.obx}-3.3`)])
    const key = n === undefined ? `alone ${i}` : `${code} ${n}`
    const same = found.get(key) ?? []
    same.push({ m: Number(m), one })
    found.set(key, same)
  }
  return [...found.values()].map((same) => same.sort((a, b) => a.m - b.m).map(({ one }) => one))
}

/** Regions as bodySite; a topography makes a BodyStructure of it, for the side is no other name of the region. */
export function regionsIn(
  message: Hl7Message,
  group: OrderGroup,
  patient: JsonObject,
): { sites: Loose[]; contained: JsonObject[] } {
  const contained: JsonObject[] = []
  const regions = gathered(message, valuesOf(message, group, 'REGION_ANATOMIQUE'))
  const sites = regions.map(([region, ...closer]): Loose => {
    const location = conceptOf(partOf(message, `${region!.obx}-5`))
    const qualifiers = closer.map(({ obx }) => conceptOf(partOf(message, `${obx}-5`))).filter((one) => one !== null)
    if (location === null || qualifiers.length === 0) return location
    const id = `site-${contained.length + 1}`
    contained.push({ resourceType: 'BodyStructure', id, location, locationQualifier: qualifiers, patient })
    return { extension: [{ url: BODY_SITE, valueReference: { reference: `#${id}` } }], ...location }
  })
  return { sites, contained }
}

/**
 * All other OBX as Observations, the m of one n together. `partOf`: the study that they
 * are about. What a request tells of the patient is known, so its status is final though OBX-11 says O. */
export function clinicalEntries(
  message: Hl7Message,
  group: OrderGroup,
  names: ObservationNames,
  shared: Shared,
  study: JsonObject | null = null,
): Entry[] {
  return gathered(message, clinicalIn(message, group, study !== null)).map(([first, ...more]) => {
    const one = observed(message, first!, shared)
    const values = [first!, ...more].map((each) => valuesIn(observed(message, each, shared)))
    const { value, component } =
      more.length === 0 ? { value: {}, component: null } : together(one.members['code'], values)
    const isOrder = one.members['status'] === 'registered'
    return written(
      observationWith(one, names.of(message, first!), PROFILES.observation, {
        ...(isOrder ? { status: 'final' } : {}),
        partOf: study === null ? [] : [study],
        ...(component === null ? {} : { ...NO_VALUES, ...value, component }),
      }),
    )
  })
}

/** Clears the value of an Observation that has several. */
const NO_VALUES: Readonly<Record<string, Loose>> = Object.fromEntries(
  VALUE_ELEMENTS.map((name): [string, Loose] => [name, undefined]),
)

/** Which OBX are observations; the region too where it is that of a study. */
function clinicalIn(message: Hl7Message, group: OrderGroup, ofStudy: boolean): ObservationGroup[] {
  return group.observations.filter(({ obx }) => {
    const code = textAt(message, `${obx}-3`)
    return !PLACED.has(code) || (code === 'REGION_ANATOMIQUE' && ofStudy)
  })
}

/** Documents among them are told as lost: an Observation holds none. */
export function clinicalLosses(message: Hl7Message, group: OrderGroup): Finding[] {
  const documents = clinicalIn(message, group, false).filter(({ obx }) => textAt(message, `${obx}-2`) === 'ED')
  return lossFindings(documents.filter(({ obx }) => textAt(message, `${obx}-5.5`) !== '').map(({ obx }) => `${obx}-5`))
}

function valuesIn({ members }: Observed): ValueElements {
  const found = Object.entries(members).filter(([name, value]) => name.startsWith('value') && value !== undefined)
  return Object.fromEntries(found) as ValueElements
}
