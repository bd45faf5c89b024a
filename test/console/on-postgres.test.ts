import { onStore } from '../support/stores.ts'

onStore('postgres', {
  api: () => import('./api.test.ts'),
  audit: () => import('./audit.test.ts'),
  desk: () => import('./desk.test.ts'),
  configuration: () => import('./configuration.test.ts'),
  'audit and privacy': () => import('./audit-and-privacy.test.ts'),
  looks: () => import('./looks.test.ts'),
  'codes of messages': () => import('./message-codes.test.ts'),
  messages: () => import('./messages.test.ts'),
  overview: () => import('./overview.test.ts'),
  alerts: () => import('./alerts.test.ts'),
  scopes: () => import('./scopes.test.ts'),
})
