import type { FhirTarget } from '../../core/config.ts'
import type { Endpoint, FoundFault, ProbeFacts } from '../../core/probes.ts'
import { type JsonObject, list, object, objects, parseStrict, text } from '../../formats/fhir/json.ts'
import { ask, lateness, statusFault } from './http.ts'
import { type Asking, type Finding, fault, found, said } from './parts.ts'
import type { CapabilitySettings } from './settings.ts'

/** What frameworks may call interactions by. */
const ALIASES: Readonly<Record<string, string>> = { search: 'search-type', history: 'history-instance' }
/** Media types that a short name stands for. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  json: ['json', 'application/fhir+json', 'application/json'],
  xml: ['xml', 'application/fhir+xml', 'application/xml'],
}

/** Reads `/metadata` (FHIR R4 capabilitystatement.html) and holds it against what is required. Never rejects. */
export async function probeCapability(
  endpoint: Endpoint,
  settings: CapabilitySettings,
  asking: Asking,
): Promise<Finding> {
  const question = { method: 'GET', path: '/metadata', accept: 'application/fhir+json' } as const
  const asked = await ask(endpoint.target as FhirTarget, question, asking)
  if (!asked.ok) return asked.finding
  const { status, body, ms } = asked.answer
  const refused = statusFault(status, 'metadata')
  if (refused !== null) return found([refused], { answerMs: ms })
  const read = parseStrict(body)
  const statement = read.ok ? object(read.value) : null
  if (statement?.['resourceType'] !== 'CapabilityStatement') return found([fault('ANSWER_GARBAGE')], { answerMs: ms })
  const faults = [...capabilityFaults(statement, settings), ...lateness(ms, settings.withinMs)]
  return found(faults, { answerMs: ms, ...factsOf(statement) })
}

/** What a CapabilityStatement lacks of what is required. Pure. */
export function capabilityFaults(statement: JsonObject, settings: CapabilitySettings): FoundFault[] {
  const servers = objects(statement['rest']).filter(({ mode }) => mode === 'server')
  const resources = servers.flatMap(({ resource }) => objects(resource))
  return [
    ...versionFaults(statement, settings),
    ...Object.entries(settings.resources).flatMap(([type, wanted]) => resourceFaults(resources, type, wanted)),
    ...operationFaults([...servers, ...resources], settings),
    ...formatFaults(statement, settings),
    ...securityFaults(servers, settings),
  ]
}

function versionFaults(statement: JsonObject, { fhirVersion: wanted }: CapabilitySettings): FoundFault[] {
  const is = said(text(statement['fhirVersion'])) ?? '?'
  return wanted === null || is === wanted ? [] : [fault('FHIR_VERSION', { found: is, wanted })]
}

function resourceFaults(resources: readonly JsonObject[], type: string, wanted: readonly string[]): FoundFault[] {
  const declared = resources.filter((one) => one['type'] === type)
  if (declared.length === 0) return [fault('RESOURCE_LACKING', { resource: type })]
  const codes = new Set(declared.flatMap(({ interaction }) => objects(interaction)).map(({ code }) => code))
  return wanted
    .filter((one) => !codes.has(ALIASES[one] ?? one))
    .map((interaction) => fault('INTERACTION_LACKING', { resource: type, interaction }))
}

function operationFaults(holders: readonly JsonObject[], { operations }: CapabilitySettings): FoundFault[] {
  const declared = holders.flatMap(({ operation }) => objects(operation))
  const names = new Set(
    // Its definition's last part, for servers that name it otherwise.
    declared.flatMap(({ name, definition }) => [text(name), text(definition)?.split('/').at(-1)]),
  )
  return operations
    .filter((one) => !names.has(one) && ![...names].some((name) => name?.endsWith(`-${one}`)))
    .map((operation) => fault('OPERATION_LACKING', { operation }))
}

function formatFaults(statement: JsonObject, { formats }: CapabilitySettings): FoundFault[] {
  const declared = list(statement['format']).map((one) => String(text(one)).split(';', 1)[0])
  return formats
    .filter((one) => !(FORMATS[one] ?? [one]).some((name) => declared.includes(name)))
    .map((format) => fault('FORMAT_LACKING', { format }))
}

function securityFaults(servers: readonly JsonObject[], { security }: CapabilitySettings): FoundFault[] {
  const services = servers.flatMap((one) => objects(object(one['security'])?.['service']))
  const codes = new Set(services.flatMap(({ coding }) => objects(coding)).map(({ code }) => code))
  return security.filter((one) => !codes.has(one)).map((service) => fault('SECURITY_LACKING', { service }))
}

function factsOf(statement: JsonObject): ProbeFacts {
  const software = object(statement['software'])
  const name = said(text(software?.['name']))
  const version = said(text(software?.['version']))
  const fhirVersion = said(text(statement['fhirVersion']))
  return {
    ...(name !== null && { software: name }),
    ...(version !== null && { version }),
    ...(fhirVersion !== null && { fhirVersion }),
  }
}
