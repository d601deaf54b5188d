set -eu
vultus() {
  curl --silent --show-error --fail-with-body --header "Authorization: Bearer $VULTUS_KEY" "$@"
}

# A gallery; a person in it, with the consent on record; a template of the person's face.
gallery=$(vultus "$VULTUS_URL/v1/galleries" \
  --json '{"name": "Front door"}' | jq -r .id)
person=$(vultus "$VULTUS_URL/v1/galleries/$gallery/persons" \
  --json '{
    "label": "badge-4711",
    "consent": {"reference": "form 2026/17", "purpose": "entrance", "given": "2026-01-05T09:00:00Z"}
  }' | jq -r .id)
vultus "$VULTUS_URL/v1/galleries/$gallery/persons/$person/templates" \
  --header "Content-Type: image/jpeg" \
  --data-binary "@$VULTUS_PICTURE"
echo
echo "VULTUS_GALLERY=$gallery"
