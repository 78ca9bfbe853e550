package q

import (
	"context"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

func qlop() applet {
	return applet{name: "qlop", args: "<pkgname>", about: "emerge log analyzer", run: func(context.Context, *call) error {
		return &cli.RefusedError{Program: "qlop", What: "qlop"}
	}}
}

func qmanifest() applet {
	return applet{name: "qmanifest", args: "<misc args>", about: "verify or generate thick Manifest files", run: func(context.Context, *call) error {
		return &cli.RefusedError{Program: "qmanifest", What: "qmanifest"}
	}}
}
