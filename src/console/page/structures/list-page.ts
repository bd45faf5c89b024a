import type { EstablishmentKind } from '../../../core/config.ts'
import {
  STRUCTURE_LEVELS,
  type Structure,
  type StructureAsk,
  type StructureChoices,
  type StructureCounts,
  type StructureLevel,
  type StructureViews,
} from '../../../core/structures.ts'
import { CONFIGURATION_WORDS } from '../configuration/words.ts'
import { select } from '../conformity/frame.ts'
import { type Html, html } from '../html.ts'
import { listing } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { BASE, frame, kindOf, pathOf } from './frame.ts'
import { STRUCTURE_WORDS } from './words.ts'

/** Structures of one page. */
const MOST = 50
const TEXTS = ['q', 'commune'] as const
const CHOSEN = ['kind', 'department', 'level', 'ght', 'body', 'declared'] as const

/** The register: what is asked, and a page of what is found. */
export async function listPage(visit: KnownVisit, views: StructureViews): Promise<PageBody> {
  const words = STRUCTURE_WORDS[visit.language]
  const asked = askedOf(visit.query)
  const after = /^[sl]\d{1,15}$/.exec(visit.query.get('after') ?? '')?.[0] ?? null
  const [page, counts, choices] = await Promise.all([
    views.search(askOf(asked), { limit: MOST, after }),
    views.counts(),
    views.choices(),
  ])
  const more = new URLSearchParams([...asked, ['after', page.next ?? '']])
  const csv = new URLSearchParams([...asked])
  const body = html`<p>${words.lead}</p>
${form(visit, asked, counts, choices)}
${results(visit, page.structures)}
${page.next === null ? null : html`<p><a href="${BASE}?${more.toString()}">${words.more}</a></p>`}
<p><a href="/api/structures.csv?${csv.toString()}">${words.csv}</a></p>`
  return frame(visit, 'list', words.title, body)
}

type Asked = ReadonlyMap<string, string>

function askedOf(query: URLSearchParams): Asked {
  const pairs = [...TEXTS, ...CHOSEN].map((name) => [name, (query.get(name) ?? '').trim().slice(0, 200)] as const)
  const known = (name: string, value: string): boolean => {
    if (name === 'level') return STRUCTURE_LEVELS.some((one) => one === value)
    if (name === 'kind') return Object.hasOwn(CONFIGURATION_WORDS.fr.kinds, value)
    if (name === 'declared') return value === 'true' || value === 'false'
    return value !== ''
  }
  return new Map(pairs.filter(([name, value]) => known(name, value)))
}

function askOf(asked: Asked): StructureAsk {
  const texts = { q: 'words', commune: 'commune', department: 'department', ght: 'ght', body: 'body' } as const
  const told = Object.entries(texts).flatMap(([name, field]) => {
    const value = asked.get(name)
    return value === undefined ? [] : [[field, value] as const]
  })
  const [kind, level, declared] = [asked.get('kind'), asked.get('level'), asked.get('declared')]
  return {
    ...Object.fromEntries(told),
    ...(kind !== undefined && { kind: kind as EstablishmentKind }),
    ...(level !== undefined && { level: level as StructureLevel }),
    ...(declared !== undefined && { declared: declared === 'true' }),
  }
}

function form(visit: KnownVisit, asked: Asked, counts: StructureCounts, { ghts, bodies }: StructureChoices): Html {
  const { language } = visit
  const words = STRUCTURE_WORDS[language]
  const kinds = CONFIGURATION_WORDS[language].kinds
  const same = (values: readonly string[]) => values.map((value) => [value, value] as const)
  const choices: Readonly<Record<(typeof CHOSEN)[number], readonly (readonly [string, string])[]>> = {
    kind: (Object.keys(kinds) as EstablishmentKind[])
      .filter((kind) => counts.kinds[kind] !== undefined)
      .map((kind) => [kind, kinds[kind]]),
    department: same(Object.keys(counts.departments).sort()),
    level: STRUCTURE_LEVELS.map((level) => [level, words.levels[level]]),
    ght: same(ghts),
    body: same(bodies),
    declared: [
      ['true', words.yes],
      ['false', words.no],
    ],
  }
  return html`<form class="filters" method="get" action="${BASE}" role="search">${TEXTS.map(
    (name) =>
      html`<div><label for="f-${name}">${words.filters[name]}</label><input id="f-${name}" name="${name}" type="search" maxlength="200" value="${asked.get(name) ?? ''}" autocomplete="off"></div>`,
  )}${CHOSEN.map((name) =>
    choices[name].length === 0
      ? null
      : select(name, words.filters[name], asked.get(name) ?? '', [['', words.all], ...choices[name]]),
  )}<button>${words.search}</button></form>`
}

function results(visit: KnownVisit, structures: readonly Structure[]): Html {
  const words = STRUCTURE_WORDS[visit.language]
  const joined = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(' · ')
  const rows = structures.map((one) => ({
    cells: [
      html`<a href="${pathOf(one.finess)}">${one.name}</a>${one.ejName === null ? null : html` <span class="quiet">${one.ejName}</span>`}`,
      html`${one.finess} <span class="quiet">${one.level.toUpperCase()}</span>`,
      html`${joined([kindOf(one.kind, visit), one.categoryName])}`,
      html`${joined([one.commune, one.department])}`,
      html`${joined([one.ght, one.body])}`,
      html`${one.establishment === null ? '' : words.yes}`,
    ],
  }))
  const { name, finess, kind, commune, ght, declared } = words.columns
  const columns = [name, finess, kind, commune, ght, declared].map((title) => ({ name: title }))
  return listing('found', words.found, columns, rows, words.noneFound)
}
