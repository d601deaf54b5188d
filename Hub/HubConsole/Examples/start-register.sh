vultus() { curl --silent --show-error --fail-with-body --cookie jar --cookie-jar jar "$@"; }

# The agreements in force, accepted by the hashes of the texts that you read; then an account.
vultus "$VULTUS_URL/v1/agreements" |
  jq '[.items[] | {document, number, hash: .textHashes.en}]' >accept.json
jq --null-input --slurpfile accept accept.json \
  '{kind: "individual", name: "Ada", accept: $accept[0],
    email: $ENV.VULTUS_EMAIL, password: $ENV.VULTUS_PASSWORD}' |
  vultus "$VULTUS_URL/v1/account/register" --json @-
