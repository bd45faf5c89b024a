/** The official FHIR packages that a region supplies: `profiles/packages/*.tgz` beside its file. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { PackedDefinition } from '../../formats/fhir/package/package.ts'
import {
  type LeftOut,
  PACKAGE_LIMITS,
  type PackageFault,
  type PackageLimits,
  readPackage,
} from '../../formats/fhir/package/package.ts'

/** Packages of one region, and the bytes of all of them together. */
const MAX_PACKAGES = 50

/** Something to tell about the files of definitions; an error keeps the file it names from being used. */
export interface DefinitionProblem {
  readonly severity: 'error' | 'warning'
  /** `profiles/packages/NAME.tgz`, and the file inside where there is one. */
  readonly file: string
  readonly message: string
}

/** A package in use. */
export interface UsedPackage {
  readonly file: string
  readonly name: string
  readonly version: string
  /** SHA-256 of the .tgz, in lower-case hex: nodes of one region must have the same. */
  readonly sha256: string
  readonly definitions: number
}

/** What the packages of the folders bring, in the order of their file names. */
export interface Packages {
  readonly used: readonly UsedPackage[]
  /** By canonical; of two with one canonical, that of the later file. */
  readonly definitions: ReadonlyMap<string, PackedDefinition>
  readonly problems: readonly DefinitionProblem[]
}

const MIB = 1024 * 1024

function faultText(fault: PackageFault, limits: PackageLimits): string {
  switch (fault) {
    case 'packed-size':
      return `is larger than ${limits.maxPackedBytes / MIB} MiB`
    case 'gzip':
      return 'is no gzip archive, or a damaged one'
    case 'size':
      return `unpacks to more than ${limits.maxBytes / MIB} MiB`
    case 'header':
      return 'is no tar archive, or a damaged one'
    case 'cut':
      return 'ends in the middle of a file'
    case 'name':
      return 'the name of this file leads out of the package, or stands twice'
    case 'kind':
      return 'this entry is a link or a device; a package has only files'
    case 'entries':
      return `has more than ${limits.maxEntries} files`
    case 'file-size':
      return `this file is larger than ${limits.maxFileBytes / MIB} MiB`
    case 'manifest':
      return 'is missing, or has no name and version'
    case 'fhir-version':
      return 'the package is not for FHIR R4 (fhirVersions must name 4.0.1)'
    case 'json':
      return 'this file is no JSON, or too large a one'
  }
}

const LEFT_OUT: Readonly<Record<LeftOut, string>> = {
  'no-snapshot': 'has no snapshot and is left out; supply the package as its publisher built it',
  'no-canonical': 'has no usable url and is left out',
  'fhir-version': 'is not for FHIR R4 and is left out',
}

/** Files of `packages` in the folders, by name; the first folder that has a name wins. */
function packageFiles(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const folder of folders) {
    for (const name of namesIn(join(folder, 'packages'))) {
      if (name.endsWith('.tgz') && !found.has(name)) found.set(name, join(folder, 'packages', name))
    }
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (fault) {
    if (['ENOENT', 'ENOTDIR'].includes((fault as NodeJS.ErrnoException).code ?? '')) return []
    throw fault
  }
}

/** The bytes of a file; of one that is too large only so many that this shows, of what is no file none. */
function bytesOf(path: string, maxBytes: number): Buffer {
  const stat = statSync(path)
  if (!stat.isFile()) return Buffer.alloc(0)
  return stat.size > maxBytes ? Buffer.alloc(maxBytes + 1) : readFileSync(path)
}

/** Reads the packages of the folders. What cannot be used is told, with the file; never throws for what is in a file. */
export function readPackages(folders: readonly string[], limits: PackageLimits = PACKAGE_LIMITS): Packages {
  const used: UsedPackage[] = []
  const definitions = new Map<string, PackedDefinition>()
  const problems: DefinitionProblem[] = []
  const files = packageFiles(folders)
  const needed = new Map<string, string>()
  for (const [name, path] of [...files].slice(0, MAX_PACKAGES)) {
    const file = `profiles/packages/${name}`
    const bytes = bytesOf(path, limits.maxPackedBytes)
    const reading = readPackage(bytes, limits)
    if (!reading.ok) {
      const place = reading.entry === '' ? file : `${file}: ${reading.entry}`
      problems.push({ severity: 'error', file: place, message: faultText(reading.fault, limits) })
      continue
    }
    for (const { entry, reason } of reading.leftOut) {
      problems.push({ severity: 'warning', file: `${file}: ${entry}`, message: LEFT_OUT[reason] })
    }
    for (const one of reading.definitions) definitions.set(one.url, one)
    for (const dependency of reading.dependencies) if (!needed.has(dependency)) needed.set(dependency, file)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    used.push({
      file: name,
      name: reading.name,
      version: reading.version,
      sha256,
      definitions: reading.definitions.length,
    })
  }
  if (files.size > MAX_PACKAGES) {
    problems.push({
      severity: 'error',
      file: 'profiles/packages',
      message: `has more than ${MAX_PACKAGES} packages; the last are not used`,
    })
  }
  return { used, definitions, problems: [...problems, ...missing(needed, used)] }
}

/** What packages lean on and is not there: R4 itself always is. */
function missing(needed: ReadonlyMap<string, string>, used: readonly UsedPackage[]): DefinitionProblem[] {
  const there = new Set(['hl7.fhir.r4.core', 'hl7.fhir.r4.expansions', ...used.map(({ name }) => name)])
  return [...needed]
    .filter(([name]) => !there.has(name))
    .map(([name, file]) => ({
      severity: 'warning',
      file,
      message: `leans on ${name}, which is not in profiles/packages: what that defines is not checked`,
    }))
}
