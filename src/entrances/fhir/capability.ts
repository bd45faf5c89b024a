import type { CareService } from '../../core/services.ts'
import { resourceTypes } from '../../formats/fhir/resource-types.ts'
import { TOKEN_PATH } from '../http/token-endpoint.ts'

/** Interactions of every type, as the routes of fhir.ts answer them. */
export const TYPE_INTERACTIONS = ['read', 'vread', 'create', 'update', 'patch', 'search-type'] as const
/** Formats of a patch. */
export const PATCH_FORMATS: readonly string[] = ['application/json-patch+json', 'application/fhir+json']

const SEARCH = [
  { name: '_id', type: 'token' },
  { name: '_lastUpdated', type: 'date' },
  { name: 'identifier', type: 'token' },
  { name: 'patient', type: 'reference' },
  { name: 'status', type: 'token' },
]

/** Beside them, of a Task. */
const TASK_SEARCH = [
  { name: 'based-on', type: 'reference' },
  { name: 'business-status', type: 'token' },
  { name: 'focus', type: 'reference' },
  { name: 'owner', type: 'reference' },
  { name: 'requester', type: 'reference' },
]

/** Of time that is offered: it is no patient's, and is read as it stands. */
const SLOT_SEARCH = [
  ...SEARCH.filter(({ name }) => name !== 'patient'),
  { name: 'schedule', type: 'reference' },
  { name: 'service-type', type: 'token' },
  { name: 'specialty', type: 'token' },
  { name: 'start', type: 'date' },
]
/** Beside what all resources are searched by, of a Schedule. */
const SCHEDULE_SEARCH = [
  { name: 'actor', type: 'reference', documentation: 'Also by `actor:identifier`; the FINESS number of its centre' },
  { name: 'service-type', type: 'token' },
  { name: 'specialty', type: 'token' },
]

const MAILBOX_SEARCH = [
  {
    name: 'mailbox-mss',
    type: 'string',
    documentation:
      'Address of a mailbox of MSSanté, from its beginning; also `:exact` and `:contains` (three letters or more)',
  },
  { name: 'mailbox-mss-type', type: 'token', documentation: 'PER, ORG, APP, CAB' },
]
/** Beside what all resources are searched by, of those that hold mailboxes of the directory. */
const HOLDER_SEARCH: Readonly<Record<string, readonly object[]>> = {
  Practitioner: [
    ...MAILBOX_SEARCH,
    { name: 'name', type: 'string' },
    { name: 'family', type: 'string' },
    { name: 'given', type: 'string' },
  ],
  PractitionerRole: [
    ...MAILBOX_SEARCH,
    { name: 'practitioner', type: 'reference', documentation: 'Also by `practitioner:identifier`' },
    { name: 'organization', type: 'reference', documentation: 'Also by `organization:identifier`' },
    { name: 'specialty', type: 'token' },
    { name: 'role', type: 'token' },
  ],
  Organization: [
    ...MAILBOX_SEARCH,
    {
      name: 'partof',
      type: 'reference',
      documentation: 'Places of a legal entity of the register; also by `partof:identifier`',
    },
    { name: 'name', type: 'string' },
    { name: 'address-city', type: 'string' },
    { name: 'address-postalcode', type: 'string' },
  ],
}

/** Search parameters of a type. */
function searchOf(type: string): readonly object[] {
  if (type === 'Slot') return SLOT_SEARCH
  if (type === 'Task') return [...SEARCH, ...TASK_SEARCH]
  if (type === 'Schedule') return [...SEARCH, ...SCHEDULE_SEARCH]
  return [...SEARCH, ...(HOLDER_SEARCH[type] ?? [])]
}

/** What a capability statement says of this door. */
export interface Described {
  /** Of the address called. */
  readonly origin: string
  readonly base: string
  readonly version: string
  /** Profiles that resources are validated against when they claim them. */
  readonly profiles: readonly { readonly url: string; readonly type: string }[]
  /** Services of telemedicine that are offered. */
  readonly services: readonly CareService[]
}

/** How a request is told to be one of a service, for who writes the sending system. */
function offered(services: readonly CareService[]): string {
  const lines = services
    .filter(({ opens }) => opens.includes('ServiceRequest'))
    .map(({ title, code }) => `- ${title.fr} (${title.en}): \`${code.system}|${code.code}\``)
  return `Requests of telemedicine open a case. Services offered, each with its code:\n\n${lines.join('\n')}`
}

/** What this door does, no more and no less (FHIR R4 capabilitystatement.html). */
export function capabilityStatement({ origin, base, version, profiles, services }: Described): object {
  const byType = Map.groupBy(profiles, ({ type }) => type)
  const resource = resourceTypes().map((type) => ({
    type,
    ...(byType.has(type) && { supportedProfile: byType.get(type)!.map(({ url }) => url) }),
    ...(type === 'ServiceRequest' && services.length > 0 && { documentation: offered(services) }),
    interaction: TYPE_INTERACTIONS.map((code) => ({ code })),
    versioning: 'versioned',
    // Time that is offered has only the version as it stands.
    readHistory: type !== 'Slot',
    updateCreate: false,
    conditionalCreate: true,
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    searchParam: searchOf(type),
    operation: [{ name: 'validate', definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate' }],
  }))
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-01-01',
    kind: 'instance',
    software: { name: 'Passerelle', version },
    implementation: { description: 'Passerelle', url: base },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json'],
    patchFormat: PATCH_FORMATS,
    rest: [
      {
        mode: 'server',
        security: {
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'Certificates' },
              ],
            },
          ],
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: [{ url: 'token', valueUri: origin + TOKEN_PATH }],
            },
          ],
        },
        resource,
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        operation: [
          {
            name: 'process-message',
            definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
          },
        ],
      },
    ],
  }
}

/** Where and how an access token is to be had (SMART App Launch 2, Backend Services). */
export function smartConfiguration(origin: string): object {
  return {
    token_endpoint: origin + TOKEN_PATH,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: ['system/*.cruds', 'system/*.rs', 'system/*.cu'],
    capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  }
}
