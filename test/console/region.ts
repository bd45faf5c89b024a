import { createHash } from 'node:crypto'
import type { Config, Destination, Establishment, Operator } from '../../src/core/config.ts'
import type { Role } from '../../src/core/roles.ts'

/** Lower-case hex SHA-256, as region.yaml holds keys. */
export function sha256(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

function establishment(id: string, name: string): Establishment {
  return {
    id,
    name,
    kind: 'hospital',
    finess: { ej: null, eg: [] },
    strict: false,
    charset: '8859/15',
    facilities: [id],
    certificates: [],
    keys: [sha256(`demo-${id}`)],
    clients: [],
    answersTo: null,
    sendsFor: [],
    ackPolicy: {},
  }
}

function destination(id: string): Destination {
  return {
    id,
    establishment: id.split('/')[0] ?? '',
    use: 'qualification',
    target: { type: 'mllp', host: '127.0.0.1', port: 1, tls: null },
    maxInFlight: 1,
    urgentInFlight: 1,
    timeoutMs: 1_000,
    retry: { firstMs: 1_000, factor: 2, maxMs: 60_000, expiresMs: 604_800_000 },
    order: 'patient',
    onUnknown: 'resend',
    onRefused: 'continue',
    ackPolicy: {},
  }
}

/** An operator of a role, whose key is `demo-ROLE`; bound to establishments where the role is. */
export function operator(role: Role, establishments: readonly string[] = []): Operator {
  const reach = { establishments, applications: role === 'editor' ? ['DPI'] : null }
  return { name: `demo-${role}`, role, keySha256: sha256(`demo-${role}`), reach, content: false }
}

/** A region of three establishments, with what the test changes of it. */
export function someConfig(changes: Partial<Config> = {}): Config {
  const establishments = [
    establishment('ch-laval', 'Centre hospitalier de Laval'),
    establishment('chu-angers', 'CHU <b>d’Angers</b> & "Co"'),
    establishment('ehpad-a', 'EHPAD Les Aubépines (fictif)'),
  ]
  return {
    revision: 1,
    region: { name: 'Pays de la Loire', timeZone: 'Europe/Paris', locale: 'fr' },
    operators: [operator('admin')],
    services: new Map(),
    establishments: new Map(establishments.map((one) => [one.id, one])),
    facilities: new Map(establishments.map(({ id }) => [id, id])),
    destinations: new Map(['ch-laval/gam', 'chu-angers/unv', 'chu-angers/dpi'].map((id) => [id, destination(id)])),
    routes: [],
    tables: new Map(),
    maps: new Map(),
    retention: { closedMs: 1, refusedMs: 1, refusedMaxBytes: 1, ordersMs: 1, visitsMs: 1, auditMs: 1 },
    ...changes,
  }
}
