package merging

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/fetching"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/merge/binhost"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/imagetar"
	"github.com/tumpline/tumpline/merge/binpkg/signing"
	"github.com/tumpline/tumpline/merge/livefs"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/installmask"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A Packer makes binary packages of images, and images of binary packages.
type Packer struct {
	*Works
}

func (k *Packer) configured(c *profiles.Config) (*binpkg.WriteOptions, error) {
	var env []string
	for _, name := range []string{"HOME", "PATH", "TMPDIR", "GPG_TTY", "GPG_AGENT_INFO", "GNUPGHOME"} {
		if value, ok := k.Env.Vars[name]; ok {
			env = append(env, name+"="+value)
		}
	}
	return binpkg.Configured(c, binpkg.Surroundings{
		Path: filepath.SplitList(k.Env.Vars["PATH"]), Env: env, CPUs: runtime.NumCPU(), Now: time.Now(),
	})
}

// Pack makes the binary package of an image, and gives its file.
func (k *Packer) Pack(ctx context.Context, s *plan.Step, j *build.Job) (string, error) {
	root := k.Root(s)
	o, err := k.configured(root.Config)
	if err != nil {
		return "", fmt.Errorf("%s: make a binary package: %w", s.CPV, err)
	}
	if k.Format != "" {
		if o.Format, err = binpkg.ParseFormat(k.Format); err != nil {
			return "", fmt.Errorf("--pkg-format: %w", err)
		}
	}
	lists, err := j.Build.Dir.Lists()
	if err != nil {
		return "", err
	}
	if lists.PkgInstallMask != "" {
		o.Mask = installmask.Parse(lists.PkgInstallMask)
	}
	o.CPV, o.Image, o.BuildInfo, o.EPrefix = j.Package.CPV, j.Build.Dir.Image(), j.Build.Dir.Info(), root.EPrefix
	o.Attributes = binpkg.OwnerNames()
	k.packing.Lock()
	defer k.packing.Unlock()
	j.Say(">>> Creating binpkg")
	done, err := binpkg.Write(ctx, o)
	if err != nil {
		return "", err
	}
	return done.Path, nil
}

// Unpack implements merge.Packer.
func (k *Packer) Unpack(ctx context.Context, s *plan.Step, progress merge.Progress) (*merge.Image, error) {
	p, err := k.Package(s)
	if err != nil {
		return nil, err
	}
	j, err := k.making(s).JobOfBinary(p)
	if err != nil {
		return nil, err
	}
	if err := j.Start(ctx); err != nil {
		return nil, err
	}
	image, err := k.image(ctx, s, j, progress)
	if err != nil {
		k.remember(j)
		err = errors.Join(err, j.Clean(context.WithoutCancel(ctx)))
		j.Close()
		return nil, err
	}
	return image, nil
}

func (k *Packer) image(ctx context.Context, s *plan.Step, j *build.Job, progress merge.Progress) (*merge.Image, error) {
	progress("unpack")
	u, err := k.opened(ctx, s, j)
	if err != nil {
		return nil, err
	}
	j.Say(">>> Extracting info")
	u.with.BuildInfo = j.Build.Dir.Info()
	if _, err := binpkg.Unpack(ctx, u.path, u.with); err != nil {
		return nil, err
	}
	if err := j.Restore(j.Build.Dir.Info()); err != nil {
		return nil, err
	}
	if j.HasScript(phase.Setup) {
		progress(phase.Setup.String())
		if err := j.One(ctx, phase.Setup); err != nil {
			return nil, err
		}
		progress("unpack")
	}
	j.Say(">>> Extracting %s", s.CPV)
	u.with.Image, u.with.BuildInfo = j.Build.Dir.Image(), ""
	if _, err := binpkg.Unpack(ctx, u.path, u.with); err != nil {
		return nil, err
	}
	image := &merge.Image{Dir: j.Build.Dir.Image(), Info: j.Build.Dir.Info(), Keep: u}
	image.Release = func(ctx context.Context, _ bool) error {
		k.remember(j)
		defer j.Close()
		return j.Clean(ctx)
	}
	return image, nil
}

// An unpacked is a binary package that is ready to be merged.
type unpacked struct {
	*build.Job
	owners map[string]livefs.Owner // where this process may not set them
	order  []string                // of its files
	path   string
	with   *binpkg.UnpackOptions
}

