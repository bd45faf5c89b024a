import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, onTestFinished } from 'vitest'
import { browserTest, look } from '../support/chromium.ts'
import { careWorld, cases, REGISTERED, register } from './care-world.ts'
import type { World } from './gateway.ts'

/** Somebody whom the record of the hospital may launch. */
const SUBJECT = '899700000017'
const SIGN_IN = {
  providers: [{ id: 'psc', name: 'Fournisseur (fictif)', issuer: 'http://127.0.0.1:1/realm', clientId: 'us' }],
  people: [
    {
      name: 'Camille',
      provider: 'psc',
      subject: SUBJECT,
      grants: [{ role: 'requester', establishments: ['ch-laval'] }],
    },
  ],
}

const key = await generateKeyPair('ES256', { extractable: true })

async function launchable(): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-launch-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const jwks = join(dir, 'launch.jwks.json')
  writeFileSync(jwks, JSON.stringify({ keys: [await exportJWK(key.publicKey)] }))
  const world = await careWorld({ signIn: SIGN_IN }, { launch: { jwks } })
  await register(world)
  return world
}

/** The page of a patient record, from which a browser that has no session of ours launches the console. */
async function launched(world: World, jti: string, claims: object) {
  const iat = Math.floor(Date.now() / 1_000)
  const token = await new SignJWT({
    iss: 'ch-laval',
    aud: `${world.url()}/lancer`,
    iat,
    exp: iat + 60,
    jti,
    user: SUBJECT,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(key.privateKey)
  const target = await (await look({ language: 'fr', theme: 'light' })).newPage()
  await target.setContent(
    `<form method="post" action="${world.url()}/lancer"><input type="hidden" name="jeton" value="${token}"><button>Ouvrir</button></form>`,
  )
  await target.getByRole('button', { name: 'Ouvrir' }).click()
  await target.waitForURL(/\/dossiers$/)
  await target.goto(`${world.url()}/demandes/stroke`)
  return target
}

browserTest(
  'opened from a patient record, the form has its patient and visit; of a patient who is not registered, the number',
  async () => {
    const world = await launchable()
    const target = await launched(world, 'j1', { patient: '471', visit: 'V-77', unit: 'UNV' })
    const chosen = target.locator('input[name="patient"]:checked')
    expect(await chosen.locator('xpath=ancestor::label').innerText()).toContain(REGISTERED[1])
    expect(await target.locator('[name="visit"]').inputValue()).toBe('V-77')
    expect(target.url()).not.toMatch(/471|V-77/)
    await target.locator('#in-hour').fill('00:01')
    await target.locator('#in-reason').fill('Aphasie')
    await target.locator('#in-phone').fill('0199005001')
    await target.getByRole('button', { name: 'Envoyer la demande' }).click()
    await target.waitForURL(/\/dossiers\//)
    const [asked] = await cases(world, 'expert-chu-angers')
    expect(asked).toMatchObject({ unit: 'UNV', patient: { family: REGISTERED[1] } })
    expect(JSON.stringify(asked!.patient)).toContain('"V-77"')

    const other = await launched(world, 'j2', { patient: '9999', visit: 'V-78' })
    expect(await other.locator('input[name="patient"]:checked').inputValue()).toBe('other')
    expect(await other.locator('#in-ipp').inputValue()).toBe('9999')
  },
  60_000,
)
