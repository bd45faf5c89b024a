/** Lists of conformity as CSV: words of a language, or those of the API where none is asked for. */
import type { Config } from '../../../core/config.ts'
import type { Framework, InBoth } from '../../../core/conformity.ts'
import { frameworkName } from '../../../core/conformity.ts'
import type {
  ConformityAsk,
  ConformityViews,
  EstablishmentConformity,
  Matrix,
  VerdictChange,
} from '../../../core/conformity-views.ts'
import { type CsvValue, csv } from '../../../formats/csv.ts'
import type { Language } from '../../../formats/http/language.ts'
import { whyText } from './said.ts'
import { CONFORMITY_WORDS, type ColumnName, type ConformityWords } from './words.ts'

/** How a file is written; `language` null: with the words of the API, texts in the region's language. */
export interface Writing {
  readonly language: Language | null
  readonly config: Config
}

function head(columns: readonly ColumnName[], { language }: Writing): readonly string[] {
  return language === null ? columns : columns.map((one) => CONFORMITY_WORDS[language].columns[one])
}

function said<Kind extends 'verdicts' | 'levels' | 'uses'>(
  kind: Kind,
  word: keyof ConformityWords[Kind] & string,
  { language }: Writing,
): string {
  return language === null ? word : (CONFORMITY_WORDS[language][kind][word] as string)
}

function text(both: InBoth, { language, config }: Writing): string {
  return both[language ?? config.region.locale]
}

const time = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString())

/** A line for each requirement of each framework. Pure. */
export function frameworksCsv(frameworks: readonly Framework[], how: Writing): string {
  const rows = frameworks.flatMap((framework) =>
    framework.domains.flatMap((domain) =>
      domain.requirements.map(({ id, level, text: both, judging, source, confirm }): CsvValue[] => [
        ...[frameworkName(framework), text(domain.name, how), id, said('levels', level, how), text(both, how)],
        ...[judging.by, source.document, source.clause, framework.confirm || confirm ? 1 : 0],
      ]),
    ),
  )
  const columns = [
    'framework',
    'domain',
    'requirement',
    'level',
    'text',
    'judgedBy',
    'document',
    'clause',
    'confirm',
  ] as const
  return csv([head(columns, how), ...rows])
}

/** A line for each establishment and column of the matrix. Pure. */
export function matrixCsv({ columns, rows, framework, use }: Matrix, how: Writing): string {
  const lines = rows.flatMap(({ id, name, kind, department, cells }) =>
    cells.map(({ verdict, counts }, i): CsvValue[] => [
      ...[
        framework,
        said('uses', use, how),
        id,
        name,
        kind,
        department,
        columns[i]?.id ?? '',
        text(columns[i]?.name ?? { fr: '', en: '' }, how),
      ],
      ...[
        said('verdicts', verdict, how),
        counts.met,
        counts.met + counts.partly + counts.unmet + counts.lapsed + counts['not-measured'],
      ],
    ]),
  )
  const names = [
    'framework',
    'use',
    'establishment',
    'name',
    'kind',
    'department',
    'column',
    'text',
    'verdict',
    'good',
    'total',
  ] as const
  return csv([head(names, how), ...lines])
}

/** A line for each requirement of one establishment. Pure. */
export function establishmentCsv({ lines, framework, use, id }: EstablishmentConformity, how: Writing): string {
  const rows = lines.map(
    ({ requirement, domain, verdict, why, good, total, found, software, sinceMs, untilMs }): CsvValue[] => [
      ...[framework, said('uses', use, how), id, domain, requirement.id, said('levels', requirement.level, how)],
      ...[text(requirement.text, how), said('verdicts', verdict, how), whyOf({ why, good, total }, how), good, total],
      ...[found.map(({ finding, messages }) => `${finding} ${messages}`).join(', '), software.join(', ')],
      ...[time(sinceMs), time(untilMs)],
    ],
  )
  const names = [
    ...(['framework', 'use', 'establishment', 'domain', 'requirement', 'level', 'text', 'verdict', 'why'] as const),
    ...(['good', 'total', 'found', 'software', 'since', 'until'] as const),
  ]
  return csv([head(names, how), ...rows])
}

/** A line for each change. Pure. */
export function changesCsv(changes: readonly VerdictChange[], ask: ConformityAsk, how: Writing): string {
  const rows = changes.map(({ atMs, establishment, requirement, was, verdict, why, good, total }): CsvValue[] => [
    ...[time(atMs), ask.framework, said('uses', ask.use, how), establishment, nameOf(establishment, how), requirement],
    ...[
      was === null ? null : said('verdicts', was, how),
      said('verdicts', verdict, how),
      whyOf({ why, good, total }, how),
    ],
    ...[good, total],
  ])
  const names = [
    'at',
    'framework',
    'use',
    'establishment',
    'name',
    'requirement',
    'was',
    'verdict',
    'why',
    'good',
    'total',
  ] as const
  return csv([head(names, how), ...rows])
}

/** A line for each product, requirement and establishment where it is not met. Pure. */
export function productsCsv(
  { lines }: Awaited<ReturnType<ConformityViews['products']>>,
  ask: ConformityAsk,
  how: Writing,
): string {
  const rows = lines.flatMap(({ product, requirement, level, failing }) =>
    failing.map(({ id, name, verdict, good, total }): CsvValue[] => [
      ...[ask.framework, said('uses', ask.use, how), product, requirement, said('levels', level, how)],
      ...[id, name, said('verdicts', verdict, how), good, total],
    ]),
  )
  const names = [
    'framework',
    'use',
    'product',
    'requirement',
    'level',
    'establishment',
    'name',
    'verdict',
    'good',
    'total',
  ] as const
  return csv([head(names, how), ...rows])
}

function whyOf(judged: Parameters<typeof whyText>[0], { language }: Writing): string {
  return language === null ? judged.why : whyText(judged, language)
}

function nameOf(id: string, { config }: Writing): string {
  return config.establishments.get(id)?.name ?? id
}
