import { onStore } from '../support/stores.ts'

onStore('postgres', { counting: () => import('./counting.test.ts') })
