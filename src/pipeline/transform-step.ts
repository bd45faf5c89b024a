import type { FhirAsk } from '../core/fhir.ts'
import { PLATFORM } from '../core/message.ts'
import type { Prepared, RefusedWork } from './deliver.ts'
import { assumedCharset, leavesAsHl7, MAX_EDITED_BYTES } from './edit.ts'
import type { OutgoingStep, StepContext } from './prepare.ts'
import { type Changed, converts, inCharsetOf, transformed } from './transform.ts'
import { bodyOver, bytesOf } from './withheld.ts'

/** The route's `transform`: the message in the other format. What cannot be converted is refused and waits for a person. */
export const transformStep: OutgoingStep = {
  needed: ({ entry, route }) => converts(route, entry.ask),
  async run(message, { entry, route, config, sender, patientBefore }) {
    if (message.body.bytes > MAX_EDITED_BYTES) return { kind: 'refused', code: 'FRAME_TOO_LONG', answer: '' }
    const to = route?.transform ?? 'fhir'
    const before = to === 'hl7v2' && mayChangePatient(message.ask) ? await patientBefore() : undefined
    const journey = {
      config,
      destination: entry.destination,
      key: entry.id,
      atMs: entry.committedAtMs,
      sender: to === 'hl7v2' ? await sender() : null,
      ...(before === undefined ? {} : { before }),
    }
    const bytes = await bytesOf(message.body)
    return after(message, transformed({ bytes, ask: message.ask, kind: message.kind }, to, journey))
  },
}

/** A PATCH is kept as the update that it comes to. */
function mayChangePatient(ask: FhirAsk | null): boolean {
  return ask?.interaction === 'transaction' || (ask?.interaction === 'update' && ask.type === 'Patient')
}

/** The destination's character set, for HL7 v2 that came in another; what the gateway writes is in it already. */
export const charsetStep: OutgoingStep = {
  needed: (context) =>
    context.entry.ask === null && wayOf(context)?.charset !== undefined && leavesAsHl7(context.entry, context.route),
  async run(message, context) {
    if (message.body.bytes > MAX_EDITED_BYTES) return { kind: 'refused', code: 'FRAME_TOO_LONG', answer: '' }
    const bytes = await bytesOf(message.body)
    const charset = await assumedCharset(bytes, context)
    return after(message, inCharsetOf(wayOf(context) ?? {}, { bytes, ask: null, kind: message.kind }, charset))
  },
}

function wayOf({ entry, config }: StepContext) {
  return entry.destination === PLATFORM ? undefined : config.destinations.get(entry.destination)
}

function after(message: Prepared, changed: Changed): Prepared | RefusedWork {
  if (!changed.ok) {
    const { code, at } = changed
    const findings = [...message.findings, { code, class: 'contract' as const, ...(at === '' ? {} : { at }) }]
    return { kind: 'refused', code, answer: at, findings }
  }
  const { leaving, findings } = changed
  return {
    body: bodyOver(leaving.bytes),
    ask: leaving.ask,
    kind: leaving.kind,
    findings: [...message.findings, ...findings],
  }
}
