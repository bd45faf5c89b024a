import { expect, test } from 'vitest'
import { ERRORS, type ErrorCode } from '../../../src/core/errors.ts'
import { HELP_EN } from '../../../src/core/help-en.ts'
import { HELP_FR } from '../../../src/core/help-fr.ts'
import { allOk, issueTypeOf, operationOutcome } from '../../../src/formats/fhir/outcome.ts'
import { readResource } from '../../../src/formats/fhir/resource.ts'

/** valueset-issue-type of R4. */
const ISSUE_TYPES =
  'invalid structure required value invariant security login unknown expired forbidden suppressed processing not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict transient lock-error no-store exception timeout incomplete throttled informational'.split(
    ' ',
  )

test.each(Object.keys(ERRORS) as ErrorCode[])('%s as an issue', (error) => {
  expect(ISSUE_TYPES).toContain(issueTypeOf(error))
  for (const [locale, help] of [
    ['fr', HELP_FR],
    ['en', HELP_EN],
  ] as const) {
    const outcome = operationOutcome([{ error }], locale)
    expect(readResource(outcome).problems).toEqual([])
    expect(outcome['issue']).toMatchObject([{ severity: 'error', details: { text: help[error] } }])
  }
})

test('an issue says what is told of it', () => {
  const issues = [
    { error: 'RESOURCE_MALFORMED', code: 'value', expression: 'Patient.name[0].family', severity: 'warning' },
    { error: 'NOT_JSON', expression: '' },
  ] as const
  expect(operationOutcome(issues, 'en')['issue']).toEqual([
    {
      severity: 'warning',
      code: 'value',
      details: {
        coding: [{ system: 'urn:passerelle:error', code: 'RESOURCE_MALFORMED' }],
        text: HELP_EN.RESOURCE_MALFORMED,
      },
      expression: ['Patient.name[0].family'],
    },
    {
      severity: 'error',
      code: 'invalid',
      details: { coding: [{ system: 'urn:passerelle:error', code: 'NOT_JSON' }], text: HELP_EN.NOT_JSON },
    },
  ])
})

test('all is well', () => {
  expect(readResource(allOk('fr')).ok).toBe(true)
  expect(allOk('fr')).not.toEqual(allOk('en'))
})
