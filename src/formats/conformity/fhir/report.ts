/** What reports of conformity in FHIR (R4) have in common: addresses, the establishment, and the sentence of what they are not. */
import type { Use } from '../../../core/config.ts'
import type { Framework, InBoth } from '../../../core/conformity.ts'
import { STATEMENT_NOTICE } from '../../../core/conformity-statement.ts'
import type { Named } from '../../../core/conformity-views.ts'
import { stableId } from '../../bridge/stable-id.ts'
import type { JsonObject } from '../../fhir/json-value.ts'
import { FINESS_SYSTEM } from '../../identifiers/fhir-form.ts'
import { STATEMENT_WORDS } from '../words.ts'

/** Where our canonicals begin (RFC 2606: nobody can own it). */
export const BASE = 'https://passerelle.example/fhir'
/** System of the identifiers that reports bear. */
const REPORTS = `${BASE}/NamingSystem/conformity-report`

/** An establishment that is reported on. */
export interface ReportedSite extends Pick<Named, 'id' | 'name'> {
  readonly finess: { readonly ej: string | null; readonly eg: readonly string[] }
}

/** When, where and of what a report is made. */
export interface ReportPlace {
  readonly region: string
  readonly framework: Framework
  readonly use: Use
  /** ISO 8601 with offset. */
  readonly madeAt: string
  /** Days whose messages were counted, the first and the last. */
  readonly window: { readonly from: string; readonly to: string }
  readonly language: keyof InBoth
  /** Is the establishment a resource beside the report, in one Bundle? Else it stands inside. */
  readonly bundled: boolean
}

/** What a report is called by who keeps it: the same establishment, framework, use and day have the same. Pure. */
export function reportIdentifier(type: string, site: string, { framework, use, madeAt }: ReportPlace): JsonObject {
  const { id, version } = framework
  return { system: REPORTS, value: [type, site, `${id}@${version}`, use, madeAt.slice(0, 10)].join('/') }
}

/** `urn:uuid:` of a resource in a Bundle; the same names have the same. Pure. */
export function fullUrl(type: string, ...names: readonly string[]): string {
  return `urn:uuid:${stableId(type, REPORTS, ...names)}`
}

/** Where a report finds its establishment. Pure. */
export function siteReference({ id }: Pick<ReportedSite, 'id'>, { bundled }: ReportPlace): string {
  return bundled ? fullUrl('Organization', id) : '#establishment'
}

/** The establishment as region.yaml has it: legal entity first, then the places (FINESS). Pure. */
export function organizationOf({ id, name, finess }: ReportedSite): JsonObject {
  const identifiers = [
    ...(finess.ej === null ? [] : [finessIdentifier('FINEJ', finess.ej)]),
    ...finess.eg.map((one) => finessIdentifier('FINEG', one)),
    { system: `${BASE}/NamingSystem/establishment`, value: id },
  ]
  return { resourceType: 'Organization', identifier: identifiers, name }
}

/** The same as a resource of its own. Pure. */
export function bundledOrganization(site: ReportedSite): JsonObject {
  return { ...organizationOf(site), text: { status: 'generated', div: narrative([site.name]) } }
}

function finessIdentifier(code: 'FINEJ' | 'FINEG', value: string): JsonObject {
  const system = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203'
  return { type: { coding: [{ system, code }] }, system: FINESS_SYSTEM, value }
}

/** What every report begins with; `site` null: it is of the region. `title`: the sentence that its narrative begins with. Pure. */
export function headOf(type: string, site: ReportedSite | null, title: string, place: ReportPlace): JsonObject {
  const { language, use, bundled, framework } = place
  const words = STATEMENT_WORDS[language]
  const confirm = framework.confirm ? ` (${words.toConfirm})` : ''
  const about = `${framework.name[language]} ${framework.version}${confirm} · ${words.use} : ${words.uses[use]}`
  return {
    resourceType: type,
    meta: { tag: [{ system: `${BASE}/CodeSystem/conformity-use`, code: use, display: words.uses[use] }] },
    language,
    text: {
      status: 'generated',
      div: narrative([title, about, STATEMENT_NOTICE[language]], language),
    },
    ...(site === null || bundled ? {} : { contained: [{ ...organizationOf(site), id: 'establishment' }] }),
  }
}

function narrative(sentences: readonly string[], language?: string): string {
  const said = language === undefined ? '' : ` lang="${language}"`
  const paragraphs = sentences.map((one) => `<p>${inXhtml(one)}</p>`).join('')
  return `<div xmlns="http://www.w3.org/1999/xhtml"${said}>${paragraphs}</div>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function inXhtml(text: string): string {
  return text.replace(/[&<>"]/g, (one) => ENTITIES[one] ?? one)
}
