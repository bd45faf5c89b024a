import type { Config } from '../../../core/config.ts'
import type { DoorNote } from '../../../core/configuration.ts'
import type { FlowRule, OnboardingRules, OnboardingSheet } from '../../../core/onboarding.ts'
import type { Language } from '../../../formats/http/language.ts'
import { SHEET_WORDS, type SheetWords } from './sheet-words.ts'

/** One part of a sheet. */
export interface SheetPart {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
}

/** What is known of an establishment that the region file does not have yet. */
export type Newcomer = Partial<
  Pick<OnboardingSheet, 'name' | 'kind' | 'finess' | 'facilities' | 'certificates' | 'destinations'>
>

/** What the sheet and the block say of an establishment: what the region has of it, and where not, what is given. Pure. */
export function sheetOf(
  establishment: string,
  flows: readonly FlowRule[],
  known: { readonly config: Config; readonly rules: OnboardingRules; readonly doors: readonly DoorNote[] },
  given: Newcomer = {},
): OnboardingSheet {
  const { config, rules, doors } = known
  const own = config.establishments.get(establishment)
  const ej = own?.finess.ej ?? given.finess?.ej ?? null
  const ways = [...config.destinations.values()].filter((one) => one.establishment === establishment)
  const books = flows.flatMap(({ book }) => rules.books.get(book ?? '') ?? [])
  return {
    region: config.region.name,
    establishment,
    name: own?.name ?? given.name ?? establishment,
    kind: own?.kind ?? given.kind ?? 'hospital',
    finess: { ej, eg: own?.finess.eg ?? given.finess?.eg ?? [] },
    facilities: filled(own?.facilities) ??
      given.facilities ?? [...(ej === null ? [] : [ej]), establishment.toUpperCase()],
    certificates: filled(own?.certificates) ?? given.certificates ?? [],
    charset: own?.charset ?? '8859/15',
    strict: own?.strict ?? false,
    flows,
    books: [...new Set(books)],
    doors: doors.map(({ name, host, port, tls }) => ({ name, host, port, tls: tls !== 'none' })),
    destinations:
      ways.length === 0
        ? (given.destinations ?? [])
        : ways.map(({ id, target }) => ({
            name: id.slice(establishment.length + 1),
            type: target.type,
            address: target.type === 'mllp' ? `${target.host}:${target.port}` : target.url,
          })),
  }
}

const filled = <T>(list: readonly T[] | undefined): readonly T[] | undefined =>
  list === undefined || list.length === 0 ? undefined : list

/** The parts of the sheet, in their order. Pure. */
export function sheetParts(sheet: OnboardingSheet, language: Language): readonly SheetPart[] {
  const words = SHEET_WORDS[language]
  return [
    identityPart(sheet, words),
    doorsPart(sheet, words),
    headerPart(sheet, words, language),
    answersPart(words),
    {
      title: words.receives,
      columns: [words.name, words.protocol, words.address],
      notes: [words.receivesTells],
      rows: sheet.destinations.map(({ name, type, address }) => [name, type, address]),
    },
    ...sheet.books.map(({ name, cases }) => ({
      title: `${words.book} · ${name[language]}`,
      columns: [words.case, words.what, words.expected],
      rows: cases.map((one) => [one.id, one.name[language], one.how[language]]),
      notes: [words.bookTells],
    })),
  ]
}

function identityPart(sheet: OnboardingSheet, words: SheetWords): SheetPart {
  const { establishment, name, finess, certificates, charset, strict } = sheet
  const rows = [
    [words.establishment, `${name} (${establishment})`],
    [words.legal, finess.ej ?? words.toFill],
    [words.geographic, finess.eg.join(', ') || '–'],
    ...certificates.map(({ subject, issuer }) => [words.certificate, `${subject} ← ${issuer}`]),
    ...(certificates.length === 0 ? [[words.certificate, words.toFill]] : []),
    [words.charset, charset],
    [words.control, strict ? words.strict : words.lenient],
  ]
  return { title: words.identity, columns: [words.what, words.value], rows, notes: [] }
}

function doorsPart({ doors }: OnboardingSheet, words: SheetWords): SheetPart {
  const names: Readonly<Record<string, string>> = words.doorNames
  // A door that listens everywhere is reached by a name that the region file does not hold.
  const at = (host: string) => (/^(0\.0\.0\.0|::|\[::\])$/.test(host) ? `(${words.toFill})` : host)
  const rows = doors.map(({ name, host, port, tls }) => [
    names[name] ?? name,
    `${at(host)}:${port}`,
    tls ? words.tls : words.plain,
  ])
  return {
    title: words.doors,
    columns: [words.door, words.address, words.protection],
    rows: [...rows, [words.tryHttp, 'POST /sandbox/hl7', words.asDoor]],
    notes: [words.doorsTell],
  }
}

function headerPart({ flows, facilities, region }: OnboardingSheet, words: SheetWords, language: Language): SheetPart {
  const rows = [
    ['MSH-3', words.msh3],
    ['MSH-4', facilities.join(', ')],
    ['MSH-5, MSH-6', words.msh5(region)],
    ['MSH-10', words.msh10],
    ['MSH-11', words.msh11],
    ...flows.map(({ name, version, kinds }) => ['MSH-12', `${version} · ${name[language]} (${kinds.join(', ')})`]),
    ['MSH-15, MSH-16', words.msh15],
    ['MSH-18', words.msh18],
  ]
  return {
    title: words.header,
    columns: [words.field, words.value],
    rows,
    notes: flows.map(({ guide }) => words.pair(words.guide, guide)),
  }
}

function answersPart(words: SheetWords): SheetPart {
  return {
    title: words.answers,
    columns: [words.answer, words.meaning],
    rows: words.answerRows,
    notes: [words.answersTell],
  }
}

/** The sheet as Markdown. Pure. */
export function sheetMarkdown(sheet: OnboardingSheet, language: Language): string {
  const words = SHEET_WORDS[language]
  const cell = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ')
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  const parts = sheetParts(sheet, language).map(({ title, columns, rows, notes }) =>
    [
      `## ${title}`,
      ...notes.flatMap((note) => ['', note]),
      ...(rows.length === 0 ? [] : ['', line(columns), line(columns.map(() => '---')), ...rows.map(line)]),
    ].join('\n'),
  )
  return `# ${words.title(sheet.name, sheet.region)}\n\n${parts.join('\n\n')}\n`
}
