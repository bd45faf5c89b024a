import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { letter } from '../../support/mail/talk.ts'
import { BOX, type MailWorld, mailWorld } from '../../support/mail/world.ts'
import { runCommand } from '../../support/world/gateway.ts'
import { OPERATOR_KEY } from '../../support/world/region.ts'

const FROM = 'jean@a.mssante.test'

let world: MailWorld
beforeAll(async () => {
  world = await mailWorld()
  process.env['PASSERELLE_KEY'] = OPERATOR_KEY
})
afterAll(() => {
  delete process.env['PASSERELLE_KEY']
  return world?.end()
})

async function send(id: string): Promise<void> {
  const talk = await world.meet('a')
  await talk.all([`MAIL FROM:<${FROM}>`, `RCPT TO:<${BOX}>`])
  await talk.say('DATA')
  talk.write(`${letter(FROM, BOX, { id })}.\r\n`)
  expect(await talk.reply()).toMatch(/^250 /)
  talk.destroy()
}

test('a mail operator restored from its backup has the mail of its mailboxes, once, and takes more', async () => {
  const store = join(world.dir, 'store')
  const folder = join(store, 'mailboxes', ...BOX.split('@').reverse())
  const place = { region: world.region, store, httpPort: world.httpPort, log: world.log }
  for (const id of ['one@a', 'two@a', 'three@a']) await send(id)
  const before = await world.arrived(BOX, 3)
  const [name] = readdirSync(join(folder, 'new')).sort()
  const read = join(folder, 'cur', `${name}:2,S`)
  renameSync(join(folder, 'new', name!), read)

  const file = join(world.dir, 'one.tar')
  const made = await runCommand(place, ['backup', file, '--json'])
  expect([made.code, JSON.parse(made.out)]).toMatchObject([0, { mails: 3, images: 0 }])
  await send('late@a')
  await world.arrived(BOX, 3)

  await world.gateway.kill()
  rmSync(store, { recursive: true })
  expect(await runCommand(place, ['restore', file])).toEqual({
    code: 0,
    out: expect.stringContaining('3 mails of mailboxes as of'),
  })
  expect(readFileSync(read, 'latin1')).toBe(before[0])
  expect(world.mails(BOX)).toEqual(before.slice(1))
  await world.start()
  await send('after@a')
  const after = await world.arrived(BOX, 3)
  expect(after.slice(0, 2)).toEqual(before.slice(1))
  expect(after[2]).toContain('after@a')
}, 120_000)
