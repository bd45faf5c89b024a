import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'
import type { Admits } from '../../src/core/roles.ts'
import { admitsOf } from '../../src/entrances/http/guard.ts'

/** A route of an HTTP door. */
export interface Route {
  readonly method: string
  readonly url: string
  readonly admits: Admits | null
  /** What the audit calls a look at it, where the route says so itself; null: no look. */
  readonly look: string | null | undefined
  /** It only says that the method is none of the address's. */
  readonly refuses: boolean
}

/** The routes of every HTTP door that this process opens until the test is over, as they are registered. */
export function everyRoute(): readonly Route[] {
  const routes: Route[] = []
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url, onRequest, config }) => {
      // An address that answers METHOD_NOT_ALLOWED lists the methods that it does not take.
      const refuses = Array.isArray(method)
      for (const one of [method].flat())
        routes.push({ method: one, url, admits: admitsOf(onRequest), look: config?.look, refuses })
    })
  }
  subscribe('fastify.initialization', watch)
  onTestFinished(() => {
    unsubscribe('fastify.initialization', watch)
  })
  return routes
}
