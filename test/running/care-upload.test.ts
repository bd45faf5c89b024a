import { randomBytes, randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, onTestFinished } from 'vitest'
import { browserTest } from '../support/chromium.ts'
import { openProxy } from '../support/postgres/proxy.ts'
import { careWorld, cases, page, person } from './care-world.ts'

/** Fills the form of wounds up to the step that asks for photos. */
async function toPhotos(target: Page): Promise<void> {
  await target.locator('#in-family').fill('LIGNE (FICTIF)')
  await target.locator('#in-given').fill('Paule')
  await target.locator('#in-again').fill('ligne fictif')
  await target.locator('#in-reason').fill('Escarre')
  await target.locator('#in-phone').fill('01 99 00 50 10')
  await target.getByRole('button', { name: 'Continuer' }).click()
  await target.getByText('Étape 2 sur 3').waitFor()
  await target.getByLabel('Siège de la plaie').selectOption('heel')
  await target.getByRole('button', { name: 'Continuer' }).click()
  await target.getByText('Étape 3 sur 3').waitFor()
}

/** Bytes of a piece, as requests.js has it. */
const PIECE = 262_144

browserTest(
  'a photo goes on where it was, though the answer to a piece is lost and the line stays down, and the last answer is lost as well',
  async () => {
    const world = await careWorld()
    const line = await openProxy({ port: world.port('http') })
    onTestFinished(() => line.close())
    const raw = { width: 500, height: 500, channels: 3 } as const
    const noise = randomBytes(750_000)
    const picture = await sharp(noise, { raw }).png().toBuffer()
    const pieces = Math.ceil(picture.length / PIECE)
    expect(pieces).toBe(3)

    const nurse = await person(world, 'requester-ehpad-genets', { through: `http://127.0.0.1:${line.port}` })
    const { target } = nurse
    await target.clock.install()
    await nurse.go('/demandes/plaies-escarres')
    await toPhotos(target)

    const sent: number[] = []
    let asked = 0
    let path = ''
    target.on('request', (request) => {
      if (request.method() === 'PATCH') sent.push(Number(request.headers()['upload-offset']))
      if (request.method() === 'HEAD') asked += 1
      if (request.method() === 'PATCH') path = new URL(request.url()).pathname
    })
    const state = target.locator('#files-state')
    const next = async (met: () => boolean): Promise<void> => {
      while (!met()) await target.waitForEvent('request')
    }
    // The second piece is taken, its answer is lost, and nothing answers for a while.
    const lost = line.loseAnswerTo(`upload-offset: ${PIECE}`)
    const file = { name: 'talon.png', mimeType: 'image/png', buffer: picture }
    await target.locator('#in-photos').setInputFiles(file)
    await lost
    await line.cut()
    await state.getByText("La ligne s'est interrompue").waitFor()
    for (let round = 1; round <= 2; round++) {
      const again = next(() => asked === round)
      await target.clock.runFor(30_000)
      await again
    }
    await line.heal()
    // The last piece is taken, and its answer is lost too.
    const last = line.loseAnswerTo(`upload-offset: ${2 * PIECE}`)
    const third = next(() => sent.length === 3)
    await target.clock.runFor(30_000)
    await third
    await last
    // A browser may ask again by itself where a line that stood breaks; time goes on for one that does not.
    while ((await state.textContent()) !== '1 ✓') await target.clock.runFor(1_000)
    // A piece that the server had is not sent again.
    expect(sent.slice(0, 3)).toEqual([0, PIECE, 2 * PIECE])
    expect(sent.slice(3).filter((at) => at !== picture.length)).toEqual([])
    const id = await target.locator('[name="attachment"]').inputValue()
    await target.getByText('Recueilli', { exact: true }).click()
    await target.locator('#in-consent-by').fill('IDE de jour')
    await target.locator('#in-doctor').fill('Dr ESSAI')
    await target.getByRole('button', { name: 'Envoyer la demande' }).click()
    await target.waitForURL(/\/dossiers\//)
    const authorization = 'Bearer requester-ehpad-genets'
    const kept = await fetch(`${world.url()}/api/cases/attachments/${id}`, { headers: { authorization } })
    const shown = await sharp(Buffer.from(await kept.arrayBuffer()))
      .raw()
      .toBuffer()
    expect(shown.equals(noise)).toBe(true)

    // Whoever never heard that the last piece was taken asks with what is left: nothing, and hears what became of it.
    const again = await fetch(world.url() + path, {
      method: 'PATCH',
      headers: {
        authorization,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': `${picture.length}`,
      },
      body: new Uint8Array(),
    })
    expect([again.status, ((await again.json()) as { attachment?: string }).attachment]).toEqual([200, id])
  },
  60_000,
)

browserTest('the coordination asks for a home with a photo; what cannot be attached is told', async () => {
  const world = await careWorld()
  const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c04030' } })
    .png()
    .toBuffer()
  const { target, go } = await person(world, 'coordination')
  await go('/demandes/plaies-escarres?site=ehpad-genets')
  await toPhotos(target)
  await target.locator('#in-photos').setInputFiles({ name: 'talon.png', mimeType: 'image/png', buffer: picture })
  await target.getByText('1 ✓').waitFor()
  await target.getByText('Recueilli', { exact: true }).click()
  await target.locator('#in-consent-by').fill('IDE de jour')
  await target.locator('#in-doctor').fill('Dr ESSAI')
  const fields = await target.evaluate<Record<string, string>>(
    'Object.fromEntries(new URLSearchParams([...new FormData(document.querySelector("form.asking"))].filter(([, one]) => typeof one === "string")))',
  )
  await target.getByRole('button', { name: 'Envoyer la demande' }).click()
  await target.waitForURL(/\/dossiers\//)
  const [asked] = await cases(world, 'coordination')
  const listed = await page(world, 'expert-expertise', `/api/cases/${asked!.id}/attachments`)
  expect(JSON.parse(listed.text).attachments).toMatchObject([{ establishment: 'ehpad-genets' }])

  const gone = {
    ...fields,
    id: randomUUID(),
    family: 'AUTRE (FICTIF)',
    again: 'AUTRE (FICTIF)',
    attachment: randomUUID(),
  }
  const told = await page(world, 'coordination', '/demandes/plaies-escarres', { ...gone, act: 'send' })
  expect([told.status, told.text]).toEqual([200, expect.stringContaining('fichiers n&#39;ont pas pu y être joints')])
  expect(told.text).toMatch(/href="\/dossiers\/[0-9a-f-]{36}"/)
})
