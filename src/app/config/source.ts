import { isAlias, isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type Fault, type Path, type Problem, pathText } from './problem.ts'

/** A YAML text that was read: its value, what is wrong with its form, and where each of its values stands. */
export interface Source {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** Line and column of a fault; of the nearest value around it when the path does not exist. */
  locate(fault: Fault): Problem
}

/** What is said of a file that is no UTF-8: as spreadsheets and old editors save it, it would lose its accents without a word. */
export const NOT_UTF8 = 'not UTF-8: save the file as UTF-8, it looks like Latin-1 or Windows-1252'

/** Where the first octets stood that are no UTF-8, in what Node read as such; null: there are none. */
export function notUtf8At(text: string): number | null {
  const at = text.indexOf('\uFFFD')
  return at === -1 ? null : at
}

/** Reads one YAML 1.2 document. Never throws: bad form comes back as problems, with `value` undefined. */
export function readSource(text: string): Source {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems: Problem[] = [
    ...document.errors.map((fault) => ({ severity: 'error' as const, fault })),
    ...document.warnings.map((fault) => ({ severity: 'warning' as const, fault })),
  ].map(({ severity, fault }) => ({ severity, ...place(fault.pos[0]), at: '', code: 'YAML', message: fault.message }))

  const foreign = notUtf8At(text)
  if (foreign !== null)
    problems.unshift({ severity: 'error', ...place(foreign), at: '', code: 'NOT_UTF8', message: NOT_UTF8 })

  const locate = (fault: Fault): Problem => ({
    severity: fault.severity,
    ...place(offsetOf(document, fault.path, fault.onKey ?? false)),
    at: pathText(fault.path),
    code: fault.code,
    message: fault.message,
  })
  if (foreign !== null || document.errors.length > 0) return { value: undefined, problems, locate }
  try {
    // The cap on aliases keeps a small file from growing into gigabytes.
    return { value: document.toJS({ maxAliasCount: 1000 }), problems, locate }
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : 'unreadable'
    return {
      value: undefined,
      problems: [...problems, { severity: 'error', line: 1, column: 1, at: '', code: 'YAML', message }],
      locate,
    }
  }
}

type Document = ReturnType<typeof parseDocument>

function offsetOf(document: Document, path: Path, onKey: boolean): number {
  let node: Node | null = document.contents
  let offset = node?.range?.[0] ?? 0
  for (const [i, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null
    let next: unknown
    if (isSeq(node) && typeof part === 'number') next = node.items[part]
    else if (isMap(node)) {
      const pair = node.items.find(({ key }) => String((key as { value?: unknown } | null)?.value) === String(part))
      const key = pair?.key as Node | undefined
      // A value absent or empty stands where its key stands.
      if (key?.range) offset = key.range[0]
      if (onKey && i === path.length - 1) return offset
      next = pair?.value
    }
    if (!next || isPair(next)) return offset
    node = next as Node
    if (node.range) offset = node.range[0]
  }
  return offset
}
