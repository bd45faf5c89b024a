import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { MENU } from '../../src/console/page/shell/shell.ts'
import { farSide, makeWorld, mllpAt } from '../running/gateway.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { operator } from './region.ts'

/** What has the focus: its name for people, where it is, and whether somebody sees that it has it. */
interface Focus {
  readonly name: string
  readonly tag: string
  readonly id: string
  /** Where it leads, if it is a link. */
  readonly href: string | null
  readonly seen: boolean
  readonly inDialog: boolean
}

function focus(page: Page): Promise<Focus> {
  return page.evaluate(`(() => {
    const it = document.activeElement
    const { top, left, bottom, right, width, height } = it.getBoundingClientRect()
    const style = getComputedStyle(it)
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    const inside = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
    return {
      name: (it.ariaLabel ?? it.textContent).trim().slice(0, 60),
      tag: it.tagName,
      id: it.id,
      href: it.getAttribute('href'),
      // Inside a field for dates the browser shows by itself which part has the focus.
      seen: width > 0 && height > 0 && inside && (outlined || (it.tagName === 'INPUT' && !it.matches(':focus'))),
      inDialog: it.closest('dialog') !== null,
    }
  })()`)
}

/** Tabs from the top of the page to its end; every stop, as long as it is one. */
async function tabThrough(page: Page): Promise<Focus[]> {
  const stops: Focus[] = []
  await page.evaluate('document.activeElement.blur(), scrollTo(0, 0)')
  for (let n = 0; n < 400; n++) {
    await page.keyboard.press('Tab')
    const stop = await focus(page)
    if (stop.tag === 'BODY' || (n > 0 && (await page.evaluate('document.activeElement.matches(".skip")')))) return stops
    stops.push(stop)
  }
  throw new Error('tabbing has no end')
}

/** Things of the page that can be reached and are shown; of radio buttons with one name, one. */
function reachable(page: Page): Promise<number> {
  return page.evaluate(`[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility())
    .filter((one, _, all) => one.type !== 'radio' || all.find(({ name }) => name === one.name) === one).length`)
}

browserTest(
  'everything is done by keyboard alone, and whoever does sees where they are',
  async () => {
    const world = makeWorld()
    const refusing = await farSide(() => 'AE')
    world.write(
      { dpi: mllpAt(refusing, { ackPolicy: { default: 'ans' } }) },
      { operators: [operator('admin')].map(written) },
    )
    await world.start()
    await world.post('K1', 'K2', 'K3')
    const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-admin' })).newPage()
    const wrong = faultsOf(page, world.url())

    await page.goto(`${world.url()}/`)
    await page.keyboard.press('Tab')
    expect(await focus(page)).toMatchObject({ name: 'Aller au contenu', seen: true })
    await page.keyboard.press('Enter')
    expect(await focus(page)).toMatchObject({ id: 'main' })

    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Raccourcis clavier' })
    await dialog.waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect((await focus(page)).tag === 'BODY' || (await focus(page)).inDialog).toBe(true)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await focus(page)).toMatchObject({ inDialog: false, id: 'main' })

    for (const { path, key } of Object.values(MENU)) {
      if (!(await served(world.url(), path))) continue
      await page.keyboard.press('g')
      await Promise.all([page.waitForEvent('load'), page.keyboard.press(key)])
      expect(new URL(page.url()).pathname).toBe(path)
      const stops = await tabThrough(page)
      expect(
        stops.filter(({ seen }) => !seen),
        path,
      ).toEqual([])
      expect(stops.length, path).toBeGreaterThanOrEqual(await reachable(page))
      await page.evaluate('document.activeElement.blur()')
    }

    if (await served(world.url(), MENU.messages.path)) {
      await page.goto(`${world.url()}/`)
      await Promise.all([page.waitForURL('**/messages'), page.keyboard.press('/')])
      await page.keyboard.press('/')
      expect(await page.evaluate('document.activeElement.hasAttribute("data-search")')).toBe(true)
      await page.keyboard.type('jg')
      expect(await page.evaluate('document.activeElement.value')).toBe('jg')
      await page.goto(`${world.url()}/messages`)
      const rows: (string | null)[] = []
      for (const key of ['j', 'j', 'k', 'j']) {
        await page.keyboard.press(key)
        const stop = await focus(page)
        expect(stop.seen, stop.name).toBe(true)
        rows.push(stop.href)
      }
      expect(rows[0]).toBe(rows[2])
      expect(rows[1]).toBe(rows[3])
      expect(rows[0]).not.toBe(rows[1])
      await Promise.all([page.waitForURL(/\/messages\/./), page.keyboard.press('Enter')])
    }
    expect(wrong).toEqual([])
  },
  60_000,
)

/** An operator as region.yaml has one. */
function written({ name, role, keySha256 }: ReturnType<typeof operator>): object {
  return { name, role, keySha256 }
}

async function served(url: string, path: string): Promise<boolean> {
  const { status, body } = await fetch(url + path, {
    headers: { authorization: 'Bearer demo-admin', accept: 'text/html' },
  })
  await body?.cancel()
  return status === 200
}
