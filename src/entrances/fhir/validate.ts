import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../../core/errors.ts'
import { attachmentIssues } from '../../formats/fhir/attachments.ts'
import { type JsonObject, object, objects, text, writeJson } from '../../formats/fhir/json.ts'
import { allOk, type OutcomeIssue, operationOutcome } from '../../formats/fhir/outcome.ts'
import { type ResourceReading, readResource, readResourceAsync } from '../../formats/fhir/resource.ts'
import { outcomeIssue } from '../../formats/fhir/validate/outcome.ts'
import { type FhirDefinitions, validateInSlices } from '../../formats/fhir/validate/validate.ts'
import { bytesOf } from '../http/media.ts'
import { languageFor, sendJson } from './answer.ts'

/** What `$validate` judges by. */
export interface Validation {
  readonly definitions: () => Promise<FhirDefinitions>
  /** Profiles that the region asks of every resource of a type. */
  readonly profiles: () => ReadonlyMap<string, readonly string[]>
}

/** What the caller asked beside the resource (resource-operation-validate.html). */
interface Asked {
  readonly mode: string | null
  readonly profile: string | null
}

const MODES: readonly (string | null)[] = [null, 'create', 'update', 'profile']

/**
 * Makes the handler of `$validate` (resource-operation-validate.html): what is wrong with a resource by R4, by the profiles it
 * claims, by those of the region and by `profile`, as an OperationOutcome; 200 whatever it says. `mode` update also asks
 * an id, `profile` a profile; delete there is none. Without definitions only the form is judged. */
export function validateHandler(validation: Validation | null) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { type } = request.params as { type: string }
    const { reading, asked } = taken(await readResourceAsync(bytesOf(request)), request)
    if (!MODES.includes(asked.mode) || (asked.mode === 'profile' && asked.profile === null)) {
      throw new GatewayError('BAD_REQUEST')
    }
    const language = languageFor(request)
    const issues = [...reading.problems, ...misplaced(reading, type, asked)]
    if (reading.ok) issues.push(...attachmentIssues(reading.resource).map(outcomeIssue))
    if (reading.ok && validation !== null) issues.push(...(await judged(reading.resource, asked, validation)))
    const outcome = issues.length === 0 ? allOk(language) : operationOutcome(issues, language)
    return sendJson(request, reply, writeJson(outcome))
  }
}

async function judged(
  resource: JsonObject,
  { profile }: Asked,
  { definitions, profiles }: Validation,
): Promise<readonly OutcomeIssue[]> {
  const known = await definitions()
  if (profile !== null && known.plan(profile) === null) return [{ error: 'PROFILE_UNKNOWN', code: 'not-found' }]
  const asked = profile === null ? [] : [profile]
  const found = await validateInSlices(resource, known, { asked, profiles: profiles(), bestPractice: true })
  return found.map(outcomeIssue)
}

/** Parameters may carry the resource, the profile and the mode; the query may say the latter two. */
function taken(reading: ResourceReading, request: FastifyRequest): { reading: ResourceReading; asked: Asked } {
  const url = request.raw.url ?? ''
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')
  const fromQuery = { mode: query.get('mode'), profile: query.get('profile') }
  if (!reading.ok || reading.type !== 'Parameters') return { reading, asked: fromQuery }
  const named = (name: string): JsonObject | undefined =>
    objects(reading.resource['parameter']).find((one) => one['name'] === name)
  const inner = object(named('resource')?.['resource'])
  if (inner === null) return { reading, asked: fromQuery }
  const [mode, profile] = [named('mode'), named('profile')]
  return {
    reading: readResource(inner),
    asked: {
      mode: text(mode?.['valueCode']) ?? fromQuery.mode,
      profile: text(profile?.['valueUri']) ?? text(profile?.['valueCanonical']) ?? fromQuery.profile,
    },
  }
}

function misplaced({ type, resource }: ResourceReading, wanted: string, { mode }: Asked): OutcomeIssue[] {
  const issues: OutcomeIssue[] = []
  if (type !== null && type !== wanted) {
    issues.push({ error: 'RESOURCE_MALFORMED', code: 'value', expression: 'resourceType' })
  }
  if (mode === 'update' && resource !== null && text(resource['id']) === null) {
    issues.push({ error: 'ELEMENT_MISSING', code: 'required', expression: `${wanted}.id` })
  }
  return issues
}
