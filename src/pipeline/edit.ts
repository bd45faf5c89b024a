import type { Config, RouteRule } from '../core/config.ts'
import { applyEdits } from '../formats/hl7v2/edit.ts'
import { readHeader } from '../formats/hl7v2/header.ts'
import { readMessage } from '../formats/hl7v2/message.ts'
import type { OutgoingStep, StepContext } from './prepare.ts'
import { bodyOver, bytesOf } from './withheld.ts'

/** Is the message HL7 v2 once its route has converted it, or came as such? */
export function leavesAsHl7(
  { ask }: { readonly ask: string | null },
  route: Pick<RouteRule, 'transform'> | null,
): boolean {
  return (route?.transform ?? (ask === null ? 'hl7v2' : 'fhir')) === 'hl7v2'
}

/** The largest message that is edited (bytes): all of it has to be in memory, twice. */
export const MAX_EDITED_BYTES = 16 * 1_024 * 1_024

/**
 * The edits of the route that made a delivery. A delivery whose route has none goes as it came, and so does FHIR: edits
 * are of HL7 v2. It throws what `applyEdits` throws. */
export const editStep: OutgoingStep = {
  needed: ({ entry, route }) => route !== null && route.edit.length > 0 && leavesAsHl7(entry, route),
  async run(message, context) {
    if (message.body.bytes > MAX_EDITED_BYTES) return { kind: 'refused', code: 'FRAME_TOO_LONG', answer: '' }
    const bytes = await bytesOf(message.body)
    const { route, config } = context
    const edited = applyEdits(bytes, route?.edit ?? [], config.maps, await assumedCharset(bytes, context))
    return {
      ...message,
      body: edited.bytes === bytes ? message.body : bodyOver(edited.bytes),
      findings: [...message.findings, ...edited.findings],
    }
  },
}

/**
 * What an empty MSH-18 means: the character set of the establishment that MSH-4 names, else of the one that sent the message
 * (known by its certificate or key); only ASCII is written where neither is known. */
export async function assumedCharset(
  bytes: Buffer,
  { config, sender }: Pick<StepContext, 'config' | 'sender'>,
): Promise<string> {
  return namedCharset(bytes, config) ?? config.establishments.get((await sender()) ?? '')?.charset ?? 'ASCII'
}

/** The character set of the establishment that MSH-4 names; null: it names none of the region, or nothing can be read. */
export function namedCharset(bytes: Buffer, config: Config): string | null {
  const read = readMessage(bytes)
  if (!read.ok) return null
  const sender = readHeader(read.message).sendingFacilityAll.map((name) => config.facilities.get(name))
  return config.establishments.get(sender.find((id) => id !== undefined) ?? '')?.charset ?? null
}
