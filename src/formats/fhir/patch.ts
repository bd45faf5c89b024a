/** Patches (FHIR R4 http.html §3.1.0.6): JSON Patch and FHIRPath Patch, to a resource that is one afterwards too. */
import { applyFhirpathPatch } from './fhirpath-patch.ts'
import { applyJsonPatch } from './json-patch.ts'
import { isObject, type JsonObject, type JsonValue } from './json-value.ts'
import type { FhirProblem } from './problem.ts'
import { readResource } from './resource.ts'

/** The patched resource, or why not: PATCH_FAILED names the operation, other problems the place in the resource. */
export type Patched =
  | { readonly ok: true; readonly resource: JsonObject }
  | { readonly ok: false; readonly problems: readonly FhirProblem[] }

/** Applies a JSON Patch document (RFC 6902), all or nothing. The resource given stays as it is. Never throws. */
export function jsonPatch(resource: JsonObject, patch: JsonValue): Patched {
  const applied = applyJsonPatch(resource, patch)
  return 'failed' in applied ? refused(`%patch[${applied.failed}]`) : reread(resource, applied.value)
}

/**
 * Applies a Parameters resource of operations (fhirpatch.html), all or nothing. The resource given stays as it is.
 * Loads the FHIRPath engine at the first call. Never throws or rejects. */
export async function fhirpathPatch(resource: JsonObject, parameters: JsonObject): Promise<Patched> {
  const applied = await applyFhirpathPatch(resource, parameters)
  return 'failed' in applied ? refused(`Parameters.parameter[${applied.failed}]`) : reread(resource, applied.value)
}

function refused(expression: string): Patched {
  return { ok: false, problems: [{ error: 'PATCH_FAILED', code: 'business-rule', expression }] }
}

/** What a patch makes must be a resource, and still the same one. */
function reread(before: JsonObject, after: JsonValue): Patched {
  const read = readResource(after)
  if (!read.ok) return { ok: false, problems: read.problems }
  for (const name of ['resourceType', 'id']) {
    if (isObject(after) && after[name] !== before[name]) return refused(`${read.type}.${name}`)
  }
  return { ok: true, resource: read.resource }
}
