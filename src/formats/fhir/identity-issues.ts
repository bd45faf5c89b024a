/** What is noticed about the identities in a resource, whatever its type: the rules I0 of HL7 v2 in the words of FHIR. Pure. */
import type { ErrorCode } from '../../core/errors.ts'
import type { FindingClass } from '../../core/message.ts'
import { nationalOfIdentifier } from '../identifiers/fhir-form.ts'
import { isUntrusted } from '../identifiers/identity-status.ts'
import { insAuthority, matriculeFault } from '../identifiers/ins.ts'
import { nationalFault } from '../identifiers/national.ts'
import { givenNamesAgree, matriculeDisagrees } from '../identifiers/traits.ts'
import { resourcesOf } from './bundle.ts'
import { reliabilityOf, statusesOf } from './identity-reliability.ts'
import {
  expressionOf,
  type Identities,
  type InsPlace,
  type JsonPath,
  type NumberPlace,
  type PatientPlace,
} from './ins-places.ts'
import { type JsonObject, objects, text } from './json-value.ts'

/** Something noticed, with its class (design, three classes of finding). */
export interface IdentityIssue {
  readonly error: ErrorCode
  readonly class: FindingClass
  /** Of valueset-issue-type. */
  readonly code: string
  readonly expression: string
  readonly params?: Readonly<Record<string, string | number>>
}

/** Issues of one resource at most. */
const MAX_ISSUES = 50
const DOCUMENTS: ReadonlySet<string> = new Set(['DocumentReference', 'Binary'])
const GENDERS: ReadonlySet<string> = new Set(['male', 'female'])

/** What the checks depend on beside the resource. */
export interface IdentityIssueOptions {
  /** The form of a matricule's body, where the region has its own. */
  readonly matricule?: RegExp | undefined
}

/** The issues of a resource whose identities were found; patients first. Parameters hold kinds, never a number. */
export function identityIssues(
  resource: JsonObject,
  identities: Identities,
  options: IdentityIssueOptions = {},
): IdentityIssue[] {
  const issues: IdentityIssue[] = []
  const place = (path: JsonPath): string => expressionOf(resource, path)
  for (const one of identities.patients) statusIssues(one, place, issues)
  for (const one of identities.patients) patientIssues(one, identities, place, issues)
  for (const one of identities.patients) rnivIssues(one, identities, place, issues)
  for (const one of identities.ins) insIssues(one, place, options, issues)
  const unqualified = identities.patients.some((one) => !one.qualified) || identities.ins.some((one) => !one.qualified)
  const document = unqualified && resourcesOf(resource).some((one) => DOCUMENTS.has(text(one['resourceType']) ?? ''))
  if (document) {
    issues.push({ error: 'INS_IN_DOCUMENT', class: 'form', code: 'business-rule', expression: place([]) })
  }
  for (const one of identities.numbers) numberIssues(one, place, issues)
  return issues.slice(0, MAX_ISSUES)
}

function statusIssues(
  { patient, path }: PatientPlace,
  place: (path: JsonPath) => string,
  issues: IdentityIssue[],
): void {
  const { status, comments } = reliabilityOf(patient)
  const both = comments.includes('DOUT') && comments.includes('FICT')
  if (both || (isUntrusted(comments) && status !== 'PROV')) {
    const expression = place([...path, 'extension'])
    issues.push({ error: 'STATUS_CONTRADICTED', class: 'contract', code: 'invariant', expression })
  }
}

/** Two numbers under one authority are two persons; and an INS goes with birth name, birth date and sex. */
function patientIssues(
  { patient, path, qualified }: PatientPlace,
  { ins }: Identities,
  place: (path: JsonPath) => string,
  issues: IdentityIssue[],
): void {
  const own = ins.filter((one) => one.ofPatient && isOf(one.path, path))
  if (own.length === 0) return
  const first = new Map<string, string>()
  for (const one of own) {
    const known = first.get(one.authority)
    if (known !== undefined && known !== one.id) {
      const expression = place([...path, 'identifier'])
      issues.push({ error: 'INS_AMBIGUOUS', class: 'safety', code: 'business-rule', expression })
      break
    }
    first.set(one.authority, one.id)
  }
  if (!qualified) return
  const missing = (name: string): void => {
    issues.push({ error: 'INS_TRAITS', class: 'contract', code: 'required', expression: place([...path, name]) })
  }
  const named = objects(patient['name']).some(({ use, family }) => use === 'official' && text(family) !== null)
  if (!named) missing('name')
  if (text(patient['birthDate']) === null) missing('birthDate')
  if (!GENDERS.has(text(patient['gender']) ?? '')) missing('gender')
}

