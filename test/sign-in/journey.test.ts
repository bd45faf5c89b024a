import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, onTestFinished } from 'vitest'
import { someConfig } from '../console/region.ts'
import { axeFaults } from '../support/axe.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { providerOf, startProvider } from './provider.ts'
import { grant, startSignIn } from './world.ts'

/** A patient record of another site: a page with the form of a launch. */
async function patientRecord(action: string, token: () => Promise<string>): Promise<string> {
  const server = createServer(async (_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(
      `<form method="post" action="${action}"><input name="jeton" value="${await token()}"><button>Go</button></form>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  // Another name of this machine is another site.
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

async function world() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const establishments = new Map(someConfig().establishments)
  const laval = establishments.get('ch-laval')!
  establishments.set('ch-laval', { ...laval, launch: { keys: [JSON.stringify(await exportJWK(publicKey))] } })
  const people = [
    {
      name: 'Camille',
      provider: 'psc',
      subject: '899700000017',
      match: {},
      grants: [grant('operator'), grant('requester', ['ch-laval'])],
    },
  ]
  const started = await startSignIn({ demo: true, people }, { config: { establishments } })
  const provider = await startProvider([`${started.url}/connexion/psc/retour`])
  started.change({ providers: [providerOf(provider.issuer)] })
  const token = () => {
    const iat = Math.floor(started.nowMs() / 1_000)
    return new SignJWT({ user: '899700000017', patient: '279035121518989' })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('ch-laval')
      .setAudience(`${started.url}/lancer`)
      .setIssuedAt(iat)
      .setExpirationTime(iat + 60)
      .setJti('j1')
      .sign(privateKey)
  }
  return { ...started, record: await patientRecord(`${started.url}/lancer`, token) }
}

browserTest('in a browser: by the demo, by a provider with a choice of role, and from a patient record', async () => {
  const { url, record } = await world()
  const context = await look({ language: 'fr', theme: 'dark' })
  // The provider's own page asks for letters elsewhere.
  await context.route('https://fonts.googleapis.com/**', (route) =>
    route.fulfill({ contentType: 'text/css', body: '' }),
  )
  const page = await context.newPage()
  const faults = faultsOf(page, url)
  const wcag: string[] = []
  const heading = async (name: string) => {
    await page.getByRole('heading', { level: 1, name }).waitFor()
    wcag.push(...(await axeFaults(page)))
  }

  await page.goto(`${url}/session?from=mail`)
  await heading('Connexion')
  await page.getByRole('button', { name: 'Exploitant' }).click()
  await heading('Ma session')
  expect(page.url()).toBe(`${url}/session?from=mail`)
  await page.getByText('demo-operator').first().waitFor()
  await page.getByRole('button', { name: 'Se déconnecter' }).click()
  await page.getByText('Vous êtes déconnecté.').waitFor()

  await page.goto(`${url}/session`)
  await page.getByRole('link', { name: 'Se connecter avec Pro Santé Connect' }).click()
  await page.locator('input[name=login]').fill('camille')
  await page.locator('input[name=password]').fill('any')
  await page.locator('button[type=submit]').click()
  await heading('Choisir un rôle')
  await page.getByRole('button', { name: 'Prendre le rôle Exploitant' }).click()
  await heading('Ma session')
  expect(await page.getByText('Camille').count()).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Prendre le rôle Clinicien demandeur' }).click()
  await page.getByRole('link', { name: 'Camille · Clinicien demandeur' }).waitFor()
  expect(await page.evaluate('document.cookie')).toBe('')
  expect(await page.evaluate('Object.keys(localStorage).length + Object.keys(sessionStorage).length')).toBe(0)
  await page.getByRole('button', { name: 'Me déconnecter partout' }).click()
  await heading('Connexion')

  await page.goto(record)
  await page.getByRole('button', { name: 'Go' }).click()
  await page.getByRole('link', { name: 'Camille · Clinicien demandeur' }).waitFor()
  await page.goto(`${url}/session`)
  await page.getByText('le dossier patient (Centre hospitalier de Laval)').waitFor()
  expect(page.url()).not.toContain('279035121518989')
  // The way leads over other hosts with pages of their own, and a page that leads on is left while it loads.
  expect(faults.filter((text) => !/^asks another host|^failed: |Failed to load resource/.test(text))).toEqual([])
  expect(wcag).toEqual([])
})

browserTest('without script, in English and in light, the pages are whole', async () => {
  const { url } = await world()
  const context = await look({ language: 'en', theme: 'light', script: false })
  const page = await context.newPage()
  await page.goto(`${url}/`)
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  await page.getByRole('button', { name: 'Auditor, security' }).click()
  await page.getByRole('heading', { level: 1, name: 'My session' }).waitFor()
  await page.getByRole('heading', { level: 2, name: "Everybody's open sessions" }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out.').waitFor()
})
