import { Type } from '@fastify/type-provider-typebox'
import type { BackupCommands } from '../core/operations.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'

const Ask = Type.Object({ reason: Reason }, { additionalProperties: false })

/** Begins a backup, and tells how far it is. The file stays on the gateway's machine: an operator sees no content. */
export function backupPlugin(backups: BackupCommands): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    const onRequest = guards.may('backup:run')
    server.get('/api/backup', { onRequest }, async () => backups.state())
    server.post('/api/backup', { onRequest, schema: { body: Ask } }, async (request) =>
      backups.begin(guards.callerOf(request).who, request.body.reason),
    )
  }
}
