import type { Config } from '../../core/config.ts'
import type { ContentViews } from '../../core/content.ts'
import type { DestinationCommands } from '../../core/operations.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import type { DeskNotes, SavedViews } from '../../core/saved-views.ts'
import type { MaintenanceCommands, ReplayRequests, TreatCommands, TreatViews } from '../../core/treat.ts'
import type { Commands, Views } from '../../core/views.ts'
import type { PageParts } from './shell/pages.ts'

/** What the pages of messages and of what is to be treated read and change. */
export interface DeskParts extends PageParts {
  readonly config: () => Config
  readonly views: Views
  readonly commands: Commands
  readonly destinations: DestinationCommands
  readonly content: ContentViews
  readonly treat: TreatViews
  readonly many: TreatCommands
  readonly replays: ReplayRequests
  readonly planning: MaintenanceCommands
  readonly saved: SavedViews
  readonly notes: DeskNotes
  readonly clock: Clock
  readonly ids: Ids
}
