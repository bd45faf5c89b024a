/** The one form of signature that a list may have: everything else is refused by name (XML Signature, fixed profile). */
import type { XmlAttribute } from '../cda/namespaces.ts'
import { ListStop, type SignatureFault } from './fault.ts'

/** Namespace of XML signatures. */
export const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
/** Exclusive canonicalisation without comments. */
export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
/** Leaves the signature itself out. */
export const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
/** RSA PKCS #1 v1.5 over SHA-256. */
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
/** SHA-256. */
export const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

/** What a signature says. Certificates are only looked at, never trusted for being there. */
export interface SignatureParts {
  readonly digest: Buffer
  readonly value: Buffer
  readonly certificates: readonly Buffer[]
}

/** A place inside the signature: which element may stand there, with which algorithm, in which order. */
interface Place {
  readonly path: string
  readonly algorithm?: readonly [uri: string, fault: SignatureFault]
}

/** The elements in the order in which they must come; paths are from the signature downward. */
const ORDER: readonly Place[] = [
  { path: 'SignedInfo' },
  { path: 'SignedInfo/CanonicalizationMethod', algorithm: [EXC_C14N, 'canonicalisation'] },
  { path: 'SignedInfo/SignatureMethod', algorithm: [RSA_SHA256, 'algorithm'] },
  { path: 'SignedInfo/Reference' },
  { path: 'SignedInfo/Reference/Transforms' },
  { path: 'SignedInfo/Reference/Transforms/Transform', algorithm: [ENVELOPED, 'transforms'] },
  { path: 'SignedInfo/Reference/Transforms/Transform', algorithm: [EXC_C14N, 'transforms'] },
  { path: 'SignedInfo/Reference/DigestMethod', algorithm: [SHA256, 'digest-algorithm'] },
  { path: 'SignedInfo/Reference/DigestValue' },
  { path: 'SignatureValue' },
]
/** Elements that hold text. */
const TEXTS: ReadonlySet<string> = new Set(['SignedInfo/Reference/DigestValue', 'SignatureValue'])
const CERTIFICATE = 'KeyInfo/X509Data/X509Certificate'
const MAX_CERTIFICATES = 8
/** Characters of one base64 text: a certificate has some 3,000. */
const MAX_TEXT = 32_768

function stop(fault: SignatureFault): never {
  throw new ListStop('WHITELIST_SIGNATURE_FORM', fault)
}

/** Follows a Signature element while it is read. Throws ListStop at the first thing that the profile does not have. */
export class SignatureForm {
  readonly #path: string[] = []
  readonly #certificates: string[] = []
  /** How many of ORDER have come. */
  #next = 0
  #text = ''
  #digest = ''
  #value = ''

  /** An element inside the signature begins. */
  open(namespace: string, name: string, attributes: readonly XmlAttribute[]): void {
    const isOurs = namespace === DSIG
    if (isOurs && name === 'Signature') stop('two-signatures')
    this.#path.push(name)
    const path = this.#path.join('/')
    this.#text = ''
    if (this.#path[0] === 'KeyInfo') {
      if (this.#next < ORDER.length) stop('order')
      return
    }
    const place = ORDER[this.#next]
    if (!isOurs || place?.path !== path) stop(this.#misplaced(path))
    this.#next++
    checkAttributes(place, attributes)
  }

  #misplaced(path: string): SignatureFault {
    if (path === 'SignedInfo') return 'two-signed-info'
    if (path === 'SignedInfo/Reference') return 'two-references'
    if (path.startsWith('SignedInfo/Reference/Transforms')) return 'transforms'
    return 'order'
  }

  text(piece: string): void {
    const path = this.#path.join('/')
    if (TEXTS.has(path) || path === CERTIFICATE) {
      this.#text += piece
      if (this.#text.length > MAX_TEXT) stop('size')
    } else if (this.#path[0] !== 'KeyInfo' && /[^ \t\r\n]/.test(piece)) stop('text')
  }

  /** The element that was opened last ends. */
  close(): void {
    const path = this.#path.join('/')
    if (path === 'SignedInfo/Reference/DigestValue') this.#digest = this.#text
    else if (path === 'SignatureValue') this.#value = this.#text
    else if (path === CERTIFICATE) {
      this.#certificates.push(this.#text)
      if (this.#certificates.length > MAX_CERTIFICATES) stop('size')
    } else if (path === 'SignedInfo/Reference/Transforms' && this.#next < 7) stop('transforms')
    this.#path.pop()
  }

  /** What it said, once it has ended. */
  parts(): SignatureParts {
    if (this.#next < ORDER.length) stop('order')
    return {
      digest: base64(this.#digest),
      value: base64(this.#value),
      certificates: this.#certificates.map(base64),
    }
  }
}

/** Attributes are those of the profile; `Id` may stand anywhere, for nothing refers to it. */
function checkAttributes({ path, algorithm }: Place, attributes: readonly XmlAttribute[]): void {
  let said: string | null = null
  let uri: string | null = null
  for (const { name, value } of attributes) {
    if (name === 'Algorithm' && algorithm !== undefined) said = value
    else if (name === 'URI' && path === 'SignedInfo/Reference') uri = value
    else if (name !== 'Id' && name !== 'xmlns' && !name.startsWith('xmlns:')) stop('attribute')
  }
  if (algorithm !== undefined && said !== algorithm[0]) stop(algorithm[1])
  if (path === 'SignedInfo/Reference' && uri !== '') stop('reference')
}

/** Lines of base64 may end in a carriage return written as a reference, as those of the published list do. */
function base64(text: string): Buffer {
  const packed = text.replace(/[ \t\r\n]+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed) || packed.length % 4 !== 0) stop('base64')
  return Buffer.from(packed, 'base64')
}
