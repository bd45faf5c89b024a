import type { Config } from '../../core/config.ts'
import { documentMailTimers } from '../../core/documents.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Intake, Journal, NewDelivery } from '../../core/journal.ts'
import {
  type AcceptMail,
  domainOf,
  type MailArrival,
  type MailNo,
  type MailRecipient,
  mailDestination,
} from '../../core/mail.ts'
import type { Receipt } from '../../core/message.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import { parsePath } from '../../formats/mail/address.ts'
import { receivedHeader } from '../../formats/mail/trace-header.ts'
import { foundReceipt } from '../journal/receipt.ts'
import { type Sorted, senderOf, sorted } from './repeats.ts'
import { mailRow, recipientRow } from './rows.ts'

/** Name of the route of deliveries of mail. */
export const MAIL_ROUTE = 'mail'
/** Times that somebody else may bring the same mail at the same moment. */
const MOST_TRIES = 5

/** What mail is accepted with. */
export interface AcceptMailParts {
  readonly journal: Pick<Journal, 'commit' | 'look'>
  readonly config: () => Config
  /** Why nothing new is taken now, or null. */
  readonly closed: () => ErrorCode | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/**
 * The main path of mail, inward half: the mail and a delivery for each recipient in one commit, which is the 250. The same
 * mail again from the same peer (Message-ID and bytes) is not delivered twice to a recipient: of those that it is known for
 * nothing is written, and when it is for all of them the answer is the one it had. */
export function acceptingMail(parts: AcceptMailParts): AcceptMail {
  const { journal, config, closed, clock, log, meter } = parts
  const once = async (arrival: MailArrival): Promise<Receipt | MailNo> => {
    const shut = closed()
    if (shut !== null) return { code: shut }
    for (let tries = 1; ; ) {
      const running = config()
      const who = await sorted(arrival, running.mail?.operator, clock.nowMs(), journal)
      if (who.known !== null && who.fresh.length === 0) return foundReceipt(who.known)
      const committed = await journal.commit([mailIntake(arrival, who, running, parts)])
      switch (committed.kind) {
        case 'committed':
        case 'repeat':
          return committed.receipt
        case 'conflict':
          return { code: 'DUPLICATE_CONTROL_ID' }
        case 'mismatch':
          // The same mail came twice at once: what the other one wrote is seen now.
          if (tries === MOST_TRIES) return { code: 'INTERNAL' }
          tries += 1
          break
        case 'stale':
      }
    }
  }
  return async (arrival) => {
    const labels = { entrance: arrival.entrance }
    try {
      const answer = await once(arrival)
      if ('code' in answer) meter.count('refused_total', { ...labels, code: answer.code })
      else meter.count(answer.repeat ? 'repeated_total' : 'accepted_total', labels)
      return answer
    } catch (fault) {
      const code = codeOf(fault)
      log.error('mail.unaccepted', { entrance: arrival.entrance, code }, fault)
      return { code: code === 'INTERNAL' ? 'PROCESSING_FAILED' : code }
    }
  }
}

function mailIntake(
  arrival: MailArrival,
  { fresh, rows }: Sorted,
  config: Config,
  { clock, ids }: AcceptMailParts,
): Intake {
  const { id, entrance, peer, envelope, recipients, facts, staged, receivedAtMs } = arrival
  const nowMs = clock.nowMs()
  const deliveries = fresh.map((one) => mailDelivery(one, config, ids.uuid(), nowMs))
  const trace = traceOf(arrival, config)
  return {
    ...blankMail(id, nowMs, config.revision),
    receivedAtMs,
    entrance,
    peer: peer.address,
    test: isTrial(envelope.sender, recipients, config),
    kind: facts.kind,
    controlId: facts.messageId ?? id,
    staged,
    deliveries,
    timers: documentMailTimers({ id, kind: facts.kind, receivedAtMs }, addressesOf(fresh), config),
    rows: [
      mailRow({
        message: id,
        atMs: nowMs,
        way: entrance === 'smtp' ? 'in' : 'sent',
        peer: senderOf(peer),
        bytes: staged.bytes,
        envelope,
        facts,
        trace,
      }),
      ...fresh.map((one, i) => recipientRow(deliveries[i]!.id, id, nowMs, one)),
      ...rows,
    ],
  }
}

/** Is it of trials: sent from one of their domains, or to no other? */
function isTrial(sender: string, recipients: readonly MailRecipient[], config: Config): boolean {
  const domains = config.mail?.operator?.testDomains
  if (domains === undefined || domains.size === 0) return false
  return (
    domains.has(domainOf(sender).toLowerCase()) ||
    recipients.every(({ address }) => domains.has(domainOf(address).toLowerCase()))
  )
}

function addressesOf(recipients: readonly MailRecipient[]): readonly string[] {
  return recipients.map(({ address }) => address).sort()
}

/** A mail without its own: what is the same for all of them. */
export function blankMail(
  id: string,
  nowMs: number,
  revision: number,
): Omit<Intake, 'kind' | 'controlId' | 'deliveries' | 'rows'> {
  return {
    id,
    receivedAtMs: nowMs,
    entrance: 'internal',
    peer: 'internal',
    establishment: null,
    application: '',
    facility: '',
    receivingApplication: '',
    receivingFacility: '',
    test: false,
    bytes: new Uint8Array(0),
    repeatKey: null,
    answer: null,
    applicationAnswer: null,
    patientKeys: [],
    orderKeys: [],
    findings: [],
    events: [],
    revision,
    parent: null,
    ask: null,
    cause: null,
  }
}

/** The delivery of one recipient. */
export function mailDelivery({ address }: MailRecipient, config: Config, id: string, nowMs: number): NewDelivery {
  return {
    id,
    destination: mailDestination(domainOf(address)),
    route: MAIL_ROUTE,
    lane: 'normal',
    state: 'queued',
    code: null,
    dueAtMs: nowMs,
    expiresAtMs: nowMs + (config.mail?.operator?.retry.expiresMs ?? 0),
    alertAtMs: null,
    replayOf: null,
  }
}

function traceOf({ id, peer, envelope, recipients, receivedAtMs }: MailArrival, config: Config): Buffer {
  const operator = config.mail?.operator
  return receivedHeader({
    helo: peer.hello,
    ip: peer.address.replace(/:\d+$/, ''),
    by: operator?.host ?? 'localhost',
    protocol: 'ESMTP',
    tls: peer.tls === null ? null : { ...peer.tls, subject: peer.subject },
    authenticated: peer.user !== null,
    utf8: envelope.utf8,
    id,
    recipients: recipients.flatMap(({ address }) => parsePath(address, { utf8: true }) ?? []),
    patientDomain: operator?.patientDomain ?? null,
    atMs: receivedAtMs,
    timeZone: config.region.timeZone,
  })
}
