import type { Role } from '../../core/roles.ts'

/** Roles that are bound to what they were given. */
export const BOUND: readonly Role[] = ['requester', 'expert', 'secretariat', 'establishment-it', 'editor']
