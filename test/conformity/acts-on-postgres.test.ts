import { onStore } from '../support/stores.ts'

onStore('postgres', { acts: () => import('./acts.test.ts') })
