/** What is published, as files: JSON, CSV and an Atom feed (RFC 4287). Pure. */
import type { PublishedConformity } from '../../../core/conformity-public.ts'
import { STATEMENT_NOTICE } from '../../../core/conformity-statement.ts'
import { stableId } from '../../../formats/bridge/stable-id.ts'
import { type CsvValue, csv } from '../../../formats/csv.ts'
import type { Language } from '../../../formats/http/language.ts'
import { publicAddress } from './conformity-page.ts'
import { PUBLIC_WORDS } from './words.ts'

/** Entries of a feed: readers ask for the newest, often. */
const MOST_ENTRIES = 100

/** Everything that is published, with the sentence of what it is not. */
export function publicJson({ framework, frameworks: _, ...published }: PublishedConformity): string {
  const { name, ...about } = framework
  return JSON.stringify({
    notice: STATEMENT_NOTICE,
    region: published.region,
    framework: name,
    ...about,
    use: 'production',
    domains: published.domains,
    establishments: published.establishments.map(({ cells, ...one }) => ({
      ...one,
      domains: cells.flatMap((cell, i) => {
        if (cell === null) return []
        const { sinceMs: _, ...said } = cell
        return [{ domain: published.domains[i]?.id ?? '', ...said }]
      }),
    })),
  })
}

/** A line for each domain of which something is said. */
export function publicCsv({ framework, domains, establishments }: PublishedConformity, language: Language): string {
  const words = PUBLIC_WORDS[language]
  const head = [
    ...[words.framework, words.establishment, words.finess, words.kind, words.department, words.domain],
    ...[words.verdict, words.met, words.of, words.since, words.byPerson],
  ]
  const lines = establishments.flatMap(({ name, finess, kind, department, cells }) =>
    cells.flatMap((cell, i): CsvValue[][] => {
      if (cell === null) return []
      const { verdict, met, of, since, byPerson } = cell
      const about = [framework.name, name, finess, kind, department, domains[i]?.name[language] ?? '']
      return [[...about, words.verdicts[verdict], met, of, since, byPerson ? 1 : 0]]
    }),
  )
  return csv([head, ...lines, [STATEMENT_NOTICE[language]]])
}

/** What was published last, newest first: a verdict that is no longer so is no longer in it. `origin`: of the door; '': none is known. */
export function publicFeed(published: PublishedConformity, language: Language, origin: string): string {
  const words = PUBLIC_WORDS[language]
  const { framework, region, domains, establishments, changedMs } = published
  const entries = establishments
    .flatMap(({ name, finess, cells }) =>
      cells.flatMap((cell, i) => (cell === null ? [] : [{ name, finess, cell, domain: domains[i]! }])),
    )
    .sort((a, b) => b.cell.sinceMs - a.cell.sinceMs || a.name.localeCompare(b.name))
    .slice(0, MOST_ENTRIES)
  const page = xml(`${origin}${publicAddress(framework.name, language)}`)
  const self = xml(`${origin}${publicAddress(framework.name, language, '.atom')}`)
  const id = (...names: readonly string[]): string => `urn:uuid:${stableId('Atom', region, framework.name, ...names)}`
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${language}">
<id>${id(language)}</id>
<title>${xml(`${words.title} · ${framework.title[language]} ${framework.version} · ${region}`)}</title>
<subtitle>${xml(STATEMENT_NOTICE[language])}</subtitle>
<updated>${time(changedMs ?? 0)}</updated>
<author><name>${xml(region)}</name></author>
<link rel="self" type="application/atom+xml" href="${self}"/>
<link rel="alternate" type="text/html" href="${page}"/>
${entries
  .map(
    ({ name, finess, cell: { verdict, met, of, sinceMs, byPerson }, domain }) => `<entry>
<id>${id(language, finess ?? name, domain.id, verdict, String(sinceMs))}</id>
<title>${xml(`${name} : ${domain.name[language]}, ${words.verdicts[verdict]}`)}</title>
<updated>${time(sinceMs)}</updated>
<link rel="alternate" type="text/html" href="${page}"/>
<summary>${xml(`${words.met} : ${met}/${of}${byPerson ? ` (${words.byPerson})` : ''}. ${STATEMENT_NOTICE[language]}`)}</summary>
</entry>
`,
  )
  .join('')}</feed>
`
}

const time = (atMs: number): string => new Date(atMs).toISOString()

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Without signs that XML 1.0 has no place for (§2.2). */
function xml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (one) => ENTITIES[one] ?? one)
}
