import { onTestFinished } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { programmes, shippedProfiles } from '../../src/app/config/index.ts'
import { PUBLISHED_FINESS } from '../../src/app/demo/supported.ts'
import { establishmentLookup } from '../../src/app/wiring/establishment-lookup.ts'
import { programmeCommands } from '../../src/conformity/programme/commands.ts'
import type { ProgrammeParts } from '../../src/conformity/programme/parts.ts'
import { programmeViews } from '../../src/conformity/programme/views.ts'
import { structureViews } from '../../src/conformity/structures/views.ts'
import type { Config } from '../../src/core/config.ts'
import type { FrameworkShelf } from '../../src/core/conformity-commands.ts'
import type { Journal, Statement } from '../../src/core/journal.ts'
import type { Enrolment, NewEnrolment } from '../../src/core/programme-commands.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { act } from './acting.ts'

/** The day of these tests. */
export const NOW = Date.parse('2026-11-27T10:00:00Z')
/** An invented hospital that no region.yaml declares. */
export const HOSPITAL = '539970012'
/** Invented homes of the demo region. */
export const HOMES = ['449990217', '539990218', '499990315']
const CONFIG = {
  region: { timeZone: 'Europe/Paris' },
  destinations: new Map(),
  establishments: new Map(
    [
      { id: 'ch-laval', name: 'CH de Laval', kind: 'hospital', finess: { ej: PUBLISHED_FINESS, eg: [] } },
      { id: 'ch-fictif', name: 'CH fictif', kind: 'hospital', finess: { ej: null, eg: ['539990028'] } },
      ...HOMES.map((finess) => ({
        id: `home-${finess}`,
        name: 'Foyer (fictif)',
        kind: 'nursing-home',
        finess: { ej: finess, eg: [] },
      })),
    ].map((one) => [one.id, one]),
  ),
} as unknown as Config

/** A store with programmes over it, a new one unless one is given; over when the test is. */
export async function world(of?: Journal) {
  const { journal, end } = of === undefined ? await openStore() : { journal: of, end: async () => {} }
  onTestFinished(end)
  const clock = manualClock()
  const shelved = { status: 'published', validFrom: '2020-01-01', validTo: null as string | null, domains: [] }
  const one = async (name: string) => (name === 'ci-sis@2026.1' ? { framework: shelved } : null)
  const shelf = { one } as unknown as FrameworkShelf
  const all = programmes(shippedProfiles())
  let declared = CONFIG
  const config = () => declared
  const parts: ProgrammeParts = {
    ...{ journal, clock: { ...clock, nowMs: () => NOW }, ids: machineIds, shelf, config },
    ...{
      programmes: () => all,
      find: establishmentLookup(config, structureViews({ journal, config })),
    },
  }
  const rows = (...statements: readonly Statement[]) => journal.apply({ rows: statements })
  return {
    ...{ parts, rows, shelved, views: programmeViews(parts), commands: programmeCommands(parts) },
    /** From now on region.yaml declares these. */
    declares(
      establishments: readonly {
        readonly id: string
        readonly name: string
        readonly kind: string
        readonly finess: object
      }[],
    ): void {
      declared = { ...CONFIG, establishments: new Map(establishments.map((one) => [one.id, one])) } as unknown as Config
    },
    /** From now on every destination of the region is for tests, and there is one. */
    onTrial(): void {
      declared = { ...declared, destinations: new Map([['ch-fictif/dpi', { use: 'qualification' }]]) } as never
    },
    async events() {
      const told = await journal.look<{ who: string; what: string; why: string; detail: string }>({
        sql: 'SELECT who, what, why, detail FROM event ORDER BY seq',
        parameters: [],
      })
      return told.map(({ who, what, why, detail }) => `${who} ${what} (${why}) ${detail}`)
    },
  }
}

/** What is asked when somebody enrols; `more`: as it differs. */
export const asked = (more: Partial<NewEnrolment> = {}): NewEnrolment => ({
  ...{ programme: 'hopital-numerique', finess: HOSPITAL, name: 'CH de Test (fictif)', kind: 'hospital' },
  ...{ department: null, body: { finess: null, name: null, count: null }, domains: ['dossier'], project: null },
  ...{ depositedOn: null, cents: null, source: '', invented: true, confirm: false, ...more },
})
/** Two people of the programme. */
export const officer = act('odile')
/** The second of them. */
export const other = act('paul')
type World = Awaited<ReturnType<typeof world>>
/** An enrolment that was made. */
export const enrolled = async ({ commands }: World, more: Partial<NewEnrolment> = {}): Promise<Enrolment> => {
  const done = await commands.enrol(asked(more), officer)
  if (!done.ok) throw new Error(JSON.stringify(done.problems))
  return done.enrolment
}
/** `done`, or the code of what was refused. */
export const code = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'done',
    (fault: { code: string }) => fault.code,
  )
