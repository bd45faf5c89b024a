import { createRequire } from 'node:module'

/** What we use of autocannon, a load generator that nobody here wrote; it brings no types. */
interface Shot {
  readonly url: string
  readonly connections: number
  readonly amount: number
  readonly requests: readonly {
    readonly method: 'POST'
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    setupRequest(request: object): object
    onResponse(status: number, body: string): void
  }[]
}

/** What it counted. */
export interface Counted {
  readonly '2xx': number
  readonly non2xx: number
  readonly errors: number
  readonly timeouts: number
  readonly resets: number
}

const autocannon = createRequire(import.meta.url)('autocannon') as (shot: Shot) => Promise<Counted>

/** One kind of post, again and again. */
export interface Barrage {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  /** Posts in all. */
  readonly amount: number
  /** The body of post number `n`, from 0. */
  readonly body: (n: number) => Buffer | string
}

/** Posts the barrage; gives what autocannon counted, and every answer. */
export async function barrage({ port, path, headers, connections, amount, body }: Barrage): Promise<{
  readonly counted: Counted
  readonly answers: readonly { readonly status: number; readonly body: string }[]
}> {
  const answers: { status: number; body: string }[] = []
  let n = 0
  const counted = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    amount,
    requests: [
      {
        method: 'POST',
        path,
        headers,
        setupRequest: (request) => ({ ...request, body: body(n++) }),
        onResponse: (status, text) => void answers.push({ status, body: text }),
      },
    ],
  })
  return { counted, answers }
}
