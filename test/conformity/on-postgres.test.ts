import { onStore } from '../support/stores.ts'

onStore('postgres', {
  acts: () => import('./acts.test.ts'),
  counting: () => import('./counting.test.ts'),
  programmes: () => import('./programmes.test.ts'),
  views: () => import('./views.test.ts'),
})
