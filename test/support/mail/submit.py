"""Signs in at a submission door as smtplib does, and sends one mail, for each line of JSON on stdin; answers a line each."""
import json
import smtplib
import ssl
import sys


def sends(asked):
    context = ssl.create_default_context(cafile=asked["ca"])
    context.check_hostname = False
    if asked.get("cert"):
        context.load_cert_chain(asked["cert"], asked["key"])
    said = {"auth": None, "sent": None}
    client = smtplib.SMTP("127.0.0.1", asked["port"], local_hostname="poste.exemple.test", timeout=20)
    client.starttls(context=context)
    client.ehlo()

    def response(challenge=None):
        # A challenge with words in it says why a token is none; it is answered with nothing.
        return "" if challenge else asked["response"]

    try:
        said["auth"], _ = client.auth(asked["mechanism"], response, initial_response_ok=asked["initial"])
        client.sendmail(asked["from"], [asked["to"]], asked["text"].encode("latin-1"))
        said["sent"] = 250
    except smtplib.SMTPAuthenticationError as no:
        said["auth"] = no.smtp_code
    except smtplib.SMTPResponseException as no:
        said["sent"] = no.smtp_code
    client.close()
    return said


for line in sys.stdin:
    print(json.dumps(sends(json.loads(line))))
