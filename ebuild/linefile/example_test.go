package linefile_test

import (
	"fmt"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

func ExampleText_WordLines() {
	text := linefile.ParseText("profiles/package.mask", []byte("# Broken.\n>=dev-libs/a-2  # since May\n"))
	for _, l := range text.WordLines() {
		fmt.Println(l.Pos(), l.Words, l.Comment)
	}
	// Output: profiles/package.mask:2 [>=dev-libs/a-2] [# Broken.]
}
