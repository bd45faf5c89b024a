/** The project's own source as data: files, imports, exported names and functions, for the tests that guard its shape. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'vitest/node'

/** Root of the project, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url))

/** Files under a folder of the project whose name ends so, as paths from the root with `/`; none when it is missing. */
export function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

/** Text of a file of the project. */
export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** Number of lines of a text. */
export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

type Node = { readonly type: string; readonly start: number; readonly end: number } & Record<string, unknown>

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit)
  }
}

function parse(file: string, text: string): Node {
  return parseAst(text, { lang: 'ts' }, file) as unknown as Node
}

function literal(node: unknown): string | null {
  return isNode(node) && node.type === 'Literal' && typeof node.value === 'string' ? node.value : null
}

/**
 * Every module a text names: imports of values and types, re-exports, `import()`, `import('…')` in a type, `require()`, and
 * files named from `import.meta.url`. */
export function importsOf(file: string, text: string): string[] {
  const found = new Set<string>()
  walk(parse(file, text), (node) => {
    const named = literal(node.source)
    if (named !== null) found.add(named)
    const [first, second] = Array.isArray(node.arguments) ? node.arguments : []
    const callee = isNode(node.callee) ? node.callee.name : null
    const fromHere = callee === 'URL' && isNode(second) && text.slice(second.start, second.end) === 'import.meta.url'
    const path = literal(first)
    if (path !== null && (callee === 'require' || (fromHere && path.endsWith('.ts')))) found.add(path)
  })
  return [...found]
}

/** A function and the number of lines it spans. */
export interface FunctionSize {
  readonly name: string
  readonly line: number
  readonly lines: number
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** Every function of a text, inner ones too, with its length in lines. */
export function functionsOf(file: string, text: string): FunctionSize[] {
  const found: FunctionSize[] = []
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length
  walk(parse(file, text), (node) => {
    if (!FUNCTIONS.has(node.type) || !isNode(node.body)) return
    const line = lineAt(node.start)
    const name = isNode(node.id) ? String(node.id.name) : 'anonymous'
    found.push({ name, line, lines: lineAt(node.end) - line + 1 })
  })
  return found
}

function namesOf(declaration: Node): string[] {
  const declared = Array.isArray(declaration.declarations) ? declaration.declarations : [declaration]
  return declared.map((one) => (isNode(one) && isNode(one.id) ? String(one.id.name) : 'default'))
}

/** Exported names of a text without a docstring directly above them. Re-exports carry the docstring of their source. */
export function undocumentedOf(file: string, text: string): string[] {
  const body = parse(file, text).body as Node[]
  const exported = body.filter(
    (node) => /^Export(Named|Default)Declaration$/.test(node.type) && isNode(node.declaration),
  )
  // The last export of a name that is overloaded carries no docstring of its own.
  const documented = new Set<string>()
  const bare: string[] = []
  for (const node of exported) {
    const names = namesOf(node.declaration as Node)
    const before = text.slice(0, node.start).trimEnd()
    const comment = before.endsWith('*/') ? before.slice(before.lastIndexOf('/*')) : ''
    if (comment.startsWith('/**')) for (const name of names) documented.add(name)
    else bare.push(...names.filter((name) => !documented.has(name)))
  }
  return bare
}

/** Names of npm packages among modules: `@scope/name` or `name`, without what follows; builtins and files left out. */
export function packagesOf(modules: readonly string[]): string[] {
  const packages = modules.filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
  return packages.map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
}
