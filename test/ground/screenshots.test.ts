import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { passerelle } from '../cli/terminal.ts'
import { faultsOf, look } from '../support/chromium.ts'
import { start, sweep } from './gateway.ts'
import { otherPorts } from './ports.ts'
import { filesUnder, ROOT, textOf } from './source.ts'

/** `npm run screenshots` writes them; they are looked at before they are committed. */
const FOLDER = process.env.PASSERELLE_SCREENSHOTS
const MOST_BYTES = 150_000
/** By who sees them: file, and address or the link that leads there from the page before. */
const PAGES: Readonly<Record<string, readonly [name: string, path: string, link?: string][]>> = {
  Administrateur: [
    ['overview', '/'],
    ['messages', '/messages'],
    ['message', '/messages', '[data-row] a'],
    ['treat', '/a-traiter'],
    ['configuration', '/configuration'],
    ['onboarding', '/raccordements'],
    ['mailboxes', '/messagerie'],
  ],
  'Clinicien demandeur': [['webmail', '/messagerie/courrier']],
}

test.runIf(FOLDER !== undefined)(
  'pages of the demo region, as a person sees them',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-screenshots-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const { ports, moved } = await otherPorts(textOf('region.yaml'))
    const file = join(folder, 'region.yaml')
    writeFileSync(file, moved(textOf('region.yaml')))
    symlinkSync(join(ROOT, 'profiles'), join(folder, 'profiles'))
    const port = Number(ports.get('8080'))
    const store = `file:${join(folder, 'data')}`
    const gateway = await start(['npm', 'start', '--', '--region', file, '--store', store, '--node', 'n1'], port)
    onTestFinished(() => sweep(gateway))
    await passerelle(['demo', '--region', file, '--seconds', '20', '--rate', '20'])

    const origin = `http://127.0.0.1:${port}`
    mkdirSync(join(ROOT, FOLDER!), { recursive: true })
    for (const theme of ['light', 'dark'] as const) {
      for (const [role, pages] of Object.entries(PAGES)) {
        const page = await (await look({ language: 'fr', theme })).newPage()
        const wrong = faultsOf(page, origin)
        await page.setViewportSize({ width: 1200, height: 800 })
        await page.goto(`${origin}/connexion`)
        await page.getByRole('button', { name: role }).click()
        await page.waitForURL((url) => url.pathname !== '/connexion')
        for (const [name, path, link] of pages) {
          if ((await page.request.get(origin + path)).status() !== 200) continue
          await page.goto(origin + path)
          if (link !== undefined) await Promise.all([page.waitForEvent('load'), page.locator(link).first().click()])
          await page.screenshot({ path: join(ROOT, FOLDER!, `${name}-${theme}.png`) })
        }
        expect(wrong).toEqual([])
      }
    }
  },
  180_000,
)

test('pictures of pages are light', () => {
  const pictures = filesUnder('docs/screenshots', '.png')
  expect(pictures.length).toBeGreaterThan(0)
  expect(pictures.filter((file) => statSync(ROOT + file).size > MOST_BYTES)).toEqual([])
})