// opened gets and verifies the file that is to be unpacked to the build directory.
func (k *Packer) opened(ctx context.Context, s *plan.Step, j *build.Job) (*unpacked, error) {
	u := &unpacked{Job: j}
	config := k.Root(s).Config
	w, err := k.configured(config)
	if err != nil {
		return nil, err
	}
	dir := j.Build.Dir
	if err := os.MkdirAll(dir.Image(), 0o755); err != nil {
		return nil, err
	}
	o := &binpkg.UnpackOptions{
		CPV: j.Package.CPV, Programs: w.Programs, Xattrs: w.Xattrs, Seen: func(path string) { u.order = append(u.order, path) },
	}
	u.with = o
	if os.Geteuid() != 0 {
		u.owners = make(map[string]livefs.Owner)
		o.Record = func(path string, a imagetar.Attributes, _ imagetar.Device) {
			u.owners["/"+strings.TrimPrefix(path, "/")] = livefs.Owner{UID: a.UID, GID: a.GID, Mode: a.Mode}
		}
	}
	u.path = file(config, j.Package)
	if j.Package.Remote != "" {
		if u.path, err = k.download(ctx, s, j.Package); err != nil {
			return nil, err
		}
		verify := k.verifies(s, j.Package)
		o.Signature = binpkg.SignaturePolicy(config, &verify, k.verifier(config, w, dir.Temp()))
	} else {
		o.Signature = binpkg.SignaturePolicy(config, nil, k.verifier(config, w, dir.Temp()))
	}
	o.MD5, err = k.intact(k.Root(s), j.Package, u.path, j.Say)
	return u, err
}

// verifier judges signatures with the user's program, if one is configured.
func (k *Packer) verifier(c *profiles.Config, w *binpkg.WriteOptions, temp string) gpkg.Verifier {
	command := c.Get("BINPKG_GPG_VERIFY_BASE_COMMAND")
	if command == "" {
		return nil
	}
	vars := make(map[string]string)
	for _, name := range c.Vars.Names() {
		vars[name] = c.Get(name)
	}
	return &signing.Program{Command: command, Home: c.Get("BINPKG_GPG_VERIFY_GPG_HOME"), Vars: vars, Env: w.Programs.Env, TempDir: temp}
}

// verifies says whether the binhost of a package promises signatures.
func (k *Packer) verifies(s *plan.Step, p *ebuild.Package) bool {
	for _, r := range k.Root(s).Binaries.Remotes() {
		if r.Repo.Label() == p.Remote {
			return r.Repo.VerifySignature
		}
	}
	return false
}

// download gets a package file of a binhost, and gives its path.
func (k *Packer) download(ctx context.Context, s *plan.Step, p *ebuild.Package) (string, error) {
	root := k.Root(s)
	wanted, err := binhost.Want(p, root.Binaries.Remotes())
	if err != nil {
		return "", err
	}
	w, err := k.configured(root.Config)
	if err != nil {
		return "", err
	}
	settings, problems := fetching.Settings(k.Env, root.Config)
	for _, problem := range problems {
		_, _ = fmt.Fprintf(k.Env.Err, "!!! %s\n", problem) // a closed stream cannot be told anything
	}
	d := &binhost.Downloader{Fetch: settings, Dir: w.Dir, Now: time.Now()}
	got := d.Get(ctx, []*binhost.Wanted{wanted})[0]
	return got.Path, got.Err
}

// Fetch gets the file of a binary package, if it is on a binhost. Where nothing is done
// with it but that, it is verified.
func (k *Packer) Fetch(ctx context.Context, s *plan.Step) error {
	p, err := k.Package(s)
	if err != nil {
		return err
	}
	root := k.Root(s)
	path := file(root.Config, p)
	if p.Remote != "" {
		if path, err = k.download(ctx, s, p); err != nil {
			return err
		}
	}
	if !k.FilesOnly {
		return nil // whoever unpacks it looks
	}
	_, err = k.intact(root, p, path, sayTo(k.making(s).Output))
	return err
}

// file is the file of a binary package in PKGDIR.
func file(c *profiles.Config, p *ebuild.Package) string {
	if filepath.IsAbs(p.Path) {
		return p.Path
	}
	return filepath.Join(c.Get("PKGDIR"), p.Path)
}
