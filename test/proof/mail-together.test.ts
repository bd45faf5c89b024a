/** The next hop, the antivirus and the white list fail at once, under load and over ends of the process, and come back one by one. */
import { afterEach, expect, test } from 'vitest'
import { type FakeClamd, fakeClamd } from '../support/mail/antivirus.ts'
import { type FarMail, type FarSide, farSide } from '../support/mail/far.ts'
import { give } from '../support/mail/load.ts'
import { publishMailLab } from '../support/mail/region.ts'
import { letter } from '../support/mail/talk.ts'
import { BOX, type MailWorld, mailWorld } from '../support/mail/world.ts'
import { freePort } from '../support/world/ports.ts'
import { until } from '../support/world/until.ts'
import { judgeHere, judgeThere, loadedOperator, startLoads } from './mail-crash.ts'

const FROM = 'jean@a.mssante.test'
const HOUR_MS = 3_600_000

const cleanings: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

test('next hop down, clamd dead and the list stale at once, over two kills: nothing is lost or bounced, and each comes once', {
  timeout: 240_000,
}, async () => {
  const farPort = await freePort()
  let epoch = 0
  const came: { readonly mail: FarMail; readonly epoch: number }[] = []
  const listen = (): Promise<FarSide> => farSide(world.lab, 'c', farPort, {}, (mail) => came.push({ mail, epoch }))
  let clamd: FakeClamd = await fakeClamd()
  const antivirus = { host: '127.0.0.1', port: clamd.port, timeout: '5 s', down: 'wait' }
  const world: MailWorld = await mailWorld([{ address: BOX }], { mail: { ...loadedOperator(farPort), antivirus } })
  let far = await listen()
  const loads = startLoads(world)
  cleanings.push(
    () => clamd.close(),
    () => far.close(),
    () => world.end(),
    () => Object.values(loads).forEach((load) => void load.abandon()),
  )
  const taken = (): number[] => Object.values(loads).map(({ acknowledged }) => acknowledged.size)
  const refused = (): number => loads.smtp.counts.resent + loads.submission.counts.resent
  const more = (than: readonly number[]) =>
    until('mail is taken at both doors', async () => taken().every((count, i) => count > than[i]!))
  /** What the operator door says to one mail more, which the load does not know of. */
  const asked = async (): Promise<string> => {
    const talk = await world.meet('a')
    try {
      return (await give(talk, { from: FROM, to: BOX, text: letter(FROM, BOX, { id: 'asked@load.test' }) })) ?? ''
    } finally {
      talk.destroy()
    }
  }
  const killed = async (): Promise<void> => {
    await world.gateway.kill()
    epoch += 1
    await world.start()
  }
  await more([10, 10])
  await far.close()
  // Mail for elsewhere piles up now, while both doors still take it.
  await more(taken())
  await clamd.close()
  // The list of the lab is older than that.
  world.write({ whiteList: { stale: '1 s', old: '2 s', closed: '3 s' } })
  await killed()
  await until('the list is closed', async () => (await asked()).startsWith('451 4.7.0'), { withinMs: 20_000 })
  const [before, times] = [taken(), refused()]
  await killed()
  await until('both doors are asked in vain', async () => refused() > times + 50)
  expect(taken()).toEqual(before)
  const waiting = await world.gateway.status()
  expect(waiting).toMatchObject({ parked: 0, difference: 0 })
  expect(waiting.inFlight).toBeGreaterThan(0)

  await publishMailLab(world.lab)
  const act = { until: new Date(Date.now() + HOUR_MS).toISOString(), reason: 'essai' }
  expect(await world.gateway.act('/api/mail/whitelist/extend', act)).toMatchObject({ status: 200 })
  await until('the list is open', async () => (await asked()).startsWith('451 4.7.1'), { withinMs: 20_000 })
  expect(taken()).toEqual(before)

  far = await listen()
  await until('what waited goes', async () => (await world.gateway.status()).inFlight === 0, { withinMs: 30_000 })
  expect(taken()).toEqual(before)

  clamd = await fakeClamd(antivirus.port)
  await more(before)
  await Promise.all(Object.values(loads).map((load) => load.finish()))
  await until('everything is delivered', async () => (await world.gateway.status()).inFlight === 0, {
    withinMs: 30_000,
  })
  expect(Object.values(loads).flatMap(({ wrong }) => wrong)).toEqual([])
  // A report of failure would be in the mailbox, and was never taken at a door.
  expect(judgeHere(loads.smtp.acknowledged, world.mails(BOX))).toEqual([])
  expect(judgeThere(loads.submission.acknowledged, came).found).toEqual([])
  expect(await world.gateway.status()).toMatchObject({ inFlight: 0, parked: 0, difference: 0 })
})
