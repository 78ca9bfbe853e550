package regen

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	"github.com/tumpline/tumpline/ebuild"
	files "github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/manifest/renew"
)

// manifestOptions are what egencache's command line says about Manifests. What is
// nil is not said.
type manifestOptions struct {
	sign, strict, thin *string // "y" or "n"
	gpgDir, gpgKey     *string
}

func decodeManifests(w *argparse.Words) *manifestOptions {
	if !w.Has("--update-manifests") {
		return nil
	}
	return &manifestOptions{
		sign: w.Text("--sign-manifests"), strict: w.Text("--strict-manifests"), thin: w.Text("--thin-manifests"),
		gpgDir: w.Text("--gpg-dir"), gpgKey: w.Text("--gpg-key"),
	}
}

func said(option *string, otherwise bool) bool {
	if option == nil {
		return otherwise
	}
	return *option == "y"
}

// manifests brings the Manifests of a repository up to date. As egencache does, it
// fetches nothing: distfiles that are absent without known digests are left out.
func (f *front) manifests(ctx context.Context, r *ebuild.Repository) error {
	config := f.session.Target.Config
	o := manifest.Renewal(r, config)
	o.Partial, o.Assume, o.Jobs = true, true, f.session.Jobs
	o.Policy.Thin = said(f.options.manifests.thin, o.Policy.Thin)
	o.Policy.Lenient = !said(f.options.manifests.strict, !o.Policy.Lenient)
	signer, err := f.signer(r)
	if err != nil {
		f.complain("egencache: error: %s\negencache: You may disable manifest signatures with --sign-manifests=n or by setting \"sign-manifests = false\" in metadata/layout.conf", err)
		f.fail(cli.StatusFailure)
		return nil
	}
	cps := f.options.packages
	if cps == nil {
		if cps, err = r.CPs(); err != nil {
			f.complain("%s", err)
			f.fail(cli.StatusFailure)
		}
	}
	var requests []renew.Request
	for _, cp := range cps {
		requests = append(requests, renew.Request{CP: cp})
	}
	return o.All(ctx, requests, func(res *renew.Result) { f.renewed(ctx, r, res, signer) })
}

// renewed signs a Manifest, and tells what went wrong with it.
func (f *front) renewed(ctx context.Context, r *ebuild.Repository, res *renew.Result, signer *manifest.Signer) {
	if res.State == renew.Skipped {
		f.complain(">>> Skipping creating Manifest for %s::%s; repository is configured to not use them", res.CP, r.Name)
		return
	}
	err := res.Err
	if err == nil && signer != nil {
		err = signer.Sign(ctx, filepath.Join(res.Dir, files.FileName), res.State == renew.Written)
	}
	if err == nil {
		return
	}
	f.complain("!!! %s", err)
	f.complain("Error processing %s::%s with returncode 1, continuing...", res.CP, r.Name)
	if !f.options.tolerant {
		f.fail(cli.StatusFailure)
	}
}

// signer gives what signs the Manifests of a repository; nil if they are not signed.
func (f *front) signer(r *ebuild.Repository) (*manifest.Signer, error) {
	o, config := f.options.manifests, f.session.Target.Config
	if !said(o.sign, r.Layout.SignManifests) {
		return nil, nil
	}
	s := &manifest.Signer{Command: config.Get("PORTAGE_GPG_SIGNING_COMMAND"), Vars: map[string]string{}, Output: f.env.Err}
	if s.Command == "" {
		return nil, errors.New("PORTAGE_GPG_SIGNING_COMMAND is unset")
	}
	for name, option := range map[string]*string{"PORTAGE_GPG_KEY": o.gpgKey, "PORTAGE_GPG_DIR": o.gpgDir} {
		if s.Vars[name] = config.Get(name); option != nil {
			s.Vars[name] = *option
		}
	}
	if s.Vars["PORTAGE_GPG_KEY"] == "" {
		return nil, errors.New("PORTAGE_GPG_KEY is unset")
	}
	dir := s.Vars["PORTAGE_GPG_DIR"]
	home := f.env.Vars["HOME"]
	switch {
	case dir == "":
		dir = filepath.Join(home, ".gnupg")
	case dir == "~" || len(dir) > 1 && dir[:2] == "~/":
		dir = home + dir[1:]
	}
	if s.Vars["PORTAGE_GPG_DIR"] = f.env.Abs(dir); unix.Access(s.Vars["PORTAGE_GPG_DIR"], unix.X_OK) != nil {
		return nil, fmt.Errorf("Unable to access directory: PORTAGE_GPG_DIR='%s'", dir)
	}
	for name, value := range f.env.Vars {
		s.Environ = append(s.Environ, name+"="+value)
	}
	return s, nil
}
