import { onStore } from '../support/stores.ts'

onStore('postgres', {
  api: () => import('./api.test.ts'),
  audit: () => import('./audit.test.ts'),
  messages: () => import('./messages.test.ts'),
  overview: () => import('./overview.test.ts'),
  alerts: () => import('./alerts.test.ts'),
})
