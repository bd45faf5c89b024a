// One valid example of each profile. Patients are invented: (FICTIF), an order number 000 that nobody has, the test OID.

RuleSet: Test
* meta.security = $act-reason#HTEST

RuleSet: Suzanne
* extension[identityReliability].extension[identityStatus].valueCoding = $fr-identity-status#QUAL
* extension[identityReliability].extension[methodCollection].valueCoding = $fr-identity-method#INSI
* extension[identityReliability].extension[dateInterrogationINSi].valueDate = "2026-11-02"
* extension[birthPlace].valueAddress.extension[inseeCode].valueCoding = $communes#53130
* extension[birthPlace].valueAddress.city = "Laval"
* identifier[INS-NIR-TEST].use = #official
* identifier[INS-NIR-TEST].value = "254035313000022"
* identifier[PI].use = #usual
* identifier[PI].system = "urn:oid:2.999.539990028"
* identifier[PI].value = "300101"
* name[officialName].family = "LEROUX (FICTIF)"
* name[officialName].given = "SUZANNE"
* name[officialName].extension[birthListGivenName].valueString = "SUZANNE MARIE"
* gender = #female
* birthDate = "1954-03-12"

Instance: qualified-patient
InstanceOf: QualifiedPatient
Usage: #example
* insert Test
* insert Suzanne
* telecom.system = #phone
* telecom.value = "0261910101"

Instance: patient
InstanceOf: PasserellePatient
Usage: #example
* insert Test
* extension[identityReliability].extension[identityStatus].valueCoding = $fr-identity-status#PROV
* identifier[PI].use = #usual
* identifier[PI].system = "urn:oid:2.999.539990119"
* identifier[PI].value = "R-0042"
* name[officialName].family = "MOREAU (FICTIF)"
* name[officialName].given = "HENRI"
* name[usualName].family = "MOREAU (FICTIF)"
* name[usualName].given = "RIRI"
* gender = #male
* birthDate = "1931"

RuleSet: Hospital
* identifier[finessEj].system = $finess
* identifier[finessEj].value = "539990028"
* name = "Centre hospitalier du Haut-Anjou (fictif)"

Instance: organization
InstanceOf: PasserelleOrganization
Usage: #example
* insert Test
* insert Hospital
* identifier[idNatSt].system = $id-structures
* identifier[idNatSt].value = "1539990028"

Instance: location
InstanceOf: PasserelleLocation
Usage: #example
* insert Test
* identifier.system = "urn:oid:2.999.539990119.3"
* identifier.value = "SALON-2"
* status = #active
* name = "Salon du deuxième étage"
* managingOrganization.identifier.system = $finess
* managingOrganization.identifier.value = "539990119"

Instance: practitioner
InstanceOf: PasserellePractitioner
Usage: #example
* insert Test
* identifier[rpps].system = $rpps
* identifier[rpps].value = "10999999997"
* identifier[idNatPs].value = "810999999997"
* name.family = "MARTIN (FICTIF)"
* name.given = "Claire"
* name.prefix = "Dr"

Instance: practitioner-role
InstanceOf: PasserellePractitionerRole
Usage: #example
* insert Test
* practitioner.identifier.system = $rpps
* practitioner.identifier.value = "10999999997"
* practitioner.display = "Dr Claire MARTIN (FICTIF)"
* organization.identifier.system = $finess
* organization.identifier.value = "539990028"
* organization.display = "Centre hospitalier du Haut-Anjou (fictif)"
