// Structures, places and professionals. Facts: FrCore (organization, location, practitioner, practitioner-role); annex N France.

Invariant: pas-structure-1
Description: "The address of a national identifier is the current one (https://finess.esante.gouv.fr, https://sirene.fr, urn:oid:1.2.250.1.71.4.2.2); older ones are read"
Severity: #warning
Expression: "identifier.where(type.coding.exists(code = 'FINEJ' or code = 'FINEG' or code = 'SIREN' or code = 'SIRET' or code = 'IDNST')).all(system = 'https://finess.esante.gouv.fr' or system = 'https://sirene.fr' or system = 'urn:oid:1.2.250.1.71.4.2.2')"

Invariant: pas-finess-1
Description: "A FINESS number has nine places, the second of the department a digit, A or B"
Severity: #warning
Expression: "matches('^[0-9][0-9AB][0-9]{7}$')"

Invariant: pas-siren-1
Description: "A SIREN has nine digits"
Severity: #warning
Expression: "matches('^[0-9]{9}$')"

Invariant: pas-siret-1
Description: "A SIRET has fourteen digits"
Severity: #warning
Expression: "matches('^[0-9]{14}$')"

Invariant: pas-idnst-1
Description: "An IdNST is a digit from 0 to 4 and the number that it tells of"
Severity: #warning
Expression: "matches('^[0-4][0-9A-Z]{9,16}$')"

Profile: PasserelleOrganization
Parent: Organization
Id: organization
Title: "Structure"
Description: "A legal or geographic entity, or a unit of one, by its national identifiers. After fr-core-organization."
* obeys pas-structure-1
* identifier 1..*
* identifier.system 1..1
* identifier.value 1..1
* identifier.type from IdentifierType (extensible)
* identifier ^slicing.discriminator.type = #pattern
* identifier ^slicing.discriminator.path = "type"
* identifier ^slicing.rules = #open
* identifier contains
    finessEj 0..1 and
    finessEg 0..1 and
    idNatSt 0..1 and
    siren 0..1 and
    siret 0..1
* identifier[finessEj].type = $fr-types#FINEJ
* identifier[finessEj].value obeys pas-finess-1
* identifier[finessEg].type = $fr-types#FINEG
* identifier[finessEg].value obeys pas-finess-1
* identifier[idNatSt].type = $fr-types#IDNST
* identifier[idNatSt].value obeys pas-idnst-1
* identifier[siren].type = $fr-types#SIREN
* identifier[siren].value obeys pas-siren-1
* identifier[siret].type = $fr-types#SIRET
* identifier[siret].value obeys pas-siret-1

Profile: PasserelleLocation
Parent: Location
Id: location
Title: "Place"
Description: "A site, unit, room or bed, with whom it belongs to. After fr-core-location."
* identifier.type from IdentifierType (extensible)
* identifier.value 1..1
* name 1..1
* managingOrganization only Reference(Organization)
* partOf only Reference(Location)

Invariant: pas-rpps-1
Description: "An RPPS number has eleven digits"
Severity: #warning
Expression: "matches('^[0-9]{11}$')"

Invariant: pas-idnps-1
Description: "An IdNPS is a digit (8 for RPPS) and the number that it tells of"
Severity: #warning
Expression: "matches('^(8[0-9]{11}|[0-7].{8,20})$')"

Invariant: pas-professional-1
Description: "An ADELI number is decommissioned and is not sent (FrCore 2.2.0)"
Severity: #warning
Expression: "identifier.type.coding.exists(code = 'ADELI').not()"

Profile: PasserellePractitioner
Parent: Practitioner
Id: practitioner
Title: "Professional"
Description: "A person who takes part in care, by RPPS or IdNPS where there is one. After fr-core-practitioner."
* obeys pas-professional-1
* identifier.system 1..1
* identifier.value 1..1
* identifier.type from IdentifierType (extensible)
* identifier ^slicing.discriminator.type = #pattern
* identifier ^slicing.discriminator.path = "type"
* identifier ^slicing.rules = #open
* identifier contains idNatPs 0..1 and rpps 0..1
* identifier[idNatPs].type = $fr-types#IDNPS
* identifier[idNatPs].system = "urn:oid:1.2.250.1.71.4.2.1"
* identifier[idNatPs].value obeys pas-idnps-1
* identifier[rpps].type = $fr-types#RPPS
* identifier[rpps].value obeys pas-rpps-1
* name 1..*
* name.family 1..1

Invariant: pas-role-1
Description: "A role names its professional or its structure"
Severity: #error
Expression: "practitioner.exists() or organization.exists()"

Profile: PasserellePractitionerRole
Parent: PractitionerRole
Id: practitioner-role
Title: "Professional in a structure"
Description: "Who works where and as what. After fr-core-practitioner-role; its specialties are national sets that a region's package brings."
* obeys pas-role-1
* practitioner only Reference(Practitioner)
* organization only Reference(Organization)
