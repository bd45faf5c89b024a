import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import {
  type AcceptMail,
  type LookAtContent,
  type MailOperator,
  type MailPeer,
  type MailRules,
  mostBytes,
} from '../../core/mail.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import { Taking } from '../../entrances/smtp/receive.ts'
import type { Refusal, SubmitMail } from '../../mssante/webmail/parts.ts'

/** What mail of people who are signed in is taken with: that of the submission door. */
export interface SubmitParts {
  readonly rules: MailRules
  readonly accept: AcceptMail
  readonly stage: Journal['stage']
  readonly look: LookAtContent | null
  readonly operator: () => MailOperator | null
  readonly refused: (code: ErrorCode, address: string | null) => void
  readonly clock: Clock
  readonly ids: Ids
}

/** Bytes that go to the store at once. */
const PIECE = 65_536

/** Takes mail, and has each refusal counted for who sends it. */
export function submitting(parts: SubmitParts): SubmitMail {
  const submit = taking(parts)
  return async (mail) => {
    const answer = await submit(mail)
    const sender = mail.envelope.sender || (mail.user.addresses[0] ?? null)
    if (Array.isArray(answer)) for (const { code } of answer as readonly Refusal[]) parts.refused(code, sender)
    return answer
  }
}

/**
 * Takes mail as the submission door does, by its rules, its looks at the content and its acceptance, with a person in the
 * place of a connection. A receipt (null sender) is one of a mailbox that was checked before. */
function taking(parts: SubmitParts): SubmitMail {
  const { rules, accept, stage, look, operator, clock, ids } = parts
  return async ({ user, envelope, recipients, bytes }) => {
    const ours = operator()
    if (ours === null) return [{ code: 'WHITELIST_NONE', address: null }]
    const peer: MailPeer = {
      ...{ address: '127.0.0.1', loopback: true, hello: 'webmail', tls: null, certificate: null, subject: null },
      user: { ...user, how: 'token' },
    }
    const sender = { ...envelope, sender: envelope.sender || (user.addresses[0] ?? '') }
    const refused: Refusal[] = []
    const no = await rules.sender(peer, sender, bytes.length)
    if (no !== null) refused.push({ ...no, address: null })
    for (const one of recipients) {
      const why = await rules.recipient(peer, envelope, one)
      if (why !== null) refused.push({ ...why, address: one.address })
    }
    if (refused.length > 0) return refused
    const id = ids.uuid()
    const receivedAtMs = clock.nowMs()
    const taking = new Taking(stage(id, receivedAtMs), look?.() ?? null, mostBytes(ours, recipients))
    try {
      for (let at = 0; at < bytes.length; at += PIECE) await taking.take(bytes.subarray(at, at + PIECE))
      await taking.whole()
      const facts = taking.facts(ours.host)
      const verdict = taking.fault ?? (facts === null ? null : await rules.header(peer, sender, facts))
      if (verdict !== null || facts === null) {
        await taking.drop()
        return [{ ...(verdict ?? { code: 'MAIL_HEADER' as const }), address: null }]
      }
      const arrival = { entrance: 'submission' as const, peer, receivedAtMs, envelope, recipients, id, facts }
      const answer = await taking.finish((staged) => accept({ ...arrival, staged }))
      return 'code' in answer ? [{ ...answer, address: null }] : answer
    } catch (fault) {
      await taking.drop()
      return [{ code: codeOf(fault) === 'INTERNAL' ? 'PROCESSING_FAILED' : codeOf(fault), address: null }]
    }
  }
}
