import type { Finding } from '../../core/message.ts'
import { attachmentIssues } from '../../formats/fhir/attachments.ts'
import { resourcesOf } from '../../formats/fhir/bundle.ts'
import { type JsonObject, object, text } from '../../formats/fhir/json.ts'
import type { OutcomeIssue } from '../../formats/fhir/outcome.ts'
import { outcomeIssue } from '../../formats/fhir/validate/outcome.ts'
import { type FhirIssue, validateInSlices } from '../../formats/fhir/validate/validate.ts'
import { type Judged, judge, type Under } from './judge.ts'

/** Findings kept of one message; the rest is like them. */
const MOST_FINDINGS = 20
/** Of an expression, as much as a finding keeps. */
const MOST_CHARACTERS = 200

/** Why nothing is taken. */
export interface Refused {
  readonly refused: readonly OutcomeIssue[]
}

/**
 * Judges and routes a resource, and validates it where it claims a profile or the region asks one of its type. By class, as
 * for HL7: `form` is recorded; `contract` is recorded, or refused when the sender is strict; `safety` is refused, or parked
 * where the case is urgent. Nothing is validated, and nothing loaded, where no profile applies, but that documents are what their
 * reference says. `unsafe`: a matter of safety that was found before (its identities). */
export async function conforming(
  resource: JsonObject,
  under: Under,
  unsafe: OutcomeIssue | null,
): Promise<Judged | Refused> {
  const issues = await issuesOf(resource, under)
  const broken = under.establishment.strict ? issues.filter((one) => one.class === 'contract') : []
  const found = issues.filter((one) => one.class === 'safety').map(outcomeIssue)
  const grave = unsafe === null ? found : [unsafe, ...found]
  const first = grave[0] ?? null
  const judged = judge(resource, under, first)
  if ('error' in judged) return { refused: judged === first ? grave : [judged] }
  if (broken.length > 0) return { refused: broken.map(outcomeIssue) }
  if (issues.length === 0) return judged
  return {
    ...judged,
    findings: [...judged.findings, ...issues.slice(0, MOST_FINDINGS).map(findingOf)],
    // What is let pass is no error to its sender.
    issues: issues.map((one) => ({ ...outcomeIssue(one), severity: 'warning' })),
  }
}

async function issuesOf(resource: JsonObject, under: Under): Promise<readonly FhirIssue[]> {
  return [...attachmentIssues(resource), ...(await profileIssues(resource, under))]
}

async function profileIssues(resource: JsonObject, { config, parts }: Under): Promise<readonly FhirIssue[]> {
  const profiles = config.fhir?.profiles ?? new Map<string, readonly string[]>()
  if (parts.definitions === undefined || !isAsked(resource, profiles)) return []
  const found = await validateInSlices(resource, await parts.definitions(), { profiles })
  // A code outside an extensible value set is allowed where none of the set fits, which is for people to say.
  return found.filter(
    ({ severity, code }) => severity === 'error' || (severity === 'warning' && code !== 'code-invalid'),
  )
}

/** Does a profile apply to the resource, or to an entry of the Bundle? */
function isAsked(resource: JsonObject, profiles: ReadonlyMap<string, readonly string[]>): boolean {
  const asked = (one: JsonObject): boolean =>
    object(one['meta'])?.['profile'] !== undefined || profiles.has(text(one['resourceType']) ?? '')
  return asked(resource) || resourcesOf(resource).some(asked)
}

function findingOf({ error, class: sort, expression, rule, code }: FhirIssue): Finding {
  const params = { issue: code, ...(rule === null ? {} : { rule: rule.slice(0, MOST_CHARACTERS) }) }
  return { code: error, class: sort, at: expression.slice(0, MOST_CHARACTERS), params }
}
