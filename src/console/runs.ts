import { Type } from '@fastify/type-provider-typebox'
import { GatewayError } from '../core/errors.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'

/** How far something long is. */
export interface Run {
  readonly done: number
  readonly total: number
  readonly ended: boolean
}

/** Things under way that a page shows the progress of, under ids that the page made itself. */
export interface Runs {
  /** Tells how far it is; with an id that is none, or the same as another's, nobody is told. */
  follow(id: string | null): { progress(done: number, total: number): void; end(): void }
  state(id: string): Run | null
}

/** As many as are remembered; the oldest go. */
const MOST = 200
const ID = /^[0-9a-f-]{36}$/

/** Keeps what is under way in memory: whoever asks another node is told nothing. */
export function progressRuns(): Runs {
  const runs = new Map<string, Run>()
  return {
    follow(id) {
      if (id === null || !ID.test(id) || runs.has(id)) return { progress() {}, end() {} }
      runs.set(id, { done: 0, total: 0, ended: false })
      for (const oldest of runs.keys()) {
        if (runs.size <= MOST) break
        runs.delete(oldest)
      }
      return {
        progress: (done, total) => {
          runs.set(id, { done, total, ended: false })
        },
        end: () => {
          const { done, total } = runs.get(id) ?? { done: 0, total: 0 }
          runs.set(id, { done, total, ended: true })
        },
      }
    },
    state: (id) => runs.get(id) ?? null,
  }
}

/** The pieces as they come; how far they are is told, and their end, however it comes. */
export async function* followed<T>(pieces: AsyncIterable<T>, { end }: { end(): void }): AsyncGenerator<T> {
  try {
    yield* pieces
  } finally {
    end()
  }
}

const Id = Type.Object({ id: Type.String({ pattern: '^[0-9a-f-]{36}$' }) })

/** Serves how far a run is, to whoever knows its id. */
export function runRoutes(server: Server, runs: Runs, guards: Guards): void {
  describeRoutes(server)
  server.get('/api/runs/:id', { onRequest: guards.may('session:own'), schema: { params: Id } }, async ({ params }) => {
    const run = runs.state(params.id)
    if (run === null) throw new GatewayError('NOT_FOUND')
    return run
  })
}
