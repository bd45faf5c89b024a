/**
 * A program that stands for a gateway where only its supervisor is looked at: it answers each connection on the socket
 * passed to it with its own number, says that it is ready, and ends in order at SIGTERM. `LISTENER` tells it to behave
 * otherwise: `fails` (ends with 3 before it is ready), `deaf` (ignores SIGTERM). */
import { createServer } from 'node:net'

if (process.env['LISTENER'] === 'fails') process.exit(3)
const server = createServer((socket) => void socket.end(String(process.pid)))
process.on('SIGTERM', () => {
  if (process.env['LISTENER'] !== 'deaf') server.close(() => process.exit(0))
})
process.on('SIGHUP', () => process.stdout.write(`${process.pid} was told SIGHUP\n`))
process.channel?.unref()
server.listen({ fd: 3 }, () => process.send?.('ready'))
