import type { ErrorCode } from '../core/errors.ts'
import { ERRORS } from '../core/errors.ts'
import type { Finding } from '../core/message.ts'
import type { Problem } from './reading.ts'

/** What the findings of a message come to: refused for `problem`, or taken with its deliveries `parked`, or simply taken. */
export interface Verdict {
  readonly problem: Problem | null
  /** The code that a person will see beside the deliveries set aside. */
  readonly parked: ErrorCode | null
}

/** Problems told in one answer: enough to mend a message by. */
export const MOST_PROBLEMS = 10

/**
 * Judges findings by their class (design, section 5): `safety` refuses, or parks where the case is urgent; `contract`
 * refuses a strict sender; `form` is only recorded. All that refuses is told, what the message is not (type, event,
 * version) first, as the rest may follow from it. Pure. */
export function judgeFindings(findings: readonly Finding[], sender: { strict: boolean }, urgent: boolean): Verdict {
  const grave = findings.filter((finding) => finding.class === 'safety')
  // Refusing would delay an urgent case: a person decides instead.
  const parked = urgent ? (grave[0]?.code ?? null) : null
  const broken = sender.strict ? findings.filter((finding) => finding.class === 'contract') : []
  const refusing = [...(parked === null ? grave : []), ...broken].map(problemOf)
  const ofType = refusing.filter(({ code }) => ERRORS[code].reason === 'type')
  const ordered = [...ofType, ...refusing.filter((one) => !ofType.includes(one))]
  const once = ordered.filter((one, i) => ordered.findIndex((other) => isSame(one, other)) === i)
  const [first, ...also] = once.slice(0, MOST_PROBLEMS)
  return { parked, problem: first === undefined ? null : { ...first, also } }
}

/** A character set that the bytes contradict is to be mended where it is declared, whichever fields show it. */
function problemOf(finding: Finding): Problem {
  const at = finding.code === 'CHARSET_CONTRADICTED' ? 'MSH-18' : (finding.at ?? null)
  return { code: finding.code, at, finding }
}

/** One ERR for one thing wrong at one place, whoever noticed it. */
function isSame(one: Problem, other: Problem): boolean {
  return one.code === other.code && one.at === other.at
}
