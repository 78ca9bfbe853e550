package build

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/compression"
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
	b, config := j.Build, j.making.Root().Config
	lists, err := b.Dir.Lists()
	if err != nil {
		return nil, err
	}
	format, err := binpkg.ParseFormat(valueOr(b.Variables["BINPKG_FORMAT"], "gpkg"))
	if err != nil {
		return nil, fmt.Errorf("BINPKG_FORMAT: %w", err)
	}
	name, set := b.Variables["BINPKG_COMPRESS"]
	if !set {
		name = "zstd"
	}
	method, err := compression.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("BINPKG_COMPRESS: %w", err)
	}
	pkgdir := b.Variables["PKGDIR"]
	if pkgdir == "" {
		return nil, errors.New("PKGDIR is not set")
	}
	o := &binpkg.WriteOptions{
		Dir: &binpkg.Dir{Path: pkgdir, MultiInstance: b.Features["binpkg-multi-instance"], CompressIndex: b.Features["compress-index"],
			Header: binpkg.HeaderOf(config), CHOST: config.Get("CHOST")},
		CPV: j.Package.CPV, Image: b.Dir.Image(), EPrefix: b.Roots.EPrefix, BuildInfo: b.Dir.Info(), Format: format, Method: method,
		Programs: &compression.Programs{Path: b.Path, Env: []string{"PATH=" + strings.Join(b.Path, ":"), "TMPDIR=" + b.Dir.Temp()}, Jobs: b.CPUs,
			Lookup: func(name string) (string, bool) { v, ok := b.Variables[name]; return v, ok }},
		Mask: installmask.Parse(lists.PkgInstallMask), Xattrs: b.Features["xattr"], XattrExclude: strings.Fields(b.Variables["PORTAGE_XATTR_EXCLUDE"]),
		Attributes: binpkg.OwnerNames(), Now: time.Now(),
	}
	if seconds, err := strconv.ParseInt(b.Variables["SOURCE_DATE_EPOCH"], 10, 64); err == nil {
		o.Latest = time.Unix(seconds, 0)
	}
	return o, nil
}

func valueOr(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
