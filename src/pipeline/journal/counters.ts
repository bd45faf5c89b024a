/** Counters of the whole store, under the names of table `counter`. */
export type Counter =
  | 'received'
  | 'closed'
  | 'inFlight'
  | 'parked'
  | 'purged'
  | 'refused'
  | 'refusedBytes'
  | 'deliveries'
/** Counters of one destination, under the names of table `destination_counter`. */
export type DestinationCounter = 'open' | 'parked' | 'delivered'
