import { onStore } from '../support/stores.ts'

onStore('postgres', {
  appointments: () => import('./appointments.test.ts'),
  photos: () => import('./photos.test.ts'),
})
