import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Piece } from './schema/piece.ts'
import { configSchema } from './schema/region.ts'

const FILE = fileURLToPath(new URL('../../../docs/config.md', import.meta.url))

const HEAD = `# region.yaml

Made from the schema by \`node src/app/config/document.ts\`; a test compares them. \`passerelle check\` reads a file and tells
everything wrong with it at once, with line and column; \`passerelle check --schema\` prints this as JSON Schema.

Durations are written \`500 ms\`, \`10 s\`, \`2 min\`, \`48 h\`, \`30 d\`, sizes \`512 B\`, \`64 KiB\`, \`16 MiB\`, \`1 GiB\`. Unknown keys are
refused. Numbers that begin with 0, such as FINESS numbers, go in quotes. Paths count from the folder of region.yaml. Keys and
certificates are named, never written here: \`{ file: PATH }\` or \`{ env: NAME }\`. Tables (\`profiles/tables/NAME.csv\`, header
\`code,system,display\`, \`I6*\` is a prefix) and services (\`profiles/services/NAME.yaml\`) are looked for beside region.yaml first,
then among those shipped.

\`entrances\`, \`store\`, \`drain\` and \`traces\` belong to one node; all the rest is the shared revision.
"Code" is what the peer or the operator sees when the limit is met (docs/errors.md).
`

/** The text of docs/config.md. Pure. */
export function configDocument(): string {
  return `${HEAD}\n${sections('', configSchema).join('\n')}`
}

/** One section for the object at `path`, then one for each object inside it. */
function sections(path: string, piece: Piece): string[] {
  const rows: string[] = []
  const inner: string[] = []
  for (const [name, child] of Object.entries(piece.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`
    rows.push(row(name, child, piece.required?.includes(name) ?? false))
    const below = insideOf(at, child)
    if (below) inner.push(...sections(below.path, below.piece))
  }
  if (path === '') return [table(rows), ...inner]
  return [`## ${path}\n\n${piece.description ?? ''}\n\n${table(rows)}`, ...inner]
}

/** The object worth a section of its own inside a setting: itself, its items, or its named values. */
function insideOf(path: string, piece: Piece): { path: string; piece: Piece } | null {
  if (isReference(piece)) return null
  if (piece.properties) return { path, piece }
  if (piece.items?.properties && !isReference(piece.items)) return { path: `${path}[]`, piece: piece.items }
  const named = piece.additionalProperties
  if (typeof named === 'object' && named.properties) return { path: `${path}.<name>`, piece: named }
  return null
}

function table(rows: readonly string[]): string {
  return `| setting | value | default | meaning | code |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
}

function row(name: string, piece: Piece, required: boolean): string {
  const cells = [
    `\`${name}\``,
    valueText(piece),
    defaultText(piece, required),
    piece.description ?? '',
    codeText(piece),
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function valueText(piece: Piece): string {
  if (piece.enum) return piece.enum.map((value) => `\`${value}\``).join(', ')
  if (piece.bounds) return `${piece.bounds.of}, ${piece.bounds.min} to ${piece.bounds.max}`
  if (piece.minimum !== undefined)
    return `${piece.type === 'integer' ? 'whole number' : 'number'}, ${piece.minimum} to ${piece.maximum}`
  if (piece.what) return piece.what
  if (piece.items) return `list of ${piece.items.what ?? (piece.items.properties ? 'settings' : 'texts')}`
  return { string: 'text', boolean: '`true` or `false`', object: 'settings' }[String(piece.type)] ?? ''
}

function defaultText(piece: Piece, required: boolean): string {
  if (required) return 'required'
  if (piece.default === undefined) return 'absent'
  return typeof piece.default === 'object' ? 'empty' : `\`${piece.default}\``
}

function codeText(piece: Piece): string {
  return piece.peerSees ? `\`${piece.peerSees}\`` : ''
}

function isReference(piece: Piece): boolean {
  return piece.properties?.['env'] !== undefined
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = configDocument()
  if (readFileSync(FILE, { encoding: 'utf8', flag: 'a+' }) !== text) writeFileSync(FILE, text)
}
