import { checkDocuments } from '../formats/cda/check.ts'
import type { Reading } from './reading.ts'

/**
 * The reading with what its documents inside say against it. A promise only where one is so large that others must run in
 * between; a message without documents comes back as it is. */
export function withDocuments(reading: Reading): Reading | Promise<Reading> {
  if (reading.message.segments('OBX') === 0) return reading
  const work = checkDocuments(reading.message)
  const first = work.next()
  return first.done ? found(reading, first.value) : slices(reading, work)
}

/** The same at once, for a command that nobody waits behind. */
export function withDocumentsAtOnce(reading: Reading): Reading {
  const work = checkDocuments(reading.message)
  for (;;) {
    const step = work.next()
    if (step.done) return found(reading, step.value)
  }
}

async function slices(reading: Reading, work: ReturnType<typeof checkDocuments>): Promise<Reading> {
  for (;;) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    const step = work.next()
    if (step.done) return found(reading, step.value)
  }
}

function found(reading: Reading, findings: Reading['findings']): Reading {
  return findings.length === 0 ? reading : { ...reading, findings: [...reading.findings, ...findings] }
}
