import helmet from '@fastify/helmet'
import { isLoopback } from '../../core/address.ts'
import type { HttpDoor } from '../../core/config.ts'
import type { HttpServer } from './server.ts'

/** Two years, as browsers' preload lists ask for at least one (s). */
const HSTS_S = 63_072_000

/** What no page of ours uses, and so no page may use (W3C Permissions Policy). */
const UNUSED = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'serial', 'usb']
const PERMISSIONS_POLICY = UNUSED.map((feature) => `${feature}=()`).join(', ')

/**
 * Puts before every answer of a door what browsers are to hold to: only our own files are loaded, no text becomes markup
 * or script except through `assets/markup.js` (Trusted Types), nobody frames or embeds an answer or keeps a handle on its
 * window, and no address of ours is told to others. */
export async function protectAnswers(server: HttpServer, door: HttpDoor): Promise<void> {
  const nothing = ["'none'"]
  const own = ["'self'"]
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: nothing,
        scriptSrc: own,
        styleSrc: own,
        imgSrc: own,
        connectSrc: own,
        objectSrc: nothing,
        baseUri: nothing,
        formAction: own,
        frameAncestors: nothing,
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ['console'],
      },
    },
    strictTransportSecurity: promisesTls(door) ? { maxAge: HSTS_S, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: { policy: 'require-corp' },
  })
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', PERMISSIONS_POLICY)
  })
}

/** Only for a name that is this door's alone: for this machine's own, it would lock browsers out of every plain service here. */
function promisesTls({ tls, host, publicUrl }: HttpDoor): boolean {
  if (publicUrl === undefined) return tls !== null && !isLoopback(host)
  const { protocol, hostname } = new URL(publicUrl)
  return protocol === 'https:' && !isLoopback(hostname)
}
