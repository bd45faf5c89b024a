/** What is said of a resource that cannot be taken. */
import type { ErrorCode } from '../../core/errors.ts'

/** Codes of OperationOutcome.issue.code that reading gives (valueset-issue-type). */
export type ProblemCode =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'not-supported'
  | 'too-long'
  | 'business-rule'

/** Something wrong with a resource: where and of what sort, never the value. */
export interface FhirProblem {
  readonly error: ErrorCode
  readonly code: ProblemCode
  /** FHIRPath such as `Patient.identifier[0].system`; '' for the whole. */
  readonly expression: string
}
