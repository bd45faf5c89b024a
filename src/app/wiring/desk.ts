import type { DeskParts } from '../../console/page/desk.ts'
import type { Config } from '../../core/config.ts'
import type { Journal, StoredRevision } from '../../core/journal.ts'
import type { DestinationCommands } from '../../core/operations.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { MaintenanceCommands } from '../../core/treat.ts'
import type { Commands, Views } from '../../core/views.ts'
import { contentViews } from '../../pipeline/content.ts'
import { preparing } from '../../pipeline/prepare.ts'
import { replayRequests } from '../../pipeline/replay-requests.ts'
import { deskNotes, savedViews } from '../../pipeline/saved-views.ts'
import { treatViews } from '../../pipeline/treat.ts'
import { treatMany } from '../../pipeline/treat-many.ts'
import { compileConfig } from '../config/index.ts'

/** What the pages of messages stand on. */
export interface DeskWiring {
  readonly journal: Journal
  readonly config: () => Config
  readonly views: Views
  readonly commands: Commands
  readonly destinations: DestinationCommands
  readonly planning: MaintenanceCommands
  /** A stored revision as a configuration; absent: compiled without TLS files. */
  readonly compile?: (stored: StoredRevision) => Config
  readonly version: string
  readonly demo: boolean
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** A revision as it routed: nothing of it is sent from here, so no certificate is read. */
function withoutMaterial({ json, revision }: StoredRevision): Config {
  return compileConfig(json, revision, () => '')
}

/** The parts of the pages of messages and of what is to be treated, over a journal. */
export function deskOf(wired: DeskWiring): DeskParts {
  const {
    journal,
    config,
    views,
    commands,
    destinations,
    planning,
    compile = withoutMaterial,
    version,
    demo,
    clock,
    ids,
  } = wired
  const treat = treatViews(journal)
  return {
    ...{ config, views, commands, destinations, planning, treat, version, demo, clock, ids },
    content: contentViews({ journal, config, prepare: preparing({ journal, compile }) }),
    many: treatMany({ commands, views: treat, ids }),
    replays: replayRequests(wired),
    saved: savedViews(wired),
    notes: deskNotes(wired),
  }
}
