/** A row of the table: what is posted, and what is answered, received and told for a strict sender and for one that is not. */
import { expect } from 'vitest'
import type { MessageDetail } from '../../../src/core/views.ts'
import { type Lines, withValue } from '../../formats/hl7v2-rules/segments.ts'
import { connect } from '../../support/world/client.ts'
import { field } from '../../support/world/frame.ts'
import { type Bench, type Door, ended, findingsOf, known, postHl7, received, type Sender } from './bench.ts'

/** One run of a row. */
export interface Turn {
  readonly bench: Bench
  readonly sender: Sender
  readonly door: Door
  /** A name that no other run has: of its messages (`TAG-1` …), orders and patients. */
  readonly tag: string
}

/** A row. `number` and `name` as in the table of the reference. */
export interface Row {
  readonly number: number
  readonly name: string
  /** Absent: both that take HL7 v2. */
  readonly doors?: readonly Door[]
  run(turn: Turn): Promise<void>
}

/** What one message of a row comes to. */
export interface Wanted {
  /** MSA-1. */
  readonly code: 'AA' | 'AE' | 'AR'
  /** Each ERR as `code @place`. */
  readonly errors: readonly string[]
  /** On the timeline: class, code, place. */
  readonly found: readonly string[]
  /** What the receiver of all gets of what was sent. */
  readonly left: (sent: Buffer) => Buffer
  /** In the answer, besides. */
  readonly says: readonly string[]
}

const asSent = (sent: Buffer): Buffer => sent

/** AA: on its way as it came, with these findings. */
export function taken(found: readonly string[] = [], left: (sent: Buffer) => Buffer = asSent): Wanted {
  return { code: 'AA', errors: [], found, left, says: [] }
}

/** AE, with these ERR: not known, not delivered. */
export function refused(errors: readonly string[], says: readonly string[] = []): Wanted {
  return { code: 'AE', errors, found: [], left: asSent, says }
}

/** A message of a row. `lenient` absent: as for a strict sender. */
export interface Posted {
  readonly sent: Lines | ((tag: string) => Lines)
  readonly strict: Wanted
  readonly lenient?: Wanted
}

/** A row whose messages are posted one after the other, each as `TAG-n`. */
export function row(number: number, name: string, ...posts: readonly Posted[]): Row {
  return {
    number,
    name,
    async run(turn) {
      for (const [i, { sent, strict, lenient = strict }] of posts.entries()) {
        const lines = typeof sent === 'function' ? sent(turn.tag) : sent
        const controlId = `${turn.tag}-${i + 1}`
        await proved(turn, bytesOf(turn, controlId, lines), turn.sender === 'strict' ? strict : lenient)
      }
    },
  }
}

/** The message in a sender's name, under an MSH-10 of its own; characters beyond ASCII in the set that MSH-18 names. */
export function bytesOf({ sender }: Pick<Turn, 'sender'>, controlId: string, lines: Lines): Buffer {
  const own = withValue(withValue(lines, 0, 'MSH-4', sender.toUpperCase()), 0, 'MSH-10', controlId)
  return Buffer.from(`${own.join('\r')}\r`, own[0]!.includes('|UNICODE UTF-8') ? 'utf8' : 'latin1')
}

/** An acknowledgement as a sender reads it. */
export interface Said {
  readonly code: string
  readonly errors: readonly string[]
  readonly raw: Buffer
}

/** Reads an acknowledgement, which must be one of this message: of its kind, with its MSH-10, sender and receiver swapped. */
export function readSaid(raw: Buffer, sent: Buffer): Said {
  const of = (n: number): string => field(sent, 'MSH', n)
  const said = (n: number): string => field(raw, 'MSH', n)
  expect([said(3), said(4), said(5), said(6)]).toEqual([of(5), of(6), of(3), of(4)])
  expect([said(9), said(11), field(raw, 'MSA', 2)]).toEqual([`ACK^${of(9).split('^')[1]}^ACK`, of(11), of(10)])
  expect([of(10), '']).not.toContain(said(10))
  const segments = raw
    .toString('utf8')
    .split('\r')
    .map((line) => line.split('|'))
  const errors = segments.filter(([name]) => name === 'ERR').map((err) => `${err[3]!.split('^')[0]} @${err[2]}`)
  expect(segments.filter(([name, , , , severity]) => name === 'ERR' && severity !== 'E')).toEqual([])
  return { code: field(raw, 'MSA', 1), errors, raw }
}

/** Posts it on a connection of its own. */
export async function said({ bench, sender, door }: Turn, sent: Buffer): Promise<Said> {
  const raw = await postHl7(bench, sender, door, sent, async (framed) => {
    const client = await connect(bench.world.mllpPort)
    await client.write(framed)
    const content = await client.next()
    client.close()
    return content
  })
  const read = readSaid(raw, sent)
  if (read.code === 'AA') bench.promised.add(field(sent, 'MSH', 10))
  return read
}

/** Posts it and looks at all that comes of it; gives the message as the API tells it, null: it was refused. */
export async function proved(turn: Turn, sent: Buffer, wanted: Wanted): Promise<MessageDetail | null> {
  const { bench } = turn
  const controlId = field(sent, 'MSH', 10)
  const { code, errors, raw } = await said(turn, sent)
  expect({ code, errors }).toEqual({ code: wanted.code, errors: wanted.errors })
  for (const text of wanted.says) expect(raw.toString('utf8')).toContain(text)
  if (wanted.code !== 'AA') {
    expect(await known(bench, controlId)).toEqual([])
    expect(received(bench, controlId)).toEqual([])
    return null
  }
  const detail = await ended(bench, controlId)
  expect([detail.state, findingsOf(detail)]).toEqual(['closed', wanted.found])
  const text = (bytes: Buffer): string => bytes.toString('latin1')
  expect(received(bench, controlId).map(text)).toEqual([text(wanted.left(sent))])
  return detail
}

/** With a value in the first segment of the place's name. */
export function having(lines: Lines, path: string, value: string): Lines {
  const index = lines.findIndex((line) => line.startsWith(path.slice(0, 3)))
  return withValue(lines, index, path, value)
}

/** Without the segments that hold this text. */
export const lacking = (lines: Lines, text: string): Lines => lines.filter((line) => !line.includes(text))

/** With this text replaced in every segment. */
export function replacing(lines: Lines, from: string | RegExp, to: string): Lines {
  return lines.map((line) => line.replace(from, to))
}
