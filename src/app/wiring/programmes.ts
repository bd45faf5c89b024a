import { basename } from 'node:path'
import { programmeCommands } from '../../conformity/programme/commands.ts'
import type { ProgrammeParts } from '../../conformity/programme/parts.ts'
import { programmeViews } from '../../conformity/programme/views.ts'
import { programmesPlugin } from '../../console/programmes.ts'
import { codeOf } from '../../core/errors.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { ProgrammeViews } from '../../core/programme-commands.ts'
import type { StructureViews } from '../../core/structures.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { programmeShelf, shippedProfiles } from '../config/index.ts'
import { fillProgrammes } from '../demo/programmes.ts'
import { establishmentLookup } from './establishment-lookup.ts'

/** What programmes are made of. */
export interface ProgrammeSources extends Omit<ProgrammeParts, 'programmes' | 'find' | 'clock'> {
  readonly clock: Clock
  /** Folders of profiles, the region's own first; absent: those that are shipped. */
  readonly profiles?: readonly string[]
  readonly version: string
  /** Of establishments, beyond the region's own. */
  readonly register: Pick<StructureViews, 'one'>
  readonly log: Log
  /** Its establishments are simulated; absent: they are not. */
  readonly guided?: boolean
}

/** How long after a start the demo region's enrolments are made (ms): doors open first. */
const FILL_MS = 5_000

/** Programmes as the gateway runs them: `start` fills those of the demo region. */
export function programmesWired(sources: ProgrammeSources): {
  readonly views: ProgrammeViews
  readonly plugin: HttpPlugin
  start(): () => void
} {
  const { config, clock, log, version, guided = false, profiles = shippedProfiles() } = sources
  // Read when somebody asks first: a start waits for no file of programmes.
  const parts: ProgrammeParts = {
    ...sources,
    programmes: programmeShelf(profiles, clock.nowMs, (file) =>
      log.warn('programmes.unusable', { rule: basename(file) }),
    ),
    find: establishmentLookup(config, sources.register),
  }
  const views = programmeViews(parts)
  const fill = (): void =>
    void fillProgrammes(parts).catch((fault: unknown) => log.warn('programmes.demo', { code: codeOf(fault) }))
  return {
    views,
    plugin: programmesPlugin({ views, commands: programmeCommands(parts), config, version, demo: false }),
    start: () => (guided && config().signIn?.demo === true ? clock.after(FILL_MS, fill) : () => {}),
  }
}
