/**
 * Reads a FHIR package (a `.tgz` as npm makes them, confluence "NPM Package Specification"): its definitions, trimmed, one on
 * each line, as the compiled files of the gateway hold theirs. Pure. */
import { gunzipSync } from 'node:zlib'
import { trimCodeSystem, trimStructure, trimValueSet } from '../definitions/trim.ts'
import { type JsonObject, list, object, text } from '../json-value.ts'
import { parseStrict } from '../read-json.ts'
import { readTar, type TarFault, type TarFile } from './tar.ts'

/** Bounds of one package. */
export interface PackageLimits {
  /** Size of the .tgz (bytes). */
  readonly maxPackedBytes: number
  /** Size of what is in it, all together (bytes): more is a bomb. */
  readonly maxBytes: number
  readonly maxEntries: number
  readonly maxFileBytes: number
}

const MIB = 1024 * 1024
/** The limits unless told otherwise: the national packages have some ten MiB. */
export const PACKAGE_LIMITS: PackageLimits = {
  maxPackedBytes: 32 * MIB,
  maxBytes: 128 * MIB,
  maxEntries: 20_000,
  maxFileBytes: 16 * MIB,
}

/** Why a package is refused: the archive, `package/package.json`, another FHIR than R4, or a file that is no JSON. */
export type PackageFault = TarFault | 'packed-size' | 'gzip' | 'size' | 'manifest' | 'fhir-version' | 'json'

/** Why a definition is left out while the rest of its package is used. */
export type LeftOut = 'no-snapshot' | 'no-canonical' | 'fhir-version'

/** A definition that a package brings. */
export interface PackedDefinition {
  readonly url: string
  readonly resourceType: 'StructureDefinition' | 'ValueSet' | 'CodeSystem'
  /** Type that a StructureDefinition constrains; '' for the others. */
  readonly type: string
  /** Its line. */
  readonly line: string
}

/** What a package holds, or what is wrong and with which file of it. */
export type PackageReading =
  | {
      readonly ok: true
      readonly name: string
      readonly version: string
      /** Packages that it leans on, by name; what they define is unknown unless they are there too. */
      readonly dependencies: readonly string[]
      readonly definitions: readonly PackedDefinition[]
      readonly leftOut: readonly { readonly entry: string; readonly reason: LeftOut }[]
    }
  | { readonly ok: false; readonly fault: PackageFault; readonly entry: string }

type Refused = Extract<PackageReading, { ok: false }>

/** Definitions stand directly in the folder; examples and others in folders of it. */
const CANDIDATE = /^package\/[^/]+\.json$/
const OURS = /"resourceType"\s*:\s*"(?:StructureDefinition|ValueSet|CodeSystem)"/
/** A canonical without version: not too long, and nothing in it that would break a line or a JSON text. */
export const CANONICAL: RegExp = /^[A-Za-z][A-Za-z0-9+.-]{0,20}:[^\s|"\\]{1,300}$/
const R4 = /^4\.0(\.|$)/
/** A code system of a whole country is larger than what a door takes. */
const JSON_LIMITS = { maxKeys: 4_000_000, maxValues: 8_000_000 }

/** Reads a package. Any bytes may come; never throws. */
export function readPackage(packed: Uint8Array, limits: PackageLimits = PACKAGE_LIMITS): PackageReading {
  if (packed.length > limits.maxPackedBytes) return refused('packed-size')
  const archive = unpacked(packed, limits.maxBytes)
  if (!Buffer.isBuffer(archive)) return archive
  const tar = readTar(archive, limits)
  if (!tar.ok) return tar
  const manifest = readManifest(tar.files.find(({ name }) => name === 'package/package.json'))
  if ('fault' in manifest) return manifest
  const definitions: PackedDefinition[] = []
  const leftOut: { entry: string; reason: LeftOut }[] = []
  for (const file of tar.files) {
    const read = CANDIDATE.test(file.name) ? readDefinition(file) : null
    if (read === null) continue
    if (typeof read === 'string') leftOut.push({ entry: file.name, reason: read })
    else if ('fault' in read) return read
    else definitions.push(read)
  }
  return { ok: true, ...manifest, definitions, leftOut }
}

function refused(fault: PackageFault, entry = ''): Refused {
  return { ok: false, fault, entry }
}

function unpacked(packed: Uint8Array, maxBytes: number): Buffer | Refused {
  try {
    return gunzipSync(packed, { maxOutputLength: maxBytes })
  } catch (fault) {
    return refused((fault as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'size' : 'gzip')
  }
}

function readJson({ bytes }: TarFile): JsonObject | null {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const reading = parseStrict(hasMark ? bytes.subarray(3) : bytes, JSON_LIMITS)
  return reading.ok ? object(reading.value) : null
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies: readonly string[]
}

function readManifest(file: TarFile | undefined): Manifest | Refused {
  const entry = 'package/package.json'
  const json = file === undefined ? null : readJson(file)
  const [name, version] = [text(json?.['name']), text(json?.['version'])]
  if (json === null || name === null || version === null) return refused('manifest', entry)
  if (!/^[a-z0-9][a-z0-9._-]{0,200}$/i.test(name) || !/^[a-z0-9][a-z0-9.+_-]{0,60}$/i.test(version)) {
    return refused('manifest', entry)
  }
  const releases = [...list(json['fhirVersions']), ...list(json['fhir-version-list'])]
  if (!releases.some((one) => typeof one === 'string' && R4.test(one))) return refused('fhir-version', entry)
  return { name, version, dependencies: Object.keys(object(json['dependencies']) ?? {}) }
}

/** The definition of a file; why it is left out; null for what is no definition, or one that is the gateway's own affair. */
function readDefinition(file: TarFile): PackedDefinition | LeftOut | Refused | null {
  if (!OURS.test(file.bytes.toString('latin1'))) return null
  const resource = readJson(file)
  if (resource === null) return refused('json', file.name)
  const resourceType = text(resource['resourceType'])
  if (resourceType !== 'StructureDefinition' && resourceType !== 'ValueSet' && resourceType !== 'CodeSystem')
    return null
  const url = text(resource['url'])
  if (url === null || !CANONICAL.test(url)) return 'no-canonical'
  const head = { url, resourceType, type: '' } as const
  if (resourceType === 'ValueSet') return { ...head, line: JSON.stringify(trimValueSet(resource)) }
  if (resourceType === 'CodeSystem') return { ...head, line: JSON.stringify(trimCodeSystem(resource)) }
  // R4's own types are never replaced, and logical models describe no FHIR.
  if (resource['derivation'] !== 'constraint' || resource['kind'] === 'logical') return null
  if (!R4.test(text(resource['fhirVersion']) ?? '4.0')) return 'fhir-version'
  if (list(object(resource['snapshot'])?.['element']).length === 0) return 'no-snapshot'
  const line = JSON.stringify(trimStructure(resource, { keepHuman: true }))
  return { ...head, type: text(resource['type']) ?? '', line }
}
