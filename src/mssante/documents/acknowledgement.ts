import { createHash } from 'node:crypto'
import { GatewayError } from '../../core/errors.ts'
import type { Intake } from '../../core/journal.ts'
import type { OwnMessage } from '../../core/own-message.ts'
import { writeZam, type ZamOriginal, type ZamToWrite } from '../../formats/documents/zam.ts'
import type { DocumentParts, Of } from './parts.ts'

/** An acknowledgement on its way to where the sender takes answers; kept alone where it takes none. */
export function acknowledgement(
  { id, establishment, test }: Of,
  original: ZamOriginal,
  zam: Omit<ZamToWrite, 'atMs' | 'timeZone'>,
  parts: Pick<DocumentParts, 'config' | 'clock' | 'ids' | 'message'>,
): Intake {
  const config = parts.config()
  const atMs = parts.clock.nowMs()
  const written = writeZam(original, { ...zam, atMs, timeZone: config.region.timeZone })
  if (!written.ok) throw new GatewayError(written.code)
  const { bytes } = written
  const answersTo = config.establishments.get(establishment)?.answersTo ?? null
  const made: OwnMessage = {
    id: parts.ids.uuid(),
    atMs,
    kind: `ZAM^${zam.event}`,
    controlId: createHash('sha256').update(bytes).digest('hex').slice(0, 20),
    bytes,
    ask: null,
    establishment: null,
    test,
    cause: id,
    patientKeys: [],
    orderKeys: [],
    to: answersTo === null ? [] : [answersTo],
    alertAfterMs: null,
    rows: [],
  }
  return parts.message(made, config)
}
