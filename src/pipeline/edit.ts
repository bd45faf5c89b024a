import { createHash } from 'node:crypto'
import type { Config, Edit } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Journal, StoredRevision } from '../core/journal.ts'
import type { Body } from '../core/message.ts'
import { applyEdits } from '../formats/hl7v2/edit.ts'
import { readHeader } from '../formats/hl7v2/header.ts'
import { readMessage } from '../formats/hl7v2/message.ts'
import type { Prepare, Work } from './deliver.ts'

/** The largest message that is edited (bytes): all of it has to be in memory, twice. */
export const MAX_EDITED_BYTES = 16 * 1_024 * 1_024
/** Revisions kept compiled: more than run while the deliveries of one wait. */
const REVISIONS_KEPT = 8

/** What editing needs. `compile`: a stored revision as a configuration; it need not read TLS files. */
export interface EditingParts {
  readonly journal: Pick<Journal, 'revisionOf'>
  readonly compile: (stored: StoredRevision) => Config
}

/**
 * Applies the edits of the route that made a delivery, as they stood in the revision that routed its message. A delivery
 * whose route has none goes as it came, and so does FHIR: edits are of HL7 v2. The work throws what `applyEdits` throws,
 * and PROCESSING_FAILED when the revision is gone. */
export function editing({ journal, compile }: EditingParts): Prepare {
  const compiled = new Map<number, Promise<Config>>()
  const configOf = (revision: number): Promise<Config> => {
    const known = compiled.get(revision) ?? load(revision)
    // Taken out and put back: the map's first is the one not used for longest.
    compiled.delete(revision)
    compiled.set(revision, known)
    const [oldest] = compiled.keys()
    if (compiled.size > REVISIONS_KEPT && oldest !== undefined) compiled.delete(oldest)
    known.catch(() => compiled.delete(revision))
    return known
  }
  const load = async (revision: number): Promise<Config> => {
    const stored = await journal.revisionOf(revision)
    if (stored === null) throw new GatewayError('PROCESSING_FAILED', `revision ${revision} is gone`)
    return compile(stored)
  }
  return async (entry) => {
    if (entry.ask !== null) return null
    const config = await configOf(entry.revision)
    const edits = config.routes.find(({ name }) => name === entry.route)?.edit ?? []
    return edits.length === 0 ? null : workOf(edits, config)
  }
}

function workOf(edits: readonly Edit[], config: Config): Work {
  return async (body) => {
    if (body.bytes > MAX_EDITED_BYTES) return { kind: 'refused', code: 'FRAME_TOO_LONG', answer: '' }
    const chunks: Uint8Array[] = []
    for await (const chunk of body.open()) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const edited = applyEdits(bytes, edits, config.maps, defaultCharset(bytes, config))
    return { body: edited.bytes === bytes ? body : bodyOver(edited.bytes), findings: edited.findings }
  }
}

/** What an empty MSH-18 means for the establishment that MSH-4 names; only ASCII is written where that is not known. */
export function defaultCharset(bytes: Buffer, config: Config): string {
  const read = readMessage(bytes)
  if (!read.ok) return 'ASCII'
  const sender = readHeader(read.message).sendingFacilityAll.map((name) => config.facilities.get(name))
  return config.establishments.get(sender.find((id) => id !== undefined) ?? '')?.charset ?? 'ASCII'
}

/** A body in memory. */
function bodyOver(bytes: Buffer): Body {
  return {
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    keyId: 0,
    async *open() {
      yield bytes
    },
  }
}
