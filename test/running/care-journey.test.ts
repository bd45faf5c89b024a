import sharp from 'sharp'
import { expect } from 'vitest'
import { browserTest } from '../support/chromium.ts'
import { careWorld, cases, FORBIDDEN, page, person, read } from './care-world.ts'
import { sound } from './journeys.ts'

const HALF_HOUR = { minutes: 30 }

/** Three half hours of one day that are to come, the first within some three hours: a patient may be there for any of them. */
function soon(): { readonly day: string; readonly times: readonly string[] } {
  const next = Temporal.Now.zonedDateTimeISO('Europe/Paris')
    .add({ hours: 1 })
    .round({ smallestUnit: 'minute', roundingIncrement: 30, roundingMode: 'ceil' })
  const from = next.hour >= 22 ? next.startOfDay().add({ days: 1 }) : next
  const steps = [from, from.add(HALF_HOUR), from.add({ minutes: 60 }), from.add({ minutes: 90 })]
  return { day: from.toPlainDate().toString(), times: steps.map((one) => one.toPlainTime().toString().slice(0, 5)) }
}

browserTest(
  'a nursing home asks in three steps on a tablet without script, the centre offers time, the session is held, and the advice and report are read',
  async () => {
    const world = await careWorld()
    const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c04030' } })
      .png()
      .toBuffer()
    const expert = await person(world, 'expert-expertise')
    // The centre offers what is left of the day, or the beginning of the next.
    const { day, times } = soon()
    const offer = async (): Promise<void> => {
      for (const [name, text] of Object.entries({ date: day, from: times[0]!, until: times[3]! }))
        await expert.target.locator(`#in-${name}`).fill(text)
      await expert.target.getByRole('button', { name: 'Proposer', exact: true }).click()
    }
    await expert.go('/rendez-vous?service=plaies-escarres')
    await expert.target.getByText('Proposer des créneaux').click()
    await offer()
    await expert.target.getByText('3 créneaux ajoutés.').waitFor()
    await sound(expert.target, 'rendez-vous')
    await expert.target.getByText('Proposer des créneaux').click()
    await offer()
    await expert.target.getByText("rien n'a été ajouté").waitFor()

    const nurse = await person(world, 'requester-ehpad-genets', { script: false })
    await nurse.go('/demandes/plaies-escarres')
    await nurse.target.locator('#in-family').fill('LEROY (FICTIF)')
    await nurse.target.locator('#in-given').fill('Paule')
    await nurse.target.locator('#in-again').fill('leroy fictif')
    await nurse.target.locator('#in-reason').fill('Escarre du talon')
    await nurse.target.locator('#in-phone').fill('01 99 00 50 10')
    await nurse.target.getByRole('button', { name: 'Continuer' }).click()
    await nurse.target.getByText('Étape 2 sur 3').waitFor()
    await nurse.target.getByLabel('Siège de la plaie').selectOption('heel')
    await nurse.target.getByRole('button', { name: 'Continuer' }).click()
    await nurse.target.getByText('Étape 3 sur 3').waitFor()
    await nurse.target
      .locator('#in-photos')
      .setInputFiles({ name: 'LEROY.png', mimeType: 'image/png', buffer: picture })
    await nurse.target.getByRole('button', { name: 'Ajouter ce fichier' }).click()
    await nurse.target.getByText('1 fichier joint').waitFor()
    await nurse.target.getByRole('button', { name: 'Envoyer la demande' }).click()
    await nurse.target.getByText('Consentement du patient : à remplir').waitFor()
    expect(await read(nurse.target)).not.toMatch(FORBIDDEN)
    await nurse.target.getByText('Recueilli', { exact: true }).click()
    await nurse.target.locator('#in-consent-by').fill('IDE de jour')
    await nurse.target.locator('#in-doctor').fill('Dr ESSAI')
    await nurse.target.getByRole('button', { name: 'Envoyer la demande' }).click()
    await nurse.target.waitForURL(/\/dossiers\//)
    const [asked] = await cases(world, 'expert-expertise')
    expect(asked).toMatchObject({ consent: { given: true }, requests: [{ attachments: [expect.any(String)] }] })

    // From the case: two taps.
    await nurse.go(`/rendez-vous?dossier=${asked!.id}&semaine=${day}`)
    expect(await read(nurse.target)).not.toMatch(/LEROY|Escarre du/)
    await nurse.target.getByRole('button', { name: new RegExp(`^Choisir ${times[0]}`) }).click()
    await nurse.target.getByText('Réservé').waitFor()
    const appointment = new URL(nurse.target.url()).pathname
    // Whoever comes second is told, and shown what is free.
    const taken = await page(world, 'requester-ehpad-genets', `/rendez-vous?dossier=${asked!.id}&semaine=${day}`)
    expect(taken.text).not.toContain(`Choisir ${times[0]}`)
    await nurse.target.getByRole('link', { name: 'Déplacer' }).click()
    await nurse.target.goto(`${nurse.target.url()}&semaine=${day}`)
    await nurse.target.getByRole('button', { name: new RegExp(`^Choisir ${times[1]}`) }).click()
    await nurse.target.getByRole('button', { name: 'Le patient est là' }).click()
    await nurse.target.getByText("En salle d'attente").waitFor()
    await expert.go(appointment)
    await expert.target.getByText('présent depuis').waitFor()
    expect(await read(expert.target)).not.toMatch(FORBIDDEN)
    await expert.target.getByRole('button', { name: 'Résident absent' }).click()
    await expert.target.getByText('Il est trop tôt').waitFor()
    // The waiting room goes on, under the address of the appointment.
    await expert.target.waitForResponse((answer) => answer.url().endsWith(appointment) && answer.status() === 200)
    await expert.target.getByRole('button', { name: 'Séance tenue' }).click()
    await expert.target.getByText('Honoré').waitFor()

    // The advice, then the report; the home's nurse reads both.
    await expert.go(`/dossiers/${asked!.id}`)
    await expert.target.locator('#f-advise-text').fill('Décharge du talon, pansement gras.')
    await expert.target.getByRole('button', { name: "Rendre l'avis" }).click()
    await expert.target.locator('#s-advice').getByText('Décharge du talon').waitFor()
    await nurse.go(`/dossiers/${asked!.id}`)
    await nurse.target.locator('#s-advice').getByText('Décharge du talon').waitFor()
    await nurse.target.getByRole('button', { name: "J'ai lu l'avis" }).click()
    await expert.target.locator('#s-advice').getByText('Avis lu par le demandeur').waitFor()
    const report = expert.target.locator('#d-report')
    await report.locator('summary').click()
    await report.locator('textarea').fill('Escarre stade 2, surveillance.')
    await report.getByRole('button', { name: 'Faire le compte rendu' }).click()
    await expert.target.locator('#s-timeline').getByText('Compte rendu de télémédecine').waitFor()
    await nurse.go(`/dossiers/${asked!.id}`)
    await nurse.target.getByRole('link', { name: 'Compte rendu' }).click()
    await nurse.target.waitForURL(/\/compte-rendu$/)
    const made = await read(nurse.target)
    for (const told of ['LEROY (FICTIF)', 'Décharge du talon', 'Escarre stade 2', 'IDE de jour', 'Dr ESSAI'])
      expect(made).toContain(told)
    expect(made).not.toMatch(FORBIDDEN)
    expect(expert.faults).toEqual([])

    // The secretariat sees times and numbers, and nobody's name.
    const desk = await page(world, 'secretariat-expertise', `/rendez-vous?service=plaies-escarres&semaine=${day}`)
    expect(desk.text).toContain(asked!.number)
    expect(desk.text).not.toMatch(/LEROY|Escarre du talon/)
  },
  60_000,
)
