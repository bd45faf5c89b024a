import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Counts } from '../core/journal.ts'
import type { Clock, Meter } from '../core/ports.ts'

type Declared =
  | { readonly kind: 'counter'; readonly help: string; readonly labels: readonly string[] }
  | {
      readonly kind: 'histogram'
      readonly help: string
      readonly labels: readonly string[]
      readonly buckets: readonly number[]
    }

const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Every metric the gateway's parts may count or observe. On the wire each name has the prefix `passerelle_`. */
export const METRICS: Readonly<Record<string, Declared>> = {
  accepted_total: { kind: 'counter', help: 'Messages committed and answered for', labels: ['entrance'] },
  repeated_total: { kind: 'counter', help: 'Arrivals that were a repeat of an accepted message', labels: ['entrance'] },
  refused_total: { kind: 'counter', help: 'Arrivals refused', labels: ['entrance', 'code'] },
  delivered_total: { kind: 'counter', help: 'Deliveries that reached their destination', labels: ['destination'] },
  retried_total: {
    kind: 'counter',
    help: 'Attempts that will be followed by another',
    labels: ['destination', 'code'],
  },
  parked_total: { kind: 'counter', help: 'Deliveries set aside for a person', labels: ['destination', 'code'] },
  door_limit_total: { kind: 'counter', help: 'Connections closed or refused by a limit', labels: ['door', 'code'] },
  door_full_total: {
    kind: 'counter',
    help: 'Times a door had too many unanswered bytes and stopped reading',
    labels: ['door'],
  },
  door_connections_total: { kind: 'counter', help: 'Connections taken', labels: ['door'] },
  sender_connections_total: { kind: 'counter', help: 'Connections opened to a destination', labels: ['destination'] },
  purged_total: { kind: 'counter', help: 'Closed messages that retention removed', labels: [] },
  checked_total: { kind: 'counter', help: 'Records whose checksums the slow check has read', labels: [] },
  audit_covered_total: { kind: 'counter', help: 'Events sealed in the audit', labels: [] },
  alert_total: { kind: 'counter', help: 'Alerts raised', labels: ['code'] },
  whitelist_refused_total: { kind: 'counter', help: 'White lists that were fetched and not taken', labels: ['code'] },
  mail_said_no_total: {
    kind: 'counter',
    help: 'Commands and mails that a mail door refused',
    labels: ['entrance', 'code'],
  },
  mail_scanned_total: {
    kind: 'counter',
    help: 'Mails that the antivirus was given; OK, MAIL_INFECTED, or MAIL_UNSCANNED: no answer',
    labels: ['code'],
  },
  trace_spans_sent_total: { kind: 'counter', help: 'Spans that the collector of traces has taken', labels: [] },
  trace_spans_dropped_total: { kind: 'counter', help: 'Spans that no collector took in time', labels: [] },
  images_received_total: { kind: 'counter', help: 'Images that came by the DICOMweb door', labels: ['site'] },
  images_instances_total: { kind: 'counter', help: 'Images that reached the archive of a centre', labels: ['site'] },
  images_bytes_total: { kind: 'counter', help: 'Bytes of those images', labels: ['site'] },
  answer_seconds: {
    kind: 'histogram',
    help: 'From the last byte of a message to its answer written',
    labels: ['door'],
    buckets: SECONDS,
  },
  commit_seconds: { kind: 'histogram', help: 'One synchronous group commit', labels: [], buckets: SECONDS },
  commit_lists: {
    kind: 'histogram',
    help: 'Lists of statements in one group commit',
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  },
}

/** A meter whose figures can be read as Prometheus text (exposition format 0.0.4). */
export interface PrometheusMeter extends Meter {
  /** Takes the counts from here at each scrape: queues, parked, conservation. Null: the store does not answer, and they are left out. */
  watch(counts: () => Promise<Counts | null>): void
  /** Takes the ends of certificates from here at each scrape, ms since 1970, by the part that shows them. */
  watchCertificates(ends: () => ReadonlyMap<string, number>): void
  /** Takes the free space of the store's disk from here at each scrape (bytes; null: not known), beside what is kept free. */
  watchDisk(free: () => number | null, reserveBytes: number): void
  /** Takes the revision that runs here, and the newest one of the store, from here at each scrape. */
  watchRevisions(revisions: () => { readonly running: number; readonly stored: number }): void
  /** Takes age and size of the white list from here at each scrape; null: there is none. */
  watchWhiteList(figures: () => { readonly ageSeconds: number; readonly rows: number } | null): void
  readonly contentType: string
  text(): Promise<string>
}

type Labels = Readonly<Record<string, string>>

/** A gauge without labels begins at 0, which would be a figure: it has none until it is set. */
function unknown(gauge: Gauge): void {
  gauge.remove()
}

