import { onStore } from '../support/stores.ts'

onStore('postgres', {
  store: () => import('./store.test.ts'),
  duty: () => import('./duty.test.ts'),
  'alerts of duty': () => import('./duty-alerts.test.ts'),
})
