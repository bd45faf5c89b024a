import { onStore } from '../support/stores.ts'

onStore('postgres', {
  store: () => import('./store.test.ts'),
  keeping: () => import('./keeping.test.ts'),
  intake: () => import('./intake.test.ts'),
  appointments: () => import('./appointments.test.ts'),
  'agendas by SIU': () => import('./siu.test.ts'),
  'appointments that are declined': () => import('./declined.test.ts'),
  'time that is offered': () => import('./offered-time.test.ts'),
  'patients of cases': () => import('./patients.test.ts'),
  photos: () => import('./photos.test.ts'),
  duty: () => import('./duty.test.ts'),
  'alerts of duty': () => import('./duty-alerts.test.ts'),
  exchange: () => import('./exchange.test.ts'),
  reports: () => import('./report.test.ts'),
  kits: () => import('./kits.test.ts'),
  sendings: () => import('./sendings.test.ts'),
  'sheets of cases': () => import('./sheet.test.ts'),
  measures: () => import('./measures.test.ts'),
  'notices of cases': () => import('./sending.test.ts'),
})
