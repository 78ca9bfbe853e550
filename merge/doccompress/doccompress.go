// Package doccompress compresses the documentation of an image, as docompress of
// PMS asks for, and mends the links that lead to what it has renamed.
//
// The program that compresses is the user's (PORTAGE_COMPRESS); the ending that it
// adds is found by trying it. Files that an ebuild has installed compressed are
// compressed anew, so that all are alike. Which folders are meant is the caller's
// to say. Beyond PMS it does as Portage's ecompress: see the rules at Compress.
package doccompress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Options say what is compressed, and how.
type Options struct {
	D               string   // the image directory
	EPrefix         string   // below it
	Paths, Skip     []string // files and folders below EPrefix to compress, and not to
	Program         []string // the compressor with its options; it replaces files
	SizeLimit       int64    // files of this size in bytes or smaller stay as they are
	ExcludeSuffixes []string // without a dot: these stay as they are
	Temp            string   // a folder for files of the moment
	Env             []string // environment of the programs
	Jobs            int
}

// A Result is what the user should know.
type Result struct {
	Compressed []string // paths in the image, with their new names, sorted
	// Collisions are files that were installed both plain and compressed, or
	// compressed in two ways. They stay as they are.
	Collisions []string
	// Precompressed are files that the ebuild had compressed already.
	Precompressed []string
}

// DefaultFlags gives the options that a compressor has when the user names none.
func DefaultFlags(program string, jobs int) []string {
	switch path.Base(program) {
	case "bzip2", "gzip":
		return []string{"-9"}
	case "lz4":
		return []string{"-m", "--rm"}
	case "xz":
		return []string{"-q", fmt.Sprintf("-T%d", jobs), "--memlimit-compress=50%"}
	case "zstd":
		return []string{"-q", "--rm", fmt.Sprintf("-T%d", jobs)}
	}
	return nil
}

// endings are those of compressed files.
func endings() []string {
	return []string{".Z", ".gz", ".bz2", ".lzma", ".lz", ".lzo", ".lz4", ".xz", ".zst"}
}

// Compress compresses regular files that are larger than the limit. Hard links are
// broken. Then every dangling link of the whole image whose target exists with the
// new ending is renamed and led there, also outside the folders.
func Compress(ctx context.Context, o *Options) (*Result, error) {
	res := &Result{}
	if len(o.Program) == 0 {
		return res, nil
	}
	suffix, err := o.suffix(ctx)
	if err != nil {
		return nil, err
	}
	files, err := o.files(res)
	if err != nil {
		return nil, err
	}
	if files, err = o.plain(ctx, files); err != nil {
		return nil, err
	}
	if err := o.compress(ctx, files, suffix); err != nil {
		return nil, err
	}
	for _, f := range files {
		res.Compressed = append(res.Compressed, strings.TrimPrefix(f, o.D)+suffix)
	}
	return res, o.links(suffix)
}

// suffix finds the ending that the program gives to files.
func (o *Options) suffix(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp(o.Temp, "compress-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	const name = "try"
	if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte("0123456789 "), 500), 0o644); err != nil {
		return "", err
	}
	if err := o.run(ctx, o.Program, filepath.Join(dir, name)); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if suffix, ok := strings.CutPrefix(e.Name(), name); ok && suffix != "" {
			return suffix, nil
		}
	}
	return "", fmt.Errorf("%s leaves no compressed file", o.Program[0])
}

