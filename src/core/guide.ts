/** What the guide of the demo region sends at its own doors, as its establishments would. Everything in it is invented. */
export interface GuideCommands {
  /** An admission from a hospital: its MSH-10. @throws {GatewayError} CONNECT_FAILED when the door does not take it */
  admission(): Promise<string>
  /** A letter that the simulated system of an invented home refuses, so that it waits for a person: its MSH-10. @throws as above */
  refused(): Promise<string>
}
