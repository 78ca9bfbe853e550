inherit which acc
LICENSE="${WHICH}"
