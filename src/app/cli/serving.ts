import { connectBeside } from '../../pipeline/journal/postgres/connect.ts'
import { storedSchema } from '../../pipeline/journal/postgres/migrate.ts'
import { aliveNodes } from '../../pipeline/journal/postgres/nodes.ts'

/** How long a gateway may take to say that it is alive (ms). */
const ALIVE_MS = 1_000

/**
 * The HTTP address of a gateway that serves the store on this database and answers, or null. A plain address or one of
 * loopback is taken only when its node reaches the database from the machine that this process does: elsewhere the
 * operator's key would go over the network in clear, or to whatever else answers there.
 * @throws {GatewayError} STORE_UNREACHABLE, STORE_UNSAFE */
export async function servingAt(database: string): Promise<string | null> {
  const client = await connectBeside(database, 'command', true)
  try {
    if ((await storedSchema(client)) === null) return null
    const { rows } = await client.query(
      `SELECT application_name AS name FROM pg_stat_activity
       WHERE datname = current_database() AND client_addr IS NOT DISTINCT FROM inet_client_addr()`,
    )
    const here = new Set(rows.map(({ name }) => String(name)))
    for (const { name, url, release } of await aliveNodes(client)) {
      // The database keeps 63 bytes of a name.
      const known = here.has(Buffer.from(`passerelle ${name}`).subarray(0, 63).toString())
      const elsewhere = url?.startsWith('https:') && !isLoopback(url)
      if (url !== null && (known || elsewhere) && (await answers(url, release))) return url
    }
    return null
  } finally {
    await client.end().catch(() => {})
  }
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0|\[::\])$/.test(URL.parse(url)?.hostname ?? '')
}

/** Does a gateway of this release answer there? */
async function answers(url: string, release: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/healthz', url), {
      redirect: 'error',
      signal: AbortSignal.timeout(ALIVE_MS),
    })
    const { status, version } = (await response.json()) as { status?: unknown; version?: unknown }
    return status === 'alive' && version === release
  } catch {
    return false
  }
}
