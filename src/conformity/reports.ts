import { type Reach, reaches } from '../core/caller.ts'
import type { Establishment } from '../core/config.ts'
import type { Framework, Judgement } from '../core/conformity.ts'
import type { ConformityReports, ReportAsk } from '../core/conformity-reports.ts'
import type { Matrix, VerdictCounts } from '../core/conformity-views.ts'
import { type DomainCounts, measureReport } from '../formats/conformity/fhir/measure-report.ts'
import { bundledOrganization, fullUrl, type ReportPlace } from '../formats/conformity/fhir/report.ts'
import { testReport } from '../formats/conformity/fhir/test-report.ts'
import { type JsonObject, writeJson } from '../formats/fhir/json-value.ts'
import { dayOf, firstOf, isoOf } from './day.ts'
import { windowsOf } from './judge/judge.ts'
import { cellOf, shareOf } from './views/cell.ts'
import { type Known, keptOf } from './views/establishment.ts'
import { readMatrix } from './views/matrix.ts'
import { frameworkOf, type ViewParts } from './views/seen.ts'

/** Makes reports of what is kept in a journal. */
export function conformityReports(parts: ViewParts): ConformityReports {
  return {
    async one(id, how) {
      const framework = await frameworkOf(parts, how.ask.framework)
      const own = parts.config().establishments.get(id)
      if (own === undefined || isPart(how.reach) || !reaches(how.reach, id)) return null
      const known = await keptOf(parts, framework, own, how.ask)
      return known.length === 0 ? null : writeJson(reportOf(own, known, how, placeOf(parts, framework, how, false)))
    },
    async all(how, filter) {
      const framework = await frameworkOf(parts, how.ask.framework)
      if (isPart(how.reach)) return null
      const matrix = await readMatrix(parts, how.ask, filter, how.reach)
      return bundle(parts, matrix, framework, how)
    },
  }
}

/** Is only a part of what establishments send seen? */
function isPart(reach: Reach | null): boolean {
  return reach !== null && reach.applications !== null
}

function placeOf({ config, nowMs }: ViewParts, framework: Framework, how: ReportAsk, bundled: boolean): ReportPlace {
  const { region } = config()
  const [now, today] = [nowMs(), dayOf(nowMs(), region.timeZone)]
  return {
    ...{ region: region.name, framework, use: how.ask.use, language: how.language, bundled },
    madeAt: isoOf(now, region.timeZone),
    window: { from: firstOf(Math.max(1, ...windowsOf([framework])), today), to: today },
  }
}

function reportOf(own: Establishment, known: readonly Known[], { form }: ReportAsk, place: ReportPlace): JsonObject {
  const judged = new Map(known.map(({ requirement, judgement }) => [requirement.id, judgement]))
  if (form === 'MeasureReport') return measureReport(own, domainsOf(place.framework, judged), place)
  const lines = known.map(({ requirement, judgement }) => ({ ...judgement, requirement }))
  const levelled = lines.map(({ requirement: { level }, verdict }) => ({ level, verdict }))
  const mandatory = levelled.filter(({ level }) => level === 'mandatory')
  const { verdict } = cellOf(levelled)
  // The same that decide: where no mandatory one applies, all do.
  const deciding = mandatory.some((one) => one.verdict !== 'not-applicable') ? 'mandatory' : 'all'
  const share = shareOf((deciding === 'all' ? levelled : mandatory).map((one) => one.verdict))
  return testReport(own, { verdict, share, deciding, lines }, place)
}

function domainsOf({ domains }: Framework, judged: ReadonlyMap<string, Judgement>): readonly DomainCounts[] {
  return domains.map(({ id, name, requirements }) => {
    const own = requirements.flatMap((one) => {
      const verdict = judged.get(one.id)?.verdict
      return verdict === undefined ? [] : [{ level: one.level, verdict }]
    })
    return { id, name, counts: cellOf(own).counts }
  })
}

/** One establishment is read at a time, so that a region of any size is held in little memory. */
async function* bundle(
  parts: ViewParts,
  matrix: Matrix,
  framework: Framework,
  how: ReportAsk,
): AsyncGenerator<string, void, void> {
  const place = placeOf(parts, framework, how, true)
  const { establishments } = parts.config()
  let before = `{"resourceType":"Bundle","type":"collection","timestamp":${JSON.stringify(place.madeAt)}`
  const entry = (url: string, resource: JsonObject): string => {
    const text = `${before}${writeJson({ fullUrl: url, resource })}`
    before = ','
    return text
  }
  if (matrix.rows.length > 0) before += ',"entry":['
  if (matrix.rows.length > 0 && how.form === 'MeasureReport') {
    yield entry(fullUrl('MeasureReport'), measureReport(null, regionOf(matrix), place))
  }
  for (const { id, cells } of matrix.rows) {
    const own = establishments.get(id)
    if (own === undefined) continue
    const report =
      how.form === 'MeasureReport'
        ? measureReport(
            own,
            matrix.columns.map((one, i) => ({ ...one, counts: cells[i]!.counts })),
            place,
          )
        : reportOf(own, await keptOf(parts, framework, own, how.ask), how, place)
    yield entry(fullUrl('Organization', id), bundledOrganization(own))
    yield entry(fullUrl(how.form, id), report)
  }
  yield matrix.rows.length > 0 ? ']}' : `${before}}`
}

function regionOf({ columns, rows }: Matrix): readonly DomainCounts[] {
  return columns.map(({ id, name }, i) => ({ id, name, counts: sumOf(rows.map(({ cells }) => cells[i]!.counts)) }))
}

function sumOf(all: readonly VerdictCounts[]): VerdictCounts {
  const sum = { met: 0, partly: 0, unmet: 0, lapsed: 0, 'not-applicable': 0, 'not-measured': 0 }
  for (const counts of all) {
    for (const verdict of Object.keys(sum) as (keyof VerdictCounts)[]) sum[verdict] += counts[verdict]
  }
  return sum
}
