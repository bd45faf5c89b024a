/** True for an address or host name of this machine itself (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). Pure. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '')
  return bare === '::1' || bare.toLowerCase() === 'localhost' || /^127(\.\d{1,3}){3}$/.test(bare)
}
