package build

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/profiles/installmask"
)

// Pack makes a binary package of the image in PKGDIR, as the configuration says, and
// gives its path. PKG_INSTALL_MASK counts as src_install and bashrc files left it.
func (j *Job) Pack(ctx context.Context) (string, error) {
	o, err := j.packing()
	if err != nil {
		return "", fmt.Errorf("%s: %w", j.Package.CPV, err)
	}
	j.Say(">>> Creating binpkg")
	done, err := binpkg.Write(ctx, o)
	if err != nil {
		return "", err
	}
	return done.Path, nil
}

func (j *Job) packing() (*binpkg.WriteOptions, error) {
	b := j.Build
	lists, err := b.Dir.Lists()
	if err != nil {
		return nil, err
	}
	env := []string{"PATH=" + strings.Join(b.Path, ":"), "TMPDIR=" + b.Dir.Temp()}
	for _, name := range []string{"HOME", "GPG_TTY", "GPG_AGENT_INFO", "GNUPGHOME"} { // for what signs
		if value, ok := b.Caller[name]; ok {
			env = append(env, name+"="+value)
		}
	}
	o, err := binpkg.Configured(j.making.Root().Config, binpkg.Surroundings{Path: b.Path, Env: env, CPUs: b.CPUs, Now: time.Now()})
	if err != nil {
		return nil, err
	}
	o.CPV, o.Image, o.EPrefix, o.BuildInfo = j.Package.CPV, b.Dir.Image(), b.Roots.EPrefix, b.Dir.Info()
	o.Mask, o.Attributes = installmask.Parse(lists.PkgInstallMask), binpkg.OwnerNames()
	return o, nil
}

func valueOr(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
