import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto'
import { codeOf } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import { type MailOperator, type MailSignIn, type MailUser, mailboxKey } from '../../core/mail.ts'
import { parseNodeName } from '../../formats/x509/distinguished-name.ts'
import { mailboxesOfPerson, mailboxOfCertificate } from '../../mssante/mailboxes.ts'
import type { TokenOwners } from './tokens.ts'

/** What sign-in at the submission door looks at. */
export interface MailSignInParts {
  readonly journal: Pick<Journal, 'look'>
  readonly operator: () => MailOperator | null
  readonly owners: TokenOwners
}

/** Who may send: a person by the access token of a provider, an application by its certificate, a lab by its passwords. */
export function mailSignIn({ journal, operator, owners }: MailSignInParts): MailSignIn {
  return {
    get ways() {
      const ours = operator()
      const ways: MailUser['how'][] = ['certificate']
      if ((ours?.tokens.length ?? 0) > 0) ways.push('token')
      if ((ours?.passwords.length ?? 0) > 0) ways.push('password')
      return ways
    },
    async token(name, token) {
      let owner: string | null
      try {
        owner = await owners.ownerOf(token)
      } catch (fault) {
        return { code: codeOf(fault) }
      }
      if (owner === null) return null
      const boxes = (await mailboxesOfPerson(journal, owner)).filter(({ state }) => state === 'active')
      const addresses = boxes.map(({ address }) => address)
      // The name is the mailbox that the client believes to be in: another's is no sign-in (RFC 7628 §3.1).
      if (addresses.length === 0 || (name !== '' && name !== owner && !addresses.includes(mailboxKey(name))))
        return null
      return { id: owner, how: 'token', addresses }
    },
    async certificate({ certificate, subject }) {
      if (certificate === null) return null
      try {
        const { key } = parseNodeName(new X509Certificate(certificate).subject)
        const box = await mailboxOfCertificate(journal, key)
        return box === null ? null : { id: subject ?? box.address, how: 'certificate', addresses: [box.address] }
      } catch {
        return null
      }
    },
    async password(name, password) {
      const given = createHash('sha256').update(password).digest()
      const found = operator()?.passwords.find((one) => one.name === name)
      const known = Buffer.from(found?.sha256 ?? '', 'hex')
      if (found === undefined || known.length !== given.length || !timingSafeEqual(known, given)) return null
      return { id: found.name, how: 'password', addresses: found.addresses.map(mailboxKey) }
    },
  }
}
