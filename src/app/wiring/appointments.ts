import { appointmentPlugin } from '../../console/appointments.ts'
import { attachmentPlugin } from '../../console/attachments.ts'
import type { AppointmentCommands, AppointmentMessages, AppointmentViews } from '../../core/appointments.ts'
import type { AttachmentCommands, AttachmentViews } from '../../core/attachments.ts'
import type { Config } from '../../core/config.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { searchKey } from '../../pipeline/keys.ts'
import { type ActOnCase, appointmentCommands } from '../../telemedicine/appointments/commands.ts'
import { appointmentFollower, type RemindRows } from '../../telemedicine/appointments/follower.ts'
import { announcer, appointmentViews } from '../../telemedicine/appointments/views.ts'
import { ATTACHMENT_LIMITS, attachmentCommands } from '../../telemedicine/photos/attachments.ts'
import { rewriter } from '../../telemedicine/photos/rewriter.ts'
import { attachmentViews, uploadFollower } from '../../telemedicine/photos/views.ts'

/** What appointments and photos are made of. */
export interface AppointmentSources {
  readonly journal: Journal
  readonly config: () => Config
  /** Acts on the case of an appointment; absent: nothing is done to it. */
  readonly act?: ActOnCase
  /** Messages that versions of an appointment make; absent: none. */
  readonly messages?: AppointmentMessages
  /** Rows of the notices of a reminder. */
  readonly remind: RemindRows
  readonly clock: Clock
  readonly ids: Ids
}

/** Appointments and photos: what the pages use, and what runs. */
export interface Appointments {
  readonly appointments: AppointmentCommands
  readonly appointmentViews: AppointmentViews
  readonly attachments: AttachmentCommands
  readonly attachmentViews: AttachmentViews
  readonly followers: readonly Follower[]
  readonly plugins: readonly HttpPlugin[]
  stop(): void
}

/** Makes them; the process that writes photos anew begins with the first photo. */
export function appointmentsOf(sources: AppointmentSources): Appointments {
  const { journal, config, act, messages, remind, clock, ids } = sources
  const services = () => config().careServices ?? new Map()
  const timeZone = (): string => config().region.timeZone
  const { changed, watch } = announcer()
  const photos = rewriter(clock)
  const told = { changed, ...(messages && { messages }), ...(act && { act }) }
  const appointments = appointmentCommands({ journal, services, timeZone, ...told, clock, ids })
  const views = appointmentViews({ journal, timeZone, watch })
  const attachments = attachmentCommands({ journal, limits: ATTACHMENT_LIMITS, rewriter: photos, clock, ids })
  const kept = attachmentViews({ journal, clock })
  const charset = (id: string): string => config().establishments.get(id)?.charset ?? '8859/15'
  const search = (authority: string, value: string): string => searchKey(journal.secret, authority, value)
  const agenda = { journal, services, charset, search, timeZone, commands: appointments, remind, clock }
  return {
    appointments,
    appointmentViews: views,
    attachments,
    attachmentViews: kept,
    followers: [appointmentFollower(agenda), uploadFollower(journal)],
    plugins: [appointmentPlugin({ appointments, views }), attachmentPlugin({ attachments, views: kept })],
    stop: () => photos.close(),
  }
}
