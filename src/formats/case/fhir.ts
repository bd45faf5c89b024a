/** What FHIR resources say of a case: a request alone or in a Bundle, and what answers or belongs to one. */
import type { Act, CaseAnswer, CasePatient, CaseRequest } from '../../core/cases.ts'
import { stableId } from '../bridge/stable-id.ts'
import { resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import { authorityOf } from '../fhir/patients.ts'
import { typeCodes } from '../identifiers/fhir-form.ts'
import { biologyOf, codedOf, consentOf, scoreOf, studyOfResource, timesOf } from './fhir-clinical.ts'
import { mergesTold, patientTold } from './fhir-identity.ts'
import { follow, followAll, type Linked, literalOf, referencesAt } from './fhir-links.ts'
import { askerOf, patientOf, treatingDoctorOf } from './fhir-people.ts'
import { type CaseFacts, type CaseRead, NOTHING_READ, orderKey, type Placer, studyKeys } from './reading.ts'
import { isLetter } from './task-parts.ts'

/** Code systems and marks of the gateway's own (profiles/fhir/fsh/cases.fsh). */
export const CASE_MARKS = 'https://passerelle.example/fhir/CodeSystem/case-mark'
const ASKING: ReadonlySet<string> = new Set(['active', 'on-hold'])
const TAKEN_BACK: ReadonlySet<string> = new Set(['revoked', 'entered-in-error'])
/** Longest text of an act that is read from a resource. */
const MOST_TEXT = 20_000

/** Reads a resource or a Bundle, with what it leads to in `facts.kept`. */
export function readFhirCase(root: JsonObject, facts: CaseFacts): CaseRead {
  if (root['resourceType'] === 'Patient') return patientTold(root, facts)
  const linked: Linked = { root, kept: facts.kept }
  const all = resourcesOf(root)
  const requests = all.filter(({ resourceType }) => resourceType === 'ServiceRequest')
  const asking = requests.find(({ status }) => ASKING.has(text(status) ?? ''))
  const back = requests.find(({ status }) => TAKEN_BACK.has(text(status) ?? ''))
  const answers = all.map((one) => answerOf(one, facts)).filter((one) => one !== null)
  if (asking === undefined) {
    const merges = mergesTold(root, facts)
    return {
      ...NOTHING_READ,
      // A merge says who is whom: what comes with it is of either.
      patient: merges.acts.length > 0 ? null : namedIn(all, linked, facts),
      cancels: back === undefined ? null : placerOf(back),
      cancelReason: back === undefined ? '' : whyOf(back),
      acts: [
        ...merges.acts,
        ...clinical(
          all.filter((one) => aboutOf(one) === null),
          facts,
        ),
      ],
      keys: [...new Set([...merges.keys, ...keysOfAll(all, linked, facts)])],
      answers,
    }
  }
  const together = [...new Set([...all, ...supportOf(asking, linked)])]
  return {
    ...NOTHING_READ,
    patient: namedIn(together, linked, facts),
    request: requestOf(asking, together, linked, facts),
    acts: clinical(together, facts).filter(({ what }) => what !== 'study' && what !== 'consent'),
    keys: keysOfAll(together, linked, facts),
    answers: [],
  }
}

function supportOf(request: JsonObject, linked: Linked): JsonObject[] {
  const led = ['supportingInfo', 'reasonReference'].flatMap((one) => followAll(request, one, linked))
  return [...objects(request['contained']), ...led]
}

function requestOf(request: JsonObject, together: readonly JsonObject[], linked: Linked, facts: CaseFacts) {
  const found = patientOf(request, linked, facts)
  if (found === null) return null
  const { asker, callBack } = askerOf(request, linked, facts)
  const placer = placerOf(request)
  const studies = studiesOf(together)
  const reasons = objects(request['reasonCode'])
  const made: CaseRequest = {
    id: stableId('CaseRequest', facts.service, facts.message),
    service: facts.service,
    via: 'fhir',
    message: facts.message,
    atMs: facts.receivedAtMs,
    site: facts.site,
    unit: unitOf(request, linked),
    asker,
    callBack,
    patient: found.patient,
    keys: keysOfAll(together, linked, facts),
    placer,
    reason: reasonOf(request),
    coded: codedOf(reasons),
    times: timesOf(together, facts),
    answers: {},
    studies,
    attachments: attachmentsOf(request, linked),
    consent: consentOf(together, facts),
    treatingDoctor: treatingDoctorOf(request, linked, facts),
    test: facts.test,
    drill: isDrill(request),
    late: false,
  }
  return made
}

/** The number of a request at whoever asked: the identifier of type PLAC, else the first that is no accession number. */
export function placerOf(request: JsonObject): Placer | null {
  const named = objects(request['identifier']).filter((one) => text(one['value']) !== null)
  const of = (code: string) => named.find((one) => typeCodes(one).includes(code))
  const found = of('PLAC') ?? named.find((one) => !typeCodes(one).some((code) => code === 'ACSN' || code === 'FILL'))
  if (found === undefined) return null
  return { authority: authorityOf(found['system']) || null, value: text(found['value'])! }
}

/** Words of the reasons and notes, or those of the codes. */
function reasonOf(request: JsonObject): string {
  const reasons = objects(request['reasonCode'])
  const said = [
    ...reasons.map((one) => text(one['text'])),
    ...objects(request['note']).map((one) => text(one['text'])),
  ].filter((one) => one !== null)
  const words = said.length > 0 ? said : codedOf(reasons).map(({ display, code }) => display || code)
  return words.join('\n').slice(0, MOST_TEXT)
}

/** Why it was taken back, in the note; '' when nobody says. */
function whyOf(request: JsonObject): string {
  return (text(objects(request['note']).at(-1)?.['text']) ?? '').slice(0, MOST_TEXT)
}

/** The unit of the patient's stay, by its place or its structure. */
function unitOf(request: JsonObject, linked: Linked): string | null {
  const [encounter] = followAll(request, 'encounter', linked)
  if (encounter === undefined) return null
  const [place] = objects(encounter['location']).map((one) => object(one['location']))
  const provider = object(encounter['serviceProvider'])
  return nameOfReference(place ?? null) ?? nameOfReference(provider)
}

function nameOfReference(reference: JsonObject | null): string | null {
  return text(object(reference?.['identifier'])?.['value']) ?? text(reference?.['display'])
}

/** Documents and photos, by the reference under which they are kept. */
function attachmentsOf(request: JsonObject, linked: Linked): string[] {
  return referencesAt(request, 'supportingInfo')
    .filter((one) =>
      ['DocumentReference', 'Media'].includes(text(follow(one, request, linked)?.['resourceType']) ?? ''),
    )
    .map((one) => text(one['reference']))
    .filter((one) => one !== null)
}

function studiesOf(resources: readonly JsonObject[]) {
  const found = resources.map(studyOfResource).filter((one) => one !== null)
  return [...new Map(found.map((one) => [one.uid ?? one.accession, one])).values()]
}

/** Is the resource marked as a drill (meta.tag)? */
export function isDrill(resource: JsonObject): boolean {
  return objects(object(resource['meta'])?.['tag']).some(
    ({ system, code }) => system === CASE_MARKS && code === 'drill',
  )
}

function clinical(resources: readonly JsonObject[], facts: CaseFacts): Act[] {
  const times = Object.entries(timesOf(resources, facts)) as [keyof CaseRequest['times'], never][]
  const consent = consentOf(resources, facts)
  const hasRequest = resources.some(({ resourceType }) => resourceType === 'ServiceRequest')
  return [
    ...[scoreOf(resources, facts), biologyOf(resources, facts)].filter((one) => one !== null),
    ...studiesOf(resources).map((study): Act => ({ what: 'study', study })),
    ...(consent === null ? [] : [{ what: 'consent', consent } satisfies Act]),
    // A request holds its times.
    ...(hasRequest ? [] : times.map(([name, time]): Act => ({ what: 'tell-time', name, time }))),
  ]
}

function keysOfAll(resources: readonly JsonObject[], linked: Linked, facts: CaseFacts): string[] {
  const keys = new Set<string>()
  for (const one of resources) {
    for (const key of patientOf(one, linked, facts)?.keys ?? []) keys.add(key)
    const placer = one['resourceType'] === 'ServiceRequest' ? placerOf(one) : null
    if (placer !== null) keys.add(orderKey(placer, facts))
    const study = studyOfResource(one)
    for (const key of study === null ? [] : studyKeys(study, facts)) keys.add(key)
  }
  return [...keys]
}

/** The patient of these resources, as the fullest of them has it; null: nobody is told, or several are. */
function namedIn(resources: readonly JsonObject[], linked: Linked, facts: CaseFacts): CasePatient | null {
  const all = resources.flatMap((one) => patientOf(one, linked, facts)?.patient ?? [])
  const full = all.filter(({ birthDate }) => birthDate !== null)
  const told = new Map((full.length > 0 ? full : all).map((one) => [JSON.stringify(one), one]))
  return told.size === 1 ? [...told.values()][0]! : null
}

/** The request or Task that a resource is made for; null: it says of none. */
function aboutOf(resource: JsonObject): { readonly about: string | null; readonly placer: Placer | null } | null {
  for (const element of ['basedOn', 'about']) {
    for (const reference of referencesAt(resource, element)) {
      const literal = literalOf(reference)
      if (literal !== null && /^(ServiceRequest|Task)\//.test(literal)) return { about: literal, placer: null }
      const identifier = object(reference['identifier'])
      const value = text(identifier?.['value'])
      if (value === null || !['ServiceRequest', 'Task', null].includes(text(reference['type']))) continue
      return { about: null, placer: { authority: authorityOf(identifier!['system']) || null, value } }
    }
  }
  return null
}

/** What a resource that is made for a request does to its case; null: nothing. */
function answerOf(resource: JsonObject, facts: CaseFacts): CaseAnswer | null {
  const about = aboutOf(resource)
  if (about === null || VOID.has(text(resource['status']) ?? '')) return null
  const acts = actsOf(resource, facts)
  return acts.length === 0 ? null : { ...about, acts }
}

const VOID: ReadonlySet<string> = new Set(['entered-in-error', 'cancelled', 'not-done', 'registered'])

function actsOf(resource: JsonObject, facts: CaseFacts): Act[] {
  switch (resource['resourceType']) {
    case 'Communication':
      if (isLetter(resource)) return written(communicated(resource))
      return advice(communicated(resource), codedOf(objects(resource['reasonCode'])))
    case 'DiagnosticReport':
      return advice(text(resource['conclusion']) ?? '', codedOf(objects(resource['conclusionCode'])))
    case 'Observation':
    case 'ImagingStudy':
    case 'Consent':
      return clinical([resource], facts)
    default:
      return []
  }
}

function communicated(resource: JsonObject): string {
  const said = objects(resource['payload']).map((one) => text(one['contentString']))
  const noted = objects(resource['note']).map((one) => text(one['text']))
  return [...said, ...noted].filter((one) => one !== null).join('\n')
}

function written(said: string): Act[] {
  return said === '' ? [] : [{ what: 'write', text: said.slice(0, MOST_TEXT) }]
}

function advice(said: string, coded: ReturnType<typeof codedOf>): Act[] {
  const words = said || coded.map(({ display, code }) => display || code).join('\n')
  return words === '' ? [] : [{ what: 'advise', text: words.slice(0, MOST_TEXT), coded }]
}
