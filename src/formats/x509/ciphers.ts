/**
 * Authenticated encryption with keys of one connection only: all of TLS 1.3, and of TLS 1.2 what is like it (RFC 9325 §4.2).
 * For `ciphers` of node:tls, at doors and towards other mail operators. */
export const STRONG_CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  ...['ECDSA', 'RSA'].flatMap((key) =>
    ['AES256-GCM-SHA384', 'CHACHA20-POLY1305', 'AES128-GCM-SHA256'].map((cipher) => `ECDHE-${key}-${cipher}`),
  ),
].join(':')
