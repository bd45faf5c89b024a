/** References (references.html): may it lead there, and is there something where it leads? */
import { isObject, text } from '../json-value.ts'
import type { Check } from './binding.ts'
import { resolveReference } from './link.ts'
import { typeOfLink } from './path.ts'
import { type Place, type Run, typeOf } from './run.ts'
import { R4, unversioned } from './structure.ts'

const URN = /^urn:(?:uuid|oid):/
/** Bundles that must hold what they refer to, or say no word of a server that has it (bundle.html, documents.html). */
const SELF_CONTAINED: ReadonlySet<unknown> = new Set(['document', 'message'])

/** The check of a Reference. `targets`: canonicals of what it may lead to; none: anything. */
export function referenceCheck(targets: readonly string[], profile: string): Check {
  const any = targets.length === 0 || targets.some((one) => unversioned(one) === `${R4}Resource`)
  return (run, value, place) => {
    if (!isObject(value)) return
    const link = text(value['reference'])
    const target = link === null ? null : resolveReference(link, place.scope)
    if (link !== null && target === null) unresolved(run, link, place, profile)
    if (any) return
    const type = target === null ? (typeOfLink(link) ?? text(value['type'])) : typeOf(target)
    if (type === null) return
    const fitting = targets.filter((one) => typeOfTarget(run, one) === type || typeOfTarget(run, one) === null)
    if (fitting.length === 0) run.tell('value', place, { rule: 'target', profile, error: 'REFERENCE_TARGET' })
    else if (target !== null && !fitting.some((one) => fits(run, target, one, place))) {
      run.tell('value', place, { rule: unversioned(fitting[0]!), profile, error: 'REFERENCE_TARGET' })
    }
  }
}

/** Type of the resources of a canonical: null when it is not known. */
function typeOfTarget(run: Run, canonical: string): string | null {
  const url = unversioned(canonical)
  const name = url.startsWith(R4) ? url.slice(R4.length) : ''
  return run.definitions.tree(url)?.structure.type ?? (/^[A-Z][A-Za-z]+$/.test(name) ? name : null)
}

function fits(
  run: Run,
  target: NonNullable<ReturnType<typeof resolveReference>>,
  canonical: string,
  place: Place,
): boolean {
  const structure = run.definitions.tree(canonical)?.structure
  // A type asks no more than its resources are asked where they stand.
  return structure === undefined || structure.derivation !== 'constraint' || run.conforms(target, canonical, place)
}

function unresolved(run: Run, link: string, place: Place, profile: string): void {
  const { bundle } = place.scope
  if (link.startsWith('#')) run.tell('not-found', place, { rule: 'ref-1', profile })
  else if (bundle === null) return
  else if (URN.test(link)) run.tell('not-found', place, { rule: 'bundle', profile })
  else if (SELF_CONTAINED.has(bundle['type']) && typeOfLink(link) !== null) {
    run.tell('not-found', place, { rule: 'bundle', profile, severity: 'warning' })
  }
}
