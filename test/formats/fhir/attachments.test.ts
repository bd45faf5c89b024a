import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { attachmentIssues } from '../../../src/formats/fhir/attachments.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'

const BYTES = Buffer.from('compte rendu (fictif)')
const data = BYTES.toString('base64')
const size = BYTES.length
const hash = createHash('sha1').update(BYTES).digest('base64')
const OTHER = createHash('sha1').update('x').digest('base64')
const URL = 'urn:uuid:6a2f6a8e-7f3e-4c5d-9f50-000000000001'

const document = (...attachments: JsonObject[]): JsonObject => ({
  resourceType: 'DocumentReference',
  status: 'current',
  content: attachments.map((attachment) => ({ attachment })),
})
const shared = (attachment: JsonObject, ...binaries: JsonObject[]): JsonObject => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    { resource: document({ url: URL, ...attachment }) },
    ...binaries.map((binary) => ({ fullUrl: URL, resource: { resourceType: 'Binary', ...binary } })),
  ],
})

test.each<[name: string, resource: JsonObject, places: string[]]>([
  ['as it says', document({ data, size, hash }), []],
  ['data on several lines', document({ data: `${data.slice(0, 8)}\r\n${data.slice(8)}`, size, hash }), []],
  ['nothing said', document({ data }), []],
  ['nothing here', document({ url: 'https://dpi.test/1.pdf', size: 1, hash: OTHER }), []],
  ['another size', document({ data, size: size + 1, hash }), ['DocumentReference.content[0].attachment.size']],
  ['another hash', document({ data, size, hash: OTHER }), ['DocumentReference.content[0].attachment.hash']],
  [
    'the second is another',
    document({ data, size }, { data, hash: OTHER }),
    ['DocumentReference.content[1].attachment.hash'],
  ],
  ['no content', { resourceType: 'DocumentReference' }, []],
  ['another type', { resourceType: 'Observation', content: [{ attachment: { data, size: 1 } }] }, []],
  ['in a Binary', shared({ size, hash }, { data }), []],
  [
    'another Binary',
    shared({ size, hash }, { data: 'eA==' }),
    ['Bundle.entry[0].resource.content[0].attachment.size', 'Bundle.entry[0].resource.content[0].attachment.hash'],
  ],
  ['a Binary that is not here', shared({ size: 1, hash: OTHER }), []],
  ['two Binaries of one name', shared({ size: 1 }, { data }, { data: 'eA==' }), []],
])('a document is what its reference says: %s', (_name, resource, places) => {
  expect(attachmentIssues(resource).map(({ expression }) => expression)).toEqual(places)
})
