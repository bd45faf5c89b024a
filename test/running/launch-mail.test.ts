import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { mailOf } from '../support/mail-operator.ts'
import { makeWorld, type World } from './gateway.ts'

const RPPS = '10001234565'
const SUBJECT = `8${RPPS}`
const key = await generateKeyPair('ES256', { extractable: true })

/** Two establishments of one mail operator, a person with a mailbox in each, and a record of the first that may launch them. */
async function launchable(): Promise<World> {
  const world = makeWorld()
  const jwks = join(world.dir, 'launch.jwks.json')
  writeFileSync(jwks, JSON.stringify({ keys: [await exportJWK(key.publicKey)] }))
  const establishment = (id: string, more: object = {}) => ({ id, name: id, kind: 'hospital', ...more })
  const provider = { id: 'psc', name: 'Fournisseur (fictif)', issuer: 'http://127.0.0.1:1/realm', clientId: 'us' }
  const grants = [{ role: 'requester', establishments: ['ch-a', 'ch-b'] }]
  world.write(
    {},
    {
      establishments: [establishment('ch-a', { launch: { jwks } }), establishment('ch-b')],
      routes: [],
      signIn: {
        providers: [{ ...provider, claims: { subject: 'SubjectNameID', name: ['given_name'] } }],
        people: [{ name: 'Camille', provider: 'psc', subject: SUBJECT, grants }],
      },
      mail: mailOf(world.dir, { 'a.mssante.test': 'ch-a', 'b.mssante.test': 'ch-b' }),
    },
  )
  await world.start()
  for (const domain of ['a.mssante.test', 'b.mssante.test']) {
    const box = { address: `camille@${domain}`, kind: 'PER', name: 'Dr_Camille_ESSAI_CH', owner: RPPS }
    expect((await world.call('/api/mail/mailboxes', { ...box, reason: 'essai' })).status).toBe(200)
  }
  return world
}

/** The session that the record of ch-a makes: its cookie. */
async function launched(world: World): Promise<string> {
  const iat = Math.floor(Date.now() / 1_000)
  const claims = { iss: 'ch-a', aud: `${world.url()}/lancer`, iat, exp: iat + 60, jti: 'j1', user: SUBJECT }
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(key.privateKey)
  const answer = await fetch(`${world.url()}/lancer?jeton=${token}`, { redirect: 'manual' })
  return answer.headers.getSetCookie()[0]!.split(';')[0]!
}

test('whom a patient record launches has the mailboxes of its establishment, and none that they have elsewhere', async () => {
  const world = await launchable()
  const cookie = await launched(world)
  const get = (path: string) => fetch(world.url() + path, { headers: { cookie } })
  const { boxes } = (await (await get('/api/mail/boxes')).json()) as { boxes: { address: string }[] }
  expect(boxes.map(({ address }) => address)).toEqual(['camille@a.mssante.test'])
  expect((await get('/messagerie/courrier/camille@a.mssante.test')).status).toBe(200)
  expect((await get('/messagerie/courrier/camille@b.mssante.test')).status).toBe(404)
})
