import type { MllpDoor, NodeConfig } from '../../core/config.ts'
import { durationMs, sizeBytes } from '../../core/units.ts'
import { tlsFiles } from './compile.ts'
import type { ReadMaterial } from './material.ts'
import type { WrittenMllpDoor, WrittenRegion } from './written.ts'

/** What belongs to this node, with its TLS files read. @throws {GatewayError} CONFIG_INVALID if one cannot be read */
export function nodeConfig(region: WrittenRegion, read: ReadMaterial): NodeConfig {
  const { mllp, mllps, http } = region.entrances
  return {
    mllp: [...(mllp ? [mllpDoor('mllp', mllp, read)] : []), ...(mllps ? [mllpDoor('mllps', mllps, read)] : [])],
    http: http ? { host: http.host, port: http.port, allowPlain: http.allowPlain ?? false } : null,
    minFreeBytes: sizeBytes(region.store.minFree),
    drainMs: durationMs(region.drain),
  }
}

function mllpDoor(name: 'mllp' | 'mllps', door: WrittenMllpDoor, read: ReadMaterial): MllpDoor {
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
