import type { Requirement, Verdict } from '../../../core/conformity.ts'
import type { Cell, RequirementLine, Share } from '../../../core/conformity-views.ts'
import type { JsonObject } from '../../fhir/json-value.ts'
import { STATEMENT_WORDS, type StatementWords } from '../words.ts'
import { BASE, headOf, type ReportedSite, type ReportPlace, reportIdentifier, siteReference } from './report.ts'

/** What a report tells of one requirement. */
export type TestedLine = Pick<RequirementLine, 'verdict' | 'why' | 'good' | 'total' | 'requirement'>

/** Everything of one establishment, in the order of the framework. */
export interface Tested {
  /** What its mandatory requirements come to together; where none is mandatory, all. */
  readonly verdict: Cell['verdict']
  /** Of the same. */
  readonly share: Share
  readonly deciding: 'mandatory' | 'all'
  readonly lines: readonly TestedLine[]
}

/** `pass` is nothing but met: what is met in part has failed, and of what was not measured nothing is said. */
const RESULTS: Readonly<Record<Verdict, 'pass' | 'fail' | 'skip'>> = {
  met: 'pass',
  partly: 'fail',
  unmet: 'fail',
  lapsed: 'fail',
  'not-applicable': 'skip',
  'not-measured': 'skip',
}
const VERDICT = `${BASE}/StructureDefinition/conformity-verdict-code`

/**
 * A TestReport (R4 testreport.html): one test with one assertion for each requirement, which also bears the verdict itself.
 * `result` is that of the mandatory requirements, pending while nothing failed and something was not measured; `score` is how
 * many per cent of them are met, and 100 only where all are. Pure. */
export function testReport(
  site: ReportedSite,
  { verdict, share, deciding, lines }: Tested,
  place: ReportPlace,
): JsonObject {
  const { framework, language, region, madeAt } = place
  const words = STATEMENT_WORDS[language]
  const { id, version } = framework
  const name = `${framework.name[language]} ${version}`
  const outcome = RESULTS[verdict]
  return {
    ...headOf('TestReport', site, titleOf(site, share, deciding, words), place),
    identifier: reportIdentifier('test', site.id, place),
    name: `${name} – ${site.name}`,
    status: 'completed',
    testScript: {
      type: 'TestScript',
      identifier: { system: 'urn:ietf:rfc:3986', value: `${BASE}/TestScript/${id}|${version}` },
      display: name,
    },
    result: outcome === 'skip' ? 'pending' : outcome,
    ...(share.of === 0 ? {} : { score: Math.floor((share.met * 10_000) / share.of) / 100 }),
    tester: `Passerelle, ${region}`,
    issued: madeAt,
    participant: [
      { type: 'test-engine', uri: BASE, display: `Passerelle, ${region}` },
      { type: 'client', uri: siteReference(site, place), display: site.name },
    ],
    ...(lines.length === 0 ? {} : { test: lines.map((line) => testOf(line, place)) }),
  }
}

function titleOf(
  { name }: ReportedSite,
  { met, of }: Share,
  deciding: Tested['deciding'],
  words: StatementWords,
): string {
  return `${name} : ${deciding === 'mandatory' ? words.share(met, of) : words.messages(met, of)}`
}

function testOf(
  { verdict, why, good, total, requirement }: TestedLine,
  { language, framework }: ReportPlace,
): JsonObject {
  const words = STATEMENT_WORDS[language]
  const said = [
    words.verdicts[verdict],
    words.levels[requirement.level],
    ...(total > 0 ? [words.messages(good, total)] : []),
    ...(why === 'waived' || why === 'overridden' ? [words.byPerson] : []),
    ...(framework.confirm || requirement.confirm ? [words.toConfirm] : []),
  ]
  const told = {
    extension: [{ url: VERDICT, valueCode: verdict }],
    result: RESULTS[verdict],
    message: said.join(' · '),
  }
  return {
    name: requirement.id,
    description: `${domainOf(requirement, framework.domains)[language]} · ${requirement.text[language]}`,
    action: [{ assert: told }],
  }
}

function domainOf(wanted: Requirement, domains: ReportPlace['framework']['domains']): { fr: string; en: string } {
  const found = domains.find(({ requirements }) => requirements.some(({ id }) => id === wanted.id))
  return found?.name ?? { fr: '', en: '' }
}
