import { resolve } from 'node:path'
import { mailDoctorPlugin } from '../../console/mail-doctor.ts'
import type { Config, NodeConfig } from '../../core/config.ts'
import { NO_RED } from '../../core/directory.ts'
import { codeOf, type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal, QueueEntry } from '../../core/journal.ts'
import {
  type MailOperator,
  mailDestination,
  mailDomainOf,
  type OutgoingMailOf,
  type TrustSpace,
} from '../../core/mail.ts'
import type { AskDoctor } from '../../core/mail-doctor.ts'
import type { Clock, Entrance, Ids, Log, Meter } from '../../core/ports.ts'
import { wayOf } from '../../core/ways.ts'
import type { WhiteListViews } from '../../core/white-list.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { smtpEntrance } from '../../entrances/smtp/entrance.ts'
import { mailDomain } from '../../formats/mail/address.ts'
import { mailboxCommands } from '../../mssante/mailbox-commands.ts'
import { findMailbox } from '../../mssante/mailboxes.ts'
import { operatorRules, submissionRules } from '../../mssante/rules.ts'
import { acceptingMail } from '../../pipeline/mail/accept.ts'
import { mailBeside } from '../../pipeline/mail/beside.ts'
import { mailMonths, monthTimer } from '../../pipeline/mail/months/close.ts'
import { mailRefusals } from '../../pipeline/mail/months/refusals.ts'
import { firstLateTimer, mailReports } from '../../pipeline/mail/reports.ts'
import { type KeptRecipient, outgoing, recipientOf } from '../../pipeline/mail/rows.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'
import { documentBoxes } from '../../pipeline/watch/document-boxes.ts'
import { DepositThreads } from '../../senders/maildir/threads.ts'
import { examine } from '../../senders/smtp/doctor.ts'
import { giveDemoMailboxes } from '../demo/mailboxes.ts'
import { lookingAtContent } from '../mail/content/looking.ts'
import { mailSignIn } from '../mail/sign-in.ts'
import { submitting } from '../mail/submit.ts'
import { TokenOwners } from '../mail/tokens.ts'
import { MAILBOXES, type StoreAddress } from '../store.ts'
import { type DirectoryWiring, directory } from './directory.ts'
import { documents } from './documents.ts'
import type { MailSending } from './senders.ts'
import type { ServingParts } from './served.ts'
import { webmailRoutes } from './webmail.ts'

/** How long after the trust space opened again nothing expires (ms): what waited for it is tried first. */
const GRACE_MS = 3_600_000

/** What mail is run with. */
export interface MailParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly node: NodeConfig
  readonly store: StoreAddress
  readonly trust: TrustSpace
  /** Has a listener told whenever the list was taken, confirmed or let count for longer. */
  readonly renewed: (listener: () => void) => void
  readonly profiles?: readonly string[]
  readonly version: string
  /** What the white list says, for people. */
  readonly views: Pick<WhiteListViews, 'domain'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Secure mail of this node. */
export interface MailWiring {
  readonly followers: readonly Follower[]
  readonly sending: MailSending
  readonly serving: NonNullable<ServingParts['mail']> & Pick<MailParts, 'renewed'>
  /** The doors that the region file has; `closed`: why nothing new is taken. */
  doors(closed: () => ErrorCode | null, inherited: ReadonlyMap<string, number>): readonly Entrance[]
  /** What people should look at. */
  conditions(): readonly Condition[]
  readonly plugins: readonly HttpPlugin[]
  /** Tries the way to another mail operator. */
  readonly doctor: AskDoctor
  readonly directory: DirectoryWiring
  /** The mail in mailboxes, for the people whose they are. */
  webmail(closed: () => ErrorCode | null): readonly HttpPlugin[]
  /** Sets the timer of late mail where there is none. */
  start(): Promise<void>
  /** Behind doors and destinations: ends what looks at content, and what puts mail into mailboxes. */
  stop(): Promise<void>
}

