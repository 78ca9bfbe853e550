// Package regen is the fronts "tumpline regen" and egencache: they bring the cache
// files that repositories carry up to date.
//
// What is stale and how metadata is made is the business of ebuild/refresh and
// below. The package decodes command lines, shows progress and tells what went
// wrong. It departs from egencache in this: a broken metadata.xml or ebuild does
// not end the run, and the user-side cache need not be writable.
package regen

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

const program = "tumpline regen"

const usage = "usage: tumpline regen [options] [repository]...\n"

const help = usage + `
Bring the md5-dict caches of repositories up to date, of all if none is named:
ebuilds without a fresh entry are sourced, entries without an ebuild are removed,
everything else is left as it is.

  --package CAT/PN               only this package; may be given once
  --json                         print a line for each ebuild as JSON
  --quiet, -q                    print no summary and no progress
  --jobs N, -j N                 ebuilds at a time; the number of processors if
                                 not given
  --load-average N               start no more ebuilds while the load is higher
  --external-cache-only          leave the repository alone, and keep metadata in
                                 the user-side cache
  --cache-dir DIR                the user-side cache (PORTAGE_DEPCACHEDIR)
  --tolerant                     status 0 although ebuilds are broken
  --update-use-local-desc        write profiles/use.local.desc as well
  --use-local-desc-output FILE   write it there; "-" is standard output
  --preserve-comments            keep the comments that it starts with
  --update-pkg-desc-index        write metadata/pkg_desc_index as well
  --write-timestamp              write metadata/timestamp.chk at the end
  --config-root DIR              holds etc/portage
  --repositories-configuration TEXT
                                 repositories, in place of repos.conf

Ebuilds are sourced confined. TUMPLINE_CONFINE=n in the environment turns that
off, TUMPLINE_BASH names the shells to be used; see docs/metadata.md.
`

// Main is the front of "tumpline regen".
func Main(ctx context.Context, env *cli.Env) error {
	w, err := argparse.Parse(append(updateOptions(),
		argparse.Option{Long: "--json"}, argparse.Option{Long: "--quiet", Short: "-q"}, argparse.Option{Long: "--package", Takes: argparse.Text},
	), env.Args)
	if err != nil {
		return misunderstood(program, usage, err)
	}
	if w.Has("--help") {
		_, err := io.WriteString(env.Out, help)
		return err
	}
	o, err := regenOptions(env, w)
	if err != nil {
		return misunderstood(program, usage, err)
	}
	s, err := open(env, o, false)
	if err != nil {
		return err
	}
	for _, name := range o.repos {
		if s.Repos.Get(name) == nil {
			err := misunderstood(program, usage, fmt.Errorf("there is no repository %q", name))
			return errors.Join(err, s.Close())
		}
	}
	if o.repos == nil {
		for _, r := range s.Repos.All() {
			o.repos = append(o.repos, r.Name)
		}
	}
	return errors.Join((&front{env: env, session: s, options: o, program: program}).run(ctx), s.Close())
}

func regenOptions(env *cli.Env, w *argparse.Words) (*options, error) {
	o, err := decode(env, w)
	if err != nil {
		return nil, err
	}
	for _, arg := range w.Rest {
		if len(arg) > 0 && arg[0] == '-' {
			return nil, fmt.Errorf("unrecognized arguments: %s", arg)
		}
	}
	o.repos, o.update, o.strict = w.Rest, true, true
	o.json, o.quiet = w.Has("--json"), w.Has("--quiet")
	if name := w.Text("--package"); name != nil {
		if o.packages, err = names([]string{*name}); err != nil {
			return nil, err
		}
	}
	if o.output != nil && len(o.repos) != 1 {
		return nil, errors.New("--use-local-desc-output needs one repository")
	}
	if o.comments && o.output != nil && *o.output == "-" {
		return nil, errors.New("--preserve-comments can not be used when outputting to stdout")
	}
	if o.json && o.output != nil && *o.output == "-" {
		return nil, errors.New("--json and --use-local-desc-output=- both want standard output")
	}
	return o, nil
}
