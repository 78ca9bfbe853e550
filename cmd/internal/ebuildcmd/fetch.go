package ebuildcmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/tumpline/tumpline/cmd/internal/fetching"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	"github.com/tumpline/tumpline/merge/fetch"
)

// extent is how many of an ebuild's distfiles are fetched.
type extent uint8

const (
	needed     extent = iota // those that it needs with its USE flags
	everything               // all that SRC_URI names
)

// fetch gets the ebuild's distfiles.
func (r *run) fetch(ctx context.Context, e extent) error {
	config := r.opened.Session.Target.Config
	settings, problems := fetching.Settings(r.env, config)
	for _, p := range problems {
		_, _ = fmt.Fprintf(r.env.Err, "!!! %s\n", p) // a closed standard error cannot be told anything
	}
	settings.Events = fetching.NewDisplay(r.env.Streams).Show
	settings.Unlisted = r.options.skipManifest
	var enabled func(string) bool
	if e == needed && !config.Feature("mirror") && !config.Feature("fetchall") {
		enabled = r.opened.Session.Target.Use.State(r.pkg).Enabled
	}
	request, err := fetch.ForPackage(r.pkg, manifest.Policy(r.opened.Repo, config), enabled)
	if err != nil {
		return err
	}
	results, err := fetch.New(settings).Fetch(ctx, []*fetch.Request{request})
	if err != nil {
		return err
	}
	var errs []error
	for _, res := range results {
		if res.Err != nil {
			errs = append(errs, fmt.Errorf("!!! %w", res.Err))
			continue
		}
		if _, err := fmt.Fprintf(r.env.Out, " * %s %s\n", res.File.Name, res.State); err != nil {
			return err
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return nil
}
