/** Rows 17 to 22: character sets, the enhanced mode, frames. */
import { expect } from 'vitest'
import { identities, movement } from '../../formats/hl7v2-rules/samples.ts'
import { connect } from '../../support/world/client.ts'
import { block, field } from '../../support/world/frame.ts'
import { until } from '../../support/world/until.ts'
import { ended, known, received, UTF8 } from './bench.ts'
import { bytesOf, having, proved, type Row, readSaid, refused, type Turn, taken } from './table.ts'

const admission = movement('A01')
const A31 = identities['A31']!
const latin9 = having(having(A31, 'MSH-18', '8859/15'), 'PID-11.1', '5 \xa4')

const euro: Row = {
  number: 17,
  name: '8859/15 with a euro sign to a receiver of UTF-8: E2 82 AC, MSH-18 with it',
  async run(turn) {
    const { bench, tag } = turn
    const sent = bytesOf(turn, `${tag}-1`, having(latin9, 'MSH-5', 'UTF8'))
    await proved(turn, sent, taken(['form CHARSET_CONVERTED MSH-18']))
    const text = sent.toString('latin1')
    expect(text).toContain('|5 \xa4^')
    const wanted = text.replace('|8859/15|', '|UNICODE UTF-8|').replace('\xa4', '\xe2\x82\xac')
    expect(received(bench, `${tag}-1`, UTF8).map((bytes) => bytes.toString('latin1'))).toEqual([wanted])
  },
}

/** A lone E9 where UTF-8 is declared. */
const contradicted: Row = {
  number: 18,
  name: 'MSH-18 UNICODE UTF-8, and a byte E9 alone',
  async run(turn) {
    const text = bytesOf(turn, `${turn.tag}-1`, having(A31, 'PID-5.1', 'REN?E (FICTIF)')).toString('latin1')
    await proved(
      turn,
      Buffer.from(text.replace('REN?E', 'REN\xe9E'), 'latin1'),
      refused(['102 @MSH^1^18'], ['[PID-5]']),
    )
  },
}

const enhanced: Row = {
  number: 19,
  name: 'enhanced mode, MSH-15 and 16 AL: first CA, then AA with an MSH-10 of its own',
  doors: ['mllp'],
  async run(turn) {
    const { bench, tag } = turn
    const sent = bytesOf(turn, `${tag}-1`, having(having(admission, 'MSH-15', 'AL'), 'MSH-16', 'AL'))
    const client = await connect(bench.world.mllpPort)
    await client.write(block(sent))
    const [commit, application] = [readSaid((await client.next())!, sent), readSaid((await client.next())!, sent)]
    client.close()
    bench.promised.add(`${tag}-1`)
    expect([commit.code, commit.errors, application.code, application.errors]).toEqual(['CA', [], 'AA', []])
    expect(field(application.raw, 'MSH', 10)).not.toBe(field(commit.raw, 'MSH', 10))
    expect([15, 16].map((n) => field(commit.raw, 'MSH', n))).toEqual(['', ''])
    await ended(bench, `${tag}-1`)
    expect(received(bench, `${tag}-1`)).toEqual([sent])
  },
}

/** What the gateway has logged of one thing so far. */
function logged({ bench }: Turn, word: string): Record<string, unknown>[] {
  const lines = bench.world
    .logged()
    .split('\n')
    .filter((line) => line.includes(`"${word}"`))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** The next line about it after the first `before`; lines are written behind the answers. */
function nextLine(turn: Turn, word: string, before: number): Promise<Record<string, unknown>> {
  return until(`${word} is logged`, async () => logged(turn, word)[before] ?? null)
}

const partial: Row = {
  number: 21,
  name: 'one write of three messages and a part of a fourth: three answers in order; the fourth waits, then the door closes',
  doors: ['mllp'],
  async run(turn) {
    const { bench, tag } = turn
    const sent = [1, 2, 3, 4].map((n) => bytesOf(turn, `${tag}-${n}`, admission))
    const before = logged(turn, 'FRAME_TIMEOUT').length
    const client = await connect(bench.world.mllpPort)
    await client.write(Buffer.concat([...sent.slice(0, 3).map(block), block(sent[3]!).subarray(0, 400)]))
    for (const one of sent.slice(0, 3)) {
      expect(readSaid((await client.next())!, one)).toMatchObject({ code: 'AA', errors: [] })
      bench.promised.add(field(one, 'MSH', 10))
    }
    expect(await client.next()).toBeNull()
    expect(await nextLine(turn, 'FRAME_TIMEOUT', before)).toMatchObject({ event: 'mllp.limit' })
    expect(await known(bench, `${tag}-4`)).toEqual([])
    for (const n of [1, 2, 3]) await ended(bench, `${tag}-${n}`)
  },
}

const abandoned: Row = {
  number: 22,
  name: 'a message without 1C and then a new 0B: the first dropped and logged, the second taken',
  doors: ['mllp'],
  async run(turn) {
    const { bench, tag } = turn
    const [first, second] = [1, 2].map((n) => bytesOf(turn, `${tag}-${n}`, admission))
    const begun = block(first!).subarray(0, 700)
    const before = logged(turn, 'mllp.junk').length
    const client = await connect(bench.world.mllpPort)
    await client.write(Buffer.concat([begun, block(second!)]))
    expect(readSaid((await client.next())!, second!)).toMatchObject({ code: 'AA', errors: [] })
    client.close()
    bench.promised.add(`${tag}-2`)
    expect(await nextLine(turn, 'mllp.junk', before)).toMatchObject({ bytes: begun.length })
    expect(await known(bench, `${tag}-1`)).toEqual([])
    await ended(bench, `${tag}-2`)
    expect(received(bench, `${tag}-2`)).toEqual([second])
  },
}

/** In the order of the reference; 20 needs a store that fails, and stands in the test itself. */
export const TRANSPORT: readonly Row[] = [euro, contradicted, enhanced, partial, abandoned]
