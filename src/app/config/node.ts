import type { HttpDoor, MllpDoor, NodeConfig } from '../../core/config.ts'
import { durationMs, sizeBytes } from '../../core/units.ts'
import { traceSettings } from '../traces/settings.ts'
import { mailDoor } from './mail-operator.ts'
import type { ReadMaterial } from './material.ts'
import { canonical } from './shared.ts'
import { tlsFiles } from './tls.ts'
import type { WrittenHttpDoor, WrittenMllpDoor, WrittenRegion } from './written.ts'

/** What belongs to this node, with its TLS files read. @throws {GatewayError} CONFIG_INVALID if one cannot be read */
export function nodeConfig(region: WrittenRegion, read: ReadMaterial): NodeConfig {
  const { mllp, mllps, sandbox, http, https, smtp, submission } = region.entrances
  return {
    mllp: [
      ...(mllp ? [mllpDoor('mllp', mllp, read)] : []),
      ...(mllps ? [mllpDoor('mllps', mllps, read)] : []),
      ...(sandbox ? [mllpDoor('sandbox', sandbox, read)] : []),
    ],
    http: [...(http ? [httpDoor('http', http, read)] : []), ...(https ? [httpDoor('https', https, read)] : [])],
    mail: [
      ...(smtp ? [mailDoor('smtp', smtp, read)] : []),
      ...(submission ? [mailDoor('submission', submission, read)] : []),
    ],
    minFreeBytes: sizeBytes(region.store.minFree),
    drainMs: durationMs(region.drain),
    images: { folder: region.store.images ?? null, maxBytes: sizeBytes(region.store.imagesMax) },
    ...(region.store.mailboxes && { mailboxes: region.store.mailboxes }),
    ...(region.store.kits && { kits: region.store.kits }),
    ...(region.traces && { traces: traceSettings(region.traces) }),
  }
}

/** The parts that belong to the node as text, by name: `entrances.mllp`, `store`, `drain`, `traces`. Pure. */
export function ownText({ entrances, store, drain, traces }: WrittenRegion): Readonly<Record<string, string>> {
  const doors = Object.entries(entrances).map(([name, door]) => [`entrances.${name}`, canonical(door)] as const)
  return { ...Object.fromEntries(doors), store: canonical(store), drain, ...(traces && { traces: canonical(traces) }) }
}

function httpDoor(name: 'http' | 'https', door: WrittenHttpDoor, read: ReadMaterial): HttpDoor {
  return {
    name,
    host: door.host,
    port: door.port,
    allowPlain: door.allowPlain ?? false,
    tls: tlsFiles(door.tls, read),
    ...(door.clientCertificate && { clientCertificate: door.clientCertificate }),
    maxBodyBytes: sizeBytes(door.maxBody),
    ...(door.publicUrl && { publicUrl: door.publicUrl }),
  }
}

function mllpDoor(name: MllpDoor['name'], door: WrittenMllpDoor, read: ReadMaterial): MllpDoor {
  return {
    name,
    host: door.host,
    port: door.port,
    allowPlain: door.allowPlain ?? false,
    tls: tlsFiles(door.tls, read),
    limits: {
      maxFrameBytes: sizeBytes(door.maxFrame),
      handshakeMs: durationMs(door.handshake),
      idleMs: durationMs(door.idle),
      gapMs: durationMs(door.gap),
      minBytesPerSecond: door.minRate,
      rateGraceMs: durationMs(door.rateGrace),
      maxJunkBytes: sizeBytes(door.maxJunk),
      maxConnections: door.maxConnections,
      maxConnectionsPerPeer: door.maxConnectionsPerPeer,
      budgetBytes: sizeBytes(door.budget),
    },
  }
}
