import { type InBoth, VERDICTS } from '../../../core/conformity.ts'
import type { VerdictCounts } from '../../../core/conformity-views.ts'
import type { JsonObject } from '../../fhir/json-value.ts'
import { STATEMENT_WORDS } from '../words.ts'
import { BASE, headOf, type ReportedSite, type ReportPlace, reportIdentifier, siteReference } from './report.ts'

/** How many requirements of a domain have which verdict. */
export interface DomainCounts {
  readonly id: string
  readonly name: InBoth
  readonly counts: VerdictCounts
}

const POPULATION = 'http://terminology.hl7.org/CodeSystem/measure-population'
const NOTATION = 'http://terminology.hl7.org/CodeSystem/measure-improvement-notation'
const VERDICTS_OF = `${BASE}/CodeSystem/conformity-verdict`

/**
 * A MeasureReport (R4 measurereport.html) with a group for each domain, as a proportion: of the requirements that there are,
 * those that apply (denominator), and of these those that are met (numerator). What was not measured is in the denominator
 * alone. `site` null: of the region, with requirements counted once for each establishment. Pure. */
export function measureReport(
  site: ReportedSite | null,
  domains: readonly DomainCounts[],
  place: ReportPlace,
): JsonObject {
  const { framework, region, madeAt, window } = place
  const { id, version } = framework
  const groups = domains.map((one) => groupOf(one, place)).filter((one) => one !== null)
  return {
    ...headOf('MeasureReport', site, site?.name ?? region, place),
    identifier: [reportIdentifier('measure', site?.id ?? '', place)],
    status: 'complete',
    type: site === null ? 'summary' : 'individual',
    measure: `${BASE}/Measure/${id}|${version}`,
    ...(site === null
      ? {}
      : { subject: { reference: siteReference(site, place), type: 'Organization', display: site.name } }),
    date: madeAt,
    reporter: { type: 'Organization', display: region },
    period: { start: window.from, end: window.to },
    improvementNotation: { coding: [{ system: NOTATION, code: 'increase' }] },
    ...(groups.length === 0 ? {} : { group: groups }),
  }
}

function groupOf({ id, name, counts }: DomainCounts, { language }: ReportPlace): JsonObject | null {
  const all = VERDICTS.reduce((sum, one) => sum + counts[one], 0)
  if (all === 0) return null
  const asked = all - counts['not-applicable']
  const words = STATEMENT_WORDS[language]
  return {
    code: { coding: [{ system: `${BASE}/CodeSystem/conformity-domain`, code: id }], text: name[language] },
    population: [
      population('initial-population', all),
      population('denominator', asked),
      population('numerator', counts.met),
    ],
    // Cut and not rounded: it is 1 only where all is met.
    ...(asked === 0 ? {} : { measureScore: { value: Math.floor((counts.met * 10_000) / asked) / 10_000 } }),
    stratifier: [
      {
        code: [{ coding: [{ system: `${BASE}/CodeSystem/conformity-stratifier`, code: 'verdict' }] }],
        stratum: VERDICTS.filter((one) => counts[one] > 0).map((one) => ({
          value: { coding: [{ system: VERDICTS_OF, code: one, display: words.verdicts[one] }] },
          population: [population('initial-population', counts[one])],
        })),
      },
    ],
  }
}

function population(code: string, count: number): JsonObject {
  return { code: { coding: [{ system: POPULATION, code }] }, count }
}
