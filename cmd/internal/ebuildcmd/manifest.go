package ebuildcmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	files "github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/manifest/renew"
)

// manifest makes the Manifest of the ebuild's package anew.
func (r *run) manifest(ctx context.Context) error {
	o := manifest.Renewal(r.opened.Repo, r.opened.Session.Target.Config)
	o.Fetcher = manifest.Fetcher(r.env, r.opened.Session.Target.Config, o.Distdir)
	q := renew.Request{CP: r.ebuild.cpv.CP}
	if r.options.force {
		o.Discard = true
		q.Force = []atoms.CPV{r.ebuild.cpv}
	}
	res := o.Package(ctx, q)
	dir := filepath.Dir(r.ebuild.path)
	switch res.State {
	case renew.Failed:
		return r.failed(res.Err)
	case renew.Skipped:
		_, err := fmt.Fprintf(r.env.Out, ">>> Skipping creating Manifest for %s; repository is configured to not use them\n", dir)
		return err
	}
	if _, err := fmt.Fprintf(r.env.Out, ">>> Creating Manifest for %s\n", dir); err != nil {
		return err
	}
	if o.Assume {
		return nil
	}
	return r.assumed(res.Assumed)
}

// assumed tells of which distfiles the digests were taken over.
func (r *run) assumed(list []renew.Assumption) error {
	if len(list) == 0 {
		return nil
	}
	files := map[string]bool{}
	for _, a := range list {
		files[a.File] = true
	}
	count := fmt.Sprintf("%18d", len(files))
	lookup := func(name string) (string, bool) {
		if value := r.opened.Session.Target.Config.Get(name); value != "" {
			return value, true
		}
		value, ok := r.env.Vars[name]
		return value, ok
	}
	if r.env.UseColour(r.options.colour, lookup) {
		count = "\x1b[33;01m" + count + "\x1b[39;49;00m"
	}
	if _, err := fmt.Fprintf(r.env.Out, "  digest.assumed%s\n", count); err != nil {
		return err
	}
	for _, a := range list {
		if _, err := fmt.Fprintf(r.env.Out, "   %s::%s\n", a.CPV.PF(), a.File); err != nil {
			return err
		}
	}
	return nil
}

// failed tells of distfiles that could not be had, as Portage does.
func (r *run) failed(err error) error {
	var lack *renew.FetchError
	if !errors.As(err, &lack) {
		return fmt.Errorf("!!! %w", err)
	}
	text := fmt.Sprintf("!!! %s\n!!! Fetch failed for %s, can't update Manifest", err, lack.Name)
	if lack.Want == files.WantSize {
		text += fmt.Sprintf("\n!!! If you would like to forcefully replace the existing Manifest entry\n!!! for %s, use the following command:\n!!!    ebuild --force %s manifest",
			lack.Name, filepath.Base(r.ebuild.path))
	}
	return errors.New(text)
}
