import { onStore } from '../support/stores.ts'

onStore('postgres', {
  sessions: () => import('./sessions.test.ts'),
})
