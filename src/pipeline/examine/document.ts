import { GatewayError } from '../../core/errors.ts'
import type { Finding } from '../../core/message.ts'
import type { Examined } from '../../core/self-check.ts'
import { cdaAloneFindings } from '../../formats/cda/alone.ts'
import { CdaReader, type CdaReading } from '../../formats/cda/read.ts'
import { insAuthority, isTestInsOid } from '../../formats/identifiers/ins.ts'
import { readXdm } from '../../formats/xdm/read.ts'

/** Read between two turns of others (bytes). */
const SLICE = 262_144
/** OIDs in the CX of an XDM entry. */
const OIDS = /\d+(?:\.\d+){3,}/g

/** A CDA R2 by itself. It comes through no door alone: a message compares it with its own patient. @throws {GatewayError} CHECK_REAL_PATIENT */
export async function examineCda(bytes: Buffer): Promise<Examined> {
  const reading = await readCda(bytes)
  if (reading.fault === null) onlyTests(oidsOf(reading))
  return documents('cda', [{ kind: 'CDA', findings: cdaAloneFindings(reading) }])
}

/** An XDM archive and the CDA R2 that it holds, as a mail brings them. @throws {GatewayError} CHECK_REAL_PATIENT */
export async function examineXdm(bytes: Buffer): Promise<Examined> {
  const read = await readXdm(bytes)
  if (!read.ok) return documents('xdm', [{ kind: 'XDM', findings: read.findings }])
  const found: Finding[] = [...read.findings]
  const authorities: string[] = []
  for (const [i, { entry, bytes: content }] of read.package.documents.entries()) {
    authorities.push(...`${entry.patientId} ${entry.sourcePatientId}`.matchAll(OIDS).map(([oid]) => oid))
    if (content === null || !/xml/.test(entry.mimeType)) continue
    const reading = await readCda(content)
    authorities.push(...oidsOf(reading))
    found.push(...cdaAloneFindings(reading).map((one) => ({ ...one, at: `DocumentEntry[${i}]: ${one.at}` })))
  }
  onlyTests(authorities)
  return documents('xdm', [{ kind: 'XDM', findings: found }])
}

async function readCda(bytes: Buffer): Promise<CdaReading> {
  const reader = new CdaReader(bytes, 'xml')
  while (!reader.run(SLICE)) await new Promise<void>((resolve) => setImmediate(resolve))
  return reader.reading()
}

function oidsOf({ header }: CdaReading): readonly string[] {
  return header.patients.flatMap(({ ids }) => ids.map(({ root }) => root))
}

/** A document says of itself by its INS alone that it is a test. */
function onlyTests(authorities: readonly string[]): void {
  const ins = authorities.filter((oid) => insAuthority(oid) !== null)
  if (ins.length === 0 || !ins.every(isTestInsOid)) throw new GatewayError('CHECK_REAL_PATIENT')
}

function documents(
  format: Examined['format'],
  all: readonly { readonly kind: string; readonly findings: readonly Finding[] }[],
): Examined {
  const messages = all.map((one) => ({ ...one, application: '', profiles: [] }))
  return { format, answer: null, refused: null, messages, advice: [] }
}
