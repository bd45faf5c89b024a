/** Columns that messages and their deliveries got later. */
import type { Step } from './schema.ts'

/** What a message claims to be (MSH-21, meta.profile), as a list in JSON: conformity tells messages of one kind apart by it. Null: nothing. */
export const PROFILES: Step = {
  name: 'profiles',
  adds: true,
  both: 'ALTER TABLE message ADD COLUMN profiles TEXT;',
}

/** Version of the software that sent a message (SFT-2, MessageHeader.source.version). Null: not told. */
export const SOFTWARE_VERSION: Step = {
  name: 'software version',
  adds: true,
  both: 'ALTER TABLE message ADD COLUMN software_version TEXT;',
}

/** Whose route edits and transforms a delivery, since a person sent it again. Null: the one that routed the message. */
export const DELIVERY_REVISION: Step = {
  name: 'delivery revision',
  adds: true,
  both: 'ALTER TABLE delivery ADD COLUMN revision INTEGER;',
}
