# What a call with that key would be told, before any is made.
curl --silent --show-error --fail-with-body "$VULTUS_URL/v1/access/face.detect" \
  --header "Authorization: Bearer $VULTUS_KEY"