function countsGauges(registry: Registry, counts: () => Promise<Counts | null>, clock: Clock): void {
  const perDestination = (name: string, help: string, value: (c: Counts, id: string) => number) => {
    new Gauge({
      name: `passerelle_${name}`,
      help,
      labelNames: ['destination'],
      registers: [registry],
      async collect() {
        const now = await counts()
        this.reset()
        if (now === null) return
        for (const id of now.destinations.keys()) this.set({ destination: id }, value(now, id))
      },
    })
  }
  perDestination('queue_depth', 'Deliveries not ended and not set aside', (c, id) => c.destinations.get(id)?.open ?? 0)
  perDestination('queue_oldest_age_seconds', 'Age of the oldest open delivery; 0 without one', (c, id) => {
    const oldest = c.destinations.get(id)?.oldestOpenAtMs ?? null
    return oldest === null ? 0 : Math.max(0, clock.nowMs() - oldest) / 1000
  })
  perDestination('parked', 'Deliveries that wait for a person', (c, id) => c.destinations.get(id)?.parked ?? 0)
  new Gauge({
    name: 'passerelle_messages',
    help: 'Messages by state, those that retention removed, and arrivals received and refused, since the store was made',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const now = await counts()
      this.reset()
      if (now === null) return
      for (const state of ['received', 'closed', 'inFlight', 'parked', 'purged', 'refused'] as const)
        this.set({ state }, now[state])
    },
  })
  new Gauge({
    name: 'passerelle_conservation_difference',
    help: 'received - closed - inFlight - parked: anything but 0 is a defect',
    registers: [registry],
    async collect() {
      const now = await counts()
      unknown(this)
      if (now !== null) this.set(now.received - now.closed - now.inFlight - now.parked)
    },
  })
}

function certificateGauge(registry: Registry, ends: () => ReadonlyMap<string, number>, clock: Clock): void {
  new Gauge({
    name: 'passerelle_certificate_expiry_seconds',
    help: 'Time until the certificate that a part shows is over; negative: it is',
    labelNames: ['part'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [part, endMs] of ends()) this.set({ part }, (endMs - clock.nowMs()) / 1000)
    },
  })
}

function diskGauges(registry: Registry, free: () => number | null, reserveBytes: number): void {
  new Gauge({
    name: 'passerelle_disk_free_bytes',
    help: "Free space of the store's disk",
    registers: [registry],
    collect() {
      const bytes = free()
      unknown(this)
      if (bytes !== null) this.set(bytes)
    },
  })
  new Gauge({
    name: 'passerelle_disk_reserve_bytes',
    help: 'Below this much free space no new work is taken',
    registers: [registry],
  }).set(reserveBytes)
}

function whiteListGauges(registry: Registry, figures: () => { ageSeconds: number; rows: number } | null): void {
  const gauge = (name: string, help: string, value: 'ageSeconds' | 'rows'): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const now = figures()
        unknown(this)
        if (now !== null) this.set(now[value])
      },
    })
  }
  gauge('passerelle_whitelist_age_seconds', 'Since the white list of mail operators was last confirmed', 'ageSeconds')
  gauge('passerelle_whitelist_rows', 'Rows of the white list in use', 'rows')
}

function revisionGauge(registry: Registry, revisions: () => { running: number; stored: number }): void {
  new Gauge({
    name: 'passerelle_revision',
    help: 'Number of the configuration that runs here, and of the newest one stored: where they differ this node is behind',
    labelNames: ['of'],
    registers: [registry],
    collect() {
      const { running, stored } = revisions()
      this.set({ of: 'running' }, running)
      this.set({ of: 'stored' }, stored)
    },
  })
}

/**
 * Makes the meter. `strict`: a name or label that METRICS does not declare throws (for tests); otherwise it is dropped,
 * because a figure is never worth a message. `runtime`: also the process's own figures (memory, CPU, event-loop delay). */
export function createMeter(options: { clock: Clock; strict: boolean; runtime: boolean }): PrometheusMeter {
  const registry = new Registry()
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  for (const [name, metric] of Object.entries(METRICS)) {
    const common = {
      name: `passerelle_${name}`,
      help: metric.help,
      labelNames: [...metric.labels],
      registers: [registry],
    }
    if (metric.kind === 'counter') counters.set(name, new Counter(common))
    else histograms.set(name, new Histogram({ ...common, buckets: [...metric.buckets] }))
  }
  if (options.runtime) collectDefaultMetrics({ register: registry })

  const guarded = (name: string, act: (() => void) | undefined): void => {
    if (act === undefined) {
      if (options.strict) throw new RangeError(`metric ${name} is not declared in src/app/meter.ts`)
      return
    }
    try {
      act()
    } catch (error) {
      if (options.strict) throw error
    }
  }
  return {
    count(name, labels: Labels = {}, by = 1) {
      const counter = counters.get(name)
      guarded(name, counter && (() => counter.inc(labels, by)))
    },
    observe(name, value, labels: Labels = {}) {
      const histogram = histograms.get(name)
      guarded(name, histogram && (() => histogram.observe(labels, value)))
    },
    watch: (counts) => countsGauges(registry, counts, options.clock),
    watchCertificates: (ends) => certificateGauge(registry, ends, options.clock),
    watchDisk: (free, reserveBytes) => diskGauges(registry, free, reserveBytes),
    watchRevisions: (revisions) => revisionGauge(registry, revisions),
    watchWhiteList: (figures) => whiteListGauges(registry, figures),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}
