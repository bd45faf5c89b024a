import { onStore } from '../support/stores.ts'

/** The suites of faults beyond the store, once more on PostgreSQL. */
onStore('postgres', {
  destinations: () => import('./fault-destinations.test.ts'),
  'urgent messages': () => import('./fault-urgent.test.ts'),
})
