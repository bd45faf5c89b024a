import type { ErrorCode } from '../../core/errors.ts'
import type { Finding } from '../../core/message.ts'

/** A message with more findings than that is counted under those that come first, and `MORE`. */
const MOST_NAMES = 24
/** Stands for findings that are not named: whoever asks for a message without any finding does not get this one. */
export const MORE = '…'
/** Begins the name of a refusal's code. */
const REFUSED = '!'

/** What is noted of a message on its way out says nothing of who sent it, and may come long after it was counted. */
const OUTWARD: ReadonlySet<ErrorCode> = new Set([
  'CONVERTED',
  'CHARSET_CONVERTED',
  'CHARSET_REPLACED',
  'CONVERSION_FAILED',
  'CONVERSION_LOSS',
  'CONVERSION_NONE',
  'MAP_MISSING',
  'PRIOR_VERSION_GONE',
  'ORDER_OVERTAKEN',
  'ADMISSION_AWAITED',
  'LATE_REFUSAL',
])

/** Signatures of lists that were read lately: the journal gives the same list for the same findings. */
const known = new WeakMap<readonly Finding[], string>()

/**
 * What was found in a message, as one text that is the same for all messages in which the same was found: each finding by the id
 * of its rule, or by its code, each once, sorted by code unit. '': nothing. Any requirement, also one that is published later,
 * is judged from how many messages bear which signature. Pure. */
export function signatureOf(findings: readonly Finding[]): string {
  if (findings.length === 0) return ''
  const before = known.get(findings)
  if (before !== undefined) return before
  const names = new Set<string>()
  for (const { code, params } of findings) {
    if (!OUTWARD.has(code)) names.add(typeof params?.['rule'] === 'string' ? params['rule'] : code)
  }
  const sorted = [...names].sort()
  const signature = (sorted.length > MOST_NAMES ? [...sorted.slice(0, MOST_NAMES), MORE] : sorted).join(' ')
  known.set(findings, signature)
  return signature
}

/** The signature of what was refused at the door. Pure. */
export function refusedSignature(code: ErrorCode): string {
  return REFUSED + code
}

/** The names in a signature; `refused` is the code of a refusal, then there is no other. Pure. */
export function readSignature(signature: string): {
  readonly names: readonly string[]
  readonly refused: ErrorCode | null
} {
  if (signature.startsWith(REFUSED)) return { names: [], refused: signature.slice(REFUSED.length) as ErrorCode }
  return { names: signature === '' ? [] : signature.split(' '), refused: null }
}

/** Does a name fit one of the patterns (`PAM-PID-32`, `PAM-*`)? Pure. */
export function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one))
}
