WHICH=main
HOMEPAGE="https://main.example/"
