/** How long an MDM with a CDA of 450 KB takes with its rules, and what one of 16 MiB holds the thread for, on one core. */
import { fileURLToPath } from 'node:url'
import { RuleFiles, tablesNamed } from '../src/app/config/rule-files.ts'
import { checkDocuments } from '../src/formats/cda/check.ts'
import { readHeader } from '../src/formats/hl7v2/header.ts'
import { type Hl7Message, readMessage } from '../src/formats/hl7v2/message.ts'
import { checkRules } from '../src/formats/hl7v2/rules/check.ts'
import { compileProfiles } from '../src/formats/hl7v2/rules/compile.ts'
import type { Hl7Profiles } from '../src/formats/hl7v2/rules/profiles.ts'
import { cda, mdm, message } from '../test/support/documents.ts'
import type { Figure } from './figure.ts'

const ROUNDS = 25
const TARGET_MS = 40
const HELD_MS = 50
const MDM_BYTES = 450_000
const LARGEST_BYTES = 16 * 1024 * 1024 - 8_192

/** An MDM of about so many bytes: an attached PDF, or tables of results. */
function document(bytes: number, body: 'pdf' | 'tables'): Buffer {
  const xmlBytes = Math.floor((bytes - 6_000) * 0.75)
  const row = '<tr ID="r1"><td styleCode="Bold">Hémoglobine</td><td>13,4</td><td>g/dL</td><td>&lt; 15</td></tr>\n'
  const text =
    body === 'pdf'
      ? `<nonXMLBody><text mediaType="application/pdf" representation="B64">${'JVBERi0x'.repeat(xmlBytes / 8)}</text></nonXMLBody>`
      : `<structuredBody><component><section><text><table><tbody>${row.repeat(xmlBytes / Buffer.byteLength(row))}</tbody></table></text></section></component></structuredBody>`
  return Buffer.from(message(mdm('T02', cda({ body: text }))))
}

function shipped(): Hl7Profiles {
  const folder = fileURLToPath(new URL('../profiles', import.meta.url))
  const files = new RuleFiles([folder]).written()
  const tables = new Map(tablesNamed(files).map((name) => [name, { codes: new Set(['.test']), prefixes: [] }]))
  return compileProfiles({ files, classes: {}, tables })
}

function read(bytes: Buffer): Hl7Message {
  const result = readMessage(bytes)
  if (!result.ok) throw new Error(result.code)
  return result.message
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Medians; the longest slice is the longest of all. About 10 s. */
export async function benchInside(): Promise<Figure[]> {
  const profiles = shipped()
  const figures: Figure[] = []
  for (const body of ['pdf', 'tables'] as const) {
    const bytes = document(MDM_BYTES, body)
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const startMs = performance.now()
      const read1 = read(bytes)
      const findings = [...checkRules(read1, readHeader(read1), profiles), ...all(read1)]
      times.push(performance.now() - startMs)
      if (findings.length > 0) throw new Error(`the bench message is at fault: ${JSON.stringify(findings)}`)
    }
    const value = Number(median(times).toFixed(1))
    figures.push({
      name: `MDM of ${bytes.length} bytes (${body}), with its rules`,
      value,
      unit: 'ms',
      target: `<= ${TARGET_MS}`,
      ok: value <= TARGET_MS,
    })
    const slices = longest(read(document(LARGEST_BYTES, body)))
    figures.push({
      name: `longest slice of an MDM of 16 MiB (${body})`,
      value: slices,
      unit: 'ms',
      target: `<= ${HELD_MS}`,
      ok: slices <= HELD_MS,
    })
  }
  return figures
}

function all(read1: Hl7Message): readonly unknown[] {
  const work = checkDocuments(read1)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

function longest(read1: Hl7Message): number {
  const work = checkDocuments(read1)
  let most = 0
  for (let done = false; !done; ) {
    const startMs = performance.now()
    done = work.next().done ?? false
    most = Math.max(most, performance.now() - startMs)
  }
  return Number(most.toFixed(1))
}

if (import.meta.main) {
  for (const { name, value, unit, target, ok } of await benchInside()) {
    console.log(`${name}: ${value} ${unit}${target === undefined ? '' : ` (${target}: ${ok ? 'met' : 'NOT met'})`}`)
  }
}
