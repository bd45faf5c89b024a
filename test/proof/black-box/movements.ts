/** Rows 1 to 10: movements of PAM France. */
import { expect } from 'vitest'
import { movement } from '../../formats/hl7v2-rules/samples.ts'
import type { Lines } from '../../formats/hl7v2-rules/segments.ts'
import { ended, known, received } from './bench.ts'
import { bytesOf, having, lacking, proved, type Row, refused, row, said, taken } from './table.ts'

const admission = movement('A01')
/** The date in ZBE-3, ZBE-4 empty, the action in ZBE-5, as a template of the agency has it. */
const shifted: Lines = movement('A03').map((line) =>
  line.startsWith('ZBE')
    ? 'ZBE|002^CH-EXEMPLE^530000371|20261123094000|20261123102840||INSERT|N||Urgences^^^^^^UF^^^8782||HMS'
    : line,
)

const repeated: Row = {
  number: 2,
  name: 'the same bytes are sent again three times: the stored answer, one delivery',
  async run(turn) {
    const { bench, tag } = turn
    const sent = bytesOf(turn, `${tag}-1`, admission)
    const first = await said(turn, sent)
    for (let again = 0; again < 3; again++) expect(await said(turn, sent)).toEqual(first)
    expect(first.code).toBe('AA')
    await ended(bench, `${tag}-1`)
    expect([(await known(bench, `${tag}-1`)).length, received(bench, `${tag}-1`)]).toEqual([1, [sent]])
  },
}

const reused: Row = {
  number: 3,
  name: 'the same MSH-3, 4 and 10 with another PID-5',
  async run(turn) {
    const { bench, tag } = turn
    const sent = bytesOf(turn, `${tag}-1`, admission)
    await proved(turn, sent, taken())
    const other = bytesOf(turn, `${tag}-1`, having(admission, 'PID-5.1', 'AUTRE (FICTIF)'))
    const { code, errors } = await said(turn, other)
    expect({ code, errors }).toEqual({ code: 'AE', errors: ['205 @MSH^1^10'] })
    const { timeline } = await ended(bench, `${tag}-1`)
    expect(timeline.map((line) => line.code)).toContain('DUPLICATE_CONTROL_ID')
    expect(received(bench, `${tag}-1`)).toEqual([sent])
  },
}

const older = having(admission, 'MSH-12', '2.3')
const version = row(4, 'A01 with MSH-12 2.3; by the base standard AR', {
  sent: older,
  strict: refused(['203 @MSH^1^12']),
  lenient: taken(['contract VERSION_UNEXPECTED MSH-12']),
})
const ofOldVersion: Row = {
  ...version,
  async run(turn) {
    await version.run(turn)
    const base = { ...turn, sender: 'base' } as const
    await proved(base, bytesOf(base, `${turn.tag}-2`, older), { ...refused(['203 @MSH^1^12']), code: 'AR' })
  },
}

/** In the order of the reference. */
export const MOVEMENTS: readonly Row[] = [
  row(1, 'a valid A01', { sent: admission, strict: taken() }),
  repeated,
  reused,
  ofOldVersion,
  row(5, 'ADT^A08 of 2.5^FRA^2.11', {
    sent: having(admission, 'MSH-9', 'ADT^A08^ADT_A01'),
    strict: refused(['201 @MSH^1^9'], ['A31', 'Z99']),
    lenient: taken(['contract EVENT_EXCLUDED MSH-9']),
  }),
  row(6, 'A01 without ZBE', {
    sent: lacking(admission, 'ZBE|'),
    strict: refused(['100 @ZBE^1']),
    lenient: taken(['contract SEGMENT_MISSING ZBE']),
  }),
  row(7, 'A03 with a shifted ZBE', {
    sent: shifted,
    strict: refused(['198 @ZBE^1^3', '101 @ZBE^1^4']),
    lenient: taken(['contract FIELD_FORBIDDEN ZBE-3', 'contract FIELD_MISSING ZBE-4', 'form VALUE_UNLISTED ZBE-5']),
  }),
  row(8, 'Z99 with ZBE-4 INSERT', {
    sent: movement('Z99', 'INSERT', 'A01'),
    strict: refused(['103 @ZBE^1^4']),
    lenient: taken(['contract VALUE_UNLISTED ZBE-4']),
  }),
  row(9, 'Z99 UPDATE without ZBE-6', {
    sent: having(movement('Z99'), 'ZBE-6', ''),
    strict: refused(['101 @ZBE^1^6']),
    lenient: taken(['contract FIELD_MISSING ZBE-6']),
  }),
  row(10, 'A02 with ZBE-9 C', {
    sent: having(movement('A02'), 'ZBE-9', 'C'),
    strict: refused(['103 @ZBE^1^9']),
    lenient: taken(['contract VALUE_UNLISTED ZBE-9']),
  }),
]
