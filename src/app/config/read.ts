import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { NodeConfig } from '../../core/config.ts'
import { hasPackages, loadedProfiles } from '../fhir-definitions.ts'
import { tracesFaults } from '../traces/settings.ts'
import { clientFaults } from './check/clients.ts'
import { destinationFaults } from './check/destinations.ts'
import { doorFaults } from './check/doors.ts'
import { editFaults } from './check/edits.ts'
import { fhirFaults } from './check/fhir.ts'
import { operatorFaults } from './check/grants.ts'
import { identityFaults } from './check/identities.ts'
import { jwksText } from './check/key-sets.ts'
import { mailFaults } from './check/mail.ts'
import { mailOperatorFaults } from './check/mail-operator.ts'
import { materialFaults } from './check/material.ts'
import { notifyFaults } from './check/notify.ts'
import { publishedFaults } from './check/published.ts'
import { routeFaults } from './check/routes.ts'
import { signInFaults, signInMaterialFaults } from './check/sign-in.ts'
import { knownNames, present, soundPart } from './check/sound.ts'
import { channelFaults, offerFaults } from './check/telemedicine.ts'
import { transformFaults } from './check/transforms.ts'
import { frameworkFaults } from './framework-files.ts'
import { takeOutLater } from './later.ts'
import { materialReader, type ReadMaterial, type Reference, referenceText } from './material.ts'
import { nodeConfig, ownText } from './node.ts'
import { error, type Fault, type Path, type Problem, pathText } from './problem.ts'
import { profileFolders } from './profile-files.ts'
import { Profiles } from './profiles.ts'
import { programmeFaults } from './programme-files.ts'
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
  /** What belongs to this node, as text by part (`entrances.mllp`, `store`, `drain`): equal text is an equal part. */
  readonly own: Readonly<Record<string, string>>
  /** The node's part again, with its files read anew. @throws {GatewayError} CONFIG_INVALID; absent when `node` is null */
  readonly renewed?: () => NodeConfig
  /** Reads TLS material for `compileConfig`, from the region file's folder. */
  readonly read: ReadMaterial
  /** Every file read through `read` so far, by absolute path. */
  readonly files: ReadonlySet<string>
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
  const files = new Set<string>()
  const read = materialReader(folder, env, files)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (fault) {
    const message = `cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'unknown'})`
    const problem: Problem = { severity: 'error', line: 1, column: 1, at: '', code: 'UNREADABLE', message }
    return { problems: [problem], node: null, shared: null, own: {}, read, files }
  }
  return regionOf(text, { folder, read, files }, options)
}

/** Where a text is taken to stand: the folder of its profiles, and what reads its material and notes the files. */
export interface RegionPlace {
  readonly folder: string
  readonly read: ReadMaterial
  readonly files: ReadonlySet<string>
}

/** The same for a text at hand. */
export function regionOf(text: string, { folder, read, files }: RegionPlace, options: ReadOptions = {}): RegionReading {
  const source = readSource(text)
  if (source.problems.some(({ severity }) => severity === 'error')) {
    return { problems: source.problems, node: null, shared: null, own: {}, read, files }
  }

  const { value } = source
  const faults = takeOutLater(value)
  const filled = structuredClone(value)
  const form = validate(filled)
  faults.push(...form)
  const folders = profileFolders(folder)
  const profiles = new Profiles(folders)
  const sound = soundPart(value, validate)
  if (sound) {
    const known = knownNames(value, profiles.serviceNames())
    const services = {
      establishments: known.establishments,
      names: known.services,
      services: profiles.services(sound.services),
    }
    const check = { read, nowMs: options.nowMs ?? Date.now(), missing: options.missingMaterial ?? 'error' }
    faults.push(
      ...identityFaults(sound),
      ...doorFaults(sound),
      ...tracesFaults(sound.traces),
      ...notEchoes(form, destinationFaults(sound)),
      ...profiles.faults(sound, known.establishments),
      ...frameworkFaults(folders),
      ...programmeFaults(folders),
      ...fhirFaults(sound, hasPackages(folders), () => loadedProfiles(folders)),
      ...routeFaults(sound, known, (name) => profiles.tableProblem(name)),
      ...operatorFaults(sound, known),
      ...notEchoes(
        form,
        editFaults(sound, (name) => profiles.mapProblem(name)),
      ),
      ...transformFaults(sound),
      ...profiles.bridgeFaults(sound),
      ...materialFaults(sound, check),
      ...notifyFaults(sound, known.establishments, check),
      ...offerFaults(sound, services),
      ...channelFaults(sound, services, check),
      ...mailFaults(sound.mail, check),
      ...mailOperatorFaults(sound, known, check),
      ...publishedFaults(sound),
      ...signInFaults(sound),
      ...signInMaterialFaults(sound, check),
      ...hashFaults(sound, read),
      ...clientFaults(sound, read),
    )
  }

  const problems = [...source.problems, ...faults.map(source.locate)].sort(
    (a, b) => a.line - b.line || a.column - b.column,
  )
  if (!sound || problems.some(({ severity }) => severity === 'error'))
    return { problems, node: null, shared: null, own: {}, read, files }
  const complete = problems.every(({ code }) => code !== 'FILE_MISSING')
  const written = placed(value as WrittenRegion, folder)
  const resolved = {
    hash: (reference: Reference) => keyHash(reference, read),
    jwks: (reference: Reference) => jwksText(reference, read),
  }
  const region = filled as WrittenRegion
  return {
    problems,
    node: complete ? nodeConfig(region, read) : null,
    shared: sharedJson(written, profiles.used(written), resolved),
    own: ownText(region),
    read,
    files,
    ...(complete && { renewed: () => nodeConfig(region, read) }),
  }
}

/** The region with the white list's file by its whole path: a revision is read without knowing whose folder it came from. */
function placed(region: WrittenRegion, folder: string): WrittenRegion {
  const { mail } = region
  if (mail?.whiteList?.file === undefined) return region
  const file = resolve(folder, mail.whiteList.file)
  return { ...region, mail: { ...mail, whiteList: { ...mail.whiteList, file } } }
}

/** What is missing only because its own value is at fault needs no second line. */
function notEchoes(form: readonly Fault[], faults: readonly Fault[]): Fault[] {
  const faulty = new Set(form.map(({ path }) => pathText(path)))
  return faults.filter(
    ({ code, path, message }) => code !== 'MISSING' || !faulty.has(pathText([...path, message.split(' ', 1)[0]!])),
  )
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
