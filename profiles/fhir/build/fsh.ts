/** Compiles `profiles/fhir/fsh` with SUSHI, in memory, on the R4 definitions of npm: nothing is fetched, nothing is written. */

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expandValueSet, extensional, type Terminology } from '../../../src/formats/fhir/definitions/expand.ts'
import { trimCodeSystem, trimStructure } from '../../../src/formats/fhir/definitions/trim.ts'
import { type JsonObject, object, objects } from '../../../src/formats/fhir/json-value.ts'
import { linesOf } from './lines.ts'
import { r4Terminology } from './r4.ts'
import { resourcesOf } from './r4-source.ts'

/** Address of our profiles: `.example` is kept by RFC 2606, so that nobody else can own it, and names no region. */
export const CANONICAL = 'https://passerelle.example/fhir'

const FOLDER = fileURLToPath(new URL('../fsh/', import.meta.url))
const PACKAGE = { name: 'hl7.fhir.r4.core', version: '4.0.1' }

interface Artifact {
  /** Of an instance: `Inline` is carried by another and is no example of its own. */
  readonly _instanceMeta?: { readonly usage?: string }
  toJSON(snapshot: boolean): JsonObject
}
interface Message {
  readonly message: string
  readonly location?: { readonly startLine: number }
  readonly input?: string
}
interface Definitions {
  findResourceInfo(key: string, options?: object): unknown
  findResourceInfos(key: string, options?: object): unknown
  loadVirtualPackage(one: {
    getPackageJSON(): typeof PACKAGE
    getResourceByKey(key: string): JsonObject | undefined
    registerResources(register: (key: string, resource: JsonObject) => void): Promise<void>
  }): Promise<string>
}
type Compiled = Record<'profiles' | 'extensions' | 'instances' | 'valueSets' | 'codeSystems', Artifact[]>

/** The parts of SUSHI that are used; its own types lean on packages that we do not have. */
interface Sushi {
  readonly fhirdefs: { createFHIRDefinitions(): Promise<Definitions> }
  readonly sushiImport: { readonly RawFSH: new (text: string, path: string) => object }
  readonly sushiExport: { exportFHIR(tank: object, definitions: Definitions): Compiled }
  readonly utils: {
    readonly logger: { readonly transports: readonly { silent: boolean }[] }
    readonly errorsAndWarnings: {
      shouldTrack: boolean
      readonly errors: readonly Message[]
      readonly warnings: readonly Message[]
      reset(): void
    }
    fillTank(texts: readonly object[], config: object): { checkDuplicateNameEntities(): void }
  }
}

/** Our FSH by path under its folder, in the order of their names. */
export function fshSources(): Map<string, string> {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.fsh'))
  return new Map(
    paths
      .map((path) => path.replaceAll('\\', '/'))
      .sort()
      .map((path) => [path, readFileSync(FOLDER + path, 'utf8')]),
  )
}

/** Texts for people, which SUSHI would copy into every element a dozen times over. */
const WORDS = [
  'definition',
  'comment',
  'requirements',
  'alias',
  'mapping',
  'example',
  'meaningWhenMissing',
  'isModifierReason',
]

function wordless(definition: JsonObject): JsonObject {
  const { text: _text, mapping: _mapping, ...rest } = definition
  for (const part of ['snapshot', 'differential']) {
    const elements = objects(object(rest[part])?.['element'])
    for (const element of elements) for (const name of WORDS) delete element[name]
  }
  return rest
}

let base: Promise<Definitions> | null = null

async function loadBase(sushi: Sushi): Promise<Definitions> {
  const definitions = await sushi.fhirdefs.createFHIRDefinitions()
  const files = ['profiles-types', 'profiles-resources', 'extension-definitions']
  const resources = new Map(
    files.flatMap(resourcesOf).map((one) => [`${one['resourceType']}/${one['id']}`, wordless(one)]),
  )
  await definitions.loadVirtualPackage({
    getPackageJSON: () => PACKAGE,
    getResourceByKey: (key) => resources.get(key),
    registerResources: async (register) => {
      for (const [key, one] of resources) register(key, one)
    },
  })
  rememberLookups(definitions)
  return definitions
}

/** What is loaded does not change: a question asked again is not taken to the database, where a third of the time went. */
function rememberLookups(definitions: Definitions): void {
  for (const name of ['findResourceInfo', 'findResourceInfos'] as const) {
    const look = definitions[name].bind(definitions)
    const known = new Map<string, unknown>()
    definitions[name] = (key, options) => {
      const question = JSON.stringify([key, options])
      if (!known.has(question)) known.set(question, look(key, options))
      return known.get(question)
    }
  }
}

function said({ message, location, input }: Message): string {
  return `${input ?? ''}${location === undefined ? '' : `:${location.startLine}`}: ${message}`
}

/**
 * What SUSHI makes of the sources.
 * @throws {Error} with every error and warning of SUSHI, each with its file and line */
export async function compileFsh(sources: ReadonlyMap<string, string>): Promise<Compiled> {
  const sushi = createRequire(import.meta.url)('fsh-sushi') as Sushi
  const { logger, errorsAndWarnings } = sushi.utils
  for (const transport of logger.transports) transport.silent = true
  errorsAndWarnings.reset()
  errorsAndWarnings.shouldTrack = true
  const definitions = await (base ??= loadBase(sushi))
  const config = { canonical: CANONICAL, version: '1.0.0', fhirVersion: ['4.0.1'], FSHOnly: true }
  const tank = sushi.utils.fillTank(
    [...sources].map(([path, text]) => new sushi.sushiImport.RawFSH(text, path)),
    config,
  )
  tank.checkDuplicateNameEntities()
  const compiled = sushi.sushiExport.exportFHIR(tank, definitions)
  const wrong = [...errorsAndWarnings.errors, ...errorsAndWarnings.warnings]
  if (wrong.length > 0) throw new Error(`SUSHI says:\n${wrong.map(said).join('\n')}`)
  return compiled
}

function json(artifacts: readonly Artifact[]): JsonObject[] {
  return artifacts.map((one) => one.toJSON(true))
}

/** The files of `profiles/fhir/compiled` by name: definitions with their snapshot, sets as lists of codes, our code systems. */
export function compiledFiles(compiled: Compiled): Map<string, string> {
  const [sets, systems] = [json(compiled.valueSets), json(compiled.codeSystems)]
  const r4 = r4Terminology()
  const terminology: Terminology = {
    valueSet: (canonical) => sets.find(({ url }) => url === canonical) ?? r4.valueSet(canonical),
    codeSystem: (canonical) => systems.find(({ url }) => url === canonical) ?? r4.codeSystem(canonical),
  }
  const listed = sets.map((set) => {
    const codes = expandValueSet(set, terminology)
    if (codes === null) throw new Error(`${set['url']} cannot be listed offline`)
    return extensional(set, codes)
  })
  const trimmed = (definitions: readonly JsonObject[]): string =>
    linesOf(definitions.map((one) => trimStructure(one, { keepHuman: true })))
  return new Map([
    ['profiles.json', trimmed(json(compiled.profiles))],
    ['extensions.json', trimmed(json(compiled.extensions))],
    ['valuesets.json', linesOf(listed)],
    ['codesystems.json', linesOf(systems.map(trimCodeSystem))],
  ])
}

/** The examples by file name, as people read them. */
export function exampleFiles(compiled: Compiled): Map<string, string> {
  const whole = compiled.instances.filter(({ _instanceMeta }) => _instanceMeta?.usage !== 'Inline')
  return new Map(json(whole).map((one) => [`${one['id']}.json`, `${JSON.stringify(one, null, 2)}\n`]))
}
