import type { Config } from '../core/config.ts'
import type { Framework } from '../core/conformity.ts'
import { GatewayError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import {
  CHECK_BYTES,
  CHECK_MS,
  CHECKS_PER_MINUTE,
  type CheckMessage,
  type Examine,
  type Examined,
} from '../core/self-check.ts'
import { requirementChecks } from './judge/message.ts'
import { type Allowance, spend } from './probes/rate.ts'

/** At once, of all people: the doors come first. */
const AT_ONCE = 2
/** People remembered; who tried nothing for a minute has everything again anyway. */
const MOST_PEOPLE = 1_000

/** What trying messages out works with. */
export interface SelfCheckParts {
  readonly examine: Examine
  readonly config: () => Config
  /** Those that are published and in force. */
  readonly frameworks: () => Promise<readonly Framework[]>
  readonly clock: Clock
}

/** Tries messages out within its limits: what the doors would say, and what that means for the requirements in force. */
export function selfCheck({ examine, config, frameworks, clock }: SelfCheckParts): CheckMessage {
  const allowances = new Map<string, Allowance>()
  let running = 0
  const admit = (who: string): void => {
    const nowMs = clock.monotonicMs()
    const { may, left } = spend(allowances.get(who), nowMs, CHECKS_PER_MINUTE)
    allowances.delete(who)
    allowances.set(who, left)
    if (allowances.size > MOST_PEOPLE) allowances.delete(allowances.keys().next().value!)
    if (!may || running >= AT_ONCE) throw new GatewayError('RATE_LIMITED')
  }
  return async ({ bytes, establishment, who }) => {
    const own = config().establishments.get(establishment)
    if (own === undefined) throw new GatewayError('NOT_FOUND')
    if (bytes.length > CHECK_BYTES) throw new GatewayError('FRAME_TOO_LONG')
    admit(who)
    running++
    // What takes too long is not waited for, and counts as running until it ends.
    const work = examine(bytes, establishment).finally(() => running--)
    const examined = await inTime(work, clock)
    const inForce = await frameworks()
    const { messages, refused } = examined
    const requirements = requirementChecks(inForce, own.kind, messages, refused?.code ?? null)
    return { ...examined, establishment, strict: own.strict, requirements }
  }
}

/** @throws {GatewayError} CHECK_TIME */
async function inTime(work: Promise<Examined>, clock: Clock): Promise<Examined> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = clock.after(CHECK_MS, () => reject(new GatewayError('CHECK_TIME')))
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
    // It may still fail after nobody waits for it.
    work.catch(() => {})
  }
}
