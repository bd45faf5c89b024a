import { type Caller, reaches, reachOf } from '../../../core/caller.ts'
import { type Framework, frameworkName } from '../../../core/conformity.ts'
import type { Asked, AskedFor } from '../../../core/conformity-commands.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Permission } from '../../../core/roles.ts'
import { helpOf } from '../../../formats/http/problem.ts'
import { reasonOf } from '../fields.ts'
import { type Html, html } from '../html.ts'
import { groupedChoice } from '../inputs.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'

/** What is typed into the forms of conformity. */
export type Typed = Readonly<Record<string, string>>

/** Nobody typed yet. */
export const UNTYPED: Typed = {}

/** What was typed, without what surrounds it. `longest`: of a field (characters). */
export function typedOf(fields: URLSearchParams, longest = 8_192): Typed {
  return Object.fromEntries([...fields].map(([name, value]) => [name, value.trim().slice(0, longest)]))
}

/** Why somebody does it. `id`: apart from the other reasons of the page. */
export function reasonInput(id: string, visit: KnownVisit, typed: Typed = UNTYPED): Html {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  return html`<label for="in-${id}">${words.reason} <span class="must">*</span></label><input id="in-${id}" name="reason" maxlength="500" required autocomplete="off" value="${typed['reason'] ?? ''}">`
}

/** Runs what a form asks for; what is refused comes back as a sentence. @throws what nobody foresaw */
export async function tried<Done>(
  visit: KnownVisit,
  fields: URLSearchParams,
  run: (why: string) => Promise<Done>,
): Promise<{ readonly done: Done } | { readonly fault: string }> {
  let why: string
  try {
    why = reasonOf(fields)
  } catch {
    return { fault: CONFORMITY_ACT_WORDS[visit.language].reasonMissing }
  }
  return refusedOr(visit, () => run(why))
}

/** The same for what needs no reason. */
export async function refusedOr<Done>(
  visit: KnownVisit,
  run: () => Promise<Done>,
): Promise<{ readonly done: Done } | { readonly fault: string }> {
  try {
    return { done: await run() }
  } catch (fault) {
    if (!(fault instanceof GatewayError) || fault.code === 'INTERNAL' || fault.code === 'NOT_FOUND') throw fault
    return { fault: helpOf(fault.code, visit.language) }
  }
}

/** What was refused, as it stands on top of a page. */
export function told(fault: string | null): Html | null {
  return fault === null ? null : html`<p class="alarm" role="alert" id="faults">${fault}</p>`
}

/** Name of an establishment, or its id where the region has it no more. */
export function nameOf({ config }: KnownVisit, id: string): string {
  return config.establishments.get(id)?.name ?? id
}

/** Establishments within the reach of a permission that are of one of these kinds, by name. */
export function establishmentsOf(
  { caller, config }: { readonly caller: Caller; readonly config: KnownVisit['config'] },
  permission: Permission,
  kinds: readonly string[] | null = null,
): readonly (readonly [id: string, name: string])[] {
  const reach = reachOf(caller, permission)
  return [...config.establishments.values()]
    .filter(({ id, kind }) => reaches(reach, id) && (kinds === null || kinds.includes(kind)))
    .map(({ id, name }) => [id, name] as const)
    .sort((a, b) => a[1].localeCompare(b[1], 'fr'))
}

/** The choice of a requirement, by framework: its value is `framework requirement`. */
export function requirementChoice(
  visit: KnownVisit,
  options: readonly (readonly [framework: Framework, id: string, told: string])[],
  value: string,
): Html {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const groups = Map.groupBy(options, ([framework]) => framework)
  return groupedChoice(
    { name: 'asked', label: words.requirement, help: words.requirementHelp, value, required: true },
    [...groups].map(([framework, own]) => [
      `${framework.name[visit.language]} ${framework.version}`,
      own.map(([, id, said]) => [`${frameworkName(framework)} ${id}`, `${id} · ${short(said)}`] as const),
    ]),
  )
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}

/** What a form is about. Pure. */
export function askedOf(typed: Typed): Asked {
  const [framework = '', requirement = ''] = (typed['asked'] ?? '').split(' ')
  return { establishment: typed['establishment'] ?? '', framework, requirement }
}

/** The same, as an address asks for it: `establishment`, `framework`, `requirement`. Pure. */
export function preselected(query: URLSearchParams): Typed {
  const [framework, requirement] = [query.get('framework'), query.get('requirement')]
  return {
    establishment: query.get('establishment') ?? '',
    asked: framework === null || requirement === null ? '' : `${framework} ${requirement}`,
  }
}

/** A requirement that asks for evidence, and what it asks for. */
export function askedText({ text, judging }: AskedFor, { language }: KnownVisit): string {
  return `${CONFORMITY_ACT_WORDS[language].accepts[judging.accepts]} · ${text[language]}`
}

/** The last day that counts before a moment at which something is over, in the region's time. */
export function lastDay(endMs: number, { language, config }: KnownVisit): Html {
  const day = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone: config.region.timeZone,
    dateStyle: 'medium',
  })
  return html`<time datetime="${new Date(endMs).toISOString()}">${day.format(endMs - 1)}</time>`
}

/** A day (`YYYY-MM-DD`) as people of the language write it. */
export function dayText(day: string, { language }: KnownVisit): string {
  const format = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'medium',
    timeZone: 'UTC',
  })
  const atMs = Date.parse(`${day}T00:00Z`)
  return Number.isNaN(atMs) ? day : format.format(atMs)
}
