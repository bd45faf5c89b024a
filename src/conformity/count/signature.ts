import type { ErrorCode } from '../../core/errors.ts'
import type { Finding } from '../../core/message.ts'
import { findingName } from '../../core/self-check.ts'

/** A message with more findings than that is counted under those that come first, and `MORE`. */
const MOST_NAMES = 24
/** Stands for findings that are not named: whoever asks for a message without any finding does not get this one. */
export const MORE = '…'
/** Begins the name of a refusal's code. */
const REFUSED = '!'
/** Begins the name of a profile that the message claims; no rule and no code begins with it. */
const PROFILE = '@'
/** Begins the version of the software, in place of a profile's name: who does not know it takes it for one. */
export const VERSION_MARK = `${PROFILE}#`
const VERSION_LENGTH = 64
/** Of profiles, as many are told apart, as much of each name, and of all of them (characters). */
const MOST_PROFILES = 8
const PROFILE_LENGTH = 160
const PROFILES_LENGTH = 800

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

/** Names in lists that were read lately: the journal gives the same list for the same findings. */
const known = new WeakMap<readonly Finding[], string>()

/**
 * What was found in a message, as one text that is the same for all messages in which the same was found: each finding by the id
 * of its rule, or by its code, each once, sorted by code unit; before them the version of the software that sent it (`@#8.2`)
 * and the profiles that it claims (`@CISIS_CDA_HL7_V2`).
 * '': nothing. Any requirement, also one that is published later, is judged from how many messages bear which signature. Pure. */
export function signatureOf(
  findings: readonly Finding[],
  profiles: readonly string[] = [],
  softwareVersion = '',
): string {
  const named = findings.length === 0 ? '' : findingNames(findings)
  if (profiles.length === 0 && softwareVersion === '') return named
  const claimed = [...versionName(softwareVersion), ...profileNames(profiles)].join(' ')
  return named === '' ? claimed : `${claimed} ${named}`
}

function findingNames(findings: readonly Finding[]): string {
  const before = known.get(findings)
  if (before !== undefined) return before
  const names = new Set<string>()
  for (const finding of findings) if (!OUTWARD.has(finding.code)) names.add(findingName(finding))
  const sorted = [...names].sort()
  const named = (sorted.length > MOST_NAMES ? [...sorted.slice(0, MOST_NAMES), MORE] : sorted).join(' ')
  known.set(findings, named)
  return named
}

function profileNames(profiles: readonly string[]): readonly string[] {
  const named = profiles.map((one) => PROFILE + plain(one.replace(/^#/, '_'), PROFILE_LENGTH))
  let room = PROFILES_LENGTH
  return [...new Set(named)]
    .sort()
    .slice(0, MOST_PROFILES)
    .filter(({ length }) => {
      room -= length
      return room >= 0
    })
}

function versionName(softwareVersion: string): readonly string[] {
  return softwareVersion === '' ? [] : [VERSION_MARK + plain(softwareVersion, VERSION_LENGTH)]
}

function plain(text: string, length: number): string {
  return text.slice(0, length).replaceAll(/[^\x21-\x7e]/g, '_')
}

/** The signature of what was refused at the door. Pure. */
export function refusedSignature(code: ErrorCode, profiles: readonly string[] = [], softwareVersion = ''): string {
  return [REFUSED + code, ...versionName(softwareVersion), ...profileNames(profiles)].join(' ')
}

/** The version of the software in a signature of what was sent; '': not told. Pure. */
export function softwareVersionIn(signature: string): string {
  if (!signature.includes(VERSION_MARK)) return ''
  const name = signature.split(' ').find((one) => one.startsWith(VERSION_MARK))
  return name?.slice(VERSION_MARK.length) ?? ''
}

/** The names in a signature, and the profiles claimed; `refused` is the code of a refusal, then there is no other name. Pure. */
export function readSignature(signature: string): {
  readonly names: readonly string[]
  readonly profiles: readonly string[]
  readonly refused: ErrorCode | null
} {
  const all = signature === '' ? [] : signature.split(' ')
  const profiles = all.filter(isProfile).map((one) => one.slice(PROFILE.length))
  const names = !signature.includes(PROFILE) ? all : all.filter((one) => !one.startsWith(PROFILE))
  const [first = ''] = names
  if (first.startsWith(REFUSED)) return { names: [], profiles, refused: first.slice(REFUSED.length) as ErrorCode }
  return { names, profiles, refused: null }
}

function isProfile(name: string): boolean {
  return name.startsWith(PROFILE) && !name.startsWith(VERSION_MARK)
}

/** Does a name fit one of the patterns (`PAM-PID-32`, `PAM-*`)? Pure. */
export function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one))
}
