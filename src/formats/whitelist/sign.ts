/** A list as it is published: written from rows and signed in the fixed profile. For labs; the real one comes from its publisher. */
import { createHash, type KeyObject, sign, type X509Certificate } from 'node:crypto'
import { canonical } from './canonical.ts'
import { LIST_NAMESPACE, type ListRow } from './list.ts'
import { DSIG, ENVELOPED, EXC_C14N, RSA_SHA256, SHA256 } from './signature-form.ts'

/** With what a list is signed: an RSA key and its certificate. */
export interface ListSigner {
  readonly key: KeyObject
  readonly certificate: X509Certificate
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

/** The list without a signature. `extra` stands before the end of the root: a template for another signer. */
export function writeList(rows: readonly ListRow[], generatedAtMs: number, extra = ''): string {
  const written = rows.map(
    (row) =>
      `    <Domaine>\n      <Nom>${escaped(row.domain)}</Nom>\n      <Description>${escaped(row.description)}</Description>\n` +
      `      <DNCertificatOperateur>${escaped(row.subject)}</DNCertificatOperateur>\n` +
      `      <ResponsableContact>${escaped(row.responsible)}</ResponsableContact>\n` +
      `      <SupportContact>${escaped(row.support)}</SupportContact>\n      <DateMAJ>${escaped(row.changed)}</DateMAJ>\n    </Domaine>\n`,
  )
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListeBlancheMSSante xmlns="${LIST_NAMESPACE}">\n` +
    `  <DateDeGeneration>${new Date(generatedAtMs).toISOString()}</DateDeGeneration>\n` +
    `  <ListeDomaines>\n${written.join('')}  </ListeDomaines>\n${extra}</ListeBlancheMSSante>\n`
  )
}

/** What is signed: the digest of the list. Empty: a template in which another signer fills it in. */
export function signedInfo(digest: string): string {
  return (
    `<SignedInfo xmlns="${DSIG}"><CanonicalizationMethod Algorithm="${EXC_C14N}"></CanonicalizationMethod>` +
    `<SignatureMethod Algorithm="${RSA_SHA256}"></SignatureMethod><Reference URI=""><Transforms>` +
    `<Transform Algorithm="${ENVELOPED}"></Transform><Transform Algorithm="${EXC_C14N}"></Transform></Transforms>` +
    `<DigestMethod Algorithm="${SHA256}"></DigestMethod><DigestValue>${digest}</DigestValue></Reference></SignedInfo>`
  )
}

/** The list with its signature, the last child of the root. @throws {RangeError} when `unsigned` is no XML */
export function signList(unsigned: string, { key, certificate }: ListSigner): string {
  const text = canonical(unsigned)
  if (!text.startsWith('<')) throw new RangeError(`the list cannot be signed: ${text}`)
  const info = signedInfo(createHash('sha256').update(text).digest('base64'))
  const value = sign('RSA-SHA256', Buffer.from(info), key).toString('base64')
  const signature =
    `<Signature xmlns="${DSIG}">${info}<SignatureValue>${value}</SignatureValue>` +
    `<KeyInfo><X509Data><X509Certificate>${certificate.raw.toString('base64')}</X509Certificate></X509Data></KeyInfo></Signature>`
  const end = unsigned.lastIndexOf('</')
  return `${unsigned.slice(0, end)}${signature}${unsigned.slice(end)}`
}
