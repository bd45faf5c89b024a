/** Resources in their JSON form (FHIR R4 json.html §2.6.2, resource.html §2.27): is it one, and where is it none? */
import { bundleFaults } from './bundle.ts'
import { isObject, type JsonObject, type JsonValue, list, object } from './json-value.ts'
import type { FhirProblem, ProblemCode } from './problem.ts'
import { type JsonReading, parseStrict, parseStrictAsync } from './read-json.ts'
import { isResourceType } from './resource-types.ts'

export type { FhirProblem, ProblemCode } from './problem.ts'
export { isResourceType } from './resource-types.ts'

/** What was read. `type` and `resource` are there as far as they could be read; `ok` is true when there is no problem. */
export type ResourceReading =
  | { readonly ok: true; readonly type: string; readonly resource: JsonObject; readonly problems: readonly [] }
  | {
      readonly ok: false
      readonly type: string | null
      readonly resource: JsonObject | null
      readonly problems: readonly FhirProblem[]
    }

/** Problems listed at most; the rest is like them. */
const MAX_PROBLEMS = 50
/** Values judged before others run. */
const SLICE_VALUES = 20_000

const ID = /^[A-Za-z0-9\-.]{1,64}$/
const ELEMENT = /^_?[A-Za-z][A-Za-z0-9]{0,127}$/
/** A string has something to show, and of the control characters only tab, CR and LF (datatypes.html §2.24.0.1). */
const BLANK = /^[ \t\r\n]*$/
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f]/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const URI = /^\S+$/

/** Has it the form of an id (datatypes.html#id)? */
export function isId(text: string): boolean {
  return ID.test(text)
}

/**
 * Reads a resource from bytes, or judges a value already read: strict JSON, a type of R4, names and ids of the right
 * form, no empty string, array or object, null only beside an extension of a primitive, `meta` in its form, resources
 * inside likewise. Not the elements that the type or a profile asks for. Never throws. */
export function readResource(input: Buffer | JsonValue): ResourceReading {
  const judged = judge(Buffer.isBuffer(input) ? parseStrict(input) : { ok: true, value: input })
  if ('problems' in judged) return judged
  judged.run(Number.POSITIVE_INFINITY)
  return judged.reading()
}

/** The same from bytes; when they are many, others run meanwhile: no slice holds the thread over 50 ms. */
export async function readResourceAsync(bytes: Buffer): Promise<ResourceReading> {
  const judged = judge(await parseStrictAsync(bytes))
  if ('problems' in judged) return judged
  while (!judged.run(SLICE_VALUES)) await new Promise<void>((resolve) => setImmediate(resolve))
  return judged.reading()
}

function judge(read: JsonReading): ResourceReading | Judgement {
  if (!read.ok) {
    const tooLong = read.fault === 'depth' || read.fault === 'keys' || read.fault === 'values'
    const problem: FhirProblem = { error: read.code, code: tooLong ? 'too-long' : 'invalid', expression: read.at }
    return { ok: false, type: null, resource: null, problems: [problem] }
  }
  if (isObject(read.value)) return new Judgement(read.value)
  return { ok: false, type: null, resource: null, problems: [malformed('structure', '')] }
}

function malformed(code: ProblemCode, expression: string): FhirProblem {
  return { error: 'RESOURCE_MALFORMED', code, expression }
}

/** A value still to be judged, with its place; a resource, when one may stand there. */
interface Waiting {
  readonly value: JsonObject
  readonly place: string
  readonly role: 'root' | 'contained' | 'resource' | 'element'
}

/** Judges a resource value by value, so that the work can be cut into slices. */
class Judgement {
  readonly #resource: JsonObject
  readonly #problems: FhirProblem[] = []
  readonly #waiting: Waiting[]

  constructor(resource: JsonObject) {
    this.#resource = resource
    this.#waiting = [{ value: resource, place: '', role: 'root' }]
  }

  /** Judges about `budget` values; true when all are. */
  run(budget: number): boolean {
    let left = budget
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      left -= this.#object(next)
      if (this.#problems.length >= MAX_PROBLEMS) return true
      if (left < 0) return this.#waiting.length === 0
    }
    return true
  }

  reading(): ResourceReading {
    const resource = this.#resource
    const type = resource['resourceType']
    if (this.#problems.length === 0) return { ok: true, type: type as string, resource, problems: [] }
    return {
      ok: false,
      type: typeof type === 'string' && isResourceType(type) ? type : null,
      resource,
      problems: this.#problems,
    }
  }

  #problem(code: ProblemCode, expression: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(malformed(code, expression))
  }

