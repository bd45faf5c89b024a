import { onStore } from '../support/stores.ts'

onStore('postgres', {
  api: () => import('./api.test.ts'),
  audit: () => import('./audit.test.ts'),
  desk: () => import('./desk.test.ts'),
  messages: () => import('./messages.test.ts'),
  pages: () => import('./page.test.ts'),
})
