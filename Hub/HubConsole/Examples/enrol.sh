set -eu
vultus() {
  curl --silent --show-error --fail-with-body --header "Authorization: Bearer $VULTUS_KEY" "$@"
}

# A gallery; a person in it, with the consent on record; a template of the person's face.
gallery=$(vultus "$VULTUS_URL/v1/galleries" \
  --json '{"name": "Front door"}' | jq -r .id)
person=$(jq --null-input '{
    label: "badge-4711",
    consent: {reference: "form 17", purpose: "entrance", given: (now | todate), expires: (now + 365 * 86400 | todate)}
  }' | vultus "$VULTUS_URL/v1/galleries/$gallery/persons" --json @- | jq -r .id)
vultus "$VULTUS_URL/v1/galleries/$gallery/persons/$person/templates" \
  --header "Content-Type: image/jpeg" \
  --data-binary "@$VULTUS_PICTURE"
echo
echo "VULTUS_GALLERY=$gallery"
