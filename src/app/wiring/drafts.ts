import { createHash } from 'node:crypto'
import type { ConfigDrafts, Draft, DraftProblem, DraftSource } from '../../core/configuration.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { ConfigCommands, Plan, PlanProblem } from '../../core/operations.ts'
import { materialReader, regionOf, type SharedJson, unmasked } from '../config/index.ts'
import { error, type Path } from '../config/problem.ts'
import { readSource as readYaml } from '../config/source.ts'
import type { OwnRegion, RegionSource } from './own-region.ts'

/** What drafts are made with. */
export interface DraftParts {
  readonly journal: Pick<Journal, 'revision' | 'revisionOf'>
  readonly region: Pick<OwnRegion, 'reread'>
  readonly place: RegionSource['place']
  readonly changes: ConfigCommands
}

/** A source as it was read: `shared` null when it has errors. */
interface Read {
  readonly shared: SharedJson | null
  readonly own: Readonly<Record<string, string>>
  readonly problems: readonly DraftProblem[]
}

/** Plans of a file, a text or an earlier revision, and applying exactly what was looked at. */
export function drafts(parts: DraftParts): ConfigDrafts {
  return {
    plan: async (source) => (await draftOf(source, parts)).draft,
    async apply(source, digest, how, who) {
      const { draft, read } = await draftOf(source, parts)
      if (draft.digest === null || draft.digest !== digest) return { changed: draft }
      return { applied: await parts.changes.apply({ shared: read.shared, own: read.own }, how, who) }
    },
  }
}

async function draftOf(source: DraftSource, parts: DraftParts): Promise<{ draft: Draft; read: Read }> {
  const read = await readSource(source, parts)
  const revision = parts.journal.revision()?.revision ?? null
  const { shared, own, problems } = read
  if (shared === null) return { draft: { plan: { ...NOTHING, revision }, problems, digest: null }, read }
  const plan = await parts.changes.plan({ shared, own })
  // What the second look alone sees (a text of another release) has no line.
  const wrong = plan.problems.filter(({ severity }) => severity === 'error')
  const told = problems.some(({ severity }) => severity === 'error') ? [] : wrong.map(located)
  const all = [...problems, ...told]
  const sound = all.every(({ severity }) => severity !== 'error')
  const digest = createHash('sha256').update(`${plan.revision} ${shared}`).digest('hex')
  return { draft: { plan, problems: all, digest: sound ? digest : null }, read }
}

const NOTHING: Omit<Plan, 'revision'> = {
  same: false,
  problems: [],
  changes: [],
  affected: [],
  orphans: [],
  restart: [],
}

async function readSource(source: DraftSource, { journal, region, place }: DraftParts): Promise<Read> {
  if (source.from === 'revision') {
    const stored = await journal.revisionOf(source.revision)
    if (stored === null) throw new GatewayError('NOT_FOUND')
    return { shared: stored.json, own: {}, problems: [] }
  }
  if (source.from === 'file') {
    if (region.reread === null) throw new GatewayError('BAD_REQUEST')
    const { shared, own, problems } = await region.reread()
    return { shared, own, problems: problems.map(located) }
  }
  if (place === undefined) throw new GatewayError('BAD_REQUEST')
  const files = new Set<string>()
  const running = journal.revision()?.json ?? '{}'
  const read = materialReader(place.folder, place.env, files)
  const meant = unmasked(source.text.replaceAll('\r\n', '\n'), running, read)
  const strange = strangeReferences(meant.text, running)
  if (strange.length > 0) return { shared: null, own: {}, problems: strange }
  const reading = regionOf(meant.text, { folder: place.folder, read: meant.read, files })
  // The node's own parts are its file's matter: a text is taken to leave them as they are.
  return { shared: reading.shared, own: {}, problems: reading.problems }
}

/** Keys under which a file or a variable of this machine may be named. */
const MATERIAL = [
  'key',
  'cert',
  'ca',
  'crl',
  'bearer',
  'jwks',
  'keySha256',
  'clientSecret',
  'totp',
  'secret',
  'password',
]

/**
 * What a text names of this machine that the running configuration does not: whoever writes on a page must not make the gateway
 * read other files, and send them out as a key. New material is named in the region file. */
function strangeReferences(text: string, running: SharedJson): DraftProblem[] {
  const source = readYaml(text)
  const known = new Set(referencesIn(JSON.parse(running), []).map(({ name }) => name))
  const faults = referencesIn(source.value, []).filter(({ name }) => !known.has(name))
  return faults.map(({ path }) => source.locate(error(path, 'FILE_MISSING', REFUSED)))
}

const REFUSED = 'a file or variable that the running configuration does not name: only the region file may name it'

interface Named {
  readonly name: string
  readonly path: Path
}

function referencesIn(value: unknown, path: Path): Named[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]): Named[] => {
    const at = [...path, Array.isArray(value) ? Number(key) : key]
    if (!MATERIAL.includes(key)) return referencesIn(inner, at)
    return (Array.isArray(inner) ? inner : [inner]).flatMap((one: unknown) => {
      const name = typeof one === 'string' ? one : JSON.stringify(one)
      // A hash, a fingerprint or a set of keys names nothing.
      return /^([0-9a-f]{64}$|…|\{"keys"|scrypt\$)/.test(name) ? [] : [{ name, path: at }]
    })
  })
}

/** A problem of a plan says its place as `line:column path`. */
function located({ severity, at, code, message }: PlanProblem): DraftProblem {
  const [, line, column, path = ''] = /^(\d+):(\d+)(?: (.*))?$/s.exec(at) ?? []
  const place =
    line === undefined ? { line: null, column: null, at } : { line: Number(line), column: Number(column), at: path }
  return { severity, ...place, code, message }
}
