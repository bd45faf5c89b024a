import { GatewayError } from '../../core/errors.ts'
import { askOf, type FhirAsk } from '../../core/fhir.ts'
import type { Arrival, Finding } from '../../core/message.ts'
import type { Examined } from '../../core/self-check.ts'
import { isTest, kindsOf, patientIdentifiersOf, profilesOf } from '../../formats/fhir/facts.ts'
import { type JsonObject, text } from '../../formats/fhir/json.ts'
import { isTestIns } from '../../formats/fhir/patients.ts'
import { readResourceAsync } from '../../formats/fhir/resource.ts'
import { type FhirIssue, validateInSlices } from '../../formats/fhir/validate/validate.ts'
import type { AcceptParts } from '../accept.ts'
import { graveFirst, judged, messageOf } from './door.ts'

/**
 * A resource or Bundle as a create, transaction, batch or message would be judged, and what `$validate` says beside that.
 * @throws {GatewayError} CHECK_REAL_PATIENT */
export async function examineFhir(arrival: Arrival, parts: AcceptParts): Promise<Examined> {
  const read = await readResourceAsync(arrival.bytes)
  if (!read.ok) {
    const problems = read.problems.map(
      ({ error, expression }): Finding => ({ code: error, class: 'contract', at: expression }),
    )
    const [first] = read.problems
    const refused = { code: first?.error ?? ('RESOURCE_MALFORMED' as const), at: first?.expression ?? null }
    return { format: 'fhir', answer: 'refused', refused, messages: [], advice: problems }
  }
  const { resource } = read
  const real = patientIdentifiersOf(resource).some((one) => one.ins && !isTestIns(one))
  if (real || !isTest(resource)) throw new GatewayError('CHECK_REAL_PATIENT')
  const { answer, refused, intakes } = await judged({ ...arrival, fhir: askFor(resource) }, parts)
  const issues = await issuesOf(resource, parts)
  const own = intakes.map(messageOf)
  const told = new Set(own.flatMap(({ findings }) => findings.map(nameOf)))
  const unheard = {
    kind: kindsOf(resource)[0] ?? '',
    application: '',
    profiles: profilesOf(resource),
    findings: issues.filter(({ class: sort }) => sort !== 'form'),
  }
  const shown = own.length > 0 ? own : [{ ...unheard, findings: graveFirst(unheard.findings) }]
  const inUnheard = own.length > 0 ? [] : unheard.findings
  return {
    format: 'fhir',
    answer,
    refused,
    messages: shown,
    advice: graveFirst(issues.filter((one) => !told.has(nameOf(one)) && !inUnheard.includes(one))),
  }
}

/** Bundles of these types are handed over at the base; all else is created. */
const AT_THE_BASE: Readonly<Record<string, FhirAsk['interaction']>> = {
  transaction: 'transaction',
  batch: 'batch',
  message: 'process-message',
}

function askFor(resource: JsonObject): FhirAsk {
  const type = text(resource['resourceType']) ?? ''
  const interaction = type === 'Bundle' ? AT_THE_BASE[text(resource['type']) ?? ''] : undefined
  return interaction === undefined ? askOf('create', type) : askOf(interaction, null)
}

async function issuesOf(resource: JsonObject, { definitions, config }: AcceptParts): Promise<readonly Finding[]> {
  if (definitions === undefined) return []
  const profiles = config().fhir?.profiles ?? new Map<string, readonly string[]>()
  return (await validateInSlices(resource, await definitions(), { profiles, bestPractice: true })).map(findingOf)
}

function findingOf({ error, class: sort, severity, expression, rule }: FhirIssue): Finding {
  const params = rule === null ? {} : { params: { rule } }
  return { code: error, class: severity === 'error' ? sort : 'form', at: expression, ...params }
}

function nameOf({ code, at, params }: Finding): string {
  return [code, at, params?.['rule']].join(' ')
}
