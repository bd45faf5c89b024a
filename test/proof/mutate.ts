import type { Random } from '../support/world/random.ts'

/** Bytes that would end or begin an MLLP block: those have their own tests. */
const FRAMING = new Set([0x0b, 0x1c])

const anyByte = (dice: Random): number => {
  for (;;) {
    const byte = dice.between(0, 255)
    if (!FRAMING.has(byte)) return byte
  }
}
const anyRange = (dice: Random, bytes: Buffer, longest: number): [start: number, end: number] => {
  const start = dice.between(0, Math.max(0, bytes.length - 1))
  return [start, Math.min(bytes.length, start + dice.between(1, longest))]
}
const splice = (bytes: Buffer, start: number, end: number, between: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, start), between, bytes.subarray(end)])

type Mutation = (bytes: Buffer, dice: Random) => Buffer

const MUTATIONS: readonly Mutation[] = [
  function flip(bytes, dice) {
    const [at] = anyRange(dice, bytes, 1)
    return splice(bytes, at, at + 1, Buffer.from([anyByte(dice)]))
  },
  function flipInHeader(bytes, dice) {
    const at = dice.between(0, Math.min(100, Math.max(0, bytes.length - 1)))
    return splice(bytes, at, at + 1, Buffer.from([anyByte(dice)]))
  },
  function remove(bytes, dice) {
    return splice(bytes, ...anyRange(dice, bytes, 60), Buffer.alloc(0))
  },
  function repeat(bytes, dice) {
    const [start, end] = anyRange(dice, bytes, 200)
    return splice(bytes, end, end, bytes.subarray(start, end))
  },
  function insertNoise(bytes, dice) {
    const [at] = anyRange(dice, bytes, 1)
    return splice(bytes, at, at, Buffer.from(Array.from({ length: dice.between(1, 40) }, () => anyByte(dice))))
  },
  function insertRun(bytes, dice) {
    const [at] = anyRange(dice, bytes, 1)
    return splice(
      bytes,
      at,
      at,
      Buffer.alloc(dice.between(1, 4_000), dice.pick(['|', '^', '~', '&', '\\', '\r', '\n', '\0', '"'])),
    )
  },
  function truncate(bytes, dice) {
    return bytes.subarray(0, dice.between(0, bytes.length))
  },
  function swapSegments(bytes, dice) {
    const segments = bytes.toString('latin1').split('\r')
    const [a, b] = [dice.between(0, segments.length - 1), dice.between(0, segments.length - 1)]
    const [one = '', other = ''] = [segments[a], segments[b]]
    segments[a] = other
    segments[b] = one
    return Buffer.from(segments.join('\r'), 'latin1')
  },
  function swapField(bytes, dice) {
    const segments = bytes.toString('latin1').split('\r')
    const n = dice.between(0, segments.length - 1)
    const fields = (segments[n] ?? '').split('|')
    fields[dice.between(0, fields.length - 1)] = dice.pick([
      '',
      '""',
      '^^',
      '~~~',
      '\\',
      '\\X',
      '\\XZZ\\',
      '&&&',
      '\u00ff',
      '0',
      '-1',
    ])
    segments[n] = fields.join('|')
    return Buffer.from(segments.join('\r'), 'latin1')
  },
]

/**
 * A malformed relative of a valid message: one to five mutations, no framing byte. What asks for no answer, or for
 * another kind of one (an acknowledgement, or a message with MSH-15 or MSH-16), is not made. */
export function malformed(bytes: Buffer, dice: Random): Buffer {
  for (;;) {
    let mutant = bytes
    for (let n = dice.between(1, 5); n > 0; n--) mutant = dice.pick(MUTATIONS)(mutant, dice)
    if (mutant.length > 0 && asksForOneAnswer(mutant) && !mutant.equals(bytes)) return mutant
  }
}

/** False for an acknowledgement and for enhanced mode, in whatever delimiter the mutant has now. */
function asksForOneAnswer(mutant: Buffer): boolean {
  const head = mutant.subarray(0, 8_192).toString('latin1')
  const header = head.split(/[\r\n]/)[0] ?? ''
  const fields = header.split(header[3] ?? '|')
  const accept = (fields[14] ?? '') + (fields[15] ?? '')
  return accept === '' && !(fields[8] ?? '').includes('ACK') && !head.includes('MSA')
}
