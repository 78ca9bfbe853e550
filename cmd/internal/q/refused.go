package q

import (
	"context"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

func qmerge() applet {
	return applet{name: "qmerge", args: "<pkgnames>", about: "fetch and merge binary package", options: []option{
		{letter: 'f', name: "fetch", about: "Fetch package and newest Packages metadata"},
		{letter: 'F', name: "force", about: "Fetch package (skipping Packages)"},
		{letter: 's', name: "search", about: "Search available packages"},
		{letter: 'K', name: "install", about: "Install package"},
		{letter: 'U', name: "unmerge", about: "Uninstall package"},
		{letter: 'p', name: "pretend", about: "Pretend only"},
		{letter: 'u', name: "update", about: "Update only"},
		{letter: 'y', name: "yes", about: "Don't prompt before overwriting"},
		{letter: 'O', name: "nodeps", about: "Don't merge dependencies"},
		{letter: 0, name: "debug", about: "Run shell funcs with `set -x`"},
	}, run: func(context.Context, *call) error {
		return &cli.RefusedError{Program: "qmerge", What: "qmerge", Why: "emerge --usepkgonly merges binary packages, emerge --unmerge removes packages"}
	}}
}

func qtegrity() applet {
	return applet{name: "qtegrity", args: "<misc args>", about: "verify files with IMA", options: []option{
		{letter: 'a', name: "add=", about: "Add file to store of known-good digests"},
		{letter: 'i', name: "ignore-non-existent", about: "Be silent if recorded file no longer exists"},
		{letter: 's', name: "show-matches", about: "Show recorded digests that match with known-good digests"},
	}, run: func(context.Context, *call) error {
		return &cli.RefusedError{Program: "qtegrity", What: "qtegrity", Why: "qcheck compares files with what was installed"}
	}}
}
