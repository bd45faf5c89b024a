import { reaches } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { MailboxState } from '../core/mail.ts'
import type { MailboxAct, MailboxChange, MailboxCommands, MailboxDone, MailboxProblem } from '../core/mailboxes.ts'
import { idNpsOf } from '../formats/identifiers/professional.ts'
import { eventOf, type MailboxParts } from './mailbox-acts.ts'
import { importMailboxes } from './mailbox-import.ts'
import {
  certificatesAmong,
  changeRow,
  delegateRow,
  type KeptMailbox,
  keptMailbox,
  newRow,
  noDelegates,
  stateRow,
  suspensionRow,
} from './mailbox-rows.ts'
import { judgeChange, judgeMailbox } from './mailbox-rules.ts'

/** How often an act that others crossed is decided again. */
const TRIES = 3

/** Acts on the mailboxes of a journal. */
export function mailboxCommands(parts: MailboxParts): MailboxCommands {
  const { journal, config } = parts
  return {
    async create(written, act) {
      const judged = judgeMailbox(written, config())
      if ('problems' in judged) return { ok: false, problems: judged.problems }
      const { kept, warnings } = judged
      if (!reaches(act.reach, kept.establishment)) throw new GatewayError('FORBIDDEN')
      const rows = [newRow(kept, parts.clock.nowMs())]
      if (await journal.apply({ rows, events: [eventOf(parts, 'create-mailbox', act, kept.address)] }))
        return done(parts, kept.address, warnings)
      const taken = (await keptMailbox(journal, kept.address)) !== null
      return refused(taken ? 'address' : 'certificate', taken ? 'MAILBOX_TAKEN' : 'MAILBOX_CERTIFICATE_TAKEN')
    },
    change: (address, change, act) => changeOf(parts, address, change, act),
    async move(address, to, act) {
      await again(async () => {
        const { mailbox, version } = await open(parts, address, act)
        const [from, state] = MOVES[to]
        if (!from.includes(mailbox.state)) throw new GatewayError('WRONG_STATE')
        const closing = state === 'closed'
        const nowMs = parts.clock.nowMs()
        const rows = [
          stateRow(mailbox.address, version, state, nowMs),
          suspensionRow(mailbox.address, state, nowMs),
          ...(closing ? [noDelegates(mailbox.address)] : []),
        ]
        return journal.apply({ rows, events: [eventOf(parts, `${to}-mailbox`, act, mailbox.address)] })
      })
      return (await known(parts, address, act)).mailbox
    },
    delegate: (address, person, act) => delegation(parts, address, person, act, true),
    undelegate: (address, person, act) => delegation(parts, address, person, act, false),
    import: (csv, dryRun, act) => importMailboxes(parts, csv, dryRun, act),
  }
}

/** From which states an act leads where. */
const MOVES: Readonly<Record<'suspend' | 'resume' | 'close', readonly [readonly MailboxState[], MailboxState]>> = {
  suspend: [['active'], 'suspended'],
  resume: [['suspended'], 'active'],
  close: [['active', 'suspended'], 'closed'],
}

async function changeOf(
  parts: MailboxParts,
  address: string,
  change: MailboxChange,
  act: MailboxAct,
): Promise<MailboxDone> {
  let judged: ReturnType<typeof judgeChange> | null = null
  let taken = false
  await again(async () => {
    const { mailbox, version } = await open(parts, address, act)
    judged = judgeChange(change, mailbox.kind)
    if ('problems' in judged) return true
    const { kept } = judged
    const names = Object.keys(kept.change)
    if (names.length === 0) throw new GatewayError('BAD_REQUEST')
    const row = changeRow(mailbox.address, version, kept.change, kept.certificateKey, parts.clock.nowMs())
    const event = eventOf(parts, 'change-mailbox', act, `${mailbox.address} ${names.join(' ')}`)
    if (await parts.journal.apply({ rows: [row], events: [event] })) return true
    const key = kept.certificateKey ?? null
    taken = key !== null && (await certificatesAmong(parts.journal, [key])).has(key)
    return taken
  })
  if (taken) return refused('certificate', 'MAILBOX_CERTIFICATE_TAKEN')
  const found = judged as ReturnType<typeof judgeChange> | null
  if (found === null) throw new GatewayError('WRONG_STATE')
  return 'problems' in found
    ? { ok: false, problems: found.problems }
    : done(parts, (await known(parts, address, act)).mailbox.address, found.warnings)
}

async function delegation(
  parts: MailboxParts,
  address: string,
  person: string,
  act: MailboxAct,
  given: boolean,
): Promise<MailboxDone> {
  const read = idNpsOf(person)
  const { mailbox } = await open(parts, address, act)
  if (read === null || (given && read.idNps === mailbox.owner)) return refused('person', 'MAILBOX_DELEGATE')
  await again(async () => {
    const { mailbox: now, version } = await open(parts, address, act)
    const rows = [
      stateRow(now.address, version, now.state, parts.clock.nowMs()),
      delegateRow(mailbox.address, read.idNps, given ? parts.clock.nowMs() : null),
    ]
    const what = given ? 'delegate-mailbox' : 'undelegate-mailbox'
    const event = eventOf(parts, what, act, `${mailbox.address} ${read.idNps}`)
    return parts.journal.apply({ rows, events: [event] })
  })
  const warnings: MailboxProblem[] = read.keyHolds ? [] : [{ field: 'person', code: 'MAILBOX_OWNER_KEY' }]
  return done(parts, mailbox.address, warnings)
}

/** Decides afresh as long as others cross it. @throws {GatewayError} WRONG_STATE */
async function again(attempt: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) if (await attempt()) return
  throw new GatewayError('WRONG_STATE')
}

/** @throws {GatewayError} NOT_FOUND */
async function known({ journal }: MailboxParts, address: string, { reach }: MailboxAct): Promise<KeptMailbox> {
  const found = await keptMailbox(journal, address)
  if (found === null || !reaches(reach, found.mailbox.establishment)) throw new GatewayError('NOT_FOUND')
  return found
}

/** One that is not closed. @throws {GatewayError} NOT_FOUND, MAILBOX_CLOSED */
async function open(parts: MailboxParts, address: string, act: MailboxAct): Promise<KeptMailbox> {
  const found = await known(parts, address, act)
  if (found.mailbox.state === 'closed') throw new GatewayError('MAILBOX_CLOSED')
  return found
}

async function done(
  { journal }: MailboxParts,
  address: string,
  warnings: readonly MailboxProblem[],
): Promise<MailboxDone> {
  const found = await keptMailbox(journal, address)
  if (found === null) throw new GatewayError('NOT_FOUND')
  return { ok: true, mailbox: found.mailbox, warnings }
}

function refused(field: MailboxProblem['field'], code: MailboxProblem['code']): MailboxDone {
  return { ok: false, problems: [{ field, code }] }
}
