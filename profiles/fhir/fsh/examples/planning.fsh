RuleSet: Subject
* subject.identifier.system = $nir-test
* subject.identifier.value = "254035313000022"
* subject.type = "Patient"

RuleSet: Visit
* identifier.type = $v2-types#VN
* identifier.system = "urn:oid:2.999.539990028.2"
* identifier.value = "SEJ-26-0001"
* status = #in-progress
* class = $act-code#EMER
* period.start = "2026-11-23T10:02:00+01:00"

Instance: encounter
InstanceOf: PasserelleEncounter
Usage: #example
* insert Test
* insert Visit
* insert Subject

Instance: remote-session
InstanceOf: PasserelleEncounter
Usage: #example
* insert Test
* extension[virtualSession].valueUrl = "https://visio.example.test/s/7f3a"
* identifier.type = $v2-types#VN
* identifier.system = "urn:oid:2.999.539990028.2"
* identifier.value = "TLC-26-0007"
* status = #planned
* class = $act-code#VR
* insert Subject
* participant[0].type = $participation#PPRF
* participant[0].individual.identifier.system = $rpps
* participant[0].individual.identifier.value = "10999999997"
* participant[1].type = $participation#ATND
* participant[1].individual.display = "Infirmière de l'EHPAD (fictive)"
* period.start = "2026-12-04T14:00:00+01:00"
* period.end = "2026-12-04T14:30:00+01:00"
* serviceProvider.identifier.system = $finess
* serviceProvider.identifier.value = "539990028"

Instance: schedule
InstanceOf: PasserelleSchedule
Usage: #example
* insert Test
* identifier.system = "urn:oid:2.999.539990028.5"
* identifier.value = "AG-PLAIES"
* active = true
* actor.identifier.system = $finess
* actor.identifier.value = "539990028"
* actor.display = "Centre expert plaies et escarres (fictif)"
* planningHorizon.start = "2026-12-01T08:00:00+01:00"
* planningHorizon.end = "2026-12-31T18:00:00+01:00"

Instance: slot
InstanceOf: PasserelleSlot
Usage: #example
* insert Test
* identifier.system = "urn:oid:2.999.539990028.6"
* identifier.value = "CR-0412-1400"
* schedule.identifier.system = "urn:oid:2.999.539990028.5"
* schedule.identifier.value = "AG-PLAIES"
* status = #free
* start = "2026-12-04T14:00:00+01:00"
* end = "2026-12-04T14:30:00+01:00"

RuleSet: Proposal
* identifier.system = "urn:oid:2.999.539990119.4"
* identifier.value = "RDV-26-0007"
* status = #proposed
* requestedPeriod.start = "2026-12-01"
* requestedPeriod.end = "2026-12-11"
* participant[0].actor.type = "Patient"
* participant[0].actor.display = "Résident"
* participant[0].status = #accepted
* participant[1].type = $participation#PPRF
* participant[1].actor.identifier.system = $rpps
* participant[1].actor.identifier.value = "10999999997"
* participant[1].status = #needs-action

Instance: appointment
InstanceOf: PasserelleAppointment
Usage: #example
* insert Test
* insert Proposal
