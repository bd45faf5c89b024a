/** Who calls over HTTP, as far as a key, a certificate or a token proves it. */
export type Caller =
  /** Sees the region without content, and acts on deliveries and configuration. */
  | { readonly role: 'admin'; readonly who: string }
  /** Posts, and reads its own. `scope`: what an access token allows (SMART App Launch 2, system scopes); null: everything. */
  | {
      readonly role: 'establishment'
      readonly who: string
      readonly establishment: string
      readonly scope: string | null
    }
