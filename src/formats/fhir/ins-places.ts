/** Where a resource bears an INS, and which of them may travel: those of identities that are qualified. Pure. */
import { isInsIdentifier, isNumberSystem, oidOf } from '../identifiers/fhir-form.ts'
import { carriesIns } from '../identifiers/identity-status.ts'
import { insAuthority } from '../identifiers/ins.ts'
import { reliabilityOf } from './identity-reliability.ts'
import { isObject, type JsonObject, type JsonValue, text } from './json-value.ts'

/** Names and indexes from the root. */
export type JsonPath = readonly (string | number)[]

/** One INS: an Identifier, or a condition (`Patient?identifier=…`) that names it. */
export interface InsPlace {
  /** Of what has to go when the INS may not travel. */
  readonly path: JsonPath
  /** `1.2.250.1.213.1.4.8`. */
  readonly authority: string
  readonly id: string
  /** Among the identifiers of a Patient, whose own status decides; all others go by what such a Patient says. */
  readonly ofPatient: boolean
  readonly qualified: boolean
  /**
   * It does not leave. Not so where it is all that says who the patient is, and nobody says that it may not travel: a
   * request about nobody is worse than a number whose status is not known. */
  readonly withheld: boolean
}

/** A Patient resource wherever it stands, and whether it carries its INS. */
export interface PatientPlace {
  readonly path: JsonPath
  readonly patient: JsonObject
  readonly qualified: boolean
}

/** An Identifier of a professional or structure. */
export interface NumberPlace {
  readonly path: JsonPath
  readonly identifier: JsonObject
}

/** What a walk over a resource finds. */
export interface Identities {
  readonly numbers: readonly NumberPlace[]
  readonly patients: readonly PatientPlace[]
  readonly ins: readonly InsPlace[]
}

/** INS (by `insKey`) that are known from elsewhere: of patients who are qualified, and of patients who are not. */
export interface KnownIns {
  readonly qualified: ReadonlySet<string>
  readonly denied: ReadonlySet<string>
}

const NOBODY: KnownIns = { qualified: new Set(), denied: new Set() }
const CONDITION = /(?:^|[?&])identifier=([^&]*)/
/** Members that hold a condition: a reference to resolve, and the conditions of a transaction's entry. */
const CONDITIONS: ReadonlySet<string> = new Set(['reference', 'ifNoneExist', 'url'])

/** The INS as a key of `known` and `unproved`. */
export function insKey({ authority, id }: Pick<InsPlace, 'authority' | 'id'>): string {
  return `${authority}|${id}`
}

/**
 * Every patient and INS of a resource and of all inside it. An INS outside a Patient (a logical or conditional reference)
 * is qualified when a qualified Patient of the same resource bears it, or is known to; what only a Patient that is not
 * qualified bears, here or known, may travel nowhere in the resource. */
export function identitiesOf(resource: JsonObject, known: KnownIns = NOBODY): Identities {
  const patients: PatientPlace[] = []
  const places: Found[] = []
  const numbers: NumberPlace[] = []
  const qualified = new Set(known.qualified)
  const denied = new Set(known.denied)
  const waiting: [value: JsonObject, at: Step | null][] = [[resource, null]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, at] = next
    const isPatient = value['resourceType'] === 'Patient'
    const reliable = isPatient && carriesIns(reliabilityOf(value))
    if (isPatient) patients.push({ path: pathOf(at), patient: value, qualified: reliable })
    for (const name in value) {
      const inner = value[name]!
      if (typeof inner === 'string') {
        const ins = CONDITIONS.has(name) ? insOfCondition(inner) : null
        if (ins !== null) {
          const only = name === 'reference' && !isObject(value['identifier'])
          places.push({ ...ins, path: pathOf({ up: at, step: name }), of: null, only })
        }
      } else if (Array.isArray(inner)) {
        const list: Step = { up: at, step: name }
        const own = isPatient && name === 'identifier'
        for (let i = 0; i < inner.length; i++) take(inner[i]!, { up: list, step: i }, own ? reliable : null, false)
      } else take(inner, { up: at, step: name }, null, name === 'identifier' && typeof value['reference'] !== 'string')
    }
  }
  const ins = places.map(({ of, only, ...one }): InsPlace => {
    const isQualified = of ?? qualified.has(insKey(one))
    const withheld = !isQualified && !(only && !denied.has(insKey(one)))
    return { ...one, ofPatient: of !== null, qualified: isQualified, withheld }
  })
  return { patients: patients.reverse(), ins: ins.reverse(), numbers: numbers.reverse() }

  /** `reliable`: of the Patient whose identifier it is, else null. `only`: nothing else of its reference leads anywhere. */
  function take(value: JsonValue, at: Step, reliable: boolean | null, only: boolean): void {
    if (!isObject(value)) return
    const system = value['system']
    const id = typeof system === 'string' ? text(value['value']) : null
    if (id === null || !isInsIdentifier(value)) {
      if (id !== null && isNumberSystem(system as string)) numbers.push({ path: pathOf(at), identifier: value })
      waiting.push([value, at])
      return
    }
    const authority = oidOf(text(value['system']) ?? '')
    if (reliable !== null) (reliable ? qualified : denied).add(insKey({ authority, id }))
    places.push({ path: pathOf(at), authority, id, of: reliable, only })
  }
}

/** An INS before all of the resource is known. `of`: whether the Patient that bears it is qualified; null: none does. */
interface Found extends Pick<InsPlace, 'path' | 'authority' | 'id'> {
  readonly of: boolean | null
  readonly only: boolean
}

/** The way to a value, from its end: paths are made only of what is found. */
interface Step {
  readonly up: Step | null
  readonly step: string | number
}

function pathOf(at: Step | null): JsonPath {
  const path: (string | number)[] = []
  for (let step = at; step !== null; step = step.up) path.push(step.step)
  return path.reverse()
}

function insOfCondition(written: string): { authority: string; id: string } | null {
  const token = CONDITION.exec(written)?.[1]
  if (token === undefined) return null
  let decoded: string
  try {
    decoded = decodeURIComponent(token.replaceAll('+', ' '))
  } catch {
    return null
  }
  for (const one of decoded.split(',')) {
    const bar = one.indexOf('|')
    const authority = oidOf(one.slice(0, Math.max(bar, 0)))
    if (insAuthority(authority) !== null) return { authority, id: one.slice(bar + 1) }
  }
  return null
}

/** Does a condition of a request (If-None-Exist) name an INS? Null when it does not. */
export function insOfQuery(query: string | null): { authority: string; id: string } | null {
  return query === null ? null : insOfCondition(query)
}

/** The path in the words of FHIRPath: `Bundle.entry[0].resource.identifier[1]`. */
export function expressionOf(resource: JsonObject, path: JsonPath): string {
  const root = text(resource['resourceType']) ?? '%resource'
  return path.reduce<string>(
    (place, step) => (typeof step === 'number' ? `${place}[${step}]` : `${place}.${step}`),
    root,
  )
}
