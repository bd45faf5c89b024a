/** Definitions from files that hold one resource a line: found by canonical, parsed when they are asked for. Pure. */
import type { DefinitionSource } from './definitions.ts'
import type { Definition } from './structure.ts'

const HEAD = /^\{"resourceType":"(StructureDefinition|ValueSet|CodeSystem)",(?:"id":"[^"]*",)?"url":"([^"]+)"/
const TYPE = /"type":"([A-Z][A-Za-z]+)"/
const CHARACTERS_OF_HEAD = 2_000

/** A line of a file that holds a resource. */
interface Line {
  readonly text: string
  readonly from: number
  readonly to: number
}

/** Indexes the texts of files; of two resources with one canonical the later counts. */
export function linesSource(texts: Iterable<string>): DefinitionSource {
  const lines = new Map<string, Line>()
  const profiles = new Map<string, string>()
  for (const text of texts) {
    for (let from = 0; from < text.length; ) {
      const end = text.indexOf('\n', from)
      const to = end < 0 ? text.length : end
      const head = HEAD.exec(text.slice(from, from + 400))
      if (head !== null) {
        const [, resourceType, url = ''] = head
        lines.set(url, { text, from, to })
        const type =
          resourceType === 'StructureDefinition'
            ? profileType(text.slice(from, Math.min(to, from + CHARACTERS_OF_HEAD)))
            : null
        if (type !== null) profiles.set(url, type)
      }
      from = to + 1
    }
  }
  return {
    find(canonical) {
      const line = lines.get(canonical)
      if (line === undefined) return null
      const written = line.text.slice(line.from, line.to)
      return JSON.parse(written.endsWith(',') ? written.slice(0, -1) : written) as Definition
    },
    profiles: [...profiles].map(([url, type]) => ({ url, type })),
  }
}

/** Type of the resources that a StructureDefinition constrains; null for types, extensions and data types. */
function profileType(line: string): string | null {
  const head = line.slice(0, line.indexOf('"snapshot"') < 0 ? line.length : line.indexOf('"snapshot"'))
  if (!head.includes('"kind":"resource"') || !head.includes('"derivation":"constraint"')) return null
  return TYPE.exec(head)?.[1] ?? null
}
