import type { DicomwebTarget, FhirTarget, HttpTarget, MllpTarget, Way } from '../../core/config.ts'
import type { Accept, Clock, Log, Meter, Sender } from '../../core/ports.ts'
import type { To } from '../../senders/attempts.ts'
import { dicomwebSender } from '../../senders/dicomweb/sender.ts'
import { fhirSender } from '../../senders/fhir/sender.ts'
import { httpSender } from '../../senders/http/sender.ts'
import { mllpSender } from '../../senders/mllp/sender.ts'

/** What every sender is given. `accept` takes answers that come late or unasked on its connections. */
export interface SendingParts {
  readonly accept: Accept
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** The sender of a destination, by its type. */
export function senderFor(destination: Way, parts: SendingParts): Sender {
  switch (destination.target.type) {
    case 'mllp':
      return mllpSender(destination as To<MllpTarget>, parts)
    case 'fhir':
      return fhirSender(destination as To<FhirTarget>, parts)
    case 'http':
      return httpSender(destination as To<HttpTarget>, parts)
    case 'dicomweb':
      return dicomwebSender(destination as To<DicomwebTarget>, parts)
  }
}
