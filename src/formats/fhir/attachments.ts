/** Documents that travel with their reference: are they what it says (attachment.size and hash, datatypes.html §2.24.0.8)? */
import { measured } from '../bridge/embedded.ts'
import { entriesOf } from './bundle.ts'
import { type JsonObject, object, objects, text } from './json-value.ts'
import { referenceTargets } from './references.ts'
import { type FhirIssue, issue } from './validate/issue.ts'

/**
 * Of each DocumentReference, alone or in a Bundle: a size or hash that is not that of its data, inside it or in a Binary of
 * the Bundle. What is not here, or does not say, is nobody's to compare. */
export function attachmentIssues(resource: JsonObject): FhirIssue[] {
  const documents: readonly (readonly [place: string, document: JsonObject | null])[] =
    resource['resourceType'] === 'Bundle'
      ? entriesOf(resource).map((entry) => [`${entry.place}.resource`, entry.resource])
      : [['DocumentReference', resource]]
  return documents.flatMap(([place, document]) =>
    document?.['resourceType'] === 'DocumentReference'
      ? objects(document['content']).flatMap(({ attachment }, i) =>
          issuesOf(object(attachment), document, resource, `${place}.content[${i}].attachment`),
        )
      : [],
  )
}

function issuesOf(attachment: JsonObject | null, document: JsonObject, root: JsonObject, place: string): FhirIssue[] {
  const { size, hash } = attachment ?? {}
  if (attachment === null || (size === undefined && hash === undefined)) return []
  const data = text(attachment['data']) ?? binaryOf(attachment, document, root)
  if (data === null) return []
  const found = measured(data)
  return [
    ...(size === undefined || size === found.size ? [] : [issue('invariant', `${place}.size`, { rule: 'size' })]),
    ...(hash === undefined || hash === found.hash ? [] : [issue('invariant', `${place}.hash`, { rule: 'hash' })]),
  ]
}

function binaryOf(attachment: JsonObject, document: JsonObject, root: JsonObject): string | null {
  const url = text(attachment['url'])
  if (url === null) return null
  const [binary, ...more] = referenceTargets({ reference: url }, document, root)
  return more.length > 0 || binary?.['resourceType'] !== 'Binary' ? null : text(binary['data'])
}
