import type { CaseResult, Expectation, TestBook, TestCase, Trial } from '../../core/onboarding.ts'

/** Codes of MSA-1 that say that a message was taken. */
const TAKEN = ['AA', 'CA']

/**
 * The cases of a book by what came, oldest first. A message whose MSH-10 begins with a case's id is of that case, and the last
 * of them decides; of the others, one that is as a case expects it passes that case, once. Pure. */
export function casesOf(book: TestBook, trials: readonly Trial[]): readonly CaseResult[] {
  const used = new Set<string>()
  const named = new Map(book.cases.map((one) => [one.id, trials.filter((trial) => isNamed(trial, one))]))
  const of = new Set([...named.values()].flat())
  return book.cases.map((one) => {
    const last = named.get(one.id)?.at(-1)
    if (last !== undefined) return { id: one.id, result: fits(one, last) ? 'passed' : 'failed', trial: last }
    const found = trials.find((trial) => !of.has(trial) && !used.has(trial.id) && fits(one, trial))
    if (found === undefined) return { id: one.id, result: 'waiting', trial: null }
    used.add(found.id)
    return { id: one.id, result: 'passed', trial: found }
  })
}

function isNamed({ controlId }: Trial, { id }: TestCase): boolean {
  return controlId?.toUpperCase().startsWith(`${id.toUpperCase()}-`) ?? false
}

/** Is this message what the case expects? Pure. */
export function fits({ kinds, expect }: TestCase, trial: Trial): boolean {
  if (trial.kind !== null && !kinds.includes(trial.kind)) return false
  return asAnswered(expect, trial) && asWritten(expect, trial)
}

function asAnswered(
  { answer, code, findings = [], clean = false, repeat = false }: Expectation,
  trial: Trial,
): boolean {
  const taken = trial.code === null && (trial.answer === null || TAKEN.includes(trial.answer))
  if (answer !== 'either' && taken !== (answer === 'accepted')) return false
  if (code !== undefined && trial.code !== code) return false
  if (repeat && !trial.repeat) return false
  if (clean && trial.findings.some((finding) => finding.class !== 'form')) return false
  return findings.every((wanted) => wanted === trial.code || trial.findings.some(({ code: told }) => told === wanted))
}

function asWritten({ charset, accent = false, version }: Expectation, trial: Trial): boolean {
  if (charset !== undefined && trial.charset !== charset) return false
  if (version !== undefined && trial.version !== version) return false
  return !accent || trial.accent
}
