/** Row 20: a store that cannot write. */
import { expect } from 'vitest'
import { movement, result } from '../../formats/hl7v2-rules/samples.ts'
import type { Lines } from '../../formats/hl7v2-rules/segments.ts'
import { type Client, connect } from '../../support/world/client.ts'
import { block } from '../../support/world/frame.ts'
import { emptied, makeWorld } from '../../support/world/world.ts'
import { bytesOf, having, readSaid } from './table.ts'

/** From this write on the disk of the gateway's process is full. */
const FULL = 'inject=pwrite64:error=ENOSPC:when=1500+'
const STRACE = ['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'trace=pwrite64', '-e', FULL]

const enhanced = (lines: Lines): Lines => having(having(lines, 'MSH-15', 'AL'), 'MSH-16', 'NE')
/** Of a guide, whose policy is `ans`, and of the base standard; in either mode, and what is answered. */
const KINDS: readonly [name: string, lines: Lines, positive: string, negative: string][] = [
  ['ANS-ENHANCED', enhanced(movement('A01')), 'CA', 'CR'],
  ['ANS-ORIGINAL', movement('A01'), 'AA', 'AR'],
  ['BASE-ENHANCED', enhanced(result), 'CA', 'CE'],
  ['BASE-ORIGINAL', result, 'AA', 'AE'],
]

async function answer(client: Client, sent: Buffer): Promise<string> {
  await client.write(block(sent))
  const { code, errors } = readSaid((await client.next())!, sent)
  return [code, ...errors].join(' ')
}

/**
 * Fills the store, is refused in each mode, stops on SIGTERM all the same, and is taken when there is room again: nothing is
 * lost, and nothing that was refused comes twice. */
export async function storeFull(): Promise<void> {
  const world = await makeWorld({
    sources: ['LENIENT'],
    destinations: { 'chu-a/dpi': {} },
    routes: [{ name: 'all', when: { kinds: ['ADT^*', 'ORU^R01'] }, to: ['chu-a/dpi'] }],
  })
  try {
    const full = await world.start(STRACE)
    const client = await connect(world.mllpPort)
    const made = (id: string, lines: Lines): Buffer => bytesOf({ sender: 'lenient' }, id, lines)
    const promised: string[] = []
    while ((await answer(client, made(`FILL${promised.length}`, result))) === 'AA') {
      promised.push(`FILL${promised.length}`)
      if (promised.length > 2_000) throw new Error('the store never fails')
    }
    expect(promised.length).toBeGreaterThan(3)
    for (const [id, lines, , negative] of KINDS) expect(await answer(client, made(id, lines))).toBe(`${negative} 207 @`)
    client.close()
    await full.stop()

    const healed = await world.start()
    const again = await connect(world.mllpPort)
    for (const [id, lines, positive] of KINDS) expect(await answer(again, made(id, lines))).toBe(positive)
    again.close()
    await emptied(healed)
    const ids = world.receiver('chu-a/dpi').ledger.map(({ controlId }) => controlId)
    const wanted = [...promised, ...KINDS.map(([id]) => id)]
    expect([...new Set(ids)].toSorted()).toEqual(wanted.toSorted())
    expect(KINDS.map(([id]) => ids.filter((one) => one === id).length)).toEqual([1, 1, 1, 1])
  } finally {
    await world.close()
  }
}
