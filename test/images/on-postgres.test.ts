import { onStore } from '../support/stores.ts'

onStore('postgres', {
  door: () => import('./door.test.ts'),
  transport: () => import('./transport.test.ts'),
})
