# Signing in sets a cookie; whatever changes something also sends the session's token.
csrf=$(jq --null-input '{email: $ENV.VULTUS_EMAIL, password: $ENV.VULTUS_PASSWORD}' |
  vultus "$VULTUS_URL/v1/account/session" --json @- | jq -r .csrfToken)
application=$(vultus "$VULTUS_URL/v1/account/applications" \
  --header "X-CSRF-Token: $csrf" --json '{"name": "door"}' | jq -r .id)
vultus "$VULTUS_URL/v1/account/applications/$application/entitlements" \
  --header "X-CSRF-Token: $csrf" --json '{"api": "face.detect"}' | jq .
export VULTUS_KEY=$(vultus "$VULTUS_URL/v1/account/keys" \
  --header "X-CSRF-Token: $csrf" --json "{\"application\": \"$application\", \"name\": \"first\"}" | jq -r .secret)
