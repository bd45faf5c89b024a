import { type Framework, frameworkName, type TrafficRule } from '../../core/conformity.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Finding } from '../../core/message.ts'
import type { RequirementCheck } from '../../core/self-check.ts'
import { refusedSignature, signatureOf } from '../count/signature.ts'
import { requirementsFor } from './judge.ts'
import { faultOf, looksAt } from './traffic.ts'

/** One message, as it would be counted. */
export interface OneMessage {
  readonly kind: string
  readonly profiles: readonly string[]
  readonly findings: readonly Finding[]
}

/**
 * What a rule makes of one message that was sent: findings by which it counts against its requirement, none where it counts for
 * it, null where the rule does not look at it. What is refused counts for nothing, and its findings are told all the same. Pure. */
export function messageAgainst(
  rule: TrafficRule,
  { kind, profiles, findings }: OneMessage,
  refused: ErrorCode | null,
): readonly string[] | null {
  const signature = signatureOf(findings, profiles)
  if (rule.side !== 'sent' || !looksAt(rule, { side: 'sent', kind, signature })) return null
  const found = faultOf(rule.measure, signature)
  const told = Array.isArray(found) ? (found as readonly string[]) : []
  if (refused === null) return found === 'not-counted' ? null : told
  const turnedAway = faultOf(rule.measure, refusedSignature(refused))
  const all = [...new Set([...told, ...(Array.isArray(turnedAway) ? (turnedAway as readonly string[]) : [])])]
  return all.length === 0 ? null : all
}

/** What messages mean for the requirements of these frameworks at an establishment of that kind; those that they fail first. Pure. */
export function requirementChecks(
  frameworks: readonly Framework[],
  kind: string,
  messages: readonly OneMessage[],
  refused: ErrorCode | null,
): readonly RequirementCheck[] {
  const all = frameworks.flatMap((framework) =>
    requirementsFor(framework, kind).flatMap(({ id, level, text, confirm, judging }) => {
      if (judging.by !== 'traffic') return []
      const each = messages.map((one) => messageAgainst(judging.rule, one, refused)).filter((one) => one !== null)
      if (each.length === 0) return []
      return [
        {
          ...{ framework: frameworkName(framework), frameworkName: framework.name, requirement: id, level, text },
          confirm: confirm || framework.confirm,
          failing: [...new Set(each.flat())],
        },
      ]
    }),
  )
  return [...all.filter(({ failing }) => failing.length > 0), ...all.filter(({ failing }) => failing.length === 0)]
}
