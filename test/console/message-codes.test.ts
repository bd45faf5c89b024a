import { expect, test } from 'vitest'
import { codeLabel } from '../../src/console/page/messages/pieces.ts'
import { ERRORS } from '../../src/core/errors.ts'
import { startDesk } from './desk.ts'
import { delivery, intake } from './gateway.ts'

test('what a code means in a few words has whole brackets and quotations', () => {
  const half = Object.keys(ERRORS).flatMap((code) =>
    (['fr', 'en'] as const)
      .map((language) => codeLabel(code, language))
      .filter(
        (label) =>
          label.split('(').length !== label.split(')').length || label.split('«').length !== label.split('»').length,
      ),
  )
  expect(half).toEqual([])
  expect(codeLabel('ACK_REJECT', 'en')).toBe('The destination refused this message')
})

test('filters by code offer what occurs, and what is chosen', async () => {
  const desk = await startDesk()
  const offered = async (path: string, name: string) => {
    const [, options = ''] =
      new RegExp(`<select[^>]*name="${name}"[^>]*>(.*?)</select>`, 's').exec((await desk.page(path)).text) ?? []
    return [...options.matchAll(/value="([^"]+)"/g)].map(([, value]) => value)
  }
  expect(await offered('/messages', 'finding')).toEqual([])
  const findings = [{ code: 'INS_KEY', class: 'form' }] as const
  const parked = delivery('chu-angers/unv', { state: 'poisoned', code: 'POISONED' })
  await desk.journal.commit([intake(desk.journal, 'M1', { findings, deliveries: [parked] })])
  await desk.journal.commit([intake(desk.journal, 'M2', { findings, deliveries: [delivery('chu-angers/unv')] })])
  expect(await offered('/messages', 'finding')).toEqual(['INS_KEY'])
  expect(await offered('/messages', 'code')).toEqual(['POISONED'])
  expect(await offered('/messages?finding=NO_ROUTE', 'finding')).toHaveLength(2)
})
