/** XML that is written: every value is escaped here, so that none can break out of its element. */
import { hasForbidden } from './xml-text.ts'

/** An element that was written. */
export class Xml {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in an element: text, elements, or nothing. */
export type XmlChild = Xml | string | null | readonly XmlChild[]
/** Attributes by name; null leaves one out. */
export type XmlAttributes = Readonly<Record<string, string | null>>

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** An element; without children it is empty. Names are the writer's own, never a value of somebody. */
export function xml(name: string, attributes: XmlAttributes = {}, ...children: readonly XmlChild[]): Xml {
  const said = Object.entries(attributes)
    .filter((one): one is [string, string] => one[1] !== null)
    .map(([key, value]) => ` ${key}="${escaped(value).replace(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`)}"`)
  const inner = children.map(textOf).join('')
  return new Xml(inner === '' ? `<${name}${said.join('')}/>` : `<${name}${said.join('')}>${inner}</${name}>`)
}

/** The document in UTF-8, with its declaration. */
export function xmlDocument({ text }: Xml): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`, 'utf8')
}

function textOf(child: XmlChild): string {
  if (child === null) return ''
  if (child instanceof Xml) return child.text
  return typeof child === 'string' ? escaped(child) : child.map(textOf).join('')
}

/** What XML cannot hold gives way to the sign that stands for it (XML 1.0 §2.2). */
function escaped(value: string): string {
  const whole = value.toWellFormed()
  const clean = hasForbidden(whole) ? [...whole].map((sign) => (hasForbidden(sign) ? '\ufffd' : sign)).join('') : whole
  return clean.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? '')
}
