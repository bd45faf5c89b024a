import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { KITS, untilNight } from '../../src/app/wiring/kits.ts'
import { browserTest, look } from '../support/chromium.ts'
import { openProxy } from '../support/postgres/proxy.ts'
import { careWorld, FORBIDDEN, HOSTILE, page, person, read } from './care-world.ts'
import { sound } from './journeys.ts'

test.each([
  ['by day', '2026-11-26T21:00:00Z', 4.5],
  ['just before', '2026-11-26T01:00:00Z', 0.5],
  ['at that minute', '2026-11-26T01:30:00Z', 24],
  ['in the night in which that hour comes twice', '2026-10-24T22:30:00Z', 2],
])('kits are written at 02:30 of the region: %s', (_name, now, hours) => {
  expect(untilNight(Date.parse(now), 'Europe/Paris') / 3_600_000).toBe(hours)
})

browserTest(
  'a rota is refused at its hours, saved, taken once the sound was heard; and its numbers stay readable when nothing runs',
  async () => {
    const world = await careWorld({ signIn: { demo: true } })
    const { target, faults, go } = await person(world, 'expert-chu-angers')
    await go('/garde')
    await target.getByText('Personne 00:00–24:00').first().waitFor()
    await target.getByRole('link', { name: /^Modifier : Télé-AVC · CHU A/ }).click()
    const form = target.locator('form.rota')
    const monday = await form.locator('[name="semaine"]').inputValue()
    const after = new Date(Date.parse(`${monday}T00:00:00Z`) + 7 * 86_400_000).toISOString().slice(0, 10)
    const line = async (n: number, values: Readonly<Record<string, string>>): Promise<void> => {
      for (const [name, value] of Object.entries(values)) await target.locator(`#${name}-${n}`).fill(value)
    }
    await line(0, { person: HOSTILE, phone: '01 99 00 50 01', from: `${monday}T00:00`, until: `${after}T08:00` })
    await line(1, { person: 'Dr DEUX', phone: '0199005002', from: `${monday}T08:00`, until: `${monday}T20:00` })
    await target.getByRole('button', { name: 'Enregistrer le tableau' }).click()
    await target.getByRole('alert').getByText('1er de garde : ').first().waitFor()
    expect(await target.getByRole('alert').innerText()).toContain('Dr DEUX ensemble du')
    expect(await target.getByRole('alert').innerText()).toContain('2e de garde : personne du')
    await sound(target, 'garde-tableau')
    await target.locator('#place-1').selectOption('2')
    await line(1, { until: `${after}T08:00`, from: `${monday}T00:00` })
    await target.getByRole('button', { name: 'Enregistrer le tableau' }).click()
    await target.waitForURL(/\/garde\?semaine=/)
    expect(await read(target)).not.toMatch(FORBIDDEN)

    await target.getByRole('link', { name: 'Dr DEUX' }).first().click()
    await target.getByRole('button', { name: 'Écouter le son' }).click()
    await target.getByText("Le son vient d'être joué.").waitFor()
    await target.getByLabel('Le son de ce poste').check()
    await target.getByRole('button', { name: 'Je prends la garde' }).click()
    await target.getByText(/^Prise le .*Le son de ce poste/).waitFor()
    expect(faults).toEqual([])

    // A site reads its kit, and again when the gateway is gone; its file is there as well.
    const file = join(world.dir, 'store', KITS, 'ch-laval.html')
    expect(existsSync(file)).toBe(true)
    expect(readFileSync(file, 'utf8')).toContain('Centre hospitalier (fictif)')
    expect((await page(world, 'requester-ch-laval', '/procedure-degradee/ch-laval')).text).toContain('0199005002')
    expect((await page(world, 'requester-ehpad-genets', '/procedure-degradee/ch-laval')).status).toBe(404)
    const context = await look({ language: 'fr', theme: 'light' })
    const site = await context.newPage()
    const network = await openProxy({ port: world.port('http') })
    onTestFinished(() => network.close())
    const origin = `http://127.0.0.1:${network.port}`
    await site.goto(`${origin}/connexion`)
    await site.getByRole('button', { name: 'Coordination' }).click()
    const kits = `${origin}/procedure-degradee`
    await site.goto(kits)
    await site.getByText('Gardé dans ce navigateur').waitFor()
    // A gateway that is there and says nothing hides nothing either.
    network.stall()
    await site.goto(`${kits}/ch-laval`)
    await site.getByText('01 99 00 50 02').first().waitFor()
    network.resume()
    await world.gateway.stop()
    await site.goto(kits)
    await site.goto(`${kits}/ch-laval`)
    await site.getByText('01 99 00 50 02').first().waitFor()
    await sound(site, 'procedure-degradee')
    expect(await read(site)).not.toMatch(FORBIDDEN)
  },
  60_000,
)
