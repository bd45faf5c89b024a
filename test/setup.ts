// The tests run on the Node the gateway runs on, or not at all.
const major = Number(process.versions.node.split('.')[0])
if (major !== 26) {
  throw new Error(`Passerelle needs Node 26; this is ${process.versions.node}. Run "npm ci", then "npm test".`)
}
