import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import type { Journal } from '../../src/core/journal.ts'
import { newStore } from '../support/stores.ts'
import { HOSPITAL, officer, world } from './programme-world.ts'

test('two nodes that take the same file at one instant take it once', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-nodes-'))
  const store = await newStore(dir)
  const nodes: Journal[] = []
  onTestFinished(async () => {
    for (const journal of nodes) await journal.close()
    await store.end()
    rmSync(dir, { recursive: true, force: true })
  })
  for (let n = 0; n < 2; n += 1) nodes.push(await store.open({ clock: machineClock, ids: machineIds }))
  const worlds = await Promise.all(nodes.map(world))
  for (let n = 1; n <= 10; n += 1) {
    const file = [
      'finess;name;kind;domains;state;amount;paidStartUp;paidUse;invented',
      `${HOSPITAL};CH Test (fictif);hospital;d1;settled;${n}000,00;${n * 200},00;${n * 800},00;1`,
    ].join('\r\n')
    const said = await Promise.all(
      worlds.map(({ commands }) =>
        commands.import('hopen', file, false, officer).then(
          ({ created }) => created,
          ({ code }) => code,
        ),
      ),
    )
    expect(said).toContain(1)
    // Whoever read behind the commit of the other finds the line there.
    expect(['PROGRAMME_CHANGED', 0]).toContain(said.find((one) => one !== 1))
    expect((await worlds[0]!.views.sums(null)).get('hopen')?.enrolments).toBe(n)
  }
})
