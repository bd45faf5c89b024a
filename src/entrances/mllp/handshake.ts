import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import type { TlsFiles } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import { STRONG_CIPHERS } from '../../formats/x509/ciphers.ts'
import { crlOption, revocationFault } from '../../formats/x509/revocation.ts'
import type { Guest } from './guest.ts'

/**
 * The TLS side of a door: TLS 1.2 or later, a client certificate asked for, nobody let in by it. It does not listen: raw
 * sockets are given to it by `emit('connection', socket)`, and it emits `secureConnection` whether the certificate
 * verified or not, so that the caller can say which rule failed and for whom. Sessions are never resumed: a resumed one
 * would skip the check of validity and revocation.
 * @throws {GatewayError} CONFIG_INVALID when a file of the identity is not usable */
export function handshakes(files: TlsFiles): Server {
  try {
    return createServer(tlsOptions(files))
  } catch (cause) {
    throw new GatewayError('CONFIG_INVALID', 'a key, certificate, CA or CRL of this door cannot be read', { cause })
  }
}

/** How every door of ours speaks TLS: see `handshakes`. */
export function tlsOptions(files: TlsFiles): TlsOptions {
  return {
    key: files.key,
    cert: files.cert,
    ca: files.ca,
    ...crlOption(files),
    minVersion: 'TLSv1.2',
    ciphers: STRONG_CIPHERS,
    honorCipherOrder: true,
    requestCert: true,
    rejectUnauthorized: false,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  }
}

/**
 * OpenSSL's name of the rule that the chain broke, or null when it verified. With the files of the door, at the handshake:
 * also whether it is revoked where OpenSSL was not asked to look (`crlStale: warn`). */
export function chainFault(socket: TLSSocket, files: TlsFiles | null = null): string | null {
  // At run time this is the code, whatever the type says.
  if (!socket.authorized) return String(socket.authorizationError)
  return files === null ? null : revocationFault(socket.getPeerCertificate(true), files)
}

/** A guest that has connected and not yet finished its handshake. */
export function newcomer(host: string, socket: Socket, deadlineMs: number, late: () => void): Guest {
  let told = false
  return {
    host,
    pendingBytes: 0,
    check(nowMs) {
      if (told || nowMs <= deadlineMs) return
      told = true
      late()
      socket.destroy()
    },
    // The handshake reads its own few bytes; there is nothing to hold back.
    hold() {},
    // It is told again once it has a name.
    part() {},
    leave: () => void socket.destroy(),
    destroy: () => void socket.destroy(),
  }
}
