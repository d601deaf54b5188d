vultus "$VULTUS_URL/v1/account/verify-email" --json "{\"token\": \"$VULTUS_TOKEN\"}"
