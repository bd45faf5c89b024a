import { onStore } from '../support/stores.ts'

onStore('postgres', {
  acts: () => import('./acts.test.ts'),
  counting: () => import('./counting.test.ts'),
  products: () => import('./products.test.ts'),
  'programme-nodes': () => import('./programme-nodes.ts'),
  'programme-proofs': () => import('./programme-proofs.test.ts'),
  programmes: () => import('./programmes.test.ts'),
  structures: () => import('./structures.test.ts'),
  turns: () => import('./turns.test.ts'),
  views: () => import('./views.test.ts'),
})
