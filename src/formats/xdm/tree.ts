/** A small XML document as a tree: METADATA.XML, which is read whole and within bounds. */
import type { XmlAttribute } from '../cda/namespaces.ts'
import { xmlDecoder } from '../cda/read.ts'
import { type XmlListener, XmlReader } from '../cda/xml.ts'
import { XdmStop } from './fault.ts'

/** An element. `text`: its own, before its first child. */
export interface XmlNode {
  readonly namespace: string
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlNode[]
  readonly text: string
}

interface Growing extends XmlNode {
  readonly children: Growing[]
  text: string
}

/** Elements of one document; an entry has some 150. */
const MOST_NODES = 50_000
/** Bytes of METADATA.XML. */
const MOST_BYTES = 2 * 1024 * 1024
const PIECE = 262_144

class Grower implements XmlListener {
  root: Growing | null = null
  readonly #open: Growing[] = []
  #nodes = 0

  open(namespace: string, name: string, attributes: readonly XmlAttribute[]): boolean {
    if (++this.#nodes > MOST_NODES) throw new XdmStop('XDM_LIMITS', 'metadata')
    const node: Growing = {
      namespace,
      name,
      attributes: new Map(attributes.map((one) => [one.name, one.value])),
      children: [],
      text: '',
    }
    if (this.root === null) this.root = node
    else this.#open.at(-1)!.children.push(node)
    this.#open.push(node)
    return true
  }

  text(piece: string): void {
    this.#open.at(-1)!.text += piece
  }

  close(): void {
    this.#open.pop()
  }
}

/**
 * The document's root.
 * @throws {XdmStop} for a document type, what is no XML, and what is too large */
export function xmlTree(bytes: Buffer): XmlNode {
  if (bytes.length > MOST_BYTES) throw new XdmStop('XDM_LIMITS', 'metadata')
  const decoder = xmlDecoder(bytes)
  if (decoder === null) throw new XdmStop('XDM_METADATA', 'encoding')
  const grower = new Grower()
  const reader = new XmlReader(grower)
  for (let at = 0; at < bytes.length; at += PIECE) feed(reader, decoder, bytes.subarray(at, at + PIECE))
  feed(reader, decoder, null)
  const fault = reader.end()
  if (fault !== null || grower.root === null) throw new XdmStop('XDM_METADATA', fault ?? 'syntax')
  return grower.root
}

function feed(reader: XmlReader, decoder: TextDecoder, bytes: Buffer | null): void {
  const fault = reader.feed(decoded(decoder, bytes))
  if (fault !== null) throw new XdmStop('XDM_METADATA', fault)
}

function decoded(decoder: TextDecoder, bytes: Buffer | null): string {
  try {
    return bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch {
    throw new XdmStop('XDM_METADATA', 'encoding')
  }
}
