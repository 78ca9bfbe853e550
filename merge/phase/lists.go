package phase

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// listed are the variables of the library that Lists is made from.
const listed = `___docompress ___docompress_skip ___dostrip ___dostrip_skip ___compress_suffixes STRIP_MASK PKG_INSTALL_MASK ___install_mask`

// Lists are what src_install asked to be done with the image. After pkg_setup they
// have what bashrc files did; that is all there is of a binary package.
type Lists struct {
	Compress, CompressSkip []string // docompress: paths below ED
	Strip, StripSkip       []string // dostrip
	StripMask              []string // STRIP_MASK: shell patterns (before EAPI 7)
	CompressExclude        []string // endings that are not compressed
	PkgInstallMask         string   // PKG_INSTALL_MASK with what bashrc files added
	InstallMask            string   // INSTALL_MASK likewise
}

// listsFile holds the Lists of a build until its image is finished.
const listsFile = ".lists"

func (b *Build) keepLists(values map[string]string) error {
	lines := func(name string) []string {
		return strings.FieldsFunc(values[name], func(r rune) bool { return r == '\n' })
	}
	text, err := json.Marshal(Lists{
		Compress: lines("___docompress"), CompressSkip: lines("___docompress_skip"), Strip: lines("___dostrip"), StripSkip: lines("___dostrip_skip"),
		StripMask: strings.Fields(values["STRIP_MASK"]), CompressExclude: strings.Fields(values["___compress_suffixes"]),
		PkgInstallMask: values["PKG_INSTALL_MASK"], InstallMask: values["___install_mask"],
	})
	if err != nil {
		return err
	}
	return b.Dir.Write(listsFile, string(text))
}

// Lists reads what src_install, or pkg_setup, has asked for. It is an error if no
// shell has run.
func (d Dir) Lists() (*Lists, error) {
	text, err := os.ReadFile(d.join(listsFile))
	if err != nil {
		return nil, err
	}
	var l Lists
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, fmt.Errorf("read %s: %w", d.join(listsFile), err)
	}
	return &l, nil
}
