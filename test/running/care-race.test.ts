import { expect } from 'vitest'
import { browserTest } from '../support/chromium.ts'
import { careWorld, page, person } from './care-world.ts'

const NURSE = 'requester-ehpad-genets'
const EXPERT = 'expert-expertise'
const TAKEN = /Ce créneau vient d(&#39;|')être pris/
const DAY_MS = 86_400_000
/** Homes that want the one slot at once, two of them at a screen. */
const POSTS = 18

browserTest(
  'one slot is chosen by twenty at once: one has it, the others are told so and shown what is free in that week',
  async () => {
    const world = await careWorld()
    const call = async (key: string, path: string, body: object) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const answer = await fetch(world.url() + path, { method: 'POST', headers, body: JSON.stringify(body) })
      expect([path, answer.status]).toEqual([path, 201])
      return (await answer.json()) as { readonly id: string }
    }
    // Not the week that the calendar shows by itself.
    const day = new Date(Date.now() + 8 * DAY_MS).toISOString().slice(0, 10)
    const slots = ['09:00', '10:00'].map((hour) => {
      const startMs = Date.parse(`${day}T${hour}:00Z`)
      const [start, end] = [startMs, startMs + 1_800_000].map((atMs) => new Date(atMs).toISOString())
      return { service: 'plaies-escarres', centre: 'expertise', start, end }
    })
    await call(EXPERT, '/api/slots', { slots })
    const ask = async (n: number): Promise<string> => {
      const patient = { identifiers: [], family: `COURSE${n} (FICTIF)`, given: 'A', birthDate: null, sex: 'unknown' }
      const consent = { given: true, by: 'IDE', at: new Date().toISOString(), refusedWhy: null }
      const told = { service: 'plaies-escarres', callBack: '0199005010', reason: 'Escarre', answers: { place: 'heel' } }
      return (await call(NURSE, '/api/cases', { request: { ...told, patient, consent } })).id
    }
    const ids = await Promise.all(Array.from({ length: POSTS + 2 }, (_, n) => ask(n)))

    const shown = await page(world, NURSE, `/rendez-vous?dossier=${ids[0]}&semaine=${day}`)
    const [form] = shown.text.match(/<form method="post" action="\/rendez-vous\/reserver">.*?<\/form>/s) ?? []
    const field = (name: string): string => new RegExp(`name="${name}" value="([^"]+)"`).exec(form ?? '')?.[1] ?? ''
    const fields = { slot: field('slot'), semaine: field('semaine') }
    const people = await Promise.all([0, 1].map(() => person(world, NURSE, { script: false })))
    await Promise.all(people.map(({ go }, n) => go(`/rendez-vous?dossier=${ids[POSTS + n]}&semaine=${day}`)))
    const choose = ({ target }: (typeof people)[number]) =>
      target
        .getByRole('button', { name: /^Choisir/ })
        .first()
        .click()
    const [answers] = await Promise.all([
      Promise.all(
        ids.slice(0, POSTS).map((id) => page(world, NURSE, '/rendez-vous/reserver', { case: id, ...fields })),
      ),
      ...people.map(choose),
    ])
    await Promise.all(
      people.map(({ target }) =>
        target
          .getByText(/Réservé|vient d'être pris/)
          .first()
          .waitFor(),
      ),
    )
    const texts = await Promise.all(people.map(async ({ target }) => [target.url(), await target.content()] as const))
    const booked = [
      ...answers.filter(({ to }) => to !== null).map(({ to }) => to),
      ...texts.filter(([url]) => /rendez-vous\/[0-9a-f-]{36}$/.test(url)).map(([url]) => new URL(url).pathname),
    ]
    expect(booked).toHaveLength(1)
    const refused = [
      ...answers.filter(({ to }) => to === null).map(({ status, text }) => ({ status, text })),
      ...texts.filter(([url]) => !url.endsWith(booked[0]!)).map(([, text]) => ({ status: 200, text })),
    ]
    expect(refused).toHaveLength(POSTS + 1)
    for (const { status, text } of refused) {
      expect(status).toBe(200)
      expect(text).toMatch(TAKEN)
      // The other slot of that week is there to be chosen, and the first is not.
      expect(text.match(/aria-label="Choisir/g)).toHaveLength(1)
      expect(text).not.toContain(fields.slot)
    }

    // Moved to a slot that was taken meanwhile: the same.
    const other = await page(world, NURSE, `/rendez-vous?dossier=${ids[1]}&semaine=${day}`)
    const second = /name="slot" value="([^"]+)"/.exec(other.text)![1]!
    const won = await page(world, NURSE, '/rendez-vous/reserver', {
      case: ids[1]!,
      slot: second,
      semaine: fields.semaine,
    })
    const moved = await page(world, NURSE, `${won.to ?? booked[0]}/deplacer`, {
      slot: fields.slot,
      semaine: fields.semaine,
    })
    expect([moved.status, TAKEN.test(moved.text)]).toEqual([200, true])
    expect(moved.text).toContain(`deplacer=`)
  },
  60_000,
)
