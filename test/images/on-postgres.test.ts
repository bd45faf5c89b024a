import { onStore } from '../support/stores.ts'

onStore('postgres', { transport: () => import('./transport.test.ts') })
