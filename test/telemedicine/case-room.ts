import { machineIds } from '../../src/app/cli/machine.ts'
import type { Acted, Case, CaseMessage, CaseReading, CaseWork } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import type { Journal, Timer } from '../../src/core/journal.ts'
import type { Log } from '../../src/core/ports.ts'
import { searchKey } from '../../src/pipeline/keys.ts'
import { recentBearing } from '../../src/pipeline/recent.ts'
import { caseFollower, type FollowCaseParts } from '../../src/telemedicine/follow.ts'
import { caseCommands } from '../../src/telemedicine/store/commands.ts'
import { loadCase } from '../../src/telemedicine/store/load.ts'
import { tellingJournal, toldOf } from '../../src/telemedicine/store/told.ts'
import { caseViews } from '../../src/telemedicine/store/views.ts'
import { someConfig } from '../console/region.ts'
import { OPINION, STROKE, WOUNDS } from './invented.ts'

const quiet: Log = { info() {}, warn() {}, error() {} }

/** A region with three services, whose destinations are real. */
export function careConfig(changes: Partial<Config> = {}): Config {
  const config = someConfig()
  const [first] = config.establishments.values()
  const more = ['ch-chateaubriant', 'chu-nantes'].map(
    (id) => [id, { ...first!, id, name: id, facilities: [id] }] as const,
  )
  const home = config.establishments.get('ehpad-a')!
  return {
    ...config,
    destinations: new Map([...config.destinations].map(([id, one]) => [id, { ...one, use: 'production' as const }])),
    establishments: new Map([...config.establishments, ...more, ['ehpad-a', { ...home, kind: 'nursing-home' }]]),
    careServices: new Map([STROKE, WOUNDS, OPINION].map((one) => [one.name, one])),
    ...changes,
  }
}

/** The case as an act left it. @throws with the code of the refusal */
export function done(acted: Acted): Case {
  if (!acted.ok) throw new Error(acted.error)
  return acted.case
}

/** Cases over a journal, with a clock that the test sets and a reader that gives what it was told. */
export function caseRoom(journal: Journal, changes: Partial<FollowCaseParts> = {}) {
  const config = careConfig()
  const clock = { atMs: Date.UTC(2026, 10, 26, 9), nowMs: () => clock.atMs }
  const readings = new Map<string, CaseReading>()
  const search = (authority: string, value: string) => searchKey(journal.secret, authority, value)
  const told = toldOf({ journal, search }, (fault) => {
    throw fault
  })
  const parts: FollowCaseParts = {
    journal,
    config: () => config,
    clock,
    log: quiet,
    search,
    told,
    uuid: () => machineIds.uuid(),
    projections: [],
    read: (_bytes, { id }) => readings.get(id) ?? { request: null, acts: [], cancels: null },
    recent: (keys, sinceMs) => recentBearing(journal, keys, sinceMs),
    ...changes,
  }
  const follower = caseFollower(parts)
  const running = tellingJournal(journal, told)
  return {
    clock,
    parts,
    readings,
    told,
    commands: caseCommands(parts, told),
    views: caseViews(parts, told),
    /** Does what is due by the clock, as the runner does; gives how many timers fired. */
    async run(): Promise<number> {
      let fired = 0
      for (;;) {
        const due = await journal.due(clock.atMs, 100)
        if (due.length === 0) return fired
        for (const timer of due) {
          if (await running.apply({ ...(await follower.timer(timer)), fired: [timer.id] })) fired += 1
        }
      }
    },
    follower,
    work: (work: CaseWork): Timer => ({
      id: machineIds.uuid(),
      follower: 'cases',
      dueAtMs: clock.atMs,
      payload: JSON.stringify(work),
    }),
    async one(id: string): Promise<Case> {
      const found = await loadCase(journal, id)
      if (found === null) throw new Error('no such case')
      return found
    },
    async count(table: string): Promise<number> {
      const [row] = await journal.look<{ n: number }>({ sql: `SELECT count(*) AS n FROM ${table}`, parameters: [] })
      return Number(row?.n)
    },
  }
}

/** A message as the intake tells cases of it. */
export function message(changes: Partial<CaseMessage> = {}): CaseMessage {
  const establishment = 'ch-laval'
  return { id: 'm1', kind: 'ORM^O01', establishment, receivedAtMs: 1, test: false, keys: [], ...changes }
}
