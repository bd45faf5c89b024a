/** Issues of a validation as issues of an OperationOutcome. */
import type { OutcomeIssue } from '../outcome.ts'
import type { FhirIssue } from './issue.ts'

/** The issue for people and programs: the table's sentence, the place, and in `diagnostics` what the definition says of it. */
export function outcomeIssue({ severity, code, error, expression, rule, profile, says }: FhirIssue): OutcomeIssue {
  const diagnostics = [rule === null ? null : says === null ? rule : `${rule}: ${says}`, profile].filter(
    (one) => one !== null,
  )
  return { error, code, severity, expression, diagnostics: diagnostics.join(' · ') }
}
