/**
 * The bare server: the least that a durable MLLP server can be. Scans frames, one INSERT of the bytes, group commit in
 * thread without a timer (WAL, synchronous FULL), a fixed answer after it. Run as a process: `node bench/raw.ts FILE`;
 * prints its port. */
import net from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { block, blocks, controlIdOf } from '../test/support/world/frame.ts'

const CHECKPOINT_COMMITS = 200

const database = new DatabaseSync(process.argv[2] ?? ':memory:')
database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0')
database.exec('CREATE TABLE message (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL)')
const insert = database.prepare('INSERT INTO message (bytes) VALUES (?)')

let waiting: { bytes: Buffer; socket: net.Socket }[] = []
let commits = 0

function commit(): void {
  const group = waiting
  waiting = []
  database.exec('BEGIN IMMEDIATE')
  for (const { bytes } of group) insert.run(bytes)
  database.exec('COMMIT')
  for (const { bytes, socket } of group) {
    const controlId = controlIdOf(bytes)
    socket.write(block(`MSH|^~\\&|RAW|RAW|SIH|CH-A|20250301080000||ACK|R|T|2.5\rMSA|AA|${controlId}\r`))
  }
  if (++commits % CHECKPOINT_COMMITS === 0) database.exec('PRAGMA wal_checkpoint(PASSIVE)')
}

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {})
  socket.on(
    'data',
    blocks((bytes) => {
      if (waiting.length === 0) setImmediate(commit)
      waiting.push({ bytes, socket })
    }),
  )
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' && address !== null ? address.port : 0)
})
