import { onStore } from '../support/stores.ts'

onStore('postgres', { views: () => import('./views.test.ts') })
