/** A change of identifiers as a FHIRPath Patch of a Patient (fhirpatch.html): written for an A47, and read back. */
import { RELIABILITY } from '../fhir/identity-reliability.ts'
import { emptyObject, type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import { isInsIdentifier, typeCodes } from '../identifiers/fhir-form.ts'
import { INS_AUTHORITIES } from '../identifiers/ins.ts'

/** One identifier takes the place of another, or an INS goes (PAM FR §4.4). */
export interface IdentifierPatch {
  /** The former Identifier; has system and value. */
  readonly old: JsonObject
  /** What the patient goes by instead; none: the old one is deleted, and with an INS every INS. */
  readonly now: readonly JsonObject[]
  /** The extension that says how the identity stands from now on; null: nothing is said of it. */
  readonly reliability: JsonObject | null
}

/** Its operations. Done twice they change nothing more. */
export function operationsOf({ old, now, reliability }: IdentifierPatch): JsonObject[] {
  const changes = now.length > 0 ? exchanged(old, now) : deleted(old)
  return [...changes, ...(reliability === null ? [] : restated(reliability))]
}

/** The new ones stand there once, and the old one as old. */
function exchanged(old: JsonObject, identifiers: readonly JsonObject[]): JsonObject[] {
  const all = [...identifiers, old]
  return [...all.map(gone), ...all.map((one) => operation('add', 'Patient', 'identifier', { valueIdentifier: one }))]
}

/** The patient's reliability as it is told, instead of what stands there. */
function restated(reliability: JsonObject): JsonObject[] {
  return [
    operation('delete', RELIABILITY_PATH),
    operation('add', 'Patient', 'extension', { part: partsOfExtension(reliability) }),
  ]
}

/** An extension as Parameters can hold it: they have no value of that type (fhirpatch.html). */
function partsOfExtension(extension: JsonObject): JsonObject[] {
  return Object.entries(extension).flatMap(([name, value]): JsonObject[] => {
    if (name === 'url') return [{ name, valueUri: value }]
    if (name === 'extension') return objects(value).map((one) => ({ name, part: partsOfExtension(one) }))
    return [{ name: 'value', [name]: value }]
  })
}

function extensionOfParts(parts: readonly JsonObject[]): JsonObject {
  const extension = emptyObject()
  const nested = parts.filter(({ name }) => name === 'extension').map(({ part }) => extensionOfParts(objects(part)))
  if (nested.length > 0) extension['extension'] = nested
  for (const { name, ...value } of parts) {
    if (name === 'url') extension['url'] = value['valueUri'] ?? ''
    if (name === 'value') Object.assign(extension, value)
  }
  return extension
}

/** With an INS, which its type may say alone, every INS of the patient goes. */
function deleted(old: JsonObject): JsonObject[] {
  if (!isInsIdentifier(old) && !typeCodes(old).includes('INS')) return [gone(old)]
  return [gone(old), ...INS_SYSTEMS.map((system) => operation('delete', `${BY_SYSTEM}${quoted(system)})`))]
}

const INS_SYSTEMS: readonly string[] = INS_AUTHORITIES.map(({ oid }) => `urn:oid:${oid}`)
const BY_SYSTEM = 'Patient.identifier.where(system = '
const RELIABILITY_PATH = `Patient.extension.where(url = ${quoted(RELIABILITY)})`

function gone(identifier: JsonObject): JsonObject {
  const { system, value } = named(identifier)
  return operation('delete', `${BY_SYSTEM}${quoted(system)} and value = ${quoted(value)})`)
}

function operation(type: string, path: string, name?: string, value?: JsonObject): JsonObject {
  const part = [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
    ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
    ...(value === undefined ? [] : [{ name: 'value', ...value }]),
  ]
  return { name: 'operation', part }
}

/** A string of FHIRPath. */
function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}

function named(identifier: JsonObject): { system: string; value: string } {
  return { system: text(identifier['system']) ?? '', value: text(identifier['value']) ?? '' }
}

const keyOf = (identifier: JsonObject): string => JSON.stringify(named(identifier))

/**
 * What a Parameters resource of such operations says; null when an operation is another, or they say no change of one
 * identifier. */
export function patchOf(parameters: JsonObject): IdentifierPatch | null {
  const said = { gone: [] as JsonObject[], systems: [] as string[], added: [] as JsonObject[] }
  const extensions: (JsonObject | null)[] = []
  for (const one of objects(parameters['parameter'])) {
    const step = one['name'] === 'operation' ? stepOf(objects(one['part'])) : null
    if (step === null) return null
    if ('gone' in step) said.gone.push(step.gone)
    else if ('system' in step) said.systems.push(step.system)
    else if ('added' in step) said.added.push(step.added)
    else extensions.push(step.extension)
  }
  const now = said.added.filter(({ use }) => use !== 'old')
  const formerly = said.added.filter(({ use }) => use === 'old')
  const kept = new Set(now.map(keyOf))
  const olds = new Map(
    [...said.gone, ...formerly].filter((one) => !kept.has(keyOf(one))).map((one) => [keyOf(one), one]),
  )
  const [old, another] = olds.values()
  if (old === undefined || another !== undefined) return null
  if (!said.gone.some((one) => keyOf(one) === keyOf(old)) || [old, ...now].some(isNameless)) return null
  const isWhole = INS_SYSTEMS.every((system) => said.systems.includes(system))
  // With the null in PID-3 receivers delete every INS: a patch that deletes one of several says less.
  const insGoes = now.length === 0 && isInsIdentifier(old)
  if (insGoes ? !isWhole : said.systems.length > 0) return null
  const [before, reliability = null, ...more] = extensions
  if (more.length > 0 || (before !== undefined && (before !== null || reliability === null))) return null
  return { old, now, reliability }
}

function isNameless(identifier: JsonObject): boolean {
  const { system, value } = named(identifier)
  return system === '' || value === ''
}

type Step =
  | { readonly gone: JsonObject }
  | { readonly system: string }
  | { readonly added: JsonObject }
  /** Null: the one that stands there goes. */
  | { readonly extension: JsonObject | null }

const STRING = "'((?:[^'\\\\]|\\\\[\\\\'])*)'"
const DELETED = new RegExp(`^Patient\\.identifier\\.where\\(system = ${STRING}(?: and value = ${STRING})?\\)$`)

function stepOf(part: readonly JsonObject[]): Step | null {
  const at = (name: string): JsonObject | undefined => part.find((one) => one['name'] === name)
  const type = at('type')?.['valueCode']
  const path = text(at('path')?.['valueString']) ?? ''
  const value = at('value')
  if (type === 'add' && path === 'Patient') {
    const name = at('name')?.['valueString']
    const identifier = object(value?.['valueIdentifier'])
    if (name === 'identifier' && identifier !== null) return { added: identifier }
    const extension = name === 'extension' ? extensionOfParts(objects(value?.['part'])) : null
    return extension?.['url'] === RELIABILITY ? { extension } : null
  }
  if (type !== 'delete') return null
  if (path === RELIABILITY_PATH) return { extension: null }
  const [found, system, single] = DELETED.exec(path) ?? []
  if (found === undefined) return null
  const plain = (quotedText: string): string => quotedText.replace(/\\(.)/g, '$1')
  if (single !== undefined) return { gone: { system: plain(system!), value: plain(single) } }
  return INS_SYSTEMS.includes(plain(system!)) ? { system: plain(system!) } : null
}
