/** Where a reference leads within what is being validated. */
import { type JsonObject, objects } from '../json-value.ts'
import { referenceTargets } from '../references.ts'
import type { Scope } from './run.ts'

/** The resource that a link leads to: contained (`#id`, or `#` for the container), or an entry of the Bundle; else null. */
export function resolveReference(link: string, scope: Scope): JsonObject | null {
  if (link === '#') return scope.container
  if (link.startsWith('#')) {
    const id = link.slice(1)
    return objects(scope.container['contained']).find((one) => one['id'] === id) ?? null
  }
  if (scope.bundle === null) return null
  return referenceTargets({ reference: link }, scope.container, scope.bundle)[0] ?? null
}
