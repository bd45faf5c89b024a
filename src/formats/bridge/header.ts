/** MSH of what is converted (HL7 v2.5.1 §2.15.9, PAM FR §6.5). */
import { hl7Timestamp } from '../hl7v2/timestamp.ts'
import { type Component, type Segment, segment, type Written, writeMessage } from '../hl7v2/write.ts'
import type { Hd } from '../identifiers/hl7-form.ts'
import type { BridgeContext } from './context.ts'
import type { Hl7Draft } from './conversion.ts'
import { shortName } from './stable-id.ts'

/** HD as a field. */
export function hdField({ namespace, id, idType }: Hd): readonly Component[] {
  return [namespace, id, idType]
}

/** HD as a component. */
export function hdComponent({ namespace, id, idType }: Hd): Component {
  return [namespace, id, idType]
}

/** The bytes of a draft, MSH in front: MSH-10 follows from the context's key, MSH-3 to MSH-6 from its parties. */
export function writeDraft(draft: Hl7Draft, context: BridgeContext): Written {
  const { sender, receiver, atMs, timeZone, key, test } = context
  const header = segment('MSH', {
    3: sender.application,
    4: hdField(sender.authority),
    5: receiver.application,
    6: hdField(receiver.authority),
    7: hl7Timestamp(atMs, timeZone),
    9: draft.type,
    10: shortName('MSH-10', key),
    11: test ? 'T' : 'P',
    12: draft.version,
    17: 'FRA',
    ...(draft.profile === undefined ? {} : { 21: draft.profile }),
  })
  return writeMessage([header, ...draft.segments], context.writing)
}

/** EVN for an event at a time of HL7 v2 (§3.4.1); MSH-9 says which. */
export function eventSegment({ atMs, timeZone }: BridgeContext, occurred: string): Segment {
  return segment('EVN', { 2: hl7Timestamp(atMs, timeZone), 6: occurred })
}
