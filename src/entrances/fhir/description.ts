/** What OpenAPI says of the routes of the FHIR door. */
import { Type } from '@fastify/type-provider-typebox'

const FHIR_JSON = 'application/fhir+json'
const Resource = Type.Object({ resourceType: Type.String() }, { additionalProperties: true, description: 'A resource' })
const Outcome = Type.Object(
  {
    resourceType: Type.Literal('OperationOutcome'),
    issue: Type.Array(Type.Object({}, { additionalProperties: true })),
  },
  { description: 'What went wrong, with a code of docs/errors.md in details.coding' },
)
const Searchset = Type.Object(
  {
    resourceType: Type.Literal('Bundle'),
    type: Type.Literal('searchset'),
    total: Type.Integer({ minimum: 0 }),
    link: Type.Array(Type.Object({ relation: Type.String(), url: Type.String() })),
    entry: Type.Optional(Type.Array(Type.Object({ fullUrl: Type.String(), resource: Resource }))),
  },
  { description: 'Matches, and the address of the next page' },
)
const TYPE = Type.String({ description: 'A resource type of FHIR R4' })
const ID = Type.String({ pattern: '^[A-Za-z0-9\\-.]{1,64}$' })
const OfType = Type.Object({ type: TYPE })
const OfId = Type.Object({ type: TYPE, id: ID })
const OfVersion = Type.Object({ type: TYPE, id: ID, version: Type.Integer({ minimum: 1 }) })
const Query = Type.Object({
  _id: Type.Optional(Type.String()),
  _lastUpdated: Type.Optional(Type.String({ description: '`ge2026-01-01`' })),
  status: Type.Optional(Type.String()),
  identifier: Type.Optional(Type.String({ description: '`system|value`; of a patient, by POST' })),
  patient: Type.Optional(Type.String({ description: 'Id of a Patient' })),
  start: Type.Optional(
    Type.String({ description: 'Of a Slot: `ge2026-12-01T08:00:00%2B01:00`; more than once: between' }),
  ),
  schedule: Type.Optional(Type.String({ description: 'Of a Slot: `Schedule/ID`' })),
  'service-type': Type.Optional(Type.String({ description: 'Of a Slot or Schedule: `system|code`' })),
  'actor:identifier': Type.Optional(Type.String({ description: 'Of a Schedule: `system|FINESS` of its centre' })),
  _count: Type.Optional(Type.Integer({ minimum: 0, maximum: 500, default: 50 })),
  _page: Type.Optional(Type.String({ description: 'As the link `next` of the page before has it' })),
})

const described = (summary: string, more: object = {}, ok: Readonly<Record<string, object>> = { 200: Resource }) => ({
  summary,
  tags: ['FHIR R4'],
  produces: [FHIR_JSON],
  ...more,
  response: { ...ok, '4xx': Outcome, '5xx': Outcome },
})
const posted = { consumes: [FHIR_JSON], body: Resource }

/** By method and address below the base. */
export const DESCRIBED: Readonly<Record<string, object>> = {
  'GET /metadata': described('What this server does: its CapabilityStatement'),
  'GET /.well-known/smart-configuration': { ...described('How to get an access token'), tags: ['Sign-in'] },
  'POST /': described('A Bundle: transaction, batch or message', posted),
  'POST /$process-message': described('A message: its response Bundle', posted),
  'POST /:type': described(
    'Creates a resource; If-None-Exist makes it conditional',
    { ...posted, params: OfType },
    {
      200: Resource,
      201: Resource,
    },
  ),
  'GET /:type': described('Searches', { params: OfType, querystring: Query }, { 200: Searchset }),
  'POST /:type/_search': described(
    'Searches, by what may not stand in an address',
    { params: OfType, consumes: ['application/x-www-form-urlencoded'], body: Query },
    { 200: Searchset },
  ),
  'POST /:type/$validate': described(
    'Judges a resource and keeps nothing',
    { ...posted, params: OfType },
    { 200: Outcome },
  ),
  'GET /:type/:id': described('Reads the current version', { params: OfId }),
  'PUT /:type/:id': described('Replaces a resource; If-Match names the version it replaces', {
    ...posted,
    params: OfId,
  }),
  'PATCH /:type/:id': described('Changes a resource by JSON Patch or FHIRPath Patch', {
    consumes: ['application/json-patch+json', FHIR_JSON],
    body: Type.Unknown(),
    params: OfId,
  }),
  'GET /:type/:id/_history/:version': described('Reads one version', { params: OfVersion }),
}
