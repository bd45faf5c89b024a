// Stays, sessions and agendas. Facts: FrCore (encounter, appointment, slot, schedule); GAP 3.0.0.

Extension: VirtualSession
Id: virtual-session
Title: "Link of a remote session"
Description: "Where the participants of a teleconsultation meet. The address carries no patient data."
Context: Appointment, Encounter
* value[x] 1..1
* value[x] only url

Invariant: pas-remote-1
Description: "A remote session (VR) says who answers for it and who takes part"
Severity: #warning
Expression: "class.code != 'VR' or (serviceProvider.exists() and participant.exists())"

Profile: PasserelleEncounter
Parent: Encounter
Id: encounter
Title: "Stay, visit or remote session"
Description: "Its identifiers, kind and period are always there: a remote session (VR) is found again by them. After fr-core-encounter."
* obeys pas-remote-1
* extension contains VirtualSession named virtualSession 0..1
* identifier 1..*
* identifier.type 1..1
* identifier.type from IdentifierType (extensible)
* identifier.system 1..1
* identifier.value 1..1
* class.system 1..1
* class.code 1..1
* type 0..1
* account 0..1
* subject 1..1
* subject only Reference(Patient or Group)
* period 1..1
* period.start 1..1
* serviceProvider only Reference(Organization)
* hospitalization.preAdmissionIdentifier.type 1..1
* hospitalization.preAdmissionIdentifier.type from IdentifierType (extensible)
* hospitalization.preAdmissionIdentifier.system 1..1
* hospitalization.preAdmissionIdentifier.value 1..1

Profile: PasserelleAppointment
Parent: Appointment
Id: appointment
Title: "Appointment"
Description: "An appointment between a patient, those who asked and the expert. After fr-core-appointment and GAP; specialties are national sets that a region's package brings."
* extension contains VirtualSession named virtualSession 0..1
* identifier.type from IdentifierType (extensible)
* identifier.system 1..1
* identifier.value 1..1
* slot only Reference(Slot)
* basedOn only Reference(ServiceRequest)
* participant.actor only Reference(Patient or Practitioner or PractitionerRole or RelatedPerson or Device or HealthcareService or Location)

Profile: PasserelleSchedule
Parent: Schedule
Id: schedule
Title: "Agenda"
Description: "Whose time is given, over which period. After fr-core-schedule."
* identifier.type from IdentifierType (extensible)
* identifier.system 1..1
* identifier.value 1..1
* planningHorizon.start 1..1

Invariant: pas-slot-1
Description: "A slot ends after it starts"
Severity: #error
Expression: "start < end"

Profile: PasserelleSlot
Parent: Slot
Id: slot
Title: "Slot of an agenda"
Description: "A time that may be booked. After fr-core-slot."
* obeys pas-slot-1
* identifier.type from IdentifierType (extensible)
* identifier.system 1..1
* identifier.value 1..1
* serviceCategory 0..1
* schedule only Reference(Schedule)
