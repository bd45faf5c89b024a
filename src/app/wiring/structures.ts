import { structureCommands } from '../../conformity/structures/commands.ts'
import { beginStructures, MOST_BYTES, type StructureParts, tidyStructures } from '../../conformity/structures/import.ts'
import { structureViews } from '../../conformity/structures/views.ts'
import type { EnrolledViews } from '../../console/page/programmes/enrolled-at.ts'
import { structurePages } from '../../console/page/structures/plugin.ts'
import { structuresPlugin } from '../../console/structures.ts'
import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { StructureCommands, StructureProfile, StructureViews } from '../../core/structures.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { shippedProfiles } from '../config/index.ts'
import { demoRegister } from '../demo/structures.ts'
import { BehindImports } from '../imports/behind.ts'
import { breathe, rest } from '../imports/breathe.ts'
import { readStructures } from '../structures/rules.ts'

/** What the register of establishments is run with. */
export interface StructureSources {
  readonly journal: Journal
  readonly config: () => Config
  /** Folders of profiles, the region's own first; absent: those that are shipped. */
  readonly profiles?: readonly string[]
  /** The establishments are simulated: where the sign-in is that of the demonstration, so is the register. */
  readonly guided?: boolean
  readonly version: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** How long after a start the demonstration's register is put in (ms): the doors are open by then. */
const DEMO_MS = 3_000

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The register of this node. */
export interface StructureWiring {
  readonly views: StructureViews
  readonly commands: StructureCommands
  /** Its pages, with the programmes of each establishment, and its API. */
  plugins(programmes: EnrolledViews): readonly HttpPlugin[]
  /** Clears what an import left that was cut off; behind everything else. */
  start(): void
  /** Cuts off an import that runs, and waits for it. */
  stop(): Promise<void>
}

/** Wires the register of establishments: its questions, its imports, and what people write into it. */
export function structures(sources: StructureSources): StructureWiring {
  const { journal, config, profiles = shippedProfiles(), version, clock, ids, log } = sources
  let known: StructureProfile | null = null
  // Read when a file is imported first: a start waits for no profile.
  const profile = (): StructureProfile => {
    if (known !== null) return known
    const { profile: read, unusable } = readStructures(profiles)
    for (const rule of unusable) log.warn('structures.unusable', { rule })
    known = read
    return known
  }
  const parts: StructureParts = { journal, profile, clock, breathe, rest }
  const views = structureViews({ journal, config })
  const behind = new BehindImports('structures', log)
  const commands: StructureCommands = {
    ...structureCommands({ journal, views, clock, ids }),
    async begin(file, act) {
      const limit = { maxBytes: MOST_BYTES, tooLarge: 'STRUCTURE_TOO_LARGE' } as const
      const generation = await behind.begin(file, limit, (kept) => beginStructures(parts, kept, act))
      const { last } = await views.state()
      return last.find((one) => one.generation === generation)!
    },
  }
  const demonstrate = async (): Promise<void> => {
    if ((await views.state()).last.length > 0) return
    const { name, text, facts } = demoRegister(config(), profile())
    const bytes = Buffer.from(text)
    const act = { who: 'gateway', why: 'demo', reach: null }
    const begun = await beginStructures(parts, { name, bytes: bytes.length }, act)
    await begun.run({ name, bytes: bytes.length, chunks: pieces(bytes) }, behind.stopped)
    for (const file of facts) await commands.facts(file, false, act)
  }
  let cancel = (): void => {}
  return {
    ...{ views, commands },
    plugins: (programmes) => [
      structuresPlugin({ views, commands }),
      structurePages({ views, commands, programmes, config, version, demo: false }),
    ],
    start() {
      behind.apart('tidy', () => tidyStructures(parts, journal.dialect === 'sqlite', behind.stopped))
      if (sources.guided === true && config().signIn?.demo === true)
        cancel = clock.after(DEMO_MS, () => behind.apart('import', demonstrate))
    },
    stop() {
      cancel()
      return behind.stop()
    },
  }
}
