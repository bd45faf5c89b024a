import type { TrialFact, TrialFacts } from '../../core/conformity.ts'
import type { Journal } from '../../core/journal.ts'
import type { OnboardingRules } from '../../core/onboarding.ts'
import { TRIALS_KEPT } from '../rehearse.ts'
import { casesOf } from './cases.ts'
import { trialsOf } from './rows.ts'

/** Cases of test books by what came of an establishment at the sandbox door, as far as its trials are still kept. */
export function trialFacts(journal: Pick<Journal, 'read'>, rules: () => Pick<OnboardingRules, 'books'>): TrialFacts {
  return async (establishment, sinceMs) => {
    const { books } = rules()
    const trials = await trialsOf(journal, establishment, sinceMs, TRIALS_KEPT)
    return [...books.values()].flatMap((book) =>
      casesOf(book, trials).flatMap(({ id, result, trial }): TrialFact[] =>
        trial === null ? [] : [{ name: `${book.id}/${id}`, passed: result === 'passed', atMs: trial.atMs }],
      ),
    )
  }
}
