/** Makes the list of docs/programmes.md from profiles/programmes: `node src/app/programmes-document.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { ENROLMENT_MOVES, type EnrolmentMove, PAYMENT_PARTS, type Programme } from '../core/programmes.ts'
import { programmes, shippedProfiles } from './config/index.ts'

const FILE = new URL('../../docs/programmes.md', import.meta.url)
/** What stands before it is written by hand. */
const MARK = '<!-- From here on: made by node src/app/programmes-document.ts -->\n'

const percent = (basisPoints: number): string => `${basisPoints / 100} %`
const unsure = (confirm: boolean): string => (confirm ? ' (?)' : '')

function moveRow({ from, to, who, second, needs }: EnrolmentMove): string {
  return `| ${from} | ${to} | \`${who}\`${second ? ', another person than the last' : ''} | ${needs.join(', ')} |\n`
}

function row(one: Programme): string {
  const { id, name, period, envelopes, kinds, shares, sharesConfirm, domains, targets, milestones } = one
  const paid = PAYMENT_PARTS.filter((part) => shares[part] > 0).map((part) => `${part} ${percent(shares[part])}`)
  const money = envelopes.map(({ cents, confirm }) => `${cents / 100_000_000} M€${unsure(confirm)}`).join(', ')
  const cells = [
    `\`${id}\``,
    `${name.fr} / ${name.en}`,
    `${period.from} – ${period.to ?? ''}${unsure(period.confirm)}`,
    money === '' ? '–' : money,
    kinds.join(', '),
    `${paid.join(', ')}${unsure(sharesConfirm)}`,
    `${domains.length}`,
    `${targets.length}`,
    `${targets.filter(({ counts }) => counts !== null).length}`,
    `${milestones.length}`,
  ]
  return `| ${cells.join(' | ')} |\n`
}

/** The page docs/programmes.md with its lists as the table of moves and the shipped files say; `page`: what stands there now. */
export function programmesDocument(page: string): string {
  const byHand = page.slice(0, page.indexOf(MARK) + MARK.length)
  const moves = `\n## Moves\n\n| from | to | who | needs |\n|---|---|---|---|\n${ENROLMENT_MOVES.map(moveRow).join('')}`
  const heads = [
    'programme',
    'name',
    'period',
    'envelope',
    'kinds',
    'pays',
    'domains',
    'targets',
    'counted',
    'milestones',
  ]
  const head = `| ${heads.join(' | ')} |\n|${'---|'.repeat(heads.length)}\n`
  const list = `\n## What is shipped\n\n\`(?)\`: to confirm.\n\n${head}${programmes(shippedProfiles()).map(row).join('')}`
  return `${byHand}${moves}${list}`
}

if (import.meta.main) writeFileSync(FILE, programmesDocument(readFileSync(FILE, 'utf8')))
