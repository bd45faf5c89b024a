/** The verdicts of a month once more, by a slow program that shares nothing with the gateway: it looks at every message each time. */
import type { Verdict } from '../../src/core/conformity.ts'
import { FRAMEWORK, type Happening } from './month.ts'

/** What each requirement comes to for one establishment at the end of a day (from 1). */
export function slowVerdicts(all: readonly Happening[], establishment: string, day: number): Map<string, Verdict> {
  const real = all.filter((one) => one.establishment === establishment && !one.test && one.day <= day)
  const within = (days: number): Happening[] => real.filter((one) => one.day > day - days)
  const verdicts = new Map<string, Verdict>()
  verdicts.set('MONTH', slowShare(within(30), 5))
  verdicts.set('WEEK', slowShare(within(7), 3))
  verdicts.set('INS', slowIns(within(30)))
  verdicts.set(
    'RESULTS',
    slowResults(
      within(14),
      real.some((one) => one.day <= day - 13),
    ),
  )
  const results = within(14).filter(({ kind, refused }) => kind === 'ORU^R01' && refused === null)
  const claims = ({ profiles }: Happening): boolean => profiles.includes('CISIS_CDA_HL7_V2')
  verdicts.set('DOCUMENTS', slowDocuments(results.filter(claims)))
  verdicts.set('PLAIN', slowDocuments(results.filter((one) => !claims(one))))
  const three = ['MONTH', 'WEEK', 'INS'].map((one) => verdicts.get(one)!)
  verdicts.set('WHOLE', slowWhole(three))
  if (verdicts.size !== FRAMEWORK.domains[0]!.requirements.length) throw new Error('a requirement is not looked at')
  return verdicts
}

function slowShare(messages: readonly Happening[], minimum: number): Verdict {
  let [right, wrong] = [0, 0]
  for (const { kind, findings, refused } of messages) {
    if (!kind.startsWith('ADT^')) continue
    const bad = refused !== null || findings.some(({ params }) => String(params?.['rule'] ?? '').startsWith('PAM-'))
    if (bad) wrong++
    else right++
  }
  if (right + wrong < minimum) return 'not-measured'
  if (100 * right >= 99 * (right + wrong)) return 'met'
  return 100 * right >= 90 * (right + wrong) ? 'partly' : 'unmet'
}

function slowIns(messages: readonly Happening[]): Verdict {
  const taken = messages.filter(({ kind, refused }) => kind.startsWith('ADT^') && refused === null)
  if (taken.length < 5) return 'not-measured'
  return taken.some(({ findings }) => findings.some(({ code }) => code === 'INS_KEY')) ? 'unmet' : 'met'
}

function slowResults(messages: readonly Happening[], long: boolean): Verdict {
  const results = messages.filter(({ kind, refused }) => kind === 'ORU^R01' && refused === null).length
  if (results >= 2) return 'met'
  if (messages.length === 0 || !long) return 'not-measured'
  return results === 1 ? 'partly' : 'unmet'
}

function slowDocuments(results: readonly Happening[]): Verdict {
  if (results.length === 0) return 'not-measured'
  const wrong = results.filter(({ findings }) => findings.some(({ params }) => params?.['rule'] === 'CDA-OBX-5')).length
  if (100 * wrong <= results.length) return 'met'
  return 2 * wrong <= results.length ? 'partly' : 'unmet'
}

function slowWhole(parts: readonly Verdict[]): Verdict {
  const met = parts.filter((one) => one === 'met').length
  if (met === 3) return 'met'
  const open = parts.filter((one) => one === 'not-measured').length
  if (met + open === 3) return 'not-measured'
  return met > 0 || parts.includes('partly') ? 'partly' : 'unmet'
}