func (o *Options) run(ctx context.Context, program []string, files ...string) error {
	args := append(append(slices.Clone(program[1:]), "--"), files...)
	if strings.HasPrefix(path.Base(program[0]), "lz4") {
		args = append(slices.Clone(program[1:]), files...) // takes "--" for a file
	}
	cmd := exec.CommandContext(ctx, program[0], args...)
	cmd.Env = o.Env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(program, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// files lists what is to be compressed.
func (o *Options) files(res *Result) ([]string, error) {
	var out []string
	for _, p := range o.Paths {
		root := filepath.Join(o.D, o.EPrefix, path.Clean("/"+p))
		err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && file == root {
				return nil
			}
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			if err == nil && info.Size() > o.SizeLimit && !o.skipped(file) {
				out = append(out, file)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(file string) bool { return o.special(file, res) }), nil
}

func (o *Options) skipped(file string) bool {
	ext := strings.TrimPrefix(path.Ext(file), ".")
	if ext == "" {
		ext = path.Base(file) // a file named css counts as one that ends so
	}
	if slices.Contains(o.ExcludeSuffixes, ext) || strings.Contains(file, "\n") {
		return true
	}
	inside := strings.TrimPrefix(file, filepath.Join(o.D, o.EPrefix))
	return slices.ContainsFunc(o.Skip, func(p string) bool {
		p = path.Clean("/" + p)
		return inside == p || strings.HasPrefix(inside, p+"/")
	})
}

// special looks for variants of a compressed file: with one, it stays as it is.
func (o *Options) special(file string, res *Result) bool {
	plain, ok := withoutEnding(file)
	if !ok {
		return false
	}
	for _, e := range append(endings(), "") {
		if other := plain + e; other != file && exists(other) {
			res.Collisions = append(res.Collisions, strings.TrimPrefix(plain, o.D), strings.TrimPrefix(file, o.D))
			slices.Sort(res.Collisions)
			res.Collisions = slices.Compact(res.Collisions)
			return true
		}
	}
	res.Precompressed = append(res.Precompressed, strings.TrimPrefix(file, o.D))
	return false
}

func withoutEnding(file string) (string, bool) {
	for _, e := range endings() {
		if plain, ok := strings.CutSuffix(file, e); ok {
			return plain, true
		}
	}
	return file, false
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// plain decompresses files that come compressed.
func (o *Options) plain(ctx context.Context, files []string) ([]string, error) {
	programs := map[string][]string{".gz": {"gzip", "-df"}, ".Z": {"gzip", "-df"}, ".bz2": {"bzip2", "-df"},
		".lzma": {"xz", "-df"}, ".xz": {"xz", "-df"}, ".lz": {"lzip", "-df"}}
	for i, file := range files {
		program, ok := programs[path.Ext(file)]
		if !ok {
			continue
		}
		if err := o.run(ctx, program, file); err != nil {
			return nil, err
		}
		files[i], _ = withoutEnding(file)
	}
	return files, nil
}

// batch is how many files one process of the program gets.
const batch = 64

func (o *Options) compress(ctx context.Context, files []string, suffix string) error {
	for _, f := range files {
		if err := o.prepare(f, suffix); err != nil {
			return err
		}
	}
	batches := slices.Collect(slices.Chunk(files, batch))
	errs := make([]error, len(batches))
	limit := make(chan struct{}, max(1, o.Jobs))
	var wait sync.WaitGroup
	for i, b := range batches {
		limit <- struct{}{}
		wait.Go(func() {
			defer func() { <-limit }()
			errs[i] = o.run(ctx, o.Program, b...)
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// prepare makes way for the compressed file, and breaks hard links: programs
// refuse files that have other names.
func (o *Options) prepare(file, suffix string) error {
	if err := os.Remove(file + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Lstat(file, &st); err != nil || st.Nlink < 2 {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	tmp := file + ".new"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return err
	}
	if err := os.Chown(tmp, int(st.Uid), int(st.Gid)); err != nil {
		return err
	}
	if err := os.Chmod(tmp, info.Mode()); err != nil {
		return err
	}
	if err := os.Chtimes(tmp, info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	return os.Rename(tmp, file)
}

// maxIndirections bounds how many links in a row are followed.
const maxIndirections = 100

// links renames the links of the image whose target has got the ending.
func (o *Options) links(suffix string) error {
	for range maxIndirections {
		changed := false
		err := filepath.WalkDir(filepath.Join(o.D, o.EPrefix), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.Type()&fs.ModeSymlink == 0 {
				return err
			}
			renamed, err := o.link(file, suffix)
			changed = changed || renamed
			return err
		})
		if err != nil || !changed {
			return err
		}
	}
	return fmt.Errorf("links to compressed files are nested too deeply")
}

// link leads a dangling link to the compressed file that its target has become.
// An absolute target is one of the image.
func (o *Options) link(file, suffix string) (changed bool, err error) {
	to, err := os.Readlink(file)
	if err != nil {
		return false, err
	}
	target := filepath.Join(filepath.Dir(file), to)
	if path.IsAbs(to) {
		target = filepath.Join(o.D, to)
	}
	if info, err := os.Stat(target + suffix); exists(target) || err != nil || !info.Mode().IsRegular() {
		return false, nil
	}
	if err := os.Remove(file + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err := os.Symlink(to+suffix, file+suffix); err != nil {
		return false, err
	}
	return true, os.Remove(file)
}
