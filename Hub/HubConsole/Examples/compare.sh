# A second try with the same Idempotency-Key gets the first answer and is charged once.
curl --silent --show-error --fail-with-body "$VULTUS_URL/v1/compare" \
  --header "Authorization: Bearer $VULTUS_KEY" \
  --header "Idempotency-Key: $(openssl rand -hex 16)" \
  --form "image=@$VULTUS_PICTURE;type=image/jpeg" \
  --form "referenceImage=@$VULTUS_REFERENCE;type=image/jpeg"
