import { onStore } from '../support/stores.ts'

onStore('postgres', {
  'answers about documents': () => import('./document-answers.test.ts'),
  directory: () => import('./directory.test.ts'),
  'documents that came': () => import('./documents-received.test.ts'),
  mailboxes: () => import('./mailboxes.test.ts'),
  months: () => import('./mail-months.test.ts'),
  reports: () => import('../mail/reports.test.ts'),
  submission: () => import('./submission-rules.test.ts'),
  webmail: () => import('./webmail.test.ts'),
})
