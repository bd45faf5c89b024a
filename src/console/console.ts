import type { Readable } from 'node:stream'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Caller } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { MessageId } from '../core/message.ts'
import type { ConfigCommands, DestinationCommands } from '../core/operations.ts'
import type { Admits, Permission } from '../core/roles.ts'
import type { ReplayRequests } from '../core/treat.ts'
import type { Commands, Views } from '../core/views.ts'
import { actRoutes } from './acts.ts'
import { describeRoutes, descriptionRoutes } from './api.ts'
import { configRoutes } from './config.ts'
import { contentRoutes } from './content.ts'
import { healthRoutes } from './health.ts'
import { messageRoutes } from './messages.ts'
import { pageRoutes } from './page/routes.ts'

/** What the console is given. It reads through `views` and changes through `commands`; it knows no store. */
export interface ConsoleParts {
  readonly views: Views
  readonly commands: Commands
  readonly changes: ConfigCommands
  readonly destinations: DestinationCommands
  /** Would a replay go where the message has not been? A person then needs a second one. */
  readonly elsewhere: ReplayRequests['elsewhere']
  readonly config: () => Config
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  /** Whether new work is taken, and if not, why. */
  readonly ready: () => { readonly ready: boolean; readonly why?: ErrorCode }
  readonly version: string
}

/** The fastify instance that routes are added to. */
export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

type Guard = ((request: FastifyRequest, reply: FastifyReply) => Promise<void>) & { readonly admits: Admits }

/** What the door puts before a route; it serves none without. Each throws {GatewayError} when the call may not pass. */
export interface Guards {
  /** Anybody: said on purpose, for what shows nothing of anybody. */
  readonly open: Guard
  /** Who may do this, by the table of roles. */
  may(permission: Permission): Guard
  /** A call from this machine itself, or one that may read the overview of the region. */
  readonly local: Guard
  /** An establishment, by key or certificate. */
  readonly establishment: Guard
  /** Anybody, within a limit by address: for pages that people come to before they are known. */
  readonly visitor: Guard
  /** Is the call from this machine itself? */
  isLocal(request: FastifyRequest): boolean
  /** Who called, on a route behind one of the others. */
  callerOf(request: FastifyRequest): Caller
  /** Who called, as far as anybody is known. */
  knownOf(request: FastifyRequest): Caller | null
  /** Ends a stream some seconds after whoever called is no longer known as they were: in another role, or nobody. */
  whileKnown(request: FastifyRequest, stream: Readable): Readable
  /** Tells the audit what a call looked at, where its address does not. `patients`: `authority|identifier` each; `case`: its number. */
  about(
    request: FastifyRequest,
    what: {
      readonly message?: MessageId
      readonly patients?: readonly string[]
      readonly case?: string
      readonly mailbox?: string
    },
  ): void
}

/** Health, metrics, the API, its description and the page, for an HTTP door. */
export function consolePlugin(parts: ConsoleParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    healthRoutes(server, parts, guards)
    messageRoutes(server, parts, guards)
    contentRoutes(server, parts, guards)
    actRoutes(server, parts, guards)
    configRoutes(server, parts, guards)
    pageRoutes(server, guards)
    descriptionRoutes(server, parts, guards)
  }
}
