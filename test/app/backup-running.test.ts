import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCommand } from '../support/world/gateway.ts'
import { startLoad } from '../support/world/load.ts'
import { oru, patient } from '../support/world/messages.ts'
import { OPERATOR_KEY } from '../support/world/region.ts'
import { until } from '../support/world/until.ts'
import { makeWorld } from '../support/world/world.ts'

test('the drill: backup of the real process under load, restored elsewhere, every checksum and the conservation hold', async () => {
  const world = await makeWorld({
    destinations: { 'receiver/dpi': {} },
    routes: [{ name: 'all', when: { from: ['ch-a'] }, to: ['receiver/dpi'] }],
  })
  onTestFinished(() => world.close())
  const gateway = await world.start()
  let made = 0
  const load = startLoad({
    port: world.mllpPort,
    connections: 4,
    patients: 8,
    make: (p) => {
      const controlId = `DRILL${++made}`
      return { controlId, kind: 'ORU^R01', bytes: oru({ facility: 'CH-A', patient: patient(p), controlId }) }
    },
  })
  await until('some messages', async () => load.acknowledged.size > 50)
  const acknowledged = [...load.acknowledged.keys()]

  const file = join(world.store, '..', 'drill.tar')
  process.env.PASSERELLE_KEY = OPERATOR_KEY
  onTestFinished(() => void delete process.env.PASSERELLE_KEY)
  const lost = await runCommand(world, ['backup', join(world.store, '..', 'none', 'drill.tar')])
  expect(lost).toMatchObject({ code: 1, out: expect.stringContaining('none does not exist (ENOENT)') })
  // Nothing of the store was copied for it.
  expect(existsSync(join(world.store, 'backups')) ? readdirSync(join(world.store, 'backups')) : []).toEqual([])
  const backup = await runCommand(world, ['backup', file, '--json'])
  expect(backup).toMatchObject({ code: 0 })
  const { messages } = JSON.parse(backup.out) as { messages: number }
  await load.finish()
  expect(messages).toBeGreaterThanOrEqual(acknowledged.length)
  expect(load.acknowledged.size).toBeGreaterThan(messages)
  expect((await gateway.status()).difference).toBe(0)

  const there = { ...world, store: join(world.store, '..', 'there') }
  expect(await runCommand(there, ['restore', file])).toMatchObject({ code: 0 })
  expect(existsSync(join(there.store, 'store.db'))).toBe(true)
  expect(await runCommand(there, ['verify'])).toEqual({
    code: 0,
    out: expect.stringMatching(new RegExp(`^${messages} checked, 0 damaged$`, 'm')),
  })
  for (const controlId of [acknowledged[0]!, acknowledged.at(-1)!]) {
    const found = await runCommand(there, ['messages', '--control-id', controlId, '--json'])
    expect(JSON.parse(found.out)).toMatchObject({ messages: [{ controlId }] })
  }
}, 240_000)
