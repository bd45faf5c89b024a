import { expect, test } from 'vitest'
import { dialMail, letter } from '../support/mail/talk.ts'
import { BOX, mailWorld, untraced } from '../support/mail/world.ts'
import { seedOfRun } from '../support/world/random.ts'
import { mailCrashRun, TAKEN } from './mail-crash.ts'

const KILLS = 3
const FROM = 'jean@a.mssante.test'

test(`no mail that was taken is lost or doubled over ${KILLS} ends of the gateway at random moments`, {
  timeout: 240_000,
}, async () => {
  const seed = seedOfRun()
  const report = await mailCrashRun(seed, KILLS)
  console.log(`mail crash suite, PROOF_SEED=${seed}: ${JSON.stringify({ ...report, status: undefined })}`)
  expect(report.faults).toEqual([])
  expect(report.acknowledged.here).toBeGreaterThan(TAKEN * KILLS)
  expect(report.acknowledged.there).toBeGreaterThan(TAKEN * KILLS)
  expect(report.resent).toBeGreaterThan(KILLS)
  expect(report.status).toMatchObject({ inFlight: 0, parked: 0, difference: 0 })
})

test('told to end, it says so, takes to the end what is on its way, and goes', async () => {
  const world = await mailWorld()
  try {
    const [idle, sending] = [await world.meet('a'), await world.meet('a')]
    const text = letter(FROM, BOX, { id: 'in-flight@a.mssante.test' })
    await sending.all([`MAIL FROM:<${FROM}>`, `RCPT TO:<${BOX}>`, 'DATA'])
    sending.write(text.slice(0, 100))
    const stopped = world.gateway.stop()
    expect((await idle.reply())?.slice(0, 9)).toBe('421 4.3.2')
    await idle.gone()
    await expect(dialMail(world.smtpPort)).rejects.toThrow('ECONNREFUSED')
    sending.write(`${text.slice(100)}.\r\n`)
    expect((await sending.reply())?.slice(0, 9)).toBe('250 2.6.0')
    expect((await sending.reply())?.slice(0, 9)).toBe('421 4.3.2')
    await sending.gone()
    expect(await stopped).toEqual({ code: 0, signal: null })
    await world.start()
    const [mail] = await world.arrived(BOX, 1)
    expect(untraced(mail!)).toBe(text)
  } finally {
    await world.end()
  }
})
