import type { FastifyReply, FastifyRequest } from 'fastify'
import { writeJson } from '../../formats/fhir/json.ts'
import { list, object, text } from '../../formats/fhir/json-value.ts'
import { allOk, operationOutcome } from '../../formats/fhir/outcome.ts'
import { type FhirProblem, type ResourceReading, readResource, readResourceAsync } from '../../formats/fhir/resource.ts'
import { bytesOf } from '../http/media.ts'
import { languageFor, sendJson } from './answer.ts'

/**
 * `$validate` (resource-operation-validate.html): what is wrong with the resource's JSON, names, ids and nesting, as an
 * OperationOutcome; 200 whatever it says. The elements that a type or profile requires are not looked at. */
export async function validate(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { type } = request.params as { type: string }
  const reading = inner(await readResourceAsync(bytesOf(request)))
  const language = languageFor(request)
  const problems = [...reading.problems, ...wrongType(reading, type)]
  const outcome = problems.length === 0 ? allOk(language) : operationOutcome(problems, language)
  return sendJson(request, reply, writeJson(outcome))
}

/** Parameters may carry the resource as `resource`. */
function inner(reading: ResourceReading): ResourceReading {
  if (!reading.ok || reading.type !== 'Parameters') return reading
  const parameter = list(reading.resource['parameter']).map(object)
  const resource = object(parameter.find((one) => text(one?.['name']) === 'resource')?.['resource'])
  return resource === null ? reading : readResource(resource)
}

function wrongType(reading: ResourceReading, type: string): FhirProblem[] {
  if (reading.type === null || reading.type === type) return []
  return [{ error: 'RESOURCE_MALFORMED', code: 'value', expression: 'resourceType' }]
}
