/** OperationOutcome (FHIR R4 operationoutcome.html): what went well or wrong, in codes and help sentences. */
import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { JsonObject } from './json-value.ts'

/** One issue. It has no room for a patient's data: the text is the help sentence of the code. */
export interface OutcomeIssue {
  readonly error: ErrorCode
  /** Code of valueset-issue-type; by default the one that fits the error's HTTP status. */
  readonly code?: string
  /** `error` by default. */
  readonly severity?: 'fatal' | 'error' | 'warning' | 'information'
  /** FHIRPath of the element; '' or absent when there is none. */
  readonly expression?: string
  /** What asks it, in the words of a definition (rule, sentence, profile): never of the resource. */
  readonly diagnostics?: string
}

/** System of the stable codes in `details.coding`. */
export const ERROR_SYSTEM = 'urn:passerelle:error'

const BY_STATUS: Readonly<Record<number, string>> = {
  200: 'informational',
  400: 'invalid',
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-supported',
  406: 'not-supported',
  408: 'timeout',
  409: 'conflict',
  412: 'conflict',
  413: 'too-long',
  415: 'not-supported',
  422: 'business-rule',
  423: 'lock-error',
  429: 'throttled',
  500: 'exception',
  502: 'transient',
  503: 'transient',
  504: 'timeout',
}

/** Code of valueset-issue-type for an error of the table. */
export function issueTypeOf(error: ErrorCode): string {
  return BY_STATUS[ERRORS[error].http] ?? 'processing'
}

/** An OperationOutcome with these issues, at least one, their sentences in the language asked. */
export function operationOutcome(issues: readonly OutcomeIssue[], locale: 'fr' | 'en'): JsonObject {
  const help = locale === 'fr' ? HELP_FR : HELP_EN
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ error, code, severity = 'error', expression = '', diagnostics = '' }) => ({
      severity,
      code: code ?? issueTypeOf(error),
      details: { coding: [{ system: ERROR_SYSTEM, code: error }], text: help[error] },
      ...(diagnostics === '' ? {} : { diagnostics }),
      ...(expression === '' ? {} : { expression: [expression] }),
    })),
  }
}

/** The OperationOutcome that says that nothing is wrong. */
export function allOk(locale: 'fr' | 'en'): JsonObject {
  const text = locale === 'fr' ? "C'est en ordre." : 'All is well.'
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', details: { text } }],
  }
}