/** Wires mail: its doors, its ways out, its reports. Without `mail.operator` the doors take nothing. */
export function mail(parts: MailParts): MailWiring {
  const { journal, config, node, clock, ids, log, meter, trust } = parts
  const operator = (): MailOperator | null => config().mail?.operator ?? null
  const listed = directory(parts)
  const content = lookingAtContent({ operator, clock, log, meter })
  const threads = new DepositThreads(log)
  const owners = new TokenOwners({ providers: () => operator()?.tokens ?? [], clock, log })
  const refusals = mailRefusals({
    journal,
    establishmentOf: (domain) => operator()?.domains.get(domain)?.establishment ?? null,
    timeZone: () => config().region.timeZone,
    clock,
    log,
  })
  const doctor = doctorOf(parts)
  return {
    doctor,
    plugins: [mailDoctorPlugin(doctor)],
    directory: listed,
    followers: [mailReports(parts), mailMonths(parts), documents(parts)],
    sending: {
      outgoing: outgoingIn(journal),
      trust,
      folder: folderOf(parts),
      mailbox: (address) => findMailbox(journal, address),
      threads,
    },
    webmail(closed) {
      const accept = acceptingMail({ ...parts, closed })
      const rules = submissionRules({ journal, operator, trust, clock })
      const stage: Journal['stage'] = (id, dayMs) => journal.stage(id, dayMs)
      const submit = submitting({ ...parts, ...refusals, rules, accept, stage, look: content.look, operator })
      const completes = (words: string) => listed.views.complete(words, NO_RED)
      return webmailRoutes({ ...parts, submit, folder: folderOf(parts), completes })
    },
    serving: servingBy(parts, operator),
    doors(closed, inherited) {
      const accept = acceptingMail({ ...parts, closed: butForDraining(closed) })
      const ruled = { journal, operator, trust, clock }
      return (node.mail ?? []).map((door) =>
        smtpEntrance({
          clock,
          ids,
          log,
          meter,
          door,
          ...(inherited.has(door.name) ? { inherited: inherited.get(door.name)! } : {}),
          rules: door.name === 'smtp' ? operatorRules(ruled) : submissionRules(ruled),
          signIn: door.name === 'smtp' ? null : mailSignIn({ journal, operator, owners }),
          accept,
          refused: refusals.refused,
          stage: (id, dayMs) => journal.stage(id, dayMs),
          look: content.look,
          operator,
        }),
      )
    },
    conditions: () => [...content.conditions(), ...owners.conditions()],
    async stop() {
      owners.stop()
      await Promise.all([listed.stop(), content.stop(), threads.stop(), refusals.stop()])
    },
    async start() {
      await demoMailboxes(parts)
      for (const { code, establishment } of await documentBoxes(journal, config())) {
        log.warn('documents.mailbox', { code, ...(establishment === null ? {} : { establishment }) })
      }
      refusals.start()
      listed.start()
      await setTimers(parts)
    },
  }
}

/** Tries the way to a domain as a delivery would. */
function doctorOf({ config, trust, views, clock }: MailParts): AskDoctor {
  return async (asked) => {
    const domain = mailDomain(asked)
    if (domain === null) throw new GatewayError('BAD_REQUEST')
    const way = wayOf(config(), mailDestination(domain))
    if (way === undefined) throw new GatewayError('MAIL_NO_OPERATOR')
    if (way.target.type !== 'smtp') throw new GatewayError('MAIL_DOMAIN_HERE')
    const listed = views.domain(domain).subjects.map(({ subject }) => subject)
    return examine({ target: way.target, trust, listed, clock })
  }
}

/** What a delivery sends, by its row. */
function outgoingIn(journal: Pick<Journal, 'look'>): OutgoingMailOf {
  return async (delivery) => {
    const [row] = await journal.look<KeptRecipient>(recipientOf(delivery))
    if (row === undefined) throw new GatewayError('NOT_FOUND')
    return outgoing(row)
  }
}

/** Doors that are told to close begin no mail: what they still bring had begun before, and is taken to its end. */
function butForDraining(closed: () => ErrorCode | null): () => ErrorCode | null {
  return () => {
    const why = closed()
    return why === 'DRAINING' ? null : why
  }
}

/** Has the trust space been open for so long that whatever waited for it was tried? The longest wait has chance on top. */
function openLongEnough(trust: TrustSpace, operator: () => MailOperator | null, clock: Clock): () => boolean {
  let openSinceMs: number | null = null
  return () => {
    if (trust.closed() !== null) openSinceMs = null
    else openSinceMs ??= clock.monotonicMs()
    const graceMs = 2 * Math.max(GRACE_MS, ...(operator()?.retry.stepsMs ?? []))
    return openSinceMs !== null && clock.monotonicMs() - openSinceMs >= graceMs
  }
}

function servingBy({ trust, renewed, clock }: MailParts, operator: () => MailOperator | null): MailWiring['serving'] {
  return { beside: mailBeside, mayExpire: openLongEnough(trust, operator, clock), freed: freedBy(trust), renewed }
}

/** What a delivery waits for that only the white list keeps back. */
const LIST_CODES: ReadonlySet<ErrorCode | null> = new Set([
  'WHITELIST_NONE',
  'WHITELIST_CLOSED',
  'MAIL_DOMAIN_UNLISTED',
] as const)

/** Was it the list alone that kept a delivery back, and lets it go now? */
function freedBy(trust: TrustSpace): (entry: QueueEntry) => boolean {
  return ({ lastCode, destination }) => {
    const domain = mailDomainOf(destination)
    return domain !== null && LIST_CODES.has(lastCode) && (trust.closed() ?? trust.reaches(domain)) === null
  }
}

/** Another node, or an earlier start, may have set one: then this changes nothing. */
async function setTimers({ journal, clock, log }: MailParts): Promise<void> {
  const nowMs = clock.nowMs()
  for (const timer of [firstLateTimer(nowMs), monthTimer(nowMs)]) {
    await journal.apply({ timers: [timer] }).catch((fault: unknown) => {
      log.warn('mail.timer', { code: codeOf(fault) })
    })
  }
}

async function demoMailboxes(parts: MailParts): Promise<void> {
  if (folderOf(parts) === null) return
  await giveDemoMailboxes(parts.config(), mailboxCommands(parts)).catch((fault: unknown) => {
    parts.log.warn('mail.demo', { code: codeOf(fault) })
  })
}

function folderOf({ node, store }: MailParts): string | null {
  if (node.mailboxes !== undefined) return resolve(node.mailboxes)
  return store.kind === 'file' ? resolve(store.dir, MAILBOXES) : null
}
