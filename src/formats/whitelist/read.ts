/** One pass over a list: its content, its signature, and the two canonical texts that the signature speaks of. */
import type { XmlAttribute } from '../cda/namespaces.ts'
import { type XmlListener, XmlReader } from '../cda/xml.ts'
import { CanonicalDigest, CanonicalWriter, Declared, lineEnds } from './canonical.ts'
import { type ListFault, ListStop } from './fault.ts'
import { LIST_BUDGET, type ListBudget, type ListRow } from './list.ts'
import { ListContent } from './rows.ts'
import { DSIG, SignatureForm, type SignatureParts } from './signature-form.ts'

/** A list as it stands, with what its signature says and what it should say. Nothing of it is trusted yet. */
export interface ReadList {
  /** DateDeGeneration, ms since 1970. */
  readonly generatedAtMs: number
  readonly rows: readonly ListRow[]
  /** SHA-256 of the canonical document without its signature. */
  readonly digest: Buffer
  readonly signature: SignatureParts
  /** SignedInfo in canonical form: the bytes that were signed. */
  readonly signedInfo: string
}

/** Characters fed at a time. */
const PIECE = 262_144
/** Characters of a canonical SignedInfo; that of the profile has some 900. */
const MAX_SIGNED_INFO = 16_384

class Listening implements XmlListener {
  readonly whole = true
  readonly #declared = new Declared()
  readonly #digest = new CanonicalDigest()
  readonly #body = new CanonicalWriter(this.#digest.sink, this.#declared.of)
  readonly #content: ListContent
  #signature: SignatureForm | null = null
  /** Inside the signature, while its depth is this. */
  #signatureDepth = 0
  #signedDepth = 0
  #signedInfo = ''
  readonly #signed = new CanonicalWriter((piece) => {
    this.#signedInfo += piece
    if (this.#signedInfo.length > MAX_SIGNED_INFO) throw new ListStop('WHITELIST_SIGNATURE_FORM', 'size')
  }, this.#declared.of)

  constructor(budget: ListBudget) {
    this.#content = new ListContent(budget)
  }

  open(namespace: string, name: string, attributes: readonly XmlAttribute[], depth: number, written: string): boolean {
    this.#declared.open(attributes, depth)
    if (this.#signatureDepth > 0) {
      this.#signature!.open(namespace, name, attributes)
      if (depth === this.#signatureDepth + 1 && name === 'SignedInfo') this.#signedDepth = depth
      if (this.#signedDepth > 0) this.#signed.open(written, attributes)
    } else if (namespace === DSIG && name === 'Signature') {
      if (this.#signature !== null) throw new ListStop('WHITELIST_SIGNATURE_FORM', 'two-signatures')
      if (depth !== 2) throw new ListStop('WHITELIST_SIGNATURE_FORM', 'place')
      this.#signature = new SignatureForm()
      this.#signatureDepth = depth
    } else {
      this.#body.open(written, attributes)
      this.#content.open(namespace, name)
    }
    return true
  }

  text(piece: string): void {
    if (this.#signatureDepth > 0) {
      this.#signature!.text(piece)
      if (this.#signedDepth > 0) this.#signed.text(piece)
      return
    }
    this.#body.text(piece)
    this.#content.text(piece)
  }

  close(depth: number): void {
    if (this.#signatureDepth === depth) this.#signatureDepth = 0
    else if (this.#signatureDepth > 0) {
      if (this.#signedDepth > 0) this.#signed.close()
      if (this.#signedDepth === depth) this.#signedDepth = 0
      this.#signature!.close()
    } else {
      this.#body.close()
      this.#content.close()
    }
    this.#declared.close(depth)
  }

  aside(kind: 'comment' | 'instruction'): void {
    if (kind === 'instruction') throw new ListStop('WHITELIST_FORM', 'instruction')
    if (this.#signatureDepth > 0) throw new ListStop('WHITELIST_SIGNATURE_FORM', 'comment')
  }

  read(): ReadList {
    if (this.#signature === null) throw new ListStop('WHITELIST_UNSIGNED')
    return {
      generatedAtMs: this.#content.generatedAtMs(),
      rows: this.#content.rows,
      digest: this.#digest.digest(),
      signature: this.#signature.parts(),
      signedInfo: this.#signedInfo,
    }
  }
}

/** Reads a list; `progress` is told the characters read. A fault names the first thing that is not as it must be. */
export function readList(
  bytes: Uint8Array,
  budget: ListBudget = LIST_BUDGET,
  progress: (done: number, total: number) => void = () => {},
): ReadList | ListFault {
  if (bytes.length > budget.maxBytes) return { code: 'WHITELIST_TOO_LARGE', at: '' }
  try {
    const text = lineEnds(decoded(bytes))
    const listening = new Listening(budget)
    const reader = new XmlReader(listening, { maxDepth: budget.maxDepth })
    for (let at = 0; at < text.length; at += PIECE) {
      const fault = reader.feed(text.slice(at, at + PIECE))
      if (fault !== null) return faultOf(fault)
      progress(Math.min(at + PIECE, text.length), text.length)
    }
    const fault = reader.end()
    return fault === null ? listening.read() : faultOf(fault)
  } catch (stop) {
    if (stop instanceof ListStop) return stop.fault
    throw stop
  }
}

function faultOf(fault: 'doctype' | 'syntax' | 'limits'): ListFault {
  return fault === 'doctype' ? { code: 'WHITELIST_DOCTYPE', at: '' } : { code: 'WHITELIST_FORM', at: fault }
}

/** UTF-8 alone, whatever else XML allows: the profile has no other. */
function decoded(bytes: Uint8Array): string {
  const encoding = /^<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]+)["']/.exec(
    Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256))
      .toString('latin1')
      .replace(/^\u00ef\u00bb\u00bf/, ''),
  )?.[1]
  if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') throw new ListStop('WHITELIST_FORM', 'encoding')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ListStop('WHITELIST_FORM', 'encoding')
  }
}
