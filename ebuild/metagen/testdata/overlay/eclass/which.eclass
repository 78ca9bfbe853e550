WHICH=overlay
HOMEPAGE="https://overlay.example/"
