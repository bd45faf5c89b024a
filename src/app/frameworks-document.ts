/** Makes the list of docs/frameworks.md from profiles/frameworks: `node src/app/frameworks-document.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Framework, frameworkName, type Judging, type Requirement } from '../core/conformity.ts'
import { frameworks, shippedProfiles } from './config/index.ts'

const FILE = new URL('../../docs/frameworks.md', import.meta.url)
/** What stands before it is written by hand. */
const MARK = '<!-- From here on: made by node src/app/frameworks-document.ts -->\n'
const WAYS: readonly Judging['by'][] = ['traffic', 'probe', 'evidence', 'trial', 'derived']

function cells(requirements: readonly Requirement[]): string {
  const judged = WAYS.map((way) => requirements.filter(({ judging }) => judging.by === way).length)
  const unsure = requirements.filter(({ confirm }) => confirm).length
  return [requirements.length, ...judged, unsure].join(' | ')
}

function all({ domains }: Framework): Requirement[] {
  return domains.flatMap(({ requirements }) => requirements)
}

function row(one: Framework): string {
  return `| \`${frameworkName(one)}\` | ${one.name.fr} / ${one.name.en} | ${one.status} | ${cells(all(one))} |\n`
}

function section(one: Framework): string {
  const rows = one.domains.map(({ name, requirements }) => `| ${name.fr} / ${name.en} | ${cells(requirements)} |\n`)
  const head = `| domain | requirements | ${WAYS.join(' | ')} | to confirm |\n|---|---|---|---|---|---|---|---|\n`
  return `### ${frameworkName(one)}\n\n${one.source}\n\n${head}${rows.join('')}\n`
}

/** The page docs/frameworks.md with its list as the shipped files say; `page`: what stands there now. */
export function frameworksDocument(page: string): string {
  const byHand = page.slice(0, page.indexOf(MARK) + MARK.length)
  const shipped = frameworks(shippedProfiles())
  const head = `| framework | name | status | requirements | ${WAYS.join(' | ')} | to confirm |\n|---|---|---|---|---|---|---|---|---|---|\n`
  const list = `\n## What is shipped\n\n${head}${shipped.map(row).join('')}\n`
  return `${byHand}${list}${shipped.map(section).join('').trimEnd()}\n`
}

if (import.meta.main) writeFileSync(FILE, frameworksDocument(readFileSync(FILE, 'utf8')))
