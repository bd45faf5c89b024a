import { onStore } from '../support/stores.ts'

onStore('postgres', {
  accept: () => import('./accept.test.ts'),
  batch: () => import('./batch.test.ts'),
  fhir: () => import('./fhir.test.ts'),
  jti: () => import('./jti.test.ts'),
  pause: () => import('./pause.test.ts'),
  prepare: () => import('./prepare.test.ts'),
  replay: () => import('./replay.test.ts'),
  search: () => import('./views-search.test.ts'),
  traffic: () => import('./traffic.test.ts'),
})
