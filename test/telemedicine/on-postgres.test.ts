import { onStore } from '../support/stores.ts'

onStore('postgres', {
  duty: () => import('./duty.test.ts'),
  'alerts of duty': () => import('./duty-alerts.test.ts'),
})
