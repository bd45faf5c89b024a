/** What validation finds: an issue with its place and the rule it breaks, never a value of the resource. */
import type { ErrorCode } from '../../../core/errors.ts'
import type { FindingClass } from '../../../core/message.ts'

/** Codes of valueset-issue-type (R4) that validation gives. */
export type IssueCode =
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'code-invalid'
  | 'not-found'
  | 'extension'
  | 'too-costly'

/** How grave it is in the words of OperationOutcome. */
export type IssueSeverity = 'error' | 'warning' | 'information'

/** One thing wrong with a resource. */
export interface FhirIssue {
  readonly severity: IssueSeverity
  readonly code: IssueCode
  /** Code of the table, with its sentence for people. */
  readonly error: ErrorCode
  readonly class: FindingClass
  /** FHIRPath with indices, such as `Bundle.entry[3].resource.valueInteger`. */
  readonly expression: string
  /** What asks it, in the definition's own words: key of an invariant, name of a slice, canonical of a value set; or null. */
  readonly rule: string | null
  /** Canonical of the profile or type that asks it. */
  readonly profile: string | null
  /** The definition's own sentence for people, or null. */
  readonly says: string | null
}

/** Code of the table for each sort of issue. */
const ERROR_OF: Readonly<Record<IssueCode, ErrorCode>> = {
  structure: 'ELEMENT_UNEXPECTED',
  required: 'ELEMENT_MISSING',
  value: 'VALUE_MALFORMED',
  invariant: 'RULE_BROKEN',
  'code-invalid': 'CODE_NOT_ALLOWED',
  'not-found': 'REFERENCE_UNRESOLVED',
  extension: 'EXTENSION_UNKNOWN',
  'too-costly': 'VALIDATION_CUT',
}

/** What is said of an issue beside its code and place. */
export interface IssueDetail {
  readonly rule?: string | null
  readonly profile?: string | null
  readonly says?: string | null
  readonly severity?: IssueSeverity
  readonly error?: ErrorCode
  readonly class?: FindingClass
}

/** Makes an issue: an error is of class `contract`, anything less of class `form`, unless the definition says otherwise. */
export function issue(code: IssueCode, expression: string, detail: IssueDetail = {}): FhirIssue {
  const severity = detail.severity ?? 'error'
  return {
    severity,
    code,
    error: detail.error ?? ERROR_OF[code],
    class: detail.class ?? (severity === 'error' ? 'contract' : 'form'),
    expression,
    rule: detail.rule ?? null,
    profile: detail.profile ?? null,
    says: detail.says ?? null,
  }
}