/** First given names of a birth, of FrCore; the list of them stands beside it. */
const GIVEN_LIST = /birth-list-given-name$/

/**
 * What RNIV 1 (version 2.0) asks of an identity and a resource shows: one status (EXI SI 07), INSi not asked for a doubtful or invented
 * one (EXI SI 09), the first given name (EXI SI 29), an INS that agrees with sex and birth date (EXI PP 20). Named as the rules of
 * HL7 v2 (profiles/hl7v2/pid-rniv.yaml); nobody is refused for it. */
function rnivIssues(
  { patient, path, qualified }: PatientPlace,
  { ins }: Identities,
  place: (path: JsonPath) => string,
  issues: IdentityIssue[],
): void {
  const found = (rule: string, element: string, error: ErrorCode = 'CONTENT_DISAGREES'): void => {
    issues.push({
      error,
      class: 'form',
      code: 'business-rule',
      expression: place([...path, element]),
      params: { rule },
    })
  }
  if (statusesOf(patient).length > 1) found('RNIV-SI-07', 'extension')
  const { comments, method } = reliabilityOf(patient)
  if (isUntrusted(comments) && method === 'INSI') found('RNIV-SI-09-INSI', 'extension', 'VALUE_UNLISTED')
  const differ = objects(patient['name']).some((name) => {
    const list = objects(name['extension']).find(({ url }) => GIVEN_LIST.test(text(url) ?? ''))
    const [first] = Array.isArray(name['given']) ? name['given'] : []
    return !givenNamesAgree(text(first) ?? '', text(list?.['valueString']) ?? '')
  })
  if (differ) found('RNIV-SI-29', 'name')
  if (!qualified) return
  const sex = { male: 'M', female: 'F' }[text(patient['gender']) ?? ''] ?? ''
  const birth = (text(patient['birthDate']) ?? '').replaceAll('-', '')
  const own = ins.filter((one) => one.ofPatient && isOf(one.path, path) && insAuthority(one.authority) !== null)
  // Of two numbers under one authority none is held against the patient: that they are two is told.
  if (new Set(own.map(({ authority }) => authority)).size < own.length) return
  const against = own.map(({ id }) => matriculeDisagrees(id, { sex, birth }))
  if (against.includes('birth')) found('RNIV-PP-20', 'birthDate')
  if (against.includes('sex')) found('RNIV-PP-20', 'gender')
}

/** Is it `…identifier[n]` of the Patient at this place? */
function isOf(ins: JsonPath, patient: JsonPath): boolean {
  return ins.length === patient.length + 2 && patient.every((step, i) => ins[i] === step)
}

function insIssues(
  one: InsPlace,
  place: (path: JsonPath) => string,
  { matricule }: IdentityIssueOptions,
  issues: IdentityIssue[],
): void {
  const expression = place(one.path)
  if (!one.qualified) {
    const error = one.withheld ? 'INS_STRIPPED' : 'INS_UNPROVED'
    issues.push({ error, class: 'contract', code: 'invariant', expression })
  }
  const fault = matriculeFault(one.id, matricule)
  if (fault === null) return
  const grave = insAuthority(one.authority)?.production === true ? 'contract' : 'form'
  issues.push({ error: 'INS_KEY', class: grave, code: 'value', expression, params: { fault } })
}

/** Numbers of professionals and structures. */
function numberIssues(
  { path, identifier }: NumberPlace,
  place: (path: JsonPath) => string,
  issues: IdentityIssue[],
): void {
  const national = nationalOfIdentifier(identifier)
  const fault = national === null ? null : nationalFault(national)
  if (national === null || fault === null) return
  const params = { kind: national.kind, fault }
  issues.push({ error: 'IDENTIFIER_FAULT', class: 'form', code: 'value', expression: place(path), params })
}
