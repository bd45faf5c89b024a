import { reaches } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { MailboxAct, MailboxImport, MailboxLineProblem } from '../core/mailboxes.ts'
import { readMailboxCsv } from '../formats/mail/mailbox-csv.ts'
import { eventOf, type MailboxParts } from './mailbox-acts.ts'
import { certificatesAmong, givenAmong, newRow } from './mailbox-rows.ts'
import { type JudgedMailbox, judgeMailbox } from './mailbox-rules.ts'

interface JudgedLine {
  readonly line: number
  readonly kept: JudgedMailbox
}

/**
 * Creates the mailboxes of a CSV file in one commit: all of them, or none and every problem of every line. A dry run says
 * what would become of it. @throws {GatewayError} WRONG_STATE when others crossed it */
export async function importMailboxes(
  parts: MailboxParts,
  csv: string,
  dryRun: boolean,
  act: MailboxAct,
): Promise<MailboxImport> {
  const read = readMailboxCsv(csv)
  const problems: MailboxLineProblem[] = [...read.problems]
  const warnings: MailboxLineProblem[] = []
  const lines: JudgedLine[] = []
  for (const { line, box } of read.boxes) {
    const judged = judgeMailbox(box, parts.config())
    if ('problems' in judged) problems.push(...judged.problems.map((one) => ({ ...one, line })))
    else if (!reaches(act.reach, judged.kept.establishment)) {
      problems.push({ line, field: 'address', code: 'MAILBOX_DOMAIN' })
    } else {
      warnings.push(...judged.warnings.map((one) => ({ ...one, line })))
      lines.push({ line, kept: judged.kept })
    }
  }
  problems.push(...(await taken(parts, lines)))
  problems.sort((a, b) => a.line - b.line)
  if (problems.length > 0) return { created: 0, dryRun, problems, warnings }
  if (!dryRun) {
    const nowMs = parts.clock.nowMs()
    const rows = lines.map(({ kept }) => newRow(kept, nowMs))
    const events = lines.map(({ kept }) => eventOf(parts, 'create-mailbox', act, kept.address))
    if (!(await parts.journal.apply({ rows, events }))) throw new GatewayError('WRONG_STATE')
  }
  return { created: lines.length, dryRun, problems, warnings }
}

/** Addresses and certificates that were given before, or twice in the file: the second one is the problem. */
async function taken({ journal }: MailboxParts, lines: readonly JudgedLine[]): Promise<MailboxLineProblem[]> {
  const keysOf = ({ kept }: JudgedLine): string[] => (kept.certificateKey === null ? [] : [kept.certificateKey])
  const given = await givenAmong(
    journal,
    lines.map(({ kept }) => kept.address),
  )
  const signing = await certificatesAmong(journal, lines.flatMap(keysOf))
  const found: MailboxLineProblem[] = []
  for (const one of lines) {
    if (given.has(one.kept.address)) found.push({ line: one.line, field: 'address', code: 'MAILBOX_TAKEN' })
    given.add(one.kept.address)
    for (const key of keysOf(one)) {
      if (signing.has(key)) found.push({ line: one.line, field: 'certificate', code: 'MAILBOX_CERTIFICATE_TAKEN' })
      signing.add(key)
    }
  }
  return found
}
