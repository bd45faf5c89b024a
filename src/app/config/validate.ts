import { Ajv, type ErrorObject } from 'ajv'
import { durationMs, sizeBytes } from '../../core/units.ts'
import { error, type Fault, type Path, type ProblemCode } from './problem.ts'
import { partFor } from './schema/part.ts'
import type { Bounds, Piece } from './schema/piece.ts'

/** Checks a value against a schema, fills its defaults in place, and returns every fault. */
export type Validate = (value: unknown) => Fault[]

/** Parts of a schema that were compiled, by their text, and the whole of it once there were too many. */
interface Compiled {
  readonly parts: Map<string, Validate>
  whole: Validate | null
}

const compiled = new WeakMap<Piece, Compiled>()
/** A start reads one region file, and what is kept of it: as many shapes of one schema. */
const MOST_PARTS = 3

/**
 * The check of a schema of pieces, compiled when it is used. Of the first values only what looks at them is compiled, which was a
 * quarter of a start; who goes on to judge others gets the whole. @throws {Error} there, if the schema itself is wrong */
export function validator(schema: Piece): Validate {
  return (value) => validatorFor(schema, [value])(value)
}

/** The same for values that are judged together, such as the files of a folder: compiled once for all of them. */
export function validatorFor(schema: Piece, values: readonly unknown[]): Validate {
  const own: Compiled = compiled.get(schema) ?? { parts: new Map(), whole: null }
  compiled.set(schema, own)
  if (own.whole !== null) return own.whole
  const part = partFor(schema, values)
  const text = JSON.stringify(part)
  const known = own.parts.get(text)
  if (known !== undefined) return known
  if (own.parts.size === MOST_PARTS) {
    own.whole = compile(schema)
    return own.whole
  }
  const made = compile(part)
  own.parts.set(text, made)
  return made
}

/** The same, whole. @throws {Error} if the schema itself is wrong */
export function compile(schema: Piece): Validate {
  // Small code matters less than a quick start: a schema judges one file.
  const code = { optimize: false }
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    verbose: true,
    allowUnionTypes: true,
    strictTypes: false,
    // Our own schemas, whose words the compiler of types and `strict` know: reading the schema of schemas took a fifth of the time.
    validateSchema: false,
    code,
  })
  ajv.addVocabulary(['what', 'peerSees'])
  ajv.addKeyword({ keyword: 'bounds', type: 'string', schemaType: 'object', validate: withinBounds, errors: false })
  const check = ajv.compile(schema)
  return (value) => (check(value) ? [] : (check.errors ?? []).flatMap((found) => faultOf(found)))
}

function withinBounds(bounds: Bounds, text: string): boolean {
  const measure = bounds.of === 'duration' ? durationMs : sizeBytes
  try {
    const value = measure(text)
    return value >= measure(bounds.min) && value <= measure(bounds.max)
  } catch {
    return true // the pattern says so already
  }
}

function faultOf(found: ErrorObject): Fault[] {
  const path = pointerPath(found.instancePath)
  const piece = (found.parentSchema ?? {}) as Piece
  const params = found.params as Record<string, unknown>
  // The name's own fault comes a second time, from the object that asks for it.
  if (found.propertyName !== undefined) return []
  switch (found.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty'])
      const known = Object.keys(piece.properties ?? {})
      return [onKey(path, key, 'UNKNOWN_KEY', `${JSON.stringify(key)} is no setting here${meant(key, known)}`)]
    }
    case 'propertyNames': {
      const key = String(params['propertyName'])
      return [onKey(path, key, 'BAD_VALUE', `${JSON.stringify(key)} is not ${piece.propertyNames?.what ?? 'a name'}`)]
    }
    case 'required':
      return [error(path, 'MISSING', `${params['missingProperty']} is missing`)]
    case 'type':
      return [error(path, 'WRONG_TYPE', `expected ${expected(piece)}, found ${kindOf(found.data)}`)]
    default:
      return [error(path, codeOf(found.keyword), sentence(found, piece))]
  }
}

function onKey(path: Path, key: string, code: ProblemCode, message: string): Fault {
  return { ...error([...path, key], code, message), onKey: true }
}

function codeOf(keyword: string): ProblemCode {
  return ['bounds', 'minimum', 'maximum'].includes(keyword) ? 'OUT_OF_BOUNDS' : 'BAD_VALUE'
}

function sentence(found: ErrorObject, piece: Piece): string {
  const shown = shownValue(found.data, piece)
  switch (found.keyword) {
    case 'bounds':
      return `${shown} is not between ${piece.bounds?.min} and ${piece.bounds?.max}`
    case 'minimum':
    case 'maximum':
      return `${shown} is not between ${piece.minimum} and ${piece.maximum}`
    case 'enum':
      return `${shown} is none of ${piece.enum?.join(', ')}`
    case 'pattern':
      return `${shown} is not ${piece.what ?? 'of the form asked for'}`
    case 'uniqueItems':
      return 'the same value stands here twice'
    case 'minItems':
    case 'minLength':
    case 'minProperties':
    case 'maxProperties':
      return `expected ${piece.what ?? 'something'}, found ${kindOf(found.data)}`
    default:
      return found.message ?? 'not allowed here'
  }
}

/** What is read by reference may have been written in full by mistake: its value is never repeated. */
function shownValue(value: unknown, piece: Piece): string {
  if (piece.properties?.['env']) return 'this'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function expected(piece: Piece): string {
  if (piece.what) return piece.what
  if (piece.type === 'string') return 'text (numbers go in quotes)'
  return (
    { array: 'a list', object: 'settings', integer: 'a whole number', number: 'a number', boolean: 'true or false' }[
      String(piece.type)
    ] ?? 'another type'
  )
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (value === '') return 'empty text'
  return (
    { string: 'text', number: 'a number', boolean: 'true or false', object: 'settings' }[typeof value as string] ??
    'something else'
  )
}

/** ` (did you mean x?)` for the nearest known key within two changes. */
function meant(key: string, known: readonly string[]): string {
  const near = known.map((name) => ({ name, far: changes(key.toLowerCase(), name.toLowerCase()) }))
  const best = near.sort((a, b) => a.far - b.far)[0]
  if (best && best.far <= 2) return ` (did you mean ${best.name}?)`
  return known.length > 0 && known.length <= 12 ? `; known: ${known.join(', ')}` : ''
}

function changes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}

function pointerPath(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
