/** Invented messages for the tests of the reader: bytes from Latin-1 text, segments joined by CR. */
import { type Hl7Message, readMessage } from '../../src/formats/hl7v2/message.ts'

/** Bytes of lines, one byte per character, each ended by CR. */
export function bytesOf(lines: readonly string[], end = '\r'): Buffer {
  return Buffer.from(lines.map((line) => line + end).join(''), 'latin1')
}

/** The message read from lines. @throws {Error} when they are none */
export function messageOf(lines: readonly string[], defaultCharset?: string): Hl7Message {
  return messageFrom(bytesOf(lines), defaultCharset)
}

/** The message read from bytes. @throws {Error} when they are none */
export function messageFrom(bytes: Buffer, defaultCharset?: string): Hl7Message {
  const read = readMessage(bytes, defaultCharset)
  if (!read.ok) throw new Error(`${read.code} at ${read.at}`)
  return read.message
}

/** An identifier under the test OID of the INS. */
export const INS = '261025313000150^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS'

/** A stroke request with every kind of part. */
export const STROKE = [
  'MSH|^~\\&|DPI^1.2.3^ISO|530000371^1.2.250.1.71.4.2.2&x^M|PFR|440000289^EXPERT|20260310101500+0100||ORM^O01^ORM_O01|C\\T\\1|T|2.5^FRA^2.11|||AL|NE|FRA|8859/15~ASCII|FR||1.0^EXAMPLE~2.1^OTHER^',
  `PID|1||0001^^^CH-EXEMPLE&530000371&M^PI~${INS}~""||MARTIN (FICTIF)^Zo\xe9^^^^^L~DURAND (FICTIF)||19610214|F|||||||||||||||||||||||N|VALI~HOMA`,
  'PV1|1|E|URG^^^CH-EXEMPLE',
  'ORC|NW|P1',
  'OBR|1|P1||AVC^T\\E\\l\\XE9\\-AVC^L|||||||||||||||||||||||||||I63.9^Infarctus^CIM10~230690007^^SCT',
  'OBX|1|TX|NOTE^^L||ligne 1\\.br\\ligne 2||||||F',
  'OBX|2|NM|NIHSS^^L||12|||""|||F',
  'OBX|3',
]
