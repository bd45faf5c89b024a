import { onStore } from '../support/stores.ts'

onStore('postgres', {
  store: () => import('./store.test.ts'),
})
