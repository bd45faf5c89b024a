import type { AlertRules, Config } from '../../core/config.ts'

/** When something is an alert, where a region says nothing else; the schema has the same defaults. */
export const DEFAULT_RULES: AlertRules = {
  queueAgeMs: 900_000,
  errorShare: 0.2,
  errorLeast: 20,
  silence: { weeks: 3, factor: 2, leastMs: 1_800_000 },
  keptMs: 90 * 86_400_000,
}

/** The rules of a configuration. */
export function rulesOf({ alerts }: Config): AlertRules {
  return alerts ?? DEFAULT_RULES
}
