# As a form; the picture is a part of it.
curl --silent --show-error --fail-with-body "$VULTUS_URL/v1/quality?faces=1" \
  --header "Authorization: Bearer $VULTUS_KEY" \
  --form "image=@$VULTUS_PICTURE;type=image/jpeg"
