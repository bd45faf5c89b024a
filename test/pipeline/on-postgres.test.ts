import { onStore } from '../support/stores.ts'

onStore('postgres', {
  accept: () => import('./accept.test.ts'),
  audit: () => import('./audit.test.ts'),
  batch: () => import('./batch.test.ts'),
  fhir: () => import('./fhir.test.ts'),
  identity: () => import('./identity.test.ts'),
  jti: () => import('./jti.test.ts'),
  onboarding: () => import('./onboarding.test.ts'),
  orders: () => import('./orders.test.ts'),
  movements: () => import('./movements.test.ts'),
  pause: () => import('./pause.test.ts'),
  prepare: () => import('./prepare.test.ts'),
  privacy: () => import('./privacy.test.ts'),
  replay: () => import('./replay.test.ts'),
  search: () => import('./views-search.test.ts'),
  profiles: () => import('./fhir-profiles.test.ts'),
  traffic: () => import('./traffic.test.ts'),
  watch: () => import('./watch.test.ts'),
  figures: () => import('./watch-figures.test.ts'),
  versions: () => import('./versions.test.ts'),
})
