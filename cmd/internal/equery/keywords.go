package equery

import (
	"github.com/tumpline/tumpline/cmd/internal/eshowkw"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func keywordsModule() *module {
	return &module{
		name: "keywords", letter: "y", shown: "ke(y)words", about: "display keywords for specified PKG",
		kind: eshowkw.Kind,
		run: func(c *call, _ []getopt.Option, args []string) error {
			return eshowkw.Run(c.ctx, c.env.With("equery keywords", args), c.data)
		},
	}
}
