import type { Intake } from '../../core/journal.ts'
import { standing } from '../../core/message.ts'
import { checksum } from './checksum.ts'
import { distinct, type Owner } from './entry.ts'
import { stateOf } from './standing.ts'

/** The row of a message about to be written, in the order of the table's columns. `clean`: what the store makes of text. */
export function messageRow(
  intake: Intake,
  owner: Owner,
  at: { readonly nowMs: number; readonly bytes: number; readonly sha256: string },
  clean: (text: string) => string = (text) => text,
) {
  const standings = intake.deliveries.map(({ state }) => standing(state, false))
  const open = standings.filter((one) => one === 'open').length
  const parked = standings.filter((one) => one === 'parked').length
  const row = {
    seq: owner.seq,
    id: intake.id,
    received_at_ms: intake.receivedAtMs,
    committed_at_ms: at.nowMs,
    entrance: intake.entrance,
    peer: clean(intake.peer),
    establishment: intake.establishment,
    kind: clean(intake.kind),
    control_id: clean(intake.controlId),
    application: clean(intake.application),
    facility: clean(intake.facility),
    receiving_application: clean(intake.receivingApplication),
    receiving_facility: clean(intake.receivingFacility),
    test: intake.test ? 1 : 0,
    bytes: at.bytes,
    order_keys: JSON.stringify(owner.keys),
    patient_keys: JSON.stringify(distinct(intake.patientKeys)),
    revision: intake.revision,
    parent: intake.parent,
    cause: intake.cause,
    ask: intake.ask === null ? null : clean(intake.ask),
  }
  const sum = checksum({ ...row, sha256: at.sha256 })
  const state = stateOf(open, parked)
  return {
    ...row,
    checksum: sum,
    findings: JSON.stringify(intake.findings),
    state,
    open,
    parked,
    withheld: owner.withheld,
    profiles: profilesText(intake.profiles ?? [], clean),
    software_version: clean((intake.softwareVersion ?? '').slice(0, VERSION_LENGTH)) || null,
  }
}

/** Claims come from strangers: so many of them, and so much of each (characters), are kept. */
const MOST_PROFILES = 16
const PROFILE_LENGTH = 255
const VERSION_LENGTH = 64

function profilesText(profiles: readonly string[], clean: (text: string) => string): string | null {
  if (profiles.length === 0) return null
  return JSON.stringify(profiles.slice(0, MOST_PROFILES).map((one) => clean(one.slice(0, PROFILE_LENGTH))))
}
