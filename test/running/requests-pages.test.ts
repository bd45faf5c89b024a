import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/chromium.ts'
import { careWorld, cases, FORBIDDEN, HOSTILE, page, person, read, register } from './care-world.ts'
import { sound } from './journeys.ts'

/** Counts what a person does: a key that moves or chooses, or a text that is typed, is one action. */
function counting(target: Page) {
  let actions = 0
  return {
    get actions() {
      return actions
    },
    press(key: string) {
      actions += 1
      return target.keyboard.press(key)
    },
    type(text: string) {
      actions += 1
      return target.keyboard.type(text)
    },
  }
}

browserTest(
  'a request is sent with four fields, is one however often it is sent, keeps what was typed, and says EXERCICE in a drill',
  async () => {
    const world = await careWorld()
    await register(world)
    const { target, faults, go } = await person(world, 'requester-ch-laval')

    // By the keyboard alone: the second of those registered, the hour, the reason, the number.
    await go('/demandes')
    await target.getByRole('link', { name: 'Télé-AVC' }).click()
    await target.getByText('DUPONT (FICTIF)').waitFor()
    await sound(target, 'demande-avc')
    const keys = counting(target)
    await keys.press('Space')
    for (const text of [null, null, '00:01', null, 'Hémiparésie droite', '0199005001']) {
      await keys.press('Tab')
      if (text !== null) await keys.type(text)
    }
    await keys.press('Enter')
    await target.waitForURL(/\/dossiers\/[0-9a-f-]+$/)
    expect(keys.actions).toBeLessThanOrEqual(12)
    const [first] = await cases(world, 'expert-chu-angers')
    expect(first).toMatchObject({ drill: false, patient: { family: 'DUPONT (FICTIF)' } })
    expect(first!.requests[0]).toMatchObject({ callBack: '0199005001', reason: 'Hémiparésie droite' })
    expect(Object.keys(first!.times)).toEqual(['last-seen-well'])

    // Free entry: the name twice; what was typed stays, and the number is remembered.
    await go('/demandes/stroke')
    expect(await target.getByLabel('Numéro où vous rappeler').inputValue()).toBe('0199005001')
    await target.getByText('Autre patient').first().click()
    await target.getByRole('radio', { name: 'Autre patient' }).check()
    await target.getByLabel('Nom de naissance *').or(target.locator('#in-family')).fill(HOSTILE)
    await target.locator('#in-given').fill('Jeanne')
    await target.locator('#in-again').fill('AUTRE')
    await target.locator('#in-hour').fill('23:59')
    await target.locator('#in-reason').fill(HOSTILE)
    await target.getByRole('button', { name: 'Envoyer la demande' }).click()
    await target.getByText("le nom répété n'est pas le même").first().waitFor()
    await target.getByText('cette heure est à venir').first().waitFor()
    await sound(target, 'demande-avc-reprise')
    expect(await target.locator('#in-family').inputValue()).toBe(HOSTILE)
    expect(await target.locator('#in-reason').inputValue()).toBe(HOSTILE)
    await target.locator('#in-again').fill(HOSTILE.toUpperCase())
    await target.getByText('Compléments (facultatif)').click()
    await target.getByText(/^EXERCICE/).click()
    expect(await read(target)).not.toMatch(FORBIDDEN)
    await target.getByRole('button', { name: 'Envoyer la demande' }).click()
    await target.waitForURL(/\/dossiers\//)
    expect(decodeURIComponent(target.url())).not.toMatch(/script|Jeanne/)
    const [drill] = await cases(world, 'expert-chu-angers', '?drill=true')
    expect(drill).toMatchObject({ drill: true, patient: { family: HOSTILE, status: 'provisional' } })

    // Sent twice at once, and once more: one case.
    const form = { id: randomUUID(), site: 'ch-laval', family: 'DOUBLE (FICTIF)', given: 'A', again: 'double fictif' }
    const sent = { ...form, hour: '00:01', reason: 'aphasie', phone: '0199005002' }
    const ask = () => page(world, 'requester-ch-laval', '/demandes/stroke', sent)
    const answers = [...(await Promise.all([ask(), ask()])), await ask()]
    expect(new Set(answers.map(({ to }) => to)).size).toBe(1)
    expect(await cases(world, 'expert-chu-angers')).toHaveLength(2)

    // On paper first: true times, marked, and nobody is alerted of what is past.
    await go('/demandes/stroke?a-posteriori=1')
    await target.getByText('MARTIN (FICTIF)').click()
    await target.locator('#in-date').fill('2026-01-02')
    await target.locator('#in-hour').fill('3h05')
    await target.locator('#in-asked').fill('2026-01-02T04:10')
    await target.locator('#in-reason').fill('Saisie après panne')
    await target.getByRole('button', { name: 'Enregistrer a posteriori' }).click()
    await target.waitForURL(/\/dossiers\//)
    const late = (await cases(world, 'expert-chu-angers')).find((one) => one.late)
    expect(late?.times['last-seen-well']?.at).toBe('2026-01-02T02:05:00.000Z')
    // The page of a case is another part's: it may not be there.
    expect(faults.filter((one) => !/status of 404/.test(one))).toEqual([])
  },
  60_000,
)
