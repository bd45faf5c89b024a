/** Measures as FHIR MeasureReports (R4), one for each service, site and month; our own mapping. */
import type { JsonObject } from '../fhir/json-value.ts'
import { FINESS_SYSTEM } from '../identifiers/fhir-form.ts'
import type { Share, SiteMonth } from './summary.ts'

/** Canonical of the measure, and system of what it counts. */
export const MEASURE = 'https://passerelle.example/fhir/Measure/telemedicine'
const GROUPS = 'https://passerelle.example/fhir/CodeSystem/telemedicine-measure'
const POPULATION = 'http://terminology.hl7.org/CodeSystem/measure-population'
const UCUM = 'http://unitsofmeasure.org'

/** Names and FINESS number of a site. */
export type SiteOf = (site: string) => { readonly name: string; readonly finess: string | null }

/** A Bundle of type collection. `atMs`: when it is made. Pure. */
export function measureReports(months: readonly SiteMonth[], siteOf: SiteOf, atMs: number): JsonObject {
  const at = new Date(atMs).toISOString()
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: at,
    ...(months.length === 0 ? {} : { entry: months.map((one) => ({ resource: reportOf(one, siteOf, at) })) }),
  }
}

function reportOf({ service, site, month, summary }: SiteMonth, siteOf: SiteOf, at: string): JsonObject {
  const { name, finess } = siteOf(site)
  const first = Temporal.PlainYearMonth.from(month)
  const last = first.toPlainDate({ day: first.daysInMonth }).toString()
  return {
    resourceType: 'MeasureReport',
    identifier: [{ system: MEASURE, value: `${service}/${site}/${month}` }],
    status: 'complete',
    type: 'summary',
    measure: `${MEASURE}|${service}`,
    date: at,
    reporter: {
      ...(finess === null ? {} : { identifier: { system: FINESS_SYSTEM, value: finess } }),
      display: name,
    },
    period: { start: `${month}-01`, end: last },
    group: [
      {
        code: coded('cases'),
        population: [population('initial-population', summary.cases)],
        measureScore: { value: summary.cases },
      },
      shareGroup('advice-15-min', summary.advice15),
      shareGroup('needle-4h30', summary.needle270),
      ...summary.intervals
        .filter(({ count }) => count > 0)
        .flatMap(({ id, count, medianMs, p90Ms }) => [
          lengthGroup(`${id}-median`, count, medianMs ?? 0),
          lengthGroup(`${id}-p90`, count, p90Ms ?? 0),
        ]),
    ],
  }
}

function coded(code: string): JsonObject {
  return { coding: [{ system: GROUPS, code }] }
}

function population(code: string, count: number): JsonObject {
  return { code: { coding: [{ system: POPULATION, code }] }, count }
}

function shareGroup(code: string, { inside, of }: Share): JsonObject {
  const score = of === 0 ? {} : { measureScore: { value: Math.round((inside * 10_000) / of) / 10_000 } }
  return { code: coded(code), population: [population('denominator', of), population('numerator', inside)], ...score }
}

function lengthGroup(code: string, count: number, ms: number): JsonObject {
  return {
    code: coded(code),
    population: [population('initial-population', count)],
    measureScore: { value: Math.round(ms / 6_000) / 10, unit: 'min', system: UCUM, code: 'min' },
  }
}