  /** Judges an object and puts those inside it in line; returns how many values it looked at. */
  #object({ value, place, role }: Waiting): number {
    const names = Object.keys(value)
    if (names.length === 0) this.#problem('structure', place)
    let here = place
    if (role !== 'element' || 'resourceType' in value) {
      const type = this.#type(value, place, role)
      if (role === 'root') here = type
      this.#base(value, here)
      if (role === 'root' && type === 'Bundle') bundleFaults(value, (code, at) => this.#problem(code, at))
    }
    let seen = names.length
    for (const name of names) {
      const inner = value[name]!
      if (!ELEMENT.test(name)) this.#problem('structure', here)
      else if (Array.isArray(inner)) seen += this.#array(value, name, inner, here, role)
      else this.#single(inner, here, name, -1, role)
    }
    return seen
  }

  #type(value: JsonObject, place: string, role: Waiting['role']): string {
    const type = value['resourceType']
    const at = place === '' ? '%resource' : place
    if (type === undefined) this.#problem('required', `${at}.resourceType`)
    else if (typeof type !== 'string') this.#problem('structure', `${at}.resourceType`)
    else if (!isResourceType(type)) this.#problem('not-supported', `${at}.resourceType`)
    else if (role === 'element') this.#problem('structure', at)
    else return type
    return '%resource'
  }

  #array(parent: JsonObject, name: string, values: readonly JsonValue[], place: string, role: Waiting['role']): number {
    if (values.length === 0) this.#problem('structure', `${place}.${name}`)
    const beside = list(parent[name.startsWith('_') ? name.slice(1) : `_${name}`])
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!
      // A null keeps the place of a primitive that has only an extension, or of an extension that is not there.
      if (value !== null) this.#single(value, place, name, i, role)
      else if ((beside[i] ?? null) === null) this.#problem('structure', `${place}.${name}[${i}]`)
    }
    return values.length
  }

  /** `index` −1: it stands in no array. Places are made only when asked for: that is most of the time otherwise. */
  #single(value: JsonValue, place: string, name: string, index: number, role: Waiting['role']): void {
    const at = (): string => (index < 0 ? `${place}.${name}` : `${place}.${name}[${index}]`)
    if (typeof value === 'string') {
      if (BLANK.test(value) || CONTROLS.test(value)) this.#problem('value', at())
    } else if (isObject(value)) {
      this.#waiting.push({ value, place: at(), role: roleOf(name, value, role) })
    } else if (value === null || Array.isArray(value)) {
      this.#problem('structure', at())
    }
  }

  /** What every resource may have (resource.html, domainresource.html). */
  #base(resource: JsonObject, place: string): void {
    const { id, meta, contained, text } = resource
    if (id !== undefined && !(typeof id === 'string' && ID.test(id))) this.#problem('value', `${place}.id`)
    if (meta !== undefined) this.#meta(meta, `${place}.meta`)
    if (contained !== undefined && !Array.isArray(contained)) this.#problem('structure', `${place}.contained`)
    if (text !== undefined && !isObject(text)) this.#problem('structure', `${place}.text`)
    for (const name of ['extension', 'modifierExtension']) {
      if (resource[name] !== undefined && !Array.isArray(resource[name])) this.#problem('structure', `${place}.${name}`)
    }
  }

  #meta(value: JsonValue, place: string): void {
    const meta = object(value)
    if (meta === null) {
      this.#problem('structure', place)
      return
    }
    const { versionId, lastUpdated, source, profile, security, tag } = meta
    if (versionId !== undefined && !matches(ID, versionId)) this.#problem('value', `${place}.versionId`)
    if (lastUpdated !== undefined && !matches(INSTANT, lastUpdated)) this.#problem('value', `${place}.lastUpdated`)
    if (source !== undefined && !matches(URI, source)) this.#problem('value', `${place}.source`)
    if (profile !== undefined) {
      if (!Array.isArray(profile)) this.#problem('structure', `${place}.profile`)
      else if (!profile.every((one) => one === null || matches(URI, one))) this.#problem('value', `${place}.profile`)
    }
    for (const [name, codings] of Object.entries({ security, tag })) {
      if (codings === undefined) continue
      if (!Array.isArray(codings) || !codings.every(isObject)) this.#problem('structure', `${place}.${name}`)
    }
  }
}

/** A resource may stand in `contained` (but not in one that is contained itself), and in Bundle and Parameters. */
function roleOf(name: string, value: JsonObject, parent: Waiting['role']): Waiting['role'] {
  if (name === 'contained') return parent === 'contained' ? 'element' : 'contained'
  return name === 'resource' || name === 'outcome' ? ('resourceType' in value ? 'resource' : 'element') : 'element'
}

function matches(pattern: RegExp, value: JsonValue): boolean {
  return typeof value === 'string' && pattern.test(value)
}
