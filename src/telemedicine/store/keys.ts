import { type Case, type CaseRequest, partyKey } from '../../core/cases.ts'
import { alertedCentres } from '../case/climb.ts'
import { isIns } from '../case/identity.ts'

/** HMAC of `authority|value`, as the intake makes its search keys. */
export type Search = (authority: string, value: string) => string

/** Key of a study, by its Study Instance UID. */
export const studyKey = (search: Search, uid: string): string => `study:${search('study', uid)}`
/** Key of a study at a site, by its accession number. */
export const accessionKey = (search: Search, site: string, accession: string): string =>
  `${site}:${search('accession', accession)}`
/** Key of an order at a site, by its placer number. */
export const orderKey = (
  search: Search,
  site: string,
  { authority, value }: NonNullable<CaseRequest['placer']>,
): string => `${site}:${search(`order|${authority ?? ''}`, value)}`

/**
 * What a request may join by: what its reader gave, identifiers of the patient in the domain of the site, its order. The INS
 * counts in every domain when it is qualified, else in none: not even what a reader made of it. A name never counts. */
export function requestKeys(
  { keys, patient, site, placer }: Pick<CaseRequest, 'keys' | 'patient' | 'site' | 'placer'>,
  search: Search,
): readonly string[] {
  const made = patient.identifiers.map(({ authority, value, type }) => ({
    key: search(authority.replace(/^urn:oid:/, ''), value),
    ins: isIns({ authority, type }),
  }))
  const national = new Set(made.filter(({ ins }) => ins).map(({ key }) => key))
  const given = keys.filter((key) => !key.startsWith(partyKey('')) && !national.has(key.slice(key.indexOf(':') + 1)))
  const own = made.filter(({ ins }) => !ins).map(({ key }) => `${site}:${key}`)
  const joins = patient.status === 'qualified' ? [...national].map((key) => `INS:${key}`) : []
  return [...new Set([...given, ...own, ...joins, ...(placer === null ? [] : [orderKey(search, site, placer)])])]
}

/** Before the key of a form that was shown, and of what was written down afterwards: no message bears either. */
const OWN = /^(form|late):/

/**
 * What a request that is written down afterwards is known again by: the form it was sent from, and its patient, service and true
 * times, told by whichever way. Never the patient alone: an event of another day is another case. */
export function lateKeys(
  { keys, patient, service, site, times, atMs, test, drill }: CaseRequest,
  search: Search,
): readonly string[] {
  const identifiers = patient.identifiers
    .filter(({ type }) => type !== 'VN')
    .map(({ authority, value }) => `${authority.replace(/^urn:oid:/, '')}|${value}`)
    .toSorted()
  const told = Object.entries(times)
    .map(([name, time]) => `${name}=${time?.atMs ?? ''}`)
    .toSorted()
  const forms = keys.filter((key) => key.startsWith('form:'))
  if (identifiers.length === 0) return forms
  const same = JSON.stringify([service, site, test, drill, atMs, identifiers, told])
  return [...forms, `late:${search('late', same)}`]
}

/** What the messages and requests of an open case are known by. Of one that was written down afterwards: only how it came. */
export function caseKeys({ requests, studies, climbs, site, late }: Case, search: Search): readonly string[] {
  if (late) return [...new Set(requests.flatMap(({ keys }) => keys.filter((key) => OWN.test(key))))]
  const named = studies.flatMap(({ uid, accession }) => [
    ...(uid === null ? [] : [studyKey(search, uid)]),
    ...(accession === null ? [] : [accessionKey(search, site, accession)]),
  ])
  const parties = alertedCentres({ climbs }).map(partyKey)
  return [...new Set([...requests.flatMap(({ keys }) => keys), ...named, ...parties])]
}
