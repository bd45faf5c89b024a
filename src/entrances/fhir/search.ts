import { GatewayError } from '../../core/errors.ts'
import type { FhirReader, FhirReads, SearchPage, SearchParameter } from '../../core/fhir.ts'
import { parseQuery } from '../../formats/fhir/search-parameters.ts'
import type { Page, PageTokens } from './page-token.ts'

/** Resources on a page when nothing is asked. */
export const DEFAULT_COUNT = 50
/** Resources on a page at most. */
export const MAX_COUNT = 500
/** A search is carried in the links of its pages, and those must fit into the headers of a request. */
const MAX_QUERY = 4_096
/** Say nothing of a patient, so they may stand in a link. */
const OPEN_PARAMETERS: readonly string[] = ['_id', '_lastUpdated', 'status', 'start', 'schedule', 'service-type']
/** Identifiers of the patient whom something is about. */
const NAMING: readonly string[] = ['patient.identifier', 'subject.identifier']
const LOCAL = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/
/** Say how to answer, not what to find. */
const CONTROLS: readonly string[] = ['_format', '_pretty', '_count', '_page']

/** What searching needs. */
export interface SearchParts {
  readonly reads: FhirReads
  readonly tokens: PageTokens
  /** Absolute base of the door. */
  readonly base: string
  readonly reader: FhirReader
}

/** A control parameter of a query, or null. Named twice, the first counts. */
export function controlOf(parameters: readonly SearchParameter[], name: string): string | null {
  return parameters.find((one) => one.name === name)?.values[0] ?? null
}

/**
 * Reads the parameters of a URL or form.
 * @throws {GatewayError} BAD_REQUEST when they are malformed or too long */
export function readParameters(...queries: readonly string[]): readonly SearchParameter[] {
  const query = queries.filter((one) => one !== '').join('&')
  if (query.length > MAX_QUERY) throw new GatewayError('BAD_REQUEST')
  return query === '' ? [] : parseQuery(query)
}

/** Patients whom a search names by an identifier, `authority|identifier` each. */
function patientsOf({ type, parameters }: Page): readonly string[] {
  return parameters
    .filter(({ name }) => NAMING.includes(name) || (name === 'identifier' && type === 'Patient'))
    .flatMap(({ values }) => values)
    .map((value) => (value.includes('|') ? value.replace(/^urn:oid:/, '') : `|${value}`))
}

/**
 * Searches, or goes on with the search that `_page` holds: the JSON of a searchset Bundle (search.html §3.1.1), with the
 * patients whom the search names and those whom its page is about, for the audit. No link in it names what was searched for, save by status, `_id` and time.
 * @throws {GatewayError} BAD_REQUEST for what is not understood */
export async function searchset(
  type: string,
  parameters: readonly SearchParameter[],
  parts: SearchParts,
): Promise<{
  readonly json: string
  readonly patients: readonly string[]
  readonly patientKeys: readonly string[]
}> {
  const page = pageOf(type, parameters, parts)
  const { parameters: asked, count, after } = page
  const found = await parts.reads.search(type, asked, { count: Math.max(1, count), after }, parts.reader)
  // Where only the number is asked for, nothing of anybody is shown.
  const patientKeys = count === 0 ? [] : (found.patientKeys ?? [])
  return { json: bundle(found, page, parts), patients: patientsOf(page), patientKeys }
}

/** A reference to what is kept here, written with our own address: `Type/ID` is what it is known by. */
function ours({ values, ...parameter }: SearchParameter, base: string): SearchParameter {
  const shortened = values.map((value) =>
    value.startsWith(`${base}/`) && LOCAL.test(value.slice(base.length + 1)) ? value.slice(base.length + 1) : value,
  )
  return { ...parameter, values: shortened }
}

function pageOf(type: string, parameters: readonly SearchParameter[], { tokens, base, reader }: SearchParts): Page {
  const token = controlOf(parameters, '_page')
  const asked = parameters.filter(({ name }) => !CONTROLS.includes(name)).map((one) => ours(one, base))
  if (token !== null) {
    const page = tokens.read(token)
    if (page.type !== type || page.establishment !== reader.establishment || asked.length > 0) {
      throw new GatewayError('BAD_REQUEST')
    }
    return page
  }
  const written = controlOf(parameters, '_count') ?? `${DEFAULT_COUNT}`
  if (!/^\d{1,9}$/.test(written)) throw new GatewayError('BAD_REQUEST')
  const count = Math.min(Number(written), MAX_COUNT)
  return { type, parameters: asked, count, after: null, establishment: reader.establishment }
}

function bundle({ total, resources, next }: SearchPage, page: Page, { tokens, base }: SearchParts): string {
  const address = `${base}/${page.type}`
  const opaque = (one: Page): string => `${address}?_page=${tokens.write(one)}`
  const self = page.after === null ? openQuery(page) : null
  const links = [
    { relation: 'self', url: self === null ? opaque(page) : `${address}?${self}` },
    ...(next === null || page.count === 0 ? [] : [{ relation: 'next', url: opaque({ ...page, after: next }) }]),
  ]
  // The resources go as they are kept: read and written again, a number such as 1.00 would become another.
  const entries = page.count === 0 ? [] : resources
  const entry = entries.map(
    ({ type, id, json }) =>
      `{"fullUrl":${JSON.stringify(`${base}/${type}/${id}`)},"resource":${json},"search":{"mode":"match"}}`,
  )
  const head = `{"resourceType":"Bundle","type":"searchset","total":${total},"link":${JSON.stringify(links)}`
  return `${head}${entry.length === 0 ? '' : `,"entry":[${entry.join(',')}]`}}`
}

/** The search as a query, or null when a parameter might tell of a patient. */
function openQuery({ parameters, count }: Page): string | null {
  if (!parameters.every(({ name }) => OPEN_PARAMETERS.includes(name))) return null
  const asked = parameters.map(
    ({ name, modifier, values }) =>
      `${name}${modifier === null ? '' : `:${modifier}`}=${encodeURIComponent(values.join(','))}`,
  )
  return [...asked, `_count=${count}`].join('&')
}
