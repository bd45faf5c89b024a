import type { DicomwebTarget } from '../../core/config.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Sender } from '../../core/ports.ts'
import { type SenderParts, senderOf, type To } from '../attempts.ts'

const REFUSED: Outcome = {
  kind: 'refused',
  code: 'UNFIT_FOR_DESTINATION',
  answer: 'an archive of images takes no messages',
}

/**
 * What stands in the queue for an archive: it takes no messages, so whatever was routed to it by an older configuration is
 * refused and waits for a person. Images go by `dicomwebArchive`. */
export function dicomwebSender(destination: To<DicomwebTarget>, { log }: SenderParts): Sender {
  return senderOf('dicomweb', destination, log, async () => REFUSED, { end() {} })
}
