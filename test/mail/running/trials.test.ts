import { afterAll, beforeAll, expect, test } from 'vitest'
import { letter } from '../../support/mail/talk.ts'
import { BOX, type MailWorld, mailWorld } from '../../support/mail/world.ts'

const TRIAL = 'x@autre.mssante.test'
let world: MailWorld
beforeAll(async () => {
  const mail = { testDomains: ['c.mssante.test', 'autre.mssante.test'] }
  world = await mailWorld([{ address: BOX }, { address: TRIAL }], { mail })
})
afterAll(() => world?.end())

test.each([
  ['from a domain that is none of trials', 'a', [BOX], false],
  ['from a domain of trials', 'c', [BOX], true],
  ['to nobody but a domain of trials', 'a', [TRIAL], true],
  ['to it and to others', 'a', [BOX, TRIAL], false],
] as const)('a mail %s', async (what, peer, to, isTest) => {
  const from = `jean@${peer}.mssante.test`
  const id = `${what.replaceAll(' ', '-')}@trials.test`
  const talk = await world.meet(peer)
  await talk.all([`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA'])
  talk.write(`${letter(from, to[0], { id })}\r\n.\r\n`)
  expect(await talk.reply()).toMatch(/^250 2\.6\.0/)
  talk.destroy()
  expect((await world.gateway.trace(id)).test).toBe(isTest)
})
