import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import {
  type CaseResult,
  ONBOARDING_STATES,
  type Onboarding,
  type OnboardingKey,
  type OnboardingNote,
  type OnboardingRules,
  type OnboardingState,
  type OnboardingViews,
  type StepNote,
  type Trial,
} from '../../core/onboarding.ts'
import { casesOf } from './cases.ts'
import { EVERY_FLOW, type OnboardingRow, onboarding, onboardings, signaturesOf, stepsOf, trialsOf } from './rows.ts'

/** Trials looked at for the cases of a book. */
const TRIALS = 500
const STRANGERS = 20
/** Acts shown of one onboarding. */
const HISTORY = 200

/** What the views read. */
export interface OnboardingViewParts {
  readonly journal: Pick<Journal, 'read' | 'look'>
  readonly config: () => Config
  readonly rules: OnboardingRules
}

/** Onboardings by state. */
export async function onboardingCounts(
  journal: Pick<Journal, 'read'>,
): Promise<Readonly<Record<OnboardingState, number>>> {
  const rows = await journal.read<{ state: OnboardingState; n: number }>({
    sql: 'SELECT state, count(*) AS n FROM onboarding GROUP BY state',
    parameters: [],
  })
  const found = new Map(rows.map(({ state, n }) => [state, Number(n)]))
  return Object.fromEntries(ONBOARDING_STATES.map((state) => [state, found.get(state) ?? 0])) as Record<
    OnboardingState,
    number
  >
}

/** The views of onboardings over a journal. */
export function onboardingViews(parts: OnboardingViewParts): OnboardingViews {
  const { journal, config, rules } = parts
  return {
    rules,
    counts: () => onboardingCounts(journal),
    async list(establishments) {
      const [rows, steps] = await Promise.all([onboardings(journal, establishments), stepsOf(journal, null)])
      return rows.map((row) => noteOf(row, notesFor(row, steps), parts))
    },
    strangers: () => trialsOf(journal, '', 0, STRANGERS),
    async one(establishment, flow, applications) {
      const row = await onboarding(journal, { establishment, flow })
      if (row === null) return null
      const [steps, signatures, tested, history] = await Promise.all([
        stepsOf(journal, establishment),
        signaturesOf(journal, row),
        bookResults(row, parts, applications),
        historyOf(row, journal),
      ])
      const notes = notesFor(row, steps)
      return {
        ...noteOf(row, notes, { config, rules }),
        steps: notes,
        signatures,
        ...tested,
        history,
      } satisfies Onboarding
    },
  }
}

/** The steps that count for an onboarding: its own, and those of all flows of the establishment. Pure. */
export function notesFor(
  { establishment, flow }: OnboardingKey,
  steps: readonly (OnboardingKey & { readonly note: StepNote })[],
): readonly StepNote[] {
  return steps
    .filter((one) => one.establishment === establishment && (one.flow === flow || one.flow === EVERY_FLOW))
    .map(({ note }) => note)
}

function noteOf(
  row: OnboardingRow,
  notes: readonly StepNote[],
  { config, rules }: Pick<OnboardingViewParts, 'config' | 'rules'>,
): OnboardingNote {
  const needed = rules.steps.filter(({ optional, check }) => !optional && check !== 'sign')
  const done = needed.filter(({ id }) => notes.some(({ step, state }) => step === id && state === 'done'))
  return {
    establishment: row.establishment,
    flow: row.flow,
    name: config().establishments.get(row.establishment)?.name ?? row.name,
    state: row.state,
    openedAtMs: Number(row.opened_at_ms),
    movedAtMs: Number(row.moved_at_ms),
    done: done.length,
    needed: needed.length,
  }
}

/** What came at the sandbox door since an onboarding was begun, by any product or by these, and which cases of its book that shows. */
export async function bookResults(
  row: OnboardingRow,
  { journal, rules }: Pick<OnboardingViewParts, 'journal' | 'rules'>,
  applications: readonly string[] | null = null,
): Promise<{ readonly cases: readonly CaseResult[]; readonly trials: readonly Trial[] }> {
  const name = rules.flows.find(({ id }) => id === row.flow)?.book ?? null
  const book = name === null ? undefined : rules.books.get(name)
  const all = await trialsOf(journal, row.establishment, Number(row.opened_at_ms), TRIALS)
  const trials = applications === null ? all : all.filter(({ application }) => applications.includes(application))
  return { trials, cases: book === undefined ? [] : casesOf(book, trials) }
}

async function historyOf({ establishment, flow }: OnboardingRow, { read }: Pick<Journal, 'read'>) {
  const own = `${establishment}/${flow}`
  const rows = await read<{ at_ms: number; who: string; what: string; why: string | null; detail: string }>({
    // Written out, not bound: only then is the index of these events used. `!` is the character after the space.
    sql: `SELECT at_ms, who, what, why, detail FROM event
      WHERE what >= 'onboarding-' AND what < 'onboarding.' AND detail >= ? AND detail < ? ORDER BY seq DESC LIMIT ${HISTORY}`,
    parameters: [own, `${own}!`],
  })
  return rows.map((row) => ({ ...row, atMs: Number(row.at_ms) }))
}
