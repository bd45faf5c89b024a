import { X509Certificate } from 'node:crypto'
import type { TrustSpace } from '../core/mail.ts'
import { parseDistinguishedName, parseNodeName } from '../formats/x509/distinguished-name.ts'
import { type ListState, waitCode } from './age.ts'
import { mayCarry, servesDomain, type WhiteList } from './white-list.ts'

/** The list in use and its state, asked anew each time. */
export interface ListInUse {
  list(): WhiteList | null
  state(): ListState
}

/** The trust space as the list in use has it: a list that changed counts at the next question. */
export function trustSpace(inUse: ListInUse): TrustSpace {
  const keyOf = subjectKeys()
  const isSure = () => SURE.includes(inUse.state())
  const ask = (question: (list: WhiteList) => ReturnType<TrustSpace['closed']>) => {
    const wait = waitCode(inUse.state())
    if (wait !== null) return wait
    const list = inUse.list()
    return list === null ? 'WHITELIST_NONE' : question(list)
  }
  // Operators change their certificates by hundreds in a day: what a list that nobody confirms lacks is no reason to bounce mail.
  const carried = (list: WhiteList, key: string | null, domain: string | null) => {
    if (key === null) return 'MAIL_PEER_UNLISTED'
    const no = mayCarry(list, key, domain)
    return no === null || isSure() ? no : 'MAIL_PEER_UNSURE'
  }
  return {
    closed: () => ask(() => null),
    carries: (certificate, domain) => ask((list) => carried(list, keyOf(certificate), domain)),
    serves: (certificate, domain) =>
      ask((list) => {
        const key = keyOf(certificate)
        return key === null ? 'MAIL_PEER_UNLISTED' : servesDomain(list, key, domain)
      }),
    speaksFor: (subject, domain) => ask((list) => carried(list, keyOfWritten(subject), domain)),
    reaches: (domain) => ask((list) => (list.domains.has(domain) ? null : 'MAIL_DOMAIN_UNLISTED')),
    lacks: (domain) => isSure() && inUse.list()?.domains.has(domain) === false,
  }
}

/** States of a list in which what it lacks is not merely what it has not heard of yet. */
const SURE: readonly ListState[] = ['fresh', 'stale']

/** Null: no subject that can be read, and so on no list. */
function keyOfWritten(subject: string): string | null {
  try {
    return parseDistinguishedName(subject).key
  } catch {
    return null
  }
}

/** Keys of subjects by certificate, which a connection keeps for its life; null: the subject cannot be read. */
function subjectKeys(): (certificate: Buffer) => string | null {
  const known = new WeakMap<Buffer, string | null>()
  return (certificate) => {
    const before = known.get(certificate)
    if (before !== undefined) return before
    let key: string | null = null
    try {
      key = parseNodeName(new X509Certificate(certificate).subject).key
    } catch {
      // A subject of another form stands on no list.
    }
    known.set(certificate, key)
    return key
  }
}
