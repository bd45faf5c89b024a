import { afterEach, expect, test } from 'vitest'
import { adt, ipp } from '../pipeline/adt.ts'
import { connect } from '../support/world/client.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from '../support/world/world.ts'

let world: World | null = null
afterEach(async () => {
  await world?.close()
  world = null
}, 240_000)

test('movements that wait outlive a kill: the admission still goes first, and the delay still ends', async () => {
  const to = ['chu/dpi']
  world = await makeWorld({
    sources: ['SENDER'],
    destinations: { 'chu/dpi': {} },
    routes: [
      { name: 'patient', when: { receivers: ['PATIENT'] }, to, awaitAdmission: '1 h' },
      { name: 'hasty', when: { receivers: ['HASTY'] }, to, awaitAdmission: '2 s' },
    ],
  })
  const receiver = world.receiver('chu/dpi')
  const post = async (port: number, text: string): Promise<void> => {
    const client = await connect(port)
    expect((await client.post(Buffer.from(text, 'utf8')))?.code).toBe('AA')
    client.close()
  }
  const first = await world.start()
  await post(world.mllpPort, adt('A02', { id: 'TRANSFER', visit: 'V1', to: 'PATIENT' }))
  await post(world.mllpPort, adt('A02', { id: 'ALONE', visit: 'V2', to: 'HASTY', pid3: ipp('P2') }))
  expect((await first.kill()).signal).toBe('SIGKILL')

  const second = await world.start()
  await post(world.mllpPort, adt('A01', { id: 'ADMISSION', visit: 'V1', to: 'PATIENT' }))
  await receiver.when(({ distinct }) => distinct.size === 3)
  const order = receiver.ledger.map(({ controlId }) => controlId)
  expect(order.filter((id) => id !== 'ALONE')).toEqual(['ADMISSION', 'TRANSFER'])
  const inVain = async (id: string): Promise<boolean> =>
    (await second.trace(id)).findings.some(({ code }) => code === 'ADMISSION_AWAITED')
  await until('the one without admission has its finding', () => inVain('ALONE'))
  expect(await inVain('TRANSFER')).toBe(false)
}, 240_000)
