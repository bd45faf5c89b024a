import { X509Certificate } from 'node:crypto'
import type { Config } from '../../core/config.ts'
import type { CaseResult, Hindrance, StepEntry, StepRule } from '../../core/onboarding.ts'
import { finessFault } from '../../formats/identifiers/finess.ts'
import { parseDistinguishedName, parseNodeName, writeDistinguishedName } from '../../formats/x509/distinguished-name.ts'

/** What the gateway sees in what was written at a step, or what is wrong with it. */
export type Seen =
  | { readonly facts: Readonly<Record<string, string>>; readonly wrong: null }
  | { readonly facts: null; readonly wrong: Hindrance }

/** What the facts are seen by. */
export interface SeeingParts {
  readonly establishment: string
  readonly config: Config
  readonly before: Readonly<Record<string, string>>
}

/** The facts of a step, of what was written at it now and what was seen before. Pure. */
export function factsOf(rule: StepRule, entry: StepEntry, parts: SeeingParts): Seen {
  if (rule.check === 'finess') return { facts: finessFacts(rule, entry, parts), wrong: null }
  if (rule.check === 'certificate') return certificateFacts(rule, entry, parts)
  return { facts: parts.before, wrong: null }
}

/** For each number: its form and key, and what the region's file says of it. */
function finessFacts(
  { fields }: StepRule,
  { values }: StepEntry,
  { establishment, config }: SeeingParts,
): Record<string, string> {
  const given = fields
    .filter(({ type }) => type === 'finess')
    .flatMap(({ id }) => (values[id] ?? '').split(/[\s,;]+/).filter((one) => one !== ''))
  return Object.fromEntries(given.map((number) => [number, finessFact(number, establishment, config)]))
}

function finessFact(number: string, establishment: string, config: Config): string {
  const fault = finessFault(number)
  if (fault !== null) return fault
  const holder = [...config.establishments.values()].find(
    ({ finess, facilities }) => finess.ej === number || finess.eg.includes(number) || facilities.includes(number),
  )
  if (holder === undefined) return 'absent'
  return holder.id === establishment ? 'same' : 'taken'
}

/** What a certificate says of itself. Its text is not kept; where none is given, what was seen before stays. */
function certificateFacts(
  { fields }: StepRule,
  { values }: StepEntry,
  { establishment, config, before }: SeeingParts,
): Seen {
  const field = fields.find(({ type }) => type === 'certificate')
  const pem = (field === undefined ? '' : (values[field.id] ?? '')).trim()
  if (pem === '') return { facts: before, wrong: null }
  try {
    const certificate = new X509Certificate(pem)
    const [issuer, subject] = [parseNodeName(certificate.issuer), parseNodeName(certificate.subject)]
    const declared = config.establishments
      .get(establishment)
      ?.certificates.some(
        (one) =>
          parseDistinguishedName(one.issuer).key === issuer.key &&
          parseDistinguishedName(one.subject).key === subject.key,
      )
    return {
      wrong: null,
      facts: {
        issuer: writeDistinguishedName(issuer),
        subject: writeDistinguishedName(subject),
        serial: certificate.serialNumber,
        from: certificate.validFromDate.toISOString(),
        until: certificate.validToDate.toISOString(),
        fingerprint: certificate.fingerprint256,
        declared: declared === true ? 'yes' : 'no',
      },
    }
  } catch {
    return { facts: null, wrong: 'certificate-unreadable' }
  }
}

/** What still keeps a step from being done, or null. Pure. */
export function hindrance(
  rule: StepRule,
  { values }: Pick<StepEntry, 'values'>,
  facts: Readonly<Record<string, string>>,
  parts: { readonly cases: readonly CaseResult[]; readonly nowMs: number },
): Hindrance | null {
  const lacking = rule.fields.some(
    ({ id, type, required }) => required && type !== 'certificate' && (values[id] ?? '').trim() === '',
  )
  if (lacking) return 'fields'
  switch (rule.check) {
    case 'finess':
      return Object.values(facts).includes('form') ? 'finess-form' : wrongKey(facts) ? 'finess-key' : null
    case 'certificate': {
      if (facts['until'] === undefined) return 'certificate-missing'
      return Date.parse(facts['until']) <= parts.nowMs ? 'certificate-expired' : null
    }
    case 'network':
      return facts['step'] === 'done' ? null : 'network-untested'
    case 'test-book':
      return parts.cases.every(({ result }) => result === 'passed') ? null : 'test-book'
    case 'sign':
      return 'state'
    case 'none':
      return null
  }
}

/** How Corsica's letters count in the key is confirmed by no public text: a key that does not hold there is shown only. */
function wrongKey(facts: Readonly<Record<string, string>>): boolean {
  return Object.entries(facts).some(([number, fact]) => fact === 'key' && !/^2[AB]/.test(number))
}
