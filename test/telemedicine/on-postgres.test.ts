import { onStore } from '../support/stores.ts'

onStore('postgres', {
  appointments: () => import('./appointments.test.ts'),
  photos: () => import('./photos.test.ts'),
  duty: () => import('./duty.test.ts'),
  'alerts of duty': () => import('./duty-alerts.test.ts'),
})
