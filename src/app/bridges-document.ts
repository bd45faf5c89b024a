/** Makes the lists of docs/bridges.md from the mappings: `node src/app/bridges-document.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { MAPPINGS, type Mapping } from '../formats/bridge/bridge.ts'
import type { Loss } from '../formats/bridge/conversion.ts'

const FILE = new URL('../../docs/bridges.md', import.meta.url)
/** What stands before it is written by hand. */
const MARK = '<!-- From here on: made by node src/app/bridges-document.ts -->\n'

function row({ name, hl7, fhir }: Mapping): string {
  return `| ${name} | ${hl7?.kinds.join(', ') ?? ''} | ${fhir?.types.join(', ') ?? ''} |\n`
}

/** What several mappings lose alike is said once. */
const SHARED: readonly Loss[] = [
  ...new Set(MAPPINGS.flatMap(({ losses }) => losses).filter((loss, i, all) => all.indexOf(loss) !== i)),
]

function section(name: string, losses: readonly Loss[]): string {
  const rows = losses.map(({ from, at, what }) => `| ${from === 'fhir' ? 'FHIR' : 'HL7 v2'} | \`${at}\` | ${what} |\n`)
  return `### ${name}\n\n| in | at | what is lost |\n|---|---|---|\n${rows.join('')}\n`
}

/** The page docs/bridges.md with its lists as the mappings say; `page`: what stands there now. Pure. */
export function bridgesDocument(page: string): string {
  const byHand = page.slice(0, page.indexOf(MARK) + MARK.length)
  const kinds = `\n## The conversions\n\n| mapping | HL7 v2 | FHIR |\n|---|---|---|\n${MAPPINGS.map(row).join('')}`
  const own = MAPPINGS.map(({ name, losses }) =>
    section(
      name,
      losses.filter((loss) => !SHARED.includes(loss)),
    ),
  )
  const losses = `\n## What a round trip loses\n\n${section('patients, in every mapping', SHARED)}${own.join('')}`
  return `${byHand}${kinds}${losses.trimEnd()}\n`
}

if (import.meta.main) writeFileSync(FILE, bridgesDocument(readFileSync(FILE, 'utf8')))
