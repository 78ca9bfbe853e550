package equery

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
	"github.com/tumpline/tumpline/merge/vdb"
)

func checkModule() *module {
	return &module{
		name: "check", letter: "k", shown: "chec(k)", about: "verify checksums and timestamps for PKG",
		doc: "Checks timestamps and MD5 sums for files owned by a given installed package", arg: "pkgspec", warns: true,
		options: [][2]string{
			{" -f, --full-regex", "query is a regular expression"},
			{" -o, --only-failures", "only display packages that do not pass"},
		},
		spec: getopt.Spec{Short: "hof", Long: []string{"help", "only-failures", "full-regex"}},
		kind: checksKind, run: check,
	}
}

// checksKind is the document of check.
var checksKind = answer.NewKind[checksDocument]("tumpline.equery-checks", "1.0.0", "whether files are as their packages installed them")

type checksDocument struct {
	answer.Head
	Packages []checkObject `json:"packages"`
}

type checkObject struct {
	CPV      string          `json:"cpv" jsonschema:"CATEGORY/PF"`
	Files    int             `json:"files" jsonschema:"that were looked at"`
	Passed   int             `json:"passed"`
	Problems []problemObject `json:"problems" jsonschema:"in the order of CONTENTS"`
}

type problemObject struct {
	Path    string `json:"path" jsonschema:"absolute, below the root"`
	Message string `json:"message"`
}

func check(c *call, options []getopt.Option, queries []string) error {
	regex, onlyFailures := false, false
	for _, o := range options {
		switch o.Name {
		case "-f", "--full-regex":
			regex = true
		case "-o", "--only-failures":
			onlyFailures = true
		}
	}
	if len(queries) == 0 {
		return c.none()
	}
	system, err := c.open()
	if err != nil {
		return err
	}
	d := &checksDocument{Packages: []checkObject{}}
	for i, text := range queries {
		c.separate(i)
		q, err := parseQuery(text, regex)
		if err != nil {
			return err
		}
		matches, err := system.Find(q, gentoolkit.Scope{Installed: true})
		if err != nil {
			return err
		}
		for _, p := range matches {
			o := c.checkPackage(system, p)
			if onlyFailures && o.Passed == o.Files {
				continue
			}
			d.Packages = append(d.Packages, o)
			c.showCheck(o)
		}
	}
	if c.data {
		return checksKind.Write(c.env.Out, d)
	}
	return nil
}

func (c *call) showCheck(o checkObject) {
	switch {
	case c.data:
	case c.verbose:
		c.out.Line(fmt.Sprintf("* Checking %s ...", c.style.Emph(o.CPV)))
		for _, p := range o.Problems {
			c.error(p.Path + " " + p.Message)
		}
		c.out.Printf("   %s out of %s files passed", c.style.Number(strconv.Itoa(o.Passed)), c.style.Number(strconv.Itoa(o.Files)))
		c.out.Print("")
	default:
		c.out.Raw(o.CPV + ": ")
		c.out.Printf("failed(%d)", o.Files-o.Passed)
	}
}

func (c *call) checkPackage(s *gentoolkit.System, p *gentoolkit.Package) checkObject {
	o := checkObject{CPV: p.CPV, Problems: []problemObject{}}
	for _, f := range c.contents(p) {
		o.Files++
		if problem := checkFile(f, s.RealPath(f.Path)); problem != "" {
			o.Problems = append(o.Problems, problemObject{Path: f.Path, Message: problem})
		} else {
			o.Passed++
		}
	}
	return o
}

// checkFile says what is wrong with a file, or nothing.
func checkFile(f vdb.Content, path string) string {
	info, err := os.Lstat(path)
	if err != nil {
		return "does not exist"
	}
	switch f.Kind {
	case vdb.KindDir:
		if target, err := os.Stat(path); err != nil || !target.IsDir() {
			return "exists, but is not a directory"
		}
	case vdb.KindFile:
		return checkRegular(f, path, info)
	case vdb.KindSymlink:
		if info.Mode()&fs.ModeSymlink == 0 {
			return "exists, but is not a symlink"
		}
		want := strings.TrimSpace(f.Target)
		if target, err := os.Readlink(path); err != nil || target != want {
			return "does not point to " + want
		}
	default:
		return "has unknown type " + f.Kind.String()
	}
	return ""
}

func checkRegular(f vdb.Content, path string, info fs.FileInfo) string {
	sum, err := fileMD5(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "cannot be read: insufficient permissions"
	case err != nil:
		return fmt.Sprintf("cannot be checked: %v", err)
	case sum != f.MD5:
		return "has incorrect MD5sum"
	}
	if now := info.ModTime().Unix(); now != f.MTime {
		return fmt.Sprintf("has wrong mtime (is %d, should be %d)", now, f.MTime)
	}
	return ""
}

func fileMD5(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
