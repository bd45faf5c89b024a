import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { NodeConfig } from '../../core/config.ts'
import { doorFaults } from './check/doors.ts'
import { identityFaults } from './check/identities.ts'
import { materialFaults } from './check/material.ts'
import { routeFaults } from './check/routes.ts'
import { knownNames, present, soundPart } from './check/sound.ts'
import { takeOutLater } from './later.ts'
import { materialReader, type ReadMaterial, type Reference, referenceText } from './material.ts'
import { nodeConfig } from './node.ts'
import { error, type Fault, type Path, type Problem } from './problem.ts'
import { profileFolders } from './profile-files.ts'
import { Profiles } from './profiles.ts'
import { configSchema } from './schema/region.ts'
import { type SharedJson, sharedJson } from './shared.ts'
import { readSource } from './source.ts'
import { validator } from './validate.ts'
import type { WrittenRegion } from './written.ts'

/** What a region file gives. `node` and `shared` are null when a problem is an error; `node` also when files are missing. */
export interface RegionReading {
  /** Everything wrong with the file, in the order of its lines. */
  readonly problems: readonly Problem[]
  readonly node: NodeConfig | null
  readonly shared: SharedJson | null
  /** Reads TLS material for `compileConfig`, from the region file's folder. */
  readonly read: ReadMaterial
}

/** How a file is read. */
export interface ReadOptions {
  /** Where the file is only checked, TLS material that is not there is a warning; else an error. */
  readonly missingMaterial?: 'error' | 'warning'
  /** The time certificates are judged at, ms since 1970; default now. */
  readonly nowMs?: number
}

const validate = validator(configSchema)

/**
 * Reads and checks a region file with the tables, services and TLS material it names. Reports everything at once and
 * throws nothing that the file can cause. */
export async function readRegion(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  options: ReadOptions = {},
): Promise<RegionReading> {
  const folder = dirname(resolve(path))
  const read = materialReader(folder, env)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (fault) {
    const message = `cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'unknown'})`
    const problem: Problem = { severity: 'error', line: 1, column: 1, at: '', code: 'UNREADABLE', message }
    return { problems: [problem], node: null, shared: null, read }
  }
  const source = readSource(text)
  if (source.problems.some(({ severity }) => severity === 'error')) {
    return { problems: source.problems, node: null, shared: null, read }
  }

  const { value } = source
  const faults = takeOutLater(value)
  const filled = structuredClone(value)
  faults.push(...validate(filled))
  const profiles = new Profiles(profileFolders(folder))
  const sound = soundPart(value, validate)
  if (sound) {
    const check = { read, nowMs: options.nowMs ?? Date.now(), missing: options.missingMaterial ?? 'error' }
    faults.push(
      ...identityFaults(sound),
      ...doorFaults(sound),
      ...profiles.faults(sound),
      ...routeFaults(sound, knownNames(value, profiles.serviceNames()), (name) => profiles.tableProblem(name)),
      ...materialFaults(sound, check),
      ...hashFaults(sound, read),
    )
  }

  const problems = [...source.problems, ...faults.map(source.locate)].sort(
    (a, b) => a.line - b.line || a.column - b.column,
  )
  if (!sound || problems.some(({ severity }) => severity === 'error'))
    return { problems, node: null, shared: null, read }
  const complete = problems.every(({ code }) => code !== 'FILE_MISSING')
  const written = value as WrittenRegion
  const services = profiles.services(written.services)
  return {
    problems,
    node: complete ? nodeConfig(filled as WrittenRegion, read) : null,
    shared: sharedJson(written, services, profiles.tables(services), (reference) => keyHash(reference, read)),
    read,
  }
}

function keyHash(reference: Reference, read: ReadMaterial): string {
  return typeof reference === 'string' ? reference : read(reference).trim()
}

/** References to hashes of keys that give nothing, or no hash. The text read is never shown: it may be the key. */
function hashFaults(region: WrittenRegion, read: ReadMaterial): Fault[] {
  const references: [Reference, Path][] = present(region.operators).map(([i, one]) => [
    one.keySha256,
    ['operators', i, 'keySha256'],
  ])
  for (const [i, one] of present(region.establishments)) {
    for (const [j, key] of present(one.senders.keys)) {
      references.push([key.keySha256, ['establishments', i, 'senders', 'keys', j, 'keySha256']])
    }
  }
  return references.flatMap(([reference, path]) => {
    try {
      if (/^[0-9a-f]{64}$/.test(keyHash(reference, read))) return []
      return [error(path, 'BAD_VALUE', `${referenceText(reference)} does not hold 64 lower-case hexadecimal digits`)]
    } catch {
      return [error(path, 'REFERENCE_EMPTY', `${referenceText(reference)} is not there`)]
    }
  })
}
