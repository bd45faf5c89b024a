// The one place where text of this server becomes a document or a script: the door's policy of Trusted Types knows no other.
const policy = globalThis.trustedTypes?.createPolicy('console', {
  createHTML: (text) => text,
  createScriptURL: (text) => {
    if (text !== '/degrade-sw.js') throw new TypeError('no script of this console')
    return text
  },
})

// Of pages of ours only, whose every value is escaped. It is inert: scripts in it do not run.
export function parsed(text) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'text/html')
}

// The worker of the degraded mode, and no other.
export function workerAddress(path) {
  return policy ? policy.createScriptURL(path) : path
}
