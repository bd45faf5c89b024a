import { onStore } from '../support/stores.ts'

onStore('postgres', { mailboxes: () => import('./mailboxes.test.ts'), webmail: () => import('./webmail.test.ts') })
