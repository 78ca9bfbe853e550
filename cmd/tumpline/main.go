// Command tumpline plans what a Portage-compatible system has to merge, and in
// which order. Called as emerge it is emerge.
package main

import (
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/tumpline"
	"github.com/tumpline/tumpline/ebuild/confine"
)

func main() {
	confine.Trampoline() // does not return in a process that is to be confined
	cli.Exit(tumpline.Main)
}
