/** Named checks: what a line of data cannot say. A rule names one by `check`, and tells it what to know in `with`. */
import type { ErrorCode } from '../../../core/errors.ts'
import type { ValuesOf } from './condition.ts'
import { IDENTITY_CHECKS } from './identity-checks.ts'
import type { Look } from './look.ts'
import { OBSERVATION_CHECKS } from './observation-checks.ts'

/** A place that is not as it should be; `code` where it differs from the rule's. */
export interface Broken {
  readonly at: string
  readonly code?: ErrorCode
}

/** What a rule wrote in `with`. */
export type Given = Readonly<Record<string, unknown>>

/**
 * Makes a check from what the rule tells it. It looks at the whole message, and is pure and linear in it.
 * @throws {RangeError} with a sentence, when it is told what it cannot use */
export type MakeCheck = (given: Given, valuesOf: ValuesOf) => (look: Look) => readonly Broken[]

/** `{ segment, fields }`: no other field of the segments so named has a value. */
function onlyFields({ segment, fields }: Given): (look: Look) => readonly Broken[] {
  if (typeof segment !== 'string' || !Array.isArray(fields)) throw new RangeError('onlyFields needs segment and fields')
  const allowed = new Set(fields)
  return (look) =>
    look.named(segment).flatMap((index, i) =>
      look
        .valued(index)
        .filter((n) => !allowed.has(n))
        .map((n) => ({ at: i === 0 ? `${segment}-${n}` : `${segment}(${i + 1})-${n}` })),
    )
}

/** The checks that a rule can name. */
export const CHECKS: Readonly<Record<string, MakeCheck>> = {
  onlyFields,
  ...IDENTITY_CHECKS,
  ...OBSERVATION_CHECKS,
}
