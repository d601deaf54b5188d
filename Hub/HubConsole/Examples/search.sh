curl --silent --show-error --fail-with-body "$VULTUS_URL/v1/galleries/$VULTUS_GALLERY/search" \
  --header "Authorization: Bearer $VULTUS_KEY" \
  --header "Content-Type: image/jpeg" \
  --data-binary "@$VULTUS_PICTURE"
