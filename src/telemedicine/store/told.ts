import { type Case, type CaseId, CLOSED_STATES, type OpenCaseKeys } from '../../core/cases.ts'
import type { Effect, Journal, News } from '../../core/journal.ts'
import type { CaseParts } from '../projection.ts'
import { caseKeys } from './keys.ts'

/** What this node knows by heart of cases, and whom it tells of changes. */
export interface Told {
  readonly keys: OpenCaseKeys
  /** These cases were changed here, after their commit. */
  changed(cases: readonly Case[]): void
  /** Something that is shown of these cases changed, and not the cases themselves. */
  tell(ids: readonly CaseId[]): void
  /** An effect that somebody else will apply changes these cases. */
  expect(effect: Effect, cases: readonly Case[]): Effect
  /** That effect was applied. */
  applied(effect: Effect): void
  /** News of the journal: another node may have changed cases. */
  hear(news: News): void
  watch(listener: (id: CaseId) => void): () => void
  /** Reads what is open from the store. */
  refresh(): Promise<void>
}

/** What is known by heart; `refresh` fills it. `failed` is told when the store cannot be asked after news. */
export function toldOf(parts: Pick<CaseParts, 'journal' | 'search'>, failed: (fault: unknown) => void): Told {
  const known = new KnownKeys(parts)
  const listeners = new Set<(id: CaseId) => void>()
  const expected = new WeakMap<readonly unknown[], readonly Case[]>()
  const tell = (ids: readonly CaseId[]): void => {
    for (const id of ids) for (const listener of listeners) listener(id)
  }
  const refresh = inOneGo(async () => tell(await known.read()), failed)
  const changed = (cases: readonly Case[]): void => {
    for (const one of cases) known.learn(one)
    tell(cases.map(({ id }) => id))
  }
  return {
    keys: known,
    tell,
    changed,
    expect(effect, cases) {
      if (effect.rows !== undefined) expected.set(effect.rows, cases)
      return effect
    },
    applied({ rows }) {
      const cases = rows === undefined ? undefined : expected.get(rows)
      if (cases !== undefined) changed(cases)
    },
    hear(news) {
      if (news.features || news.missed === true) refresh().catch(failed)
    },
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refresh,
  }
}

/** Runs one thing at a time: what is asked for meanwhile is done once more behind it. */
function inOneGo(run: () => Promise<void>, failed: (fault: unknown) => void): () => Promise<void> {
  let running: Promise<void> | null = null
  let again = false
  const go = (): Promise<void> => {
    if (running !== null) {
      again = true
      return running
    }
    running = run().finally(() => {
      running = null
      if (!again) return
      again = false
      go().catch(failed)
    })
    return running
  }
  return go
}

/** Keys of the cases that are open, counted: a case that is closed takes its own along. */
class KnownKeys implements OpenCaseKeys {
  readonly #parts: Pick<CaseParts, 'journal' | 'search'>
  #keys = new Map<string, number>()
  #versions = new Map<CaseId, number>()
  readonly #own = new Map<CaseId, readonly string[]>()

  constructor(parts: Pick<CaseParts, 'journal' | 'search'>) {
    this.#parts = parts
  }

  get size(): number {
    return this.#keys.size
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** A case that was written here. */
  learn(one: Case): void {
    const open = !CLOSED_STATES.includes(one.state)
    const now = open ? caseKeys(one, this.#parts.search) : []
    for (const key of now) this.#count(key, 1)
    for (const key of this.#own.get(one.id) ?? []) this.#count(key, -1)
    this.#own.set(one.id, now)
    if (open) this.#versions.set(one.id, one.version)
    else this.#versions.delete(one.id)
    if (now.length === 0) this.#own.delete(one.id)
  }

  /** Reads all of them from the store; gives the cases that have changed since they were known. */
  async read(): Promise<readonly CaseId[]> {
    const { journal } = this.#parts
    const [open, keys] = await Promise.all([
      journal.look<{ id: string; version: number }>({
        sql: 'SELECT id, version FROM care_case WHERE closed_at_ms IS NULL',
        parameters: [],
      }),
      journal.look<{ search_key: string; care_case: string }>({
        sql: 'SELECT search_key, care_case FROM care_key',
        parameters: [],
      }),
    ])
    const before = this.#versions
    this.#versions = new Map(open.map(({ id, version }) => [id, Number(version)]))
    this.#keys = new Map()
    this.#own.clear()
    for (const { search_key, care_case } of keys) {
      this.#own.set(care_case, [...(this.#own.get(care_case) ?? []), search_key])
      this.#count(search_key, 1)
    }
    const moved = [...this.#versions].filter(([id, version]) => before.get(id) !== version).map(([id]) => id)
    return [...moved, ...[...before.keys()].filter((id) => !this.#versions.has(id))]
  }

  #count(key: string, by: number): void {
    const n = (this.#keys.get(key) ?? 0) + by
    if (n > 0) this.#keys.set(key, n)
    else this.#keys.delete(key)
  }
}

/** The journal for the runner of followers: what it applies for cases is told once it is committed. */
export function tellingJournal<J extends Pick<Journal, 'apply'>>(journal: J, told: Pick<Told, 'applied'>): J {
  const telling: Pick<Journal, 'apply'> = {
    async apply(effect) {
      const done = await journal.apply(effect)
      if (done) told.applied(effect)
      return done
    },
  }
  return new Proxy(journal, {
    get: (target, name) => {
      if (name === 'apply') return telling.apply
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
