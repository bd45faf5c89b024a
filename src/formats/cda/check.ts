/** Every document of a message, read and compared with it, in slices. */
import type { Finding } from '../../core/message.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { documentFindings } from './compare.ts'
import { documentsIn } from './inside.ts'
import { CdaReader } from './read.ts'

/** Base64 read between two stops (characters): some five milliseconds. */
const SLICE = 262_144
/** What beginning a document costs, in characters of one. */
const BEGIN = 8_192
/** Documents of one message that are read; a guide's has one or two. */
const MOST_DOCUMENTS = 64
/** Findings told: enough to act on. */
const MOST_FINDINGS = 50

/**
 * Reads what documents a message carries, and returns what was found; stops after each slice of work, so that others may
 * run in between. A message without a document, or with small ones, never stops. */
export function* checkDocuments(message: Hl7Message): Generator<undefined, readonly Finding[]> {
  const documents = documentsIn(message, MOST_DOCUMENTS + 1)
  if (documents.length === 0) return []
  const findings: Finding[] = []
  let done = 0
  for (const inside of documents.slice(0, MOST_DOCUMENTS)) {
    const reader = new CdaReader(inside.base64)
    for (done += BEGIN; !reader.run(SLICE); done = 0) yield
    done += inside.base64.length % SLICE
    findings.push(...documentFindings(message, inside, reader.reading()))
    if (done >= SLICE) {
      done = 0
      yield
    }
  }
  const unread = documents[MOST_DOCUMENTS]
  if (unread !== undefined) {
    const params = { document: unread.at, fault: 'limits' }
    findings.push({ code: 'CDA_UNREADABLE', class: 'contract', at: `${unread.at}-5`, params })
  }
  // The grave ones decide, and may be the last.
  const grave = findings.filter((one) => one.class === 'safety')
  return [...grave, ...findings.filter((one) => one.class !== 'safety')].slice(0, MOST_FINDINGS)
}
