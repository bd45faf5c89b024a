import type { KeyObject } from 'node:crypto'
import type { SignedStatement } from '../../core/conformity-statement.ts'
import { canonicalJson, checkStatement, type StatementFault } from './signed.ts'
import { statementPdf } from './statement-pdf.ts'

/**
 * What a check of a file came to. `pages`: of a PDF, whether its pages are, byte for byte, those that this release makes of the
 * statement inside; null: the file is JSON, there are none. */
export type FileChecked =
  | { readonly fault: StatementFault }
  | { readonly fault: null; readonly statement: SignedStatement; readonly pages: 'same' | 'other' | null }

/** Checks a statement, as JSON or as PDF. Never throws for what the file holds. */
export async function checkStatementFile(bytes: Buffer, publicKey: KeyObject): Promise<FileChecked> {
  if (!bytes.subarray(0, 5).equals(Buffer.from('%PDF-'))) {
    const checked = checkStatement(bytes.toString('utf8'), publicKey)
    return checked.fault === null ? { ...checked, pages: null } : checked
  }
  const inside = insideOf(bytes)
  if (inside === null) return { fault: 'no-statement' }
  const checked = checkStatement(inside, publicKey)
  if (checked.fault !== null) return checked
  const made = await Promise.all((['fr', 'en'] as const).map((one) => statementPdf(checked.statement, one)))
  return { ...checked, pages: made.some((one) => one.equals(bytes)) ? 'same' : 'other' }
}

/** The JSON that stands in clear in a PDF of ours: the only stream that is one. */
function insideOf(bytes: Buffer): string | null {
  const begin = bytes.indexOf('stream\n{"')
  if (begin < 0) return null
  const end = bytes.indexOf('\nendstream', begin)
  return end < 0 ? null : bytes.subarray(begin + 'stream\n'.length, end).toString('utf8')
}

/** The bytes of the JSON of a statement. */
export function statementJson(statement: SignedStatement): Buffer {
  return Buffer.from(`${canonicalJson(statement)}\n`)
}
