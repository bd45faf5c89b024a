import { expect, test } from 'vitest'
import { codeLabel } from '../../src/console/page/messages/pieces.ts'
import { ERRORS } from '../../src/core/errors.ts'
import { startDesk } from './desk.ts'
import { delivery, intake } from './gateway.ts'
import { sha256 } from './region.ts'

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

test('whoever sees one establishment is offered the codes of its messages alone', async () => {
  const own = { establishments: ['ch-laval'], applications: null }
  const desk = await startDesk({
    operators: [{ name: 'it', role: 'establishment-it', keySha256: sha256('it'), reach: own, content: false }],
  })
  const toAngers = {
    establishment: 'chu-angers',
    deliveries: [delivery('chu-angers/dpi', { state: 'poisoned', code: 'POISONED' })],
  } as const
  const findings = [{ code: 'SEGMENT_END', class: 'form' }] as const
  await desk.journal.commit([intake(desk.journal, 'A1', { ...toAngers, findings })])
  await desk.journal.commit([intake(desk.journal, 'L1', { findings: [{ code: 'INS_KEY', class: 'form' }] })])
  const { text } = await desk.page('/messages', 'it')
  expect(text).toContain('value="INS_KEY"')
  expect(text).not.toContain('value="SEGMENT_END"')
  expect(text).not.toContain('value="POISONED"')
})
