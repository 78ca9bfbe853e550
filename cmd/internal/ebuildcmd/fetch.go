package ebuildcmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// told is the line about a file: what it was verified by, if it was there and could
// be.
func told(res *fetch.Result) string {
	var hashes []string
	for _, h := range res.File.Entry.Hashes {
		hashes = append(hashes, h.Name)
	}
	slices.Sort(hashes)
	if res.State != fetch.Present || len(hashes) == 0 {
		return fmt.Sprintf(" * %s %s", res.File.Name, res.State)
	}
	text := fmt.Sprintf(" * %s %s size ;-) ...", res.File.Name, strings.Join(hashes, " "))
	const end, status = 79, "[ ok ]" // the column where Portage's lines end
	return text + strings.Repeat(" ", max(end-len(text)-len(status), 0)) + status
}

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
		if _, err := fmt.Fprintln(r.env.Out, told(res)); err != nil {
			return err
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return nil
}
