// node certs-example/make.ts DIR [id …]: writes the example authority and certificates into DIR.
import { makeCertificates } from '../src/app/certs.ts'

const [dir, ...ids] = process.argv.slice(2)
if (!dir) {
  console.error('usage: node certs-example/make.ts DIR [establishment-id …]')
  process.exit(2)
}
const made = await makeCertificates(dir, ids.length > 0 ? ids : ['ch-laval'])
console.log([made.ca, made.gateway, ...made.clients, made.expired, made.foreign].join('\n'))
