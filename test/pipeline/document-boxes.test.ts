import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Config } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Mailbox } from '../../src/core/mail.ts'
import { ALERT_WORDS } from '../../src/formats/alert/words.ts'
import { documentBoxes } from '../../src/pipeline/watch/document-boxes.ts'
import { putMailboxes } from '../support/mail/region.ts'
import { openStore } from '../support/stores.ts'

const address = 'documents@op.mssante.test'
const documents = new Map([['ch-exemple', { mailbox: 'Documents@op.mssante.test' }]])
const config = { mail: { operator: { documents } } } as unknown as Config

let journal: Journal
let end: () => Promise<void>
beforeAll(async () => {
  ;({ journal, end } = await openStore())
  await journal.adopt('test', 0, '{}')
})
afterAll(() => end())
beforeEach(() => journal.apply({ rows: [{ sql: 'DELETE FROM mailbox', parameters: [] }] }))

test.each<[mailbox: string, box: Partial<Mailbox> | null]>([
  ['missing', null],
  ['suspended', { kind: 'APP', state: 'suspended' }],
  ['closed', { kind: 'APP', state: 'closed' }],
  ['ORG', { kind: 'ORG' }],
])('a mailbox of documents that is %s is for people to look at', async (mailbox, box) => {
  if (box !== null) await putMailboxes(journal, [{ address, ...box }])
  const found = await documentBoxes(journal, config)
  expect(found).toMatchObject([
    { code: 'DOCUMENTS_MAILBOX', subject: 'ch-exemple', establishment: 'ch-exemple', params: { mailbox } },
  ])
  expect(ALERT_WORDS.en.sentence(found[0]!, 'CH Exemple')).toBe(
    'CH Exemple: the mailbox of documents is missing, suspended or none of an application',
  )
})

test('one of an application is not, nor is a region without documents by mail', async () => {
  await putMailboxes(journal, [{ address, kind: 'APP' }])
  expect(await documentBoxes(journal, config)).toEqual([])
  expect(await documentBoxes(journal, {} as Config)).toEqual([])
})
