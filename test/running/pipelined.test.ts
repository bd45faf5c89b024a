import { expect, test } from 'vitest'
import { oru } from '../pipeline/stage.ts'
import { farSide, makeWorld, mllpAt, postTexts } from './gateway.ts'

const patient = 'P1^^^SENDER^PI'
const plain = (id: string): string => oru({ 10: id }, patient)
/** Above what stands in a row of the store. */
const large = (id: string): string => oru({ 10: id }, patient, `\rOBX|2|TX|N||${'x'.repeat(300_000)}`)
const batch = (...ids: string[]): string => `BHS|^~\\&|A|SENDER\r${ids.map(plain).join('')}BTS|${ids.length}\r`

const cases: [what: string, sent: string[]][] = [
  ['a large message and a small one', [large('A1'), plain('A2'), plain('A3')]],
  ['a batch and a message', [batch('A1', 'A2'), plain('A3')]],
  ['small, large, batch, small', [plain('A1'), large('A2'), batch('A3', 'A4'), plain('A5'), large('A6'), plain('A7')]],
]
test.each(cases)(
  '%s, sent before they are answered: one patient’s go out in the order they came',
  async (_what, sent) => {
    const world = makeWorld()
    const far = await farSide()
    world.write({ a: mllpAt(far) })
    await world.start()

    const codes = await postTexts(world.port('mllp'), sent)
    const expected = sent.flatMap((text) => [...text.matchAll(/MSH\|(?:[^|]*\|){8}(A\d)\|/g)].map(([, id]) => id))
    expect(codes).toEqual(expected.map(() => 'AA'))
    await far.when(({ ledger }) => ledger.length === expected.length)
    expect(far.ledger.map(({ controlId }) => controlId)).toEqual(expected)
  },
)
