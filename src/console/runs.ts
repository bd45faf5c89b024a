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

/** Things under way that a page shows the progress of, under ids that the page made itself; each is told to whoever began it. */
export interface Runs {
  /** Tells how far it is; with an id that is none, or the same as another's, nobody is told. */
  follow(id: string | null, who: string): { progress(done: number, total: number): void; end(): void }
  state(id: string, who: string): Run | null
}

/** As many as are remembered; the oldest go. */
const MOST = 200
const ID = /^[0-9a-f-]{36}$/

/** Keeps what is under way in memory: whoever asks another node is told nothing. */
export function progressRuns(): Runs {
  const runs = new Map<string, Run & { readonly who: string }>()
  return {
    follow(id, who) {
      if (id === null || !ID.test(id) || runs.has(id)) return { progress() {}, end() {} }
      runs.set(id, { done: 0, total: 0, ended: false, who })
      for (const oldest of runs.keys()) {
        if (runs.size <= MOST) break
        runs.delete(oldest)
      }
      return {
        progress: (done, total) => {
          runs.set(id, { done, total, ended: false, who })
        },
        end: () => {
          const { done, total } = runs.get(id) ?? { done: 0, total: 0 }
          runs.set(id, { done, total, ended: true, who })
        },
      }
    },
    state(id, asking) {
      const run = runs.get(id)
      if (run === undefined || run.who !== asking) return null
      const { who: _who, ...state } = run
      return state
    },
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

/** Serves how far a run is, to whoever began it. */
export function runRoutes(server: Server, runs: Runs, guards: Guards): void {
  describeRoutes(server)
  const onRequest = guards.may('session:own')
  server.get('/api/runs/:id', { onRequest, schema: { params: Id } }, async (request) => {
    const run = runs.state(request.params.id, guards.callerOf(request).who)
    if (run === null) throw new GatewayError('NOT_FOUND')
    return run
  })
}
